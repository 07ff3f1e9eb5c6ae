"""Adversarial systems by way of `fit`: sizes, channels, directions, files."""

import numpy as np
import pytest
import torch
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.errors import MethodError, SavedFileError

QUICK = {"width": 8, "max_steps": 2, "progress": False}


@pytest.mark.parametrize("task", f2s.TASKS)
@pytest.mark.parametrize("method", ["pix2pix", "duan-msg-sarl", "duan-backbone", "cyclegan"])
def test_any_size_is_padded_and_cut_back(method, task):
    pairs = blocks(3, size=48).crop(40, 32).resize((50, 40))
    options = {"weights": "random"} if method.startswith("duan") else {}
    fitted = f2s.fit(method, pairs, task, **QUICK, **options)
    outputs = fitted.translate(pairs.inputs(task))
    assert outputs.shape == pairs.targets(task).shape
    assert outputs.dtype == np.float32
    assert 0 <= outputs.min() <= outputs.max() <= 1


@pytest.mark.parametrize(("photo", "sketch"), [(1, 1), (3, 1), (1, 3), (3, 3)])
def test_either_side_may_be_grey(photo, sketch):
    pairs = blocks(2, size=32)
    for task in f2s.TASKS:
        fitted = f2s.fit("pix2pix", pairs, task, photo_channels=photo, sketch_channels=sketch, **QUICK)
        outputs = fitted.translate(pairs.inputs(task))
        assert outputs.shape == pairs.targets(task).shape
        if task == "sketch2photo" and photo == 1:
            assert np.ptp(outputs, axis=-1).max() == 0, "a grey photo has three equal channels"


def test_one_training_of_a_cycle_gives_both_directions():
    pairs = blocks(3, size=32)
    fitted = f2s.fit("duan-msg-sarl", pairs, weights="random", **QUICK)
    assert fitted.tasks == f2s.TASKS
    back = fitted.for_task("sketch2photo")
    assert back.translate(pairs.sketches).shape == (3, 32, 32, 3)
    assert back.system is fitted.system
    assert len(f2s.evaluate(back, pairs)) == 3
    one_way = f2s.fit("duan-no-cycle", pairs, weights="random", **QUICK)
    with pytest.raises(MethodError, match="was trained for photo2sketch only"):
        one_way.for_task("sketch2photo")


def test_translation_is_the_same_each_time_and_alone_or_among_others():
    """Dropout is on at test, as published, and norms take the picture's own statistics: neither may depend on company."""
    pairs = blocks(4, size=32)
    fitted = f2s.fit("skubisz-pix2pix", pairs, **QUICK)
    together = fitted.translate(pairs.photos)
    np.testing.assert_array_equal(together, fitted.translate(pairs.photos))
    np.testing.assert_array_equal(together[:1], fitted.translate(pairs.photos[:1]))
    np.testing.assert_allclose(fitted.translate(pairs.photos / 255.0), together, atol=1e-5)


@pytest.mark.parametrize("method", ["pix2pix", "duan-no-msg"])
def test_what_was_saved_translates_as_before(tmp_path, method):
    pairs = blocks(3, size=32)
    options = {"weights": "random"} if method.startswith("duan") else {}
    fitted = f2s.fit(method, pairs, **QUICK, **options)
    again = f2s.load(fitted.save(tmp_path / "fitted.npz"))
    np.testing.assert_allclose(again.translate(pairs.photos), fitted.translate(pairs.photos), atol=1e-6)
    assert (again.method, again.task, again.size) == (fitted.method, fitted.task, fitted.size)
    assert again.parameters == fitted.parameters
    assert again.settings == fitted.settings
    assert again.history == fitted.history


def test_a_file_whose_weights_do_not_fit_is_refused(tmp_path):
    from face2sketch.training.checkpoints import read_arrays, write_arrays

    path = f2s.fit("pix2pix", blocks(2, size=32), **QUICK).save(tmp_path / "fitted.npz")
    header, arrays = read_arrays(path, "it", "face2sketch fitted method 1")
    arrays.popitem()
    write_arrays(path, header, arrays)
    with pytest.raises(SavedFileError, match="weights that do not fit pix2pix"):
        f2s.load(path)


def test_the_register_counts_generators_and_all_that_is_trained():
    """pix2pix: 54,413,955 and 2,768,705 weights in the public PyTorch code at 3 + 3 channels; CycleGAN: 11.378 M and
    2.765 M, printed by it, twice each."""
    pix2pix = f2s.methods.get("skubisz-pix2pix")
    assert pix2pix.parameters() == 54_413_955
    assert pix2pix.trained_parameters() == 54_413_955 + 2_768_705
    cyclegan = f2s.methods.get("cyclegan")
    assert round(cyclegan.parameters() / 1e6, 3) == 11.378
    assert round(cyclegan.trained_parameters() / 1e6, 2) == round(2 * (11.378 + 2.765), 2)


def test_an_ablation_differs_from_the_whole_in_its_part_alone():
    from face2sketch.models.msg_sarl import msg_sarl

    whole = f2s.methods.get("duan-msg-sarl")
    for id_, changes in {
        "duan-backbone": {"multiscale": False, "attention": False, "cycle": False},
        "duan-backbone-msg": {"attention": False, "cycle": False},
        "duan-backbone-attention": {"multiscale": False, "cycle": False},
        "duan-no-msg": {"multiscale": False}, "duan-no-cycle": {"cycle": False}, "duan-no-attention": {"attention": False},
    }.items():  # fmt: skip
        method = f2s.methods.get(id_)
        assert method.recipe.build_options == whole.recipe.build_options | changes
        assert method.recipe.objective.cycle == (10 if changes.get("cycle", True) else 0)
        with torch.device("meta"):
            system = method.build((64, 64, 3), task="photo2sketch")
            same = msg_sarl((64, 64, 3), "photo2sketch", **whole.recipe.build_options | changes)
        assert {n: p.shape for n, p in system.named_parameters()} == {
            n: p.shape for n, p in same.named_parameters()
        }
