"""Variational autoencoders against closed forms, Monte Carlo, and formulas written out by hand."""

import os
import subprocess
from math import e

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("tensorflow")

from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.keras_quietly import keras
from face2sketch.models import variational
from face2sketch.training.losses import PictureLoss

QUIET = {"progress": False, "batch_size": 4}
SHAPE = (16, 16, 3)


@pytest.fixture(scope="module")
def pairs():
    return blocks(12, size=16).split(test=0.25, seed=0)


@pytest.fixture(scope="module")
def conditional(pairs):
    return f2s.fit("conditional-vae", pairs[0], "sketch2photo", epochs=3, **QUIET)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def pictures(count, seed=0):
    return np.random.default_rng(seed).random((count, *SHAPE), dtype=np.float32)


# -- the divergence and the code


def test_kl_divergence_by_hand():
    mean = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]], dtype="float32")
    log_variance = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]], dtype="float32")
    expected = [0.0, 9 / 2, (e - 2) / 2]
    np.testing.assert_allclose(array(variational.kl_divergence(mean, log_variance)), expected, atol=1e-6)


def test_kl_divergence_is_the_mean_of_the_log_ratio_of_densities():
    mean, log_variance = 0.7, -1.2
    normal = stats.norm(mean, np.exp(log_variance / 2))
    drawn = normal.rvs(400_000, random_state=0)
    estimate = np.mean(normal.logpdf(drawn) - stats.norm.logpdf(drawn))
    closed = array(variational.kl_divergence(np.float32([mean]), np.float32([log_variance])))
    assert closed == pytest.approx(estimate, abs=0.005)


@pytest.mark.parametrize(
    ("options", "deviation"),
    [({}, np.exp(-0.5)), ({"noise_std": 0.1, "log_sigma": True}, 0.1 * np.exp(-1.0))],
)
def test_a_training_draw_has_the_mean_and_the_deviation_it_is_given(options, deviation):
    code = variational.GaussianCode(seed=1, **options)
    mean, log_variance = np.full((20_000, 2), 1.5, "float32"), np.full((20_000, 2), -1.0, "float32")
    drawn = array(code([mean, log_variance], training=True))
    assert drawn.mean() == pytest.approx(1.5, abs=5 * deviation / 200)
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    again = array(code([mean, log_variance], training=True))
    assert not np.array_equal(drawn, again)
    np.testing.assert_array_equal(array(code([mean, log_variance], training=False)), mean)


def test_the_code_adds_its_divergence_averaged_over_the_batch():
    code = variational.GaussianCode(beta=0.25)
    mean = np.array([[1.0, 1.0], [0.0, 2.0]], dtype="float32")  # 1 nat and 2 nats
    code([mean, np.zeros_like(mean)], training=True)
    assert [float(loss) for loss in code.losses] == pytest.approx([0.25 * 1.5])


def test_the_bound_keeps_the_middle_and_never_flattens():
    bound = variational.SoftBound(8.0)
    x = np.array([-1e30, -1e4, -1e-3, 0.0, 1e-3, 1e4, 1e30], dtype="float32")
    y = array(bound(x))
    assert (np.abs(y) <= 8).all()
    np.testing.assert_allclose(y[2:5], x[2:5], rtol=1e-3)
    np.testing.assert_allclose(y[[1, 5]], [-8, 8], rtol=1e-3)
    slope = np.diff(array(bound(np.float32([1000, 1010]))))
    assert slope > 0  # a tanh would give 0 here, and no gradient to come back by
    with pytest.raises(ValueError, match="bound"):
        variational.SoftBound(0)


