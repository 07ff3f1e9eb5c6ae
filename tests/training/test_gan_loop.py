"""The loop around a step: what is stopped goes on exactly, what diverges is caught, what is asked for is done."""

import os
import signal
from itertools import pairwise

import numpy as np
import pytest
import torch
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.errors import MethodError, SavedFileError
from face2sketch.training import devices, gan_losses
from face2sketch.training.gan_loop import GanTrainer
from face2sketch.training.gan_settings import GanSettings, Objective

PIX2PIX = {"width": 8, "epochs": 4, "progress": False}
CYCLE = {
    "width": 8, "epochs": 4, "progress": False, "weights": "random", "augment": "jitter", "objective": {"pool": 3},
}  # fmt: skip
CASES = {"pix2pix": ("pix2pix", PIX2PIX), "both ways": ("duan-msg-sarl", CYCLE)}
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


@pytest.fixture
def pairs():
    return blocks(5, size=32)


def weights_of(fitted) -> dict[str, np.ndarray]:
    return {name: value.cpu().numpy() for name, value in fitted.system.state_dict().items()}


def assert_same(first, second) -> None:
    one, other = weights_of(first), weights_of(second)
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
    for name, values in first.history.items():
        if name != "seconds":
            assert values == second.history[name], name


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("stops", [(7,), (3, 10, 11)])
def test_a_run_that_was_stopped_and_resumed_equals_one_that_was_not(tmp_path, pairs, case, device, stops):
    method, options = CASES[case]
    options = options | {"device": device, "deterministic": True}
    whole = f2s.fit(method, pairs, seed=3, **options)
    for steps in stops:
        part = f2s.fit(
            method, pairs, seed=3, checkpoint=str(tmp_path / "run.npz"), max_steps=steps, **options
        )
        assert part.history["epoch"][-1] == -(-steps // 5)
    resumed = f2s.fit(method, pairs, seed=3, checkpoint=tmp_path / "run.npz", **options)
    assert_same(resumed, whole)


def test_ctrl_c_saves_and_the_run_goes_on(tmp_path, pairs, monkeypatch, foreground):
    whole = f2s.fit("pix2pix", pairs, **PIX2PIX)
    step, done = GanTrainer._train_step, []

    def interrupted(self, bar):
        step(self, bar)
        done.append(1)
        if len(done) == 6:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(GanTrainer, "_train_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        f2s.fit("pix2pix", pairs, checkpoint=tmp_path / "run.npz", **PIX2PIX)
    resumed = f2s.fit("pix2pix", pairs, checkpoint=tmp_path / "run.npz", **PIX2PIX)
    assert len(done) == 20, "no step is lost, none done twice"
    assert_same(resumed, whole)


def test_a_loss_that_is_not_finite_stops_the_run_and_leaves_the_last_good_state(tmp_path, pairs, monkeypatch):
    path = tmp_path / "run.npz"
    good = f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=8, **PIX2PIX)
    step, done = GanTrainer._train_step, []

    def poisoned(self, bar):
        done.append(1)
        if len(done) == 4:
            next(self.system.generators.parameters()).data.fill_(float("nan"))
        step(self, bar)

    monkeypatch.setattr(GanTrainer, "_train_step", poisoned)
    with pytest.raises(
        MethodError, match=r"became nan in step 12: the training diverged.*last good state is in .*run.npz"
    ):
        f2s.fit("pix2pix", pairs, checkpoint=path, **PIX2PIX)
    monkeypatch.setattr(GanTrainer, "_train_step", step)
    again = f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=8, **PIX2PIX)
    assert_same(again, good)


def test_weights_that_are_not_finite_are_never_saved(tmp_path, pairs):
    path = tmp_path / "run.npz"

    def poison(epoch_system_step, system):
        next(system.generators.parameters()).data.fill_(float("inf"))

    with pytest.raises(MethodError, match="no longer finite"):
        f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=5, watch=poison, watch_steps=[5], **PIX2PIX)
    assert not path.exists()


def test_a_checkpoint_of_another_run_is_refused(tmp_path, pairs):
    path = tmp_path / "run.npz"
    f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=1, **PIX2PIX)
    with pytest.raises(SavedFileError, match=r"belongs to another run \(settings"):
        f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=2, objective={"l1": 10}, **PIX2PIX)
    with pytest.raises(SavedFileError, match="damaged"):
        path.write_bytes(path.read_bytes()[:500])
        f2s.fit("pix2pix", pairs, checkpoint=path, max_steps=2, **PIX2PIX)


