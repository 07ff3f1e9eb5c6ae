"""MSE, MAE, RMSE, PSNR by hand and SSIM against TensorFlow's independent implementation."""

import math
import subprocess

import numpy as np
import pytest

import face2sketch as f2s
from face2sketch import metrics

NAMES = ("mse", "mae", "rmse", "psnr", "ssim")  # those that need no weights: LPIPS has tests of its own


def batch(*levels, shape=(16, 16, 1)):
    """One even picture for each grey level 0..255."""
    return np.stack([np.full(shape, level, np.uint8) for level in levels])


@pytest.fixture
def faces():
    rng = np.random.default_rng(0)
    smooth = rng.random((4, 6, 6, 3)).repeat(8, 1).repeat(8, 2)
    return smooth, np.clip(smooth + 0.1 * rng.standard_normal(smooth.shape), 0, 1)


def test_pixelwise_metrics_by_hand():
    target, output = batch(0, 255, 51), batch(255, 255, 102)
    np.testing.assert_allclose(metrics.mse(target, output), [1.0, 0.0, 0.04])
    np.testing.assert_allclose(metrics.mae(target, output), [1.0, 0.0, 0.2])
    np.testing.assert_allclose(metrics.rmse(target, output), [1.0, 0.0, 0.2])
    np.testing.assert_allclose(metrics.psnr(target, output), [0.0, math.inf, -10 * math.log10(0.04)])


def test_the_median_does_not_see_half_of_the_pixels():
    """Priovolos' measure: three pixels of four are right, so the median error is 0, whatever the fourth is."""
    target = np.zeros((1, 8, 8, 1))
    output = target.copy()
    output[0, :, ::4] = 0.9
    assert metrics.median_absolute_error(target, output)[0] == 0
    output[0, :, :5] = 0.4
    assert metrics.median_absolute_error(target, output)[0] == pytest.approx(0.4)


def test_venkateshs_psnr_takes_its_peak_from_the_pictures():
    """Peak 0.5, error 0.1 throughout: 20 log10(0.5 / 0.1)."""
    target, output = np.full((1, 8, 8, 1), 0.5), np.full((1, 8, 8, 1), 0.4)
    assert metrics.psnr_of_pair(target, output)[0] == pytest.approx(20 * math.log10(5))
    assert metrics.psnr(target, output)[0] == pytest.approx(20)
    target[0, 0, 0] = 1.0
    np.testing.assert_allclose(metrics.psnr_of_pair(target, output), metrics.psnr(target, output))
    black, faint = np.zeros((1, 8, 8, 1)), np.full((1, 8, 8, 1), 0.01)
    assert metrics.psnr_of_pair(black, black)[0] == math.inf
    assert metrics.psnr_of_pair(black, faint)[0] == pytest.approx(0)


def test_all_channels_count_equally():
    target = np.zeros((1, 12, 12, 3))
    output = target.copy()
    output[..., 0] = 0.6
    assert metrics.mse(target, output)[0] == pytest.approx(0.36 / 3)
    assert metrics.mae(target, output)[0] == pytest.approx(0.2)


def test_ssim_of_even_pictures_by_hand():
    """Without variance SSIM is the luminance term alone: (2ab + C1) / (a^2 + b^2 + C1), C1 = 0.01^2 (Wang et al.)."""
    a, b, c1 = 51 / 255, 204 / 255, 1e-4
    expected = (2 * a * b + c1) / (a * a + b * b + c1)
    assert metrics.ssim(batch(51), batch(204))[0] == pytest.approx(expected, abs=1e-9)


def test_scale_does_not_matter_only_the_type_says_it(faces):
    target, output = (np.round(picture * 255).astype(np.uint8) for picture in faces)
    for metric in map(metrics.get, NAMES):
        np.testing.assert_allclose(
            metric.function(target, output),
            metric.function(target / 255.0, (output / 255.0).astype(np.float32)),
            rtol=1e-4,
        )


@pytest.mark.parametrize("name", NAMES)
def test_identity_symmetry_and_order(name, faces):
    metric, (target, noisy) = metrics.get(name), faces
    perfect = {"mse": 0, "mae": 0, "rmse": 0, "psnr": math.inf, "ssim": 1}[name]
    np.testing.assert_allclose(metric.function(target, target), perfect, atol=1e-12)
    np.testing.assert_allclose(metric.function(target, noisy), metric.function(noisy, target), rtol=1e-9)
    noisier = np.clip(target + 3 * (noisy - target), 0, 1)
    better, worse = metric.function(target, noisy), metric.function(target, noisier)
    assert ((better > worse) if metric.higher_is_better else (better < worse)).all()


def test_ssim_equals_tensorflows(faces, python, tmp_path):
    """tf.image.ssim with its defaults, an implementation that shares no code with scikit-image's."""
    np.savez(tmp_path / "faces.npz", target=faces[0], output=faces[1])
    code = (
        "import numpy as np, sys; from face2sketch.keras_quietly import keras; import tensorflow as tf\n"
        "f = np.load(sys.argv[1]); print(*tf.image.ssim(tf.constant(f['target']), tf.constant(f['output']), 1.0).numpy())"
    )
    result = subprocess.run(
        [python, "-c", code, tmp_path / "faces.npz"], capture_output=True, text=True, check=True, timeout=120
    )
    np.testing.assert_allclose(metrics.ssim(*faces), [float(x) for x in result.stdout.split()], atol=2e-5)


@pytest.mark.parametrize(
    ("target", "output", "message"),
    [
        (np.zeros((1, 16, 16, 1)), np.zeros((1, 16, 16, 3)), "equal shapes"),
        (np.zeros((16, 16, 1)), np.zeros((16, 16, 1)), "expected \\(N, height"),
        (np.zeros((1, 16, 16, 1)), np.full((1, 16, 16, 1), 2.0), "divide 8-bit pictures"),
        (np.zeros((1, 16, 16, 1)), np.full((1, 16, 16, 1), np.nan), "diverge"),
        (np.zeros((1, 16, 16, 1), np.int64), np.zeros((1, 16, 16, 1)), "expected uint8"),
    ],
)
def test_bad_pictures_are_refused_with_a_reason(target, output, message):
    with pytest.raises(f2s.DataError, match=message):
        metrics.mse(target, output)


def test_ssim_refuses_pictures_smaller_than_its_window():
    with pytest.raises(f2s.DataError, match="11 px"):
        metrics.ssim(batch(0, shape=(10, 16, 1)), batch(0, shape=(10, 16, 1)))


def test_unknown_metric_names_the_known_ones():
    with pytest.raises(
        f2s.MethodError, match=r"unknown metric .vif.: expected one of mse, mae, rmse, medae, psnr"
    ):
        metrics.get("vif")
    with pytest.raises(f2s.MethodError, match=r"unknown metric of sets .vif.: expected one of fid, kid"):
        metrics.get_set("vif")
    with pytest.raises(f2s.MethodError, match=r"compares whole sets.*get_set"):
        metrics.get("fid")


def test_every_metric_is_registered_once_and_says_what_it_is():
    assert not set(metrics.METRICS) & set(metrics.SET_METRICS)
    for name, metric in {**metrics.METRICS, **metrics.SET_METRICS}.items():
        assert metric.name == name
        assert metric.label
        assert metric.settings
    assert all("test people" in metric.settings for metric in metrics.SET_METRICS.values()), "reference named"
