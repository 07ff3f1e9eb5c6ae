"""FCN: its layers and weights by hand, what a pixel sees, and that it trains in both directions."""

from itertools import pairwise

import numpy as np
import pytest
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.keras_quietly import keras
from face2sketch.models.fcn import Coordinates, fully_convolutional


def test_layers_and_weights_by_hand():
    """5x5 kernels with biases: 3 colours and 2 coordinates, five times 32 channels, 3 colours."""
    model = fully_convolutional((40, 30, 3))
    channels = [5, 32, 32, 32, 32, 32, 3]
    counts = [25 * a * b + b for a, b in pairwise(channels)]
    assert counts == [4_032, 25_632, 25_632, 25_632, 25_632, 2_403]
    convolutions = [layer for layer in model.layers if layer.weights]
    assert [layer.count_params() for layer in convolutions] == counts
    assert [layer.output.shape for layer in convolutions] == [(None, 40, 30, c) for c in channels[1:]]
    assert model.count_params() == sum(counts) == 108_963 == f2s.methods.get("fcn").parameters()


def test_without_coordinates_the_first_layer_sees_colours_alone():
    plain = fully_convolutional((40, 30, 3), coordinates=False)
    assert plain.count_params() == 108_963 - 25 * 2 * 32


def test_coordinates_run_from_edge_to_edge():
    pictures = np.random.default_rng(0).random((2, 5, 3, 3), dtype=np.float32)
    result = keras.ops.convert_to_numpy(Coordinates()(pictures))
    assert result.shape == Coordinates().compute_output_shape(pictures.shape) == (2, 5, 3, 5)
    np.testing.assert_array_equal(result[..., :3], pictures)
    for picture in result:
        np.testing.assert_allclose(picture[:, 1, 3], [-1, -0.5, 0, 0.5, 1])
        np.testing.assert_allclose(picture[2, :, 4], [-1, 0, 1])
        assert (picture[..., 3] == picture[:, :1, 3]).all()
        assert (picture[..., 4] == picture[:1, :, 4]).all()
    assert keras.ops.convert_to_numpy(Coordinates()(pictures[:, :1]))[0, 0, 0, 3] == 0


@pytest.mark.parametrize(("options", "side"), [({}, 25), ({"filters": (8, 8), "kernel": 3}, 7)])
def test_a_pixel_is_seen_in_a_window_of_the_stated_side(options, side):
    """All weights made positive, so that no ReLU can hide a path."""
    model = fully_convolutional((41, 41, 3), coordinates=False, **options)
    model.set_weights([np.full(w.shape, 0.01, np.float32) for w in model.get_weights()])
    dark = np.zeros((1, 41, 41, 3), np.float32)
    light = dark.copy()
    light[0, 20, 20] = 1e3
    seen = np.abs(np.asarray(model(light)) - np.asarray(model(dark)))[0].max(-1) > 0
    rows, columns = np.nonzero(seen)
    assert rows.max() - rows.min() + 1 == columns.max() - columns.min() + 1 == side
    assert seen.sum() == side**2
    layers = len(options.get("filters", (32,) * 5)) + 1
    assert side == 1 + layers * (options.get("kernel", 5) - 1)


@pytest.mark.parametrize("task", f2s.TASKS)
def test_it_trains_at_odd_sizes_and_survives_saving(task, tmp_path):
    pairs = blocks(6, size=32).crop(25, 20)
    options = {"profile": "smoke", "progress": False, "batch_size": 3}
    fitted = f2s.fit("fcn", pairs, task, epochs=30, **options)
    assert fitted.history["loss"][-1] < 0.5 * fitted.history["loss"][0]
    outputs = fitted.translate(pairs.inputs(task))
    assert outputs.shape == pairs.targets(task).shape
    again = f2s.load(fitted.save(tmp_path / "fcn.f2s"))
    np.testing.assert_allclose(again.translate(pairs.inputs(task)), outputs, atol=1e-6)


def test_it_learns_what_only_the_place_tells():
    """Grey photos that are all the same, and sketches with a light left half: colours cannot tell, coordinates can."""
    photos = np.full((4, 32, 32, 3), 128, np.uint8)
    sketches = np.full((4, 32, 32, 1), 40, np.uint8)
    sketches[:, :, :16] = 220
    pairs = f2s.data.FacePairs(photos, sketches, [f"p{i}" for i in range(4)])
    errors = {}
    for coordinates in (True, False):
        fitted = f2s.fit(
            "fcn", pairs, epochs=60, batch_size=2, progress=False, coordinates=coordinates, filters=(8, 8), kernel=3
        )  # fmt: skip
        errors[coordinates] = np.abs(fitted.translate(photos) - sketches / 255.0).mean()
    assert errors[True] < 0.15
    assert errors[False] > 0.25