def test_the_seed_decides_all_and_another_seed_another_run(pairs):
    runs = [f2s.fit("pix2pix", pairs, seed=seed, max_steps=3, **PIX2PIX) for seed in (1, 1, 2)]
    assert_same(runs[0], runs[1])
    assert runs[0].history["l1"] != runs[2].history["l1"]


def test_training_leaves_the_callers_random_numbers_alone(pairs):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    f2s.fit("pix2pix", pairs, max_steps=2, **PIX2PIX)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_both_precisions_learn_a_simple_rule(pairs, precision):
    fitted = f2s.fit(
        "pix2pix", pairs, width=8, epochs=30, learning_rate=2e-3, precision=precision, objective={"gan": 0.0},
        dropout=0.0, augment="none", progress=False,
    )  # fmt: skip
    losses = fitted.history["l1"]
    assert losses[-1] < losses[0] / 3
    assert all(weight.dtype == torch.float32 for weight in fitted.system.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="float16 with loss scaling needs a CUDA device")
def test_half_precision_on_a_gpu_learns_and_resumes(tmp_path, pairs):
    options = PIX2PIX | {"precision": "fp16", "deterministic": True}
    whole = f2s.fit("pix2pix", pairs, **options)
    f2s.fit("pix2pix", pairs, checkpoint=tmp_path / "run.npz", max_steps=7, **options)
    assert_same(f2s.fit("pix2pix", pairs, checkpoint=tmp_path / "run.npz", **options), whole)
    assert whole.history["l1"][-1] < whole.history["l1"][0]


def test_the_last_batch_of_an_epoch_may_be_smaller(pairs):
    fitted = f2s.fit("pix2pix", pairs, batch_size=2, **PIX2PIX | {"epochs": 2})
    assert fitted.history["epoch"] == [1, 2]


def test_watching_happens_at_the_steps_asked_for_and_changes_nothing(pairs):
    seen = []

    def watch(step, system):
        seen.append((step, system.training, system("photo2sketch", torch.zeros(1, 3, 32, 32)).shape))

    watched = f2s.fit("pix2pix", pairs, watch=watch, watch_steps=[0, 3, 20], **PIX2PIX)
    assert seen == [(step, False, (1, 3, 32, 32)) for step in (0, 3, 20)]
    assert_same(watched, f2s.fit("pix2pix", pairs, **PIX2PIX))


def test_sample_sheets_show_input_output_and_target(tmp_path, pairs):
    from PIL import Image

    options = CYCLE | {"sheet": tmp_path / "sheets", "sheet_every": 2}
    f2s.fit("duan-msg-sarl", pairs, **options)
    files = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    assert files == ["epoch-0002.png", "epoch-0004.png"]
    sheet = np.asarray(Image.open(tmp_path / "sheets" / files[0]))
    assert sheet.shape == (6 * 32, 5 * 32, 3), "three rows for each direction, a column for each pair"
    inputs = np.concatenate(list(pairs.photos), 1)
    np.testing.assert_array_equal(sheet[:32], inputs)
    np.testing.assert_array_equal(sheet[64:96], np.concatenate(list(pairs.sketches), 1).repeat(3, -1))


def test_budgets_end_a_run(pairs):
    assert f2s.fit("pix2pix", pairs, max_steps=2, **PIX2PIX).history["epoch"] == [1]
    short = f2s.fit("pix2pix", pairs, minutes=1e-6, **PIX2PIX | {"epochs": 50})
    assert short.history["epoch"] == [1]


# -- settings ----------------------------------------------------------------------------------------------------------


def test_the_linear_schedule_is_that_of_the_published_code():
    """junyanz/pytorch-CycleGAN-and-pix2pix: 1 - max(0, epoch + 1 - n_epochs) / (n_epochs_decay + 1), epoch from 0."""
    settings = GanSettings(200, Objective(), learning_rate=2e-4, schedule="linear")
    expected = [2e-4 * (1 - max(0, epoch + 1 - 100) / 101) for epoch in range(200)]
    assert [settings.rate(epoch) for epoch in range(200)] == pytest.approx(expected)
    rates = [GanSettings(5, Objective(), schedule="linear").rate(epoch) for epoch in range(5)]
    assert rates[:3] == [2e-4] * 3
    assert all(later < earlier for earlier, later in pairwise(rates[2:]))