@pytest.mark.parametrize(
    "layer",
    [
        variational.SoftBound(3.5),
        variational.GaussianCode(0.5, 0.1, True, seed=4),
        variational.PriorMean(7),
    ],
)
def test_layers_are_rebuilt_from_their_config(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


# -- the dense VAE


@pytest.mark.parametrize("method", ["huang-vae", "huang-vae-corrected", "huang-vae-elbo"])
def test_huangs_vae_has_the_published_weights(method):
    pixels = 200 * 200 * 3
    by_hand = (pixels + 1) * 128 + 2 * (128 + 1) * 4 + (4 + 1) * 128 + (128 + 1) * pixels
    assert by_hand == 30_841_800  # the released notebook's summary
    assert f2s.methods.get(method).parameters() == by_hand


def test_venkateshs_vae_has_the_widths_of_his_deep_autoencoder():
    with keras.StatelessScope(initialize_variables=False):
        networks = f2s.methods.get("venkatesh-vae").build((256, 256, 3))
    widths = [layer.units for layer in networks.parts["encoder"].layers if hasattr(layer, "units")]
    assert widths == [256, 128, 64, 32, 32, 32]
    assert networks.parts["decoder"].inputs[0].shape == (None, 32)


@pytest.mark.parametrize("as_published", [True, False])
def test_the_translator_decodes_the_mean(as_published):
    networks = variational.dense_vae(SHAPE, hidden=(9, 6), latent=3, as_published=as_published)
    x = pictures(5)
    mean, _ = networks.parts["encoder"](x)
    answer = array(networks.translator(x))
    np.testing.assert_allclose(answer, array(networks.parts["decoder"](mean)), atol=1e-6)
    np.testing.assert_array_equal(answer, array(networks.translator(x)))
    assert ((answer > 0) & (answer < 1)).all()
    drawn = [array(networks.trained(x, training=True)) for _ in range(2)]
    assert not np.array_equal(*drawn)
    assert networks.logits is not as_published


def test_the_published_accidents_are_all_there_and_can_be_had_one_by_one():
    published = variational.dense_vae(SHAPE, as_published=True)
    code = published.trained.get_layer("code")
    assert (code.noise_std, code.log_sigma) == (0.1, True)
    assert not any(isinstance(layer, variational.SoftBound) for layer in published.parts["encoder"].layers)
    one = variational.dense_vae(SHAPE, log_sigma=True).trained.get_layer("code")
    assert (one.noise_std, one.log_sigma) == (1.0, True)


def test_a_violent_first_step_breaks_the_unbounded_variance_and_not_the_bounded(pairs):
    violent = {"epochs": 4, "learning_rate": 3.0, **QUIET}
    with pytest.raises(f2s.errors.MethodError, match="diverged"):
        f2s.fit("huang-vae", pairs[0], **violent)
    fitted = f2s.fit("huang-vae-elbo", pairs[0], **violent)
    assert np.isfinite(fitted.history["loss"]).all()
    _, log_variance = variational.posterior(fitted, pairs[0].photos)
    assert np.abs(log_variance).max() <= variational.LOG_VARIANCE_BOUND


# -- the conditional VAE


def test_the_training_loss_is_the_bound_written_out():
    """Squared errors plus 2 sigma^2 KL is 2 sigma^2 times the negative bound, up to the likelihood's constant."""
    sigma = 0.3
    networks = variational.conditional_vae(SHAPE, latent=4, filters=(4, 8), sigma=sigma)
    for weight in networks.parts["posterior"].get_layer("mean").weights:
        weight.assign(np.random.default_rng(0).normal(0, 0.3, weight.shape))
    x, y = pictures(3, 1), pictures(3, 2)
    networks.trained.compile(loss=PictureLoss("mse_sum", logits=True), jit_compile=False)
    loss = networks.trained.evaluate([x, y], y, verbose=0)
    mean, log_variance = (array(one).astype("float64") for one in networks.parts["posterior"]([x, y]))
    output = array(networks.parts["decoder"]([x, mean.astype("float32")]))
    kl = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1)
    likelihood = stats.norm.logpdf(y, output, sigma).sum(axis=(1, 2, 3))
    constant = y[0].size * 0.5 * np.log(2 * np.pi * sigma**2)
    bound = (likelihood + constant - kl).mean()
    assert kl.min() > 0.01
    assert loss == pytest.approx(-2 * sigma**2 * bound, rel=1e-4)


def test_a_new_conditional_vae_starts_with_its_posterior_means_at_the_prior():
    networks = variational.conditional_vae(SHAPE, latent=4, filters=(4, 8))
    mean, _ = networks.parts["posterior"]([pictures(3, 1), pictures(3, 2)])
    np.testing.assert_array_equal(array(mean), np.zeros((3, 4)))


def test_it_sees_the_target_in_training_and_not_in_use(conditional, pairs):
    test = pairs[1]
    networks = conditional.networks
    assert networks.sees_target
    assert networks.trained.count_params() == sum(part.count_params() for part in networks.parts.values())
    means, _ = variational.posterior(conditional, test.sketches, test.photos)
    others, _ = variational.posterior(conditional, test.sketches, test.photos[::-1])
    assert not np.allclose(means, others)
    at_zero = variational.decode(conditional, np.zeros_like(means), test.sketches)
    np.testing.assert_allclose(conditional.translate(test.sketches), at_zero, atol=1e-6)


@pytest.mark.parametrize("side", [16, 48, 80])
def test_any_multiple_of_16_is_a_side(side):
    with keras.StatelessScope(initialize_variables=False):
        networks = f2s.methods.get("conditional-vae").build((side, 32, 3))
    assert networks.translator.output_shape == (None, side, 32, 3)


