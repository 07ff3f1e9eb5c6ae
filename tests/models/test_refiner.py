"""Draft and refine: it starts from its draft, sees all it should, and never drafts a person from themselves."""

import numpy as np
import pytest

import face2sketch as f2s

torch = pytest.importorskip("torch")

from face2sketch.drafts import Drafts, with_drafts  # noqa: E402
from face2sketch.models.gan import count_weights  # noqa: E402
from face2sketch.models.refiner import Refiner, refiner  # noqa: E402

NO_PAD = ((0, 0), (0, 0))
FAST = {"width": 8, "levels": 2, "weights": "random", "discriminator_width": 8, "progress": False}


@pytest.fixture(scope="module")
def pairs():
    return f2s.data.synthetic(n=8, size=40, seed=3)


def test_before_the_first_step_the_answer_is_the_draft():
    torch.manual_seed(0)
    x = torch.rand(2, 4, 32, 48) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(Refiner(3, 1, width=8, levels=3)(x), x[:, 3:])
        torch.testing.assert_close(Refiner(1, 3, width=8, levels=3)(x), x[:, 1:])
        torch.testing.assert_close(
            Refiner(2, 1, drafts=2, width=8, levels=3)(x), x[:, 2:].mean(1, keepdim=True)
        )


def test_weights_are_as_counted_by_hand():
    """Width 8, two levels, photo to sketch: entrance (3 + 1 + 2) x 4 = 24 channels; a block of n to m has two convolutions
    and two norms; the way down 2x2, the way up 1x1 with four times the channels; the exit to 4."""

    def convolution(inputs, outputs, kernel):
        return (kernel**2 * inputs + 1) * outputs

    def block(inputs, outputs):
        return convolution(inputs, outputs, 3) + convolution(outputs, outputs, 3) + 4 * outputs

    expected = convolution(24, 8, 3) + block(8, 8) + convolution(8, 16, 2) + block(16, 16)
    expected += convolution(16, 32, 1) + block(16, 8) + convolution(8, 4, 3)
    assert count_weights(Refiner(3, 1, width=8, levels=2)) == expected


def test_each_picture_is_refined_by_itself():
    torch.manual_seed(0)
    network = Refiner(3, 1, width=8, levels=2)
    torch.nn.init.normal_(network.exit.weight, 0, 0.1)
    x = torch.rand(3, 4, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(network(x)[1:2], network(x[1:2]))


def test_it_knows_where_it_is():
    """The same grey everywhere: only the two channels of position can make the answer vary far from the edges."""
    torch.manual_seed(0)
    network = Refiner(1, 1, width=8, levels=1)
    torch.nn.init.normal_(network.exit.weight, 0, 0.1)
    with torch.no_grad():
        middle = network(torch.zeros(1, 2, 64, 64))[0, 0, 16:48, 16:48]
    assert middle.std() > 1e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(f2s.MethodError, match="multiples of 16"):
        refiner((250, 200, 3))
    with pytest.raises(f2s.MethodError, match="width is 20"):
        refiner((32, 32, 3), width=20)
    with pytest.raises(f2s.MethodError, match="expected photo2sketch or sketch2photo"):
        refiner((32, 32, 3), "sketch")


def test_training_drafts_are_made_from_the_others(pairs):
    drafts = Drafts(pairs.photos, pairs.sketches, "lle")
    made = drafts.for_each_other()
    assert made.shape == pairs.sketches.shape
    for number in (0, 5):
        rest = [n for n in range(len(pairs)) if n != number]
        alone = Drafts(pairs.photos[rest], pairs.sketches[rest], "lle").for_others(pairs.photos[[number]])
        assert np.abs(alone[0].astype(int) - made[number]).max() <= 1
    copied = drafts.for_others(pairs.photos)  # whoever may look at their own sketch copies it
    truth = pairs.sketches / 255
    assert f2s.metrics.mse(truth, copied / 255).mean() < 0.2 * f2s.metrics.mse(truth, made / 255).mean()


def test_drafts_go_behind_the_sources_channels(pairs):
    from face2sketch.training.torch_pictures import stored

    pictures = {"photo": stored(pairs.photos, 3, NO_PAD), "sketch": stored(pairs.sketches, 1, NO_PAD)}
    drafts = Drafts(pairs.sketches, pairs.photos, "rslcr")
    found = with_drafts(pictures, drafts, "sketch2photo", NO_PAD)
    assert found["sketch"].shape == (8, 4, 40, 40)
    assert found["photo"] is pictures["photo"]
    np.testing.assert_array_equal(
        found["sketch"][:, 1:].numpy().transpose(0, 2, 3, 1), drafts.for_each_other()
    )


@pytest.mark.parametrize("task", f2s.TASKS)
def test_it_trains_is_saved_and_answers_the_same(task, pairs, tmp_path):
    train, test = pairs.split(test=0.25, seed=0)
    fitted = f2s.fit("draft-and-refine", train, task, epochs=1, **FAST)
    outputs = fitted.translate(test.inputs(task))
    assert outputs.shape == test.targets(task).shape
    drafts = fitted.drafts.for_others(test.inputs(task)) / 255
    draft = (drafts[..., : outputs.shape[-1]] + drafts[..., outputs.shape[-1] :]) / 2
    assert 0 < np.abs(outputs - draft).mean() < 0.1  # one epoch: still near the draft
    loaded = f2s.load(fitted.save(tmp_path / "own.f2s"))
    np.testing.assert_array_equal(loaded.translate(test.inputs(task)), outputs)
    assert loaded.for_task(task).drafts is not None


def test_a_person_may_be_there_once_only(pairs):
    twice = f2s.data.FacePairs.concat([pairs, pairs])
    with pytest.raises(f2s.MethodError, match="16 pairs of 8 people"):
        f2s.fit("draft-and-refine", twice, epochs=1, **FAST)


def test_a_mean_draft_knows_nobody(pairs):
    drafts = Drafts(pairs.photos, pairs.sketches, "mean")
    truth = pairs.sketches.astype(float)
    expected = np.rint(np.delete(truth, 2, axis=0).mean(0))
    assert np.abs(drafts.for_each_other()[2] - expected).max() <= 1
    others = drafts.for_others(pairs.photos[:3])
    np.testing.assert_array_equal(others[0], others[2])
    assert np.abs(others[0] - np.rint(truth.mean(0))).max() <= 1
    with pytest.raises(f2s.MethodError, match="expected one of lle, rslcr, both, mean"):
        Drafts(pairs.photos, pairs.sketches, "median")


def test_the_kind_of_draft_is_saved(pairs, tmp_path):
    fitted = f2s.fit("draft-and-refine", pairs, epochs=1, draft="mean", **FAST)
    assert f2s.load(fitted.save(tmp_path / "own.f2s")).drafts.kind == "mean"
