"""Provocations do what they say, worked out on pictures where the answer is known."""

import numpy as np
import pandas as pd
import pytest

import face2sketch as f2s
from face2sketch import provocations

RANDOM = np.random.default_rng


@pytest.fixture(scope="module")
def sketches():
    return f2s.data.synthetic(n=5, size=48, seed=4).sketches / 255.0


@pytest.mark.parametrize("name", list(provocations.PROVOCATIONS))
def test_all_give_pictures_of_the_same_shape_and_leave_the_true_ones_alone(name, sketches):
    kept = sketches.copy()
    spoiled = provocations.PROVOCATIONS[name](sketches, RANDOM(0))
    assert spoiled.shape == sketches.shape
    assert 0 <= spoiled.min() <= spoiled.max() <= 1
    np.testing.assert_array_equal(sketches, kept)
    assert not np.array_equal(spoiled, sketches)


def test_a_shift_moves_to_the_right_by_at_least_a_pixel():
    row = np.arange(4.0).reshape(1, 1, 4, 1) / 4
    np.testing.assert_array_equal(provocations.shifted(1)(row, RANDOM(0)).ravel() * 4, [0, 0, 1, 2])
    tall = np.broadcast_to(row, (1, 225, 4, 1))
    np.testing.assert_array_equal(provocations.shifted(2)(tall, RANDOM(0))[0, 7].ravel() * 4, [0, 0, 0, 1])


def test_blur_keeps_the_mean_of_a_point_and_spreads_it():
    point = np.zeros((1, 225, 225, 1))
    point[0, 112, 112] = 1
    spread = provocations.blurred(2.0)(point, RANDOM(0))
    assert spread.sum() == pytest.approx(1, abs=1e-6)
    assert spread[0, 112, 112, 0] == pytest.approx(1 / (2 * np.pi * 4), rel=0.01)  # the density's peak


def test_contrast_darkness_noise_and_flatness_by_hand():
    picture = np.array([0.2, 0.8, 0.4, 0.6]).reshape(1, 2, 2, 1)  # mean 0.5
    np.testing.assert_allclose(
        provocations.faded(0.5)(picture, RANDOM(0)).ravel(), [0.35, 0.65, 0.45, 0.55], atol=1e-12
    )
    np.testing.assert_allclose(
        provocations.darker(0.3)(picture, RANDOM(0)).ravel(), [0, 0.5, 0.1, 0.3], atol=1e-12
    )
    np.testing.assert_allclose(provocations.flat(picture, RANDOM(0)).ravel(), [0.5] * 4)
    grey = np.full((1, 200, 200, 1), 0.5)
    assert provocations.noisy(0.05)(grey, RANDOM(0)).std() == pytest.approx(0.05, rel=0.02)


def test_nobody_is_given_their_own_picture():
    numbers = np.arange(7.0).reshape(7, 1, 1, 1) / 7
    for seed in range(20):
        others = provocations.someone_else(numbers, RANDOM(seed)).ravel()
        assert (others != numbers.ravel()).all()
        assert sorted(others) == sorted(numbers.ravel())
    three = np.array([0.0, 0.5, 1.0]).reshape(3, 1, 1, 1)
    np.testing.assert_array_equal(provocations.median_of_others(three, RANDOM(0)).ravel(), [0.75, 0.5, 0.25])
    with pytest.raises(f2s.DataError, match="needs two"):
        provocations.someone_else(three[:1], RANDOM(0))


def test_the_table_holds_what_the_metrics_say(sketches):
    found = provocations.provoke(sketches, ("mse", "ssim"), {"darker": provocations.darker(0.1)})
    expected = f2s.metrics.ssim(sketches, np.clip(sketches - 0.1, 0, 1)).mean()
    assert found.loc["darker", "ssim"] == pytest.approx(expected)
    eight_bit = np.rint(255 * sketches).astype(np.uint8)
    again = provocations.provoke(eight_bit, ("mse", "ssim"), {"darker": provocations.darker(0.1)})
    pd.testing.assert_frame_equal(found, again, atol=1e-4)


def test_the_unit_is_another_persons_picture():
    table = pd.DataFrame({"mse": [0.01, 0.04], "ssim": [0.9, 0.6]}, index=["darker", provocations.REFERENCE])
    scaled = provocations.against_somebody_else(table)
    np.testing.assert_allclose(scaled.loc["darker"], [0.25, 0.25])
    np.testing.assert_allclose(scaled.loc[provocations.REFERENCE], 1)
    with pytest.raises(f2s.DataError, match="no row 'somebody else'"):
        provocations.against_somebody_else(table.iloc[:1])


def test_what_is_infinite_for_a_true_picture_gives_no_unit():
    table = pd.DataFrame(
        {"mse": [0.01, 0.04], "psnr": [20.0, 14.0]}, index=["darker", provocations.REFERENCE]
    )
    with pytest.raises(f2s.DataError, match=r"psnr of the true picture itself is infinite.* take mse"):
        provocations.against_somebody_else(table)


@pytest.mark.parametrize("name", [name for name in f2s.metrics.METRICS if not name.startswith("lpips")])
def test_every_metric_is_where_the_unit_takes_it_to_be_for_the_true_picture(name):
    """LPIPS needs weights, and a difference of equal features is 0."""
    picture = np.random.default_rng(0).random((1, 192, 192, 1))
    metric = f2s.metrics.get(name)
    expected = np.inf if name in provocations._WITHOUT_END else float(metric.higher_is_better)
    assert metric.function(picture, picture)[0] == pytest.approx(expected, abs=1e-9)