def test_fitted_weights_survive_saving(conditional, pairs, tmp_path):
    again = f2s.load(conditional.save(tmp_path / "vae.npz"))
    for n, seed in ((2, 0), (2, 5)):
        np.testing.assert_array_equal(
            variational.sample(again, pairs[1].sketches, n, seed),
            variational.sample(conditional, pairs[1].sketches, n, seed),
        )


@pytest.mark.parametrize(
    "networks",
    [variational.dense_vae(SHAPE, hidden=8), variational.conditional_vae(SHAPE, latent=4, filters=(4, 8))],
    ids=["dense", "conditional"],
)
def test_a_keras_file_gives_the_same_network(networks, tmp_path):
    networks.trained.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    inputs = [pictures(2, 1), pictures(2, 2)] if networks.sees_target else pictures(2, 1)
    np.testing.assert_allclose(array(again(inputs)), array(networks.trained(inputs)), atol=1e-6)


# -- at the library's boundary


@pytest.mark.parametrize(
    ("method", "task", "channels"),
    [("conditional-vae", "photo2sketch", 1), ("huang-vae-elbo", "sketch2photo", 3)],
)
def test_samples_follow_the_contract(pairs, method, task, channels):
    train, test = pairs
    fitted = f2s.fit(method, train, task, epochs=2, **QUIET)
    inputs = test.inputs(task)
    drawn = variational.sample(fitted, inputs, n=3, seed=1)
    assert drawn.shape == (len(test), 3, 16, 16, channels)
    assert drawn.dtype == np.float32
    assert 0 <= drawn.min() <= drawn.max() <= 1
    np.testing.assert_array_equal(drawn, variational.sample(fitted, inputs, n=3, seed=1))
    assert not np.array_equal(drawn, variational.sample(fitted, inputs, n=3, seed=2))
    same = variational.sample(fitted, inputs / np.float32(255), n=2, spread=0)
    np.testing.assert_allclose(same[:, 1], fitted.translate(inputs), atol=1e-6)


def test_sides_that_do_not_fit_are_padded_and_cut_again():
    pairs = blocks(4, size=16).resize((20, 16))
    fitted = f2s.fit("conditional-vae", pairs, epochs=1, **QUIET)
    assert variational.sample(fitted, pairs.photos, n=2).shape == (4, 2, 20, 16, 1)


def test_wrong_uses_are_explained(conditional, pairs):
    train, test = pairs
    error = f2s.errors.MethodError
    with pytest.raises(error, match="targets as well"):
        variational.posterior(conditional, test.sketches)
    with pytest.raises(error, match="codes and inputs"):
        variational.decode(conditional, np.zeros((3, 16)))
    for wrong in (test.photos[:1], test.photos[:, :8]):
        with pytest.raises(error, match="expected as many"):
            variational.posterior(conditional, test.sketches, wrong)
    with pytest.raises(error, match="expected as many"):
        variational.decode(conditional, np.zeros((1, 16)), test.sketches)
    with pytest.raises(error, match="trained for"):
        variational.sample(conditional, test.photos)
    plain = f2s.fit("skubisz-conv", train, epochs=1, **QUIET)
    with pytest.raises(error, match="no variational"):
        variational.sample(plain, test.photos)


TORCH = """
import numpy as np
import face2sketch as f2s
from pairs_for_tests import blocks
from face2sketch.keras_quietly import keras
from face2sketch.models import variational

assert keras.backend.backend() == "torch"
kl = keras.ops.convert_to_numpy(variational.kl_divergence(np.float32([[1.0, 1.0]]), np.zeros((1, 2), "float32")))
np.testing.assert_allclose(kl, [1.0], atol=1e-6)
train = blocks(6, size=16)
for method, targets in (("conditional-vae", train.sketches), ("huang-vae-elbo", None)):
    fitted = f2s.fit(method, train, epochs=4, batch_size=3, progress=False)
    assert fitted.history["loss"][-1] < fitted.history["loss"][0]
    mean, log_variance = variational.posterior(fitted, train.photos, targets)
    assert np.isfinite(mean).all() and np.abs(log_variance).max() <= 8
    assert variational.sample(fitted, train.photos, n=2).shape == (6, 2, 16, 16, 1)
print("fine")
"""


def test_under_pytorch(python, root):
    pytest.importorskip("torch")
    done = subprocess.run(
        [python, "-c", TORCH], capture_output=True, text=True,
        env={**os.environ, "KERAS_BACKEND": "torch", "PYTHONPATH": str(root / "tests")},
    )  # fmt: skip
    assert done.stdout.endswith("fine\n"), done.stderr[-2000:]