def test_the_schedule_in_tenths_is_duans():
    settings = GanSettings(400, Objective(), learning_rate=1e-3, schedule="tenths")
    rates = {epoch: settings.rate(epoch) for epoch in (0, 99, 100, 199, 200, 399)}
    assert rates == pytest.approx({0: 1e-3, 99: 1e-3, 100: 1e-4, 199: 1e-4, 200: 1e-5, 399: 1e-5})


def test_settings_survive_the_round_trip_through_json():
    import json

    settings = GanSettings(3, Objective("bce", l1=100), augment="jitter", build_options={"width": 8})
    assert GanSettings.from_dict(json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"objective": {"lone": 3}}, "the objective has no lone: expected some of adversarial, gan, l1"),
        ({"objective": {"l1": -1}}, "the weight l1 is -1: expected 0 or more"),
        ({"objective": {"adversarial": "wgan"}}, "unknown adversarial loss 'wgan': expected one of lsgan, bce"),
        ({"schedule": "cosine"}, "unknown schedule 'cosine': expected one of constant, linear, tenths"),
        ({"augment": "all"}, "unknown augmentation 'all'"),
        ({"epochs": 0}, "epochs is 0: expected a whole number, 1 or more"),
        ({"device": "tpu"}, "device 'tpu' cannot be used here"),
        ({"precision": "fp8"}, "unknown precision 'fp8': expected one of auto, fp32, bf16, fp16"),
        ({"precision": "fp16", "device": "cpu"}, "precision fp16 needs a CUDA device, not cpu"),
        ({"loss": "mse"}, "is trained adversarially and takes no loss"),
        ({"objective": {"perceptual": 1}}, "a perceptual loss needs features"),
        ({"patience": 3}, "takes no patience"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_in_words(pairs, options, said):
    with pytest.raises(MethodError, match=said.replace("(", r"\(")):
        f2s.fit("pix2pix", pairs, **PIX2PIX | options)


def test_auto_precision_follows_the_hardware(monkeypatch):
    cpu = torch.device("cpu")
    for capabilities, expected in (
        ({"avx512_bf16": True}, "bf16"),
        ({"amx_bf16": True}, "bf16"),
        ({}, "fp32"),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda c=capabilities: c)
        assert devices.choose_precision("auto", cpu) == expected
    for capability, expected in (((7, 5), "fp16"), ((8, 0), "bf16"), ((9, 0), "bf16")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, c=capability: c)
        assert devices.choose_precision("auto", torch.device("cuda")) == expected


def test_determinism_is_restored_afterwards(pairs):
    assert not torch.are_deterministic_algorithms_enabled()
    f2s.fit("pix2pix", pairs, max_steps=1, deterministic=True, **PIX2PIX)
    assert not torch.are_deterministic_algorithms_enabled()


# -- losses ------------------------------------------------------------------------------------------------------------


def test_adversarial_losses_in_closed_form():
    logits = torch.tensor([[0.0, 2.0, -1.0]])
    z = logits.numpy().ravel().astype(float)
    assert gan_losses.adversarial(logits, True, "bce").item() == pytest.approx(np.log1p(np.exp(-z)).mean())
    assert gan_losses.adversarial(logits, False, "bce").item() == pytest.approx(np.log1p(np.exp(z)).mean())
    assert gan_losses.adversarial(logits, True, "lsgan").item() == pytest.approx((1 + 1 + 4) / 3)
    assert gan_losses.adversarial(logits, False, "lsgan").item() == pytest.approx((0 + 4 + 1) / 3)


def test_total_variation_by_hand():
    picture = torch.tensor([[[[0.0, 1.0], [3.0, 1.0]]]])
    assert gan_losses.total_variation(picture).item() == 3**2 + 0 + 1 + 2**2
    assert gan_losses.total_variation(torch.cat([picture, picture])).item() == 14
    assert gan_losses.total_variation(torch.ones(1, 3, 4, 4)).item() == 0
