"""Variational autoencoders: a code that is a distribution, and pictures drawn from it.

An autoencoder's encoder gives a point. A variational one gives a mean and a log-variance, and the decoder is
fed a draw from that normal distribution. Two terms are minimised together: how badly the picture is
reconstructed, and how far the code's distribution is from the standard normal one (the Kullback-Leibler
divergence, in nats). Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.

The picture loss is the training loop's; the KL is added by the layer `GaussianCode`, summed over the code's
numbers and averaged over the batch. So a stage's loss must be a sum over the picture ("bce_sum", "mse_sum")
for the two to stand in the ratio of a log-likelihood's bound.
"""

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MethodError
from ..keras_quietly import keras
from .networks import Networks

if TYPE_CHECKING:
    from ..fitting import Fitted

layers, ops = keras.layers, keras.ops

LOG_VARIANCE_BOUND = 8.0  # standard deviations between exp(-4) = 0.018 and exp(4) = 55


def kl_divergence(mean, log_variance):
    """KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, summed over the last axis.

    Closed form of Kingma and Welling (2014), appendix B: -1/2 sum(1 + s - mean^2 - exp(s)).

    Args:
        mean, log_variance: tensors or arrays (..., latent).

    Returns:
        (...,) a tensor of the active backend.
    """
    mean, log_variance = ops.convert_to_tensor(mean), ops.convert_to_tensor(log_variance)
    return -0.5 * ops.sum(1.0 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=-1)


@keras.saving.register_keras_serializable(package="face2sketch")
class SoftBound(layers.Layer):
    """Keeps numbers within (-bound, bound): x / (1 + |x| / bound).

    Near 0 nothing changes. Far out the slope falls like 1/x^2, not exponentially as that of a tanh, so a
    number that a violent first step has thrown far away can still come back.
    """

    def __init__(self, bound: float = LOG_VARIANCE_BOUND, **options):
        super().__init__(**options)
        if not bound > 0:
            raise ValueError(f"bound is {bound!r}: expected a number above 0")
        self.bound = float(bound)

    def call(self, x):
        return x / (1.0 + ops.abs(x) / self.bound)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "bound": self.bound}


@keras.saving.register_keras_serializable(package="face2sketch")
class GaussianCode(layers.Layer):
    """Draws a code z from N(mean, exp(log_variance)) and adds beta * KL to the model's loss.

    In training z = mean + exp(log_variance / 2) * noise with standard normal noise: the draw is a
    differentiable function of mean and log-variance (the reparameterisation). Otherwise z is the mean.

    Args:
        beta: weight of the KL divergence; 0 leaves a noisy autoencoder.
        noise_std: standard deviation of the noise; 1 is right. Huang's notebook has 0.1.
        log_sigma: take the second input for a logarithm of the standard deviation when drawing,
            z = mean + exp(s) * noise, while the KL goes on taking it for a log-variance: the slip in Huang's
            notebook, kept to show what it does.
        seed: of the noise.
    """

    def __init__(
        self,
        beta: float = 1.0,
        noise_std: float = 1.0,
        log_sigma: bool = False,
        seed: int | None = None,
        **options,
    ):
        super().__init__(**options)
        self.beta, self.noise_std, self.log_sigma, self.seed = float(beta), float(noise_std), log_sigma, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        mean, log_variance = inputs
        self.add_loss(self.beta * ops.mean(kl_divergence(mean, log_variance)))
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), stddev=self.noise_std, seed=self.seed_generator)
        return mean + ops.exp(log_variance if self.log_sigma else 0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        own = ("beta", "noise_std", "log_sigma", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


@keras.saving.register_keras_serializable(package="face2sketch")
class PriorMean(layers.Layer):
    """The mean of the prior N(0, 1): a code of zeros for each picture of a batch."""

    def __init__(self, latent: int, **options):
        super().__init__(**options)
        self.latent = latent

    def call(self, pictures):
        return ops.zeros((ops.shape(pictures)[0], self.latent), dtype=self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.latent)

    def get_config(self):
        return {**super().get_config(), "latent": self.latent}


def dense_vae(
    shape: tuple[int, int, int],
    *,
    hidden: int | Sequence[int] = 128,
    latent: int = 4,
    beta: float = 1.0,
    as_published: bool = False,
    noise_std: float | None = None,
    log_sigma: bool | None = None,
    bound: float | None = LOG_VARIANCE_BOUND,
    name: str = "dense_vae",
) -> Networks:
    """A dense VAE: pixels - hidden - (mean, log-variance) - hidden - pixels.

    With hidden 128 and a code of 4 it is Huang's (Fig. 8 and the released notebook): 30,841,800 weights at
    200x200x3.

    Args:
        shape: picture (height, width, channels), values in [0, 1].
        hidden: units of the encoder's hidden layer, or of several in order; the decoder mirrors them.
        latent: numbers of the code.
        beta: weight of the KL divergence (Higgins et al., 2017); 1 for the bound of the likelihood.
        as_published: the accidents of Huang's notebook: noise of 0.1, log-variance taken for a log-sigma when
            drawing, no bound, and a sigmoid in the network itself, so that the loss is computed from rounded
            probabilities.
        noise_std, log_sigma, bound: one of these alone (`bound=None` for no bound), see `GaussianCode` and
            `SoftBound`.

    Returns:
        Networks with the parts "encoder" (picture to [mean, log-variance]) and "decoder" (code to picture).
        The translator decodes the mean: Huang's notebook draws at prediction too, so that one photo gave
        another picture each time.
    """
    widths = [hidden] if isinstance(hidden, int) else list(hidden)
    noise_std = noise_std if noise_std is not None else (0.1 if as_published else 1.0)
    log_sigma = log_sigma if log_sigma is not None else as_published
    picture = keras.Input(shape, name="picture")
    encoder = _dense_encoder(shape, widths, latent, None if as_published else bound)
    decoder = _dense_decoder(shape, widths[::-1], latent, "sigmoid" if as_published else None)
    mean, log_variance = encoder(picture)
    code = GaussianCode(beta, noise_std, log_sigma, name="code")([mean, log_variance])
    trained = keras.Model(picture, decoder(code), name=name)

    def drawn(z):
        return decoder(z) if as_published else layers.Activation("sigmoid", name="probability")(decoder(z))

    z = keras.Input((latent,), name="z")
    parts = {"encoder": encoder, "decoder": keras.Model(z, drawn(z), name="decoder")}
    translator = keras.Model(picture, drawn(mean), name=f"{name}_translator")
    return Networks(translator, trained, logits=not as_published, parts=parts)


def _dense_encoder(shape, widths: Sequence[int], latent: int, bound: float | None) -> keras.Model:
    picture = keras.Input(shape, name="picture")
    x = layers.Flatten(name="flatten")(picture)
    for i, units in enumerate(widths):
        x = layers.Dense(units, activation="relu", name=f"encode_{i + 1}")(x)
    mean = layers.Dense(latent, name="mean")(x)
    return keras.Model(picture, [mean, _log_variance(x, latent, bound)], name="encoder")


def _dense_decoder(shape, widths: Sequence[int], latent: int, activation: str | None) -> keras.Model:
    z = keras.Input((latent,), name="z")
    x = z
    for i, units in enumerate(widths):
        x = layers.Dense(units, activation="relu", name=f"decode_{i + 1}")(x)
    x = layers.Dense(prod(shape), activation=activation, name="pixels")(x)
    return keras.Model(z, layers.Reshape(shape, name="unflatten")(x), name="decoder_body")


def _log_variance(x, latent: int, bound: float | None):
    raw = layers.Dense(latent, name="log_variance")(x)
    return raw if bound is None else SoftBound(bound, name="bounded_log_variance")(raw)


def conditional_vae(
    shape: tuple[int, int, int],
    *,
    latent: int = 16,
    filters: Sequence[int] = (16, 32, 64, 96),
    sigma: float = 0.8,
    beta: float = 1.0,
    bound: float | None = LOG_VARIANCE_BOUND,
    name: str = "conditional_vae",
) -> Networks:
    """A convolutional conditional VAE: p(target | input, z) with a code z for what the input leaves open.

    The posterior q(z | input, target) sees both pictures and is used in training alone. The decoder is a
    U-Net: convolutions of stride 2 over the input, and back up with skip connections; z enters at the
    narrowest map and as a shift of the channels at each scale on the way up. The prior is N(0, 1). (Sohn, Lee
    and Yan, "Learning Structured Output Representation using Deep Conditional Generative Models", 2015.)

    Train it with the loss "mse_sum". For pixels y ~ N(output, sigma^2), up to a constant,

        2 sigma^2 (-log p(y | x, z) + KL) = sum of squared errors + 2 sigma^2 KL,

    so the KL is added with weight 2 sigma^2 beta. `sigma` is what the picture loss takes for noise: with a
    large one the code is not worth its price, with a small one it learns the training pictures by heart.

    Args:
        shape: picture (height, width, channels), values in [0, 1]; sides divisible by 2 ** len(filters).
        latent: numbers of the code.
        filters: channels after each halving.
        sigma: standard deviation of a number of the picture around the output. It is taken larger than the
            errors that are left, for these are not independent from pixel to pixel (and a sketch has three
            equal channels inside a network). A small one makes the code cheap before the decoder has learned
            to read the input: z = 0 and draws then stay poor for thousands of steps.
        beta: weight of the KL beyond that; 1 for the bound of the likelihood.
        bound: of the log-variance, see `SoftBound`; None for no bound.

    Returns:
        Networks with the parts "posterior" ([input, target] to [mean, log-variance]) and "decoder" ([input, z]
        to picture). `trained` sees [input, target]; the translator takes z = 0, the prior's mean.
    """
    picture, target = keras.Input(shape, name="picture"), keras.Input(shape, name="target")
    posterior = _posterior(shape, filters, latent, bound)
    decoder = _conditional_decoder(shape, filters, latent)
    mean, log_variance = posterior([picture, target])
    code = GaussianCode(2.0 * sigma**2 * beta, name="code")([mean, log_variance])
    trained = keras.Model([picture, target], decoder([picture, code]), name=name)
    probability = layers.Activation("sigmoid", name="probability")
    z = keras.Input((latent,), name="z")
    parts = {
        "posterior": posterior,
        "decoder": keras.Model([picture, z], probability(decoder([picture, z])), name="decoder"),
    }
    at_prior_mean = probability(decoder([picture, PriorMean(latent, name="prior_mean")(picture)]))
    translator = keras.Model(picture, at_prior_mean, name=f"{name}_translator")
    return Networks(translator, trained, logits=True, parts=parts)


def _posterior(shape, filters: Sequence[int], latent: int, bound: float | None) -> keras.Model:
    picture, target = keras.Input(shape, name="picture"), keras.Input(shape, name="target")
    x = layers.Concatenate(name="both")([picture, target])
    for i, channels in enumerate(filters):
        x = layers.Conv2D(channels, 3, strides=2, padding="same", name=f"down_{i + 1}")(x)
        x = layers.LeakyReLU(negative_slope=0.1, name=f"down_{i + 1}_leaky")(x)
    x = layers.Flatten(name="flatten")(x)
    mean = layers.Dense(latent, kernel_initializer="zeros", name="mean")(x)
    return keras.Model([picture, target], [mean, _log_variance(x, latent, bound)], name="posterior")


def _conditional_decoder(shape, filters: Sequence[int], latent: int) -> keras.Model:
    """U-Net from a picture and a code to logits."""
    picture, z = keras.Input(shape, name="picture"), keras.Input((latent,), name="z")
    x, maps = picture, []
    for i, channels in enumerate(filters):
        maps.append(x)
        x = layers.Conv2D(channels, 5, strides=2, padding="same", name=f"down_{i + 1}")(x)
        x = layers.LeakyReLU(negative_slope=0.1, name=f"down_{i + 1}_leaky")(x)
    height, width = x.shape[1:3]
    spread = layers.Dense(height * width * 8, name="spread")(z)
    x = layers.Concatenate(name="with_code")([x, layers.Reshape((height, width, 8), name="map")(spread)])
    for i, channels in enumerate([*reversed(filters[:-1]), filters[0]]):
        label = f"up_{i + 1}"
        x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", name=label)(x)
        shift = layers.Dense(channels, name=f"{label}_code")(z)
        x = layers.Add(name=f"{label}_shift")(
            [x, layers.Reshape((1, 1, channels), name=f"{label}_row")(shift)]
        )
        x = layers.LeakyReLU(negative_slope=0.1, name=f"{label}_leaky")(x)
        x = layers.Concatenate(name=f"{label}_skip")([x, maps.pop()])
    logits = layers.Conv2D(shape[-1], 5, padding="same", name="logits")(x)
    return keras.Model([picture, z], logits, name="decoder_body")


# -- a fitted VAE at the library's boundary: pictures (N, H, W, C) in, float32 in [0, 1] out
# ------------------------------------


def posterior(
    fitted: "Fitted", pictures: np.ndarray, targets: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and log-variance of each picture's code.

    Args:
        fitted: a fitted method of the kind "variational".
        pictures: inputs (N, height, width, C), uint8 or float in [0, 1].
        targets: what belongs to them: a conditional VAE's posterior sees both. Others take no targets.

    Returns:
        Two arrays (N, latent), float32.

    Raises:
        MethodError: no variational method, pictures that do not fit it, targets missing or not wanted.
    """
    parts, conditional = _parts(fitted)
    if conditional != (targets is not None):
        wants = "the targets as well as the inputs" if conditional else "the inputs alone"
        raise MethodError(f"the posterior of {fitted.method.id} sees {wants}")
    x = _inside(fitted, fitted._check(np.asarray(pictures)))
    if not conditional:
        return _in_chunks(parts["encoder"], [x])
    if np.shape(targets)[:3] != np.shape(pictures)[:3]:
        raise MethodError(
            f"targets {np.shape(targets)} for pictures {np.shape(pictures)}: expected as many, of the same size"
        )
    return _in_chunks(parts["posterior"], [x, _inside(fitted, np.asarray(targets))])


def decode(fitted: "Fitted", codes: np.ndarray, pictures: np.ndarray | None = None) -> np.ndarray:
    """Pictures for codes.

    Args:
        codes: (N, latent).
        pictures: for a conditional VAE, the N inputs that the codes belong to.

    Returns:
        float32 (N, height, width, 1 or 3) in [0, 1].

    Raises:
        MethodError: no variational method, inputs missing, not wanted or of another number than the codes.
    """
    from ..training.keras_pictures import from_network, padding

    parts, conditional = _parts(fitted)
    if conditional != (pictures is not None):
        raise MethodError(
            f"the decoder of {fitted.method.id} takes {'codes and inputs' if conditional else 'codes alone'}"
        )
    inputs = [np.asarray(codes, dtype=np.float32)]
    if conditional:
        inputs.insert(0, _inside(fitted, fitted._check(np.asarray(pictures))))
    if len({len(one) for one in inputs}) > 1:
        raise MethodError(f"{len(codes)} codes for {len(pictures)} pictures: expected as many")
    channels = 1 if fitted.task == "photo2sketch" else 3
    pad = padding(fitted.size, fitted.method.allowed_side)
    return from_network(_in_chunks(parts["decoder"], inputs), fitted.size, pad, channels)


def sample(
    fitted: "Fitted", pictures: np.ndarray, n: int = 8, seed: int = 0, spread: float = 1.0
) -> np.ndarray:
    """Several answers for each input.

    A conditional VAE draws codes from its prior N(0, 1); any other from the distribution that its encoder
    gives for the input.

    Args:
        pictures: inputs (N, height, width, C), uint8 or float in [0, 1].
        n: answers for each.
        seed: of the draws.
        spread: factor on the codes' standard deviation; 0 gives `fitted.translate` n times.

    Returns:
        float32 (N, n, height, width, 1 or 3) in [0, 1].
    """
    parts, conditional = _parts(fitted)
    pictures = np.asarray(pictures)
    if conditional:
        latent = parts["decoder"].inputs[1].shape[-1]
        mean, deviation = np.zeros((len(pictures), latent)), 1.0
    else:
        mean, log_variance = posterior(fitted, pictures)
        deviation = np.exp(log_variance / 2)
    noise = np.random.default_rng(seed).standard_normal((n, *mean.shape))
    drawn = [
        decode(fitted, mean + spread * deviation * one, pictures if conditional else None) for one in noise
    ]
    return np.stack(drawn, axis=1)


def _parts(fitted: "Fitted") -> tuple[dict[str, keras.Model], bool]:
    """The parts of a fitted VAE, and whether it is a conditional one."""
    parts = getattr(getattr(fitted, "networks", None), "parts", {})
    if "decoder" not in parts or not {"encoder", "posterior"} & parts.keys():
        raise MethodError(
            f"{fitted.method.id} is no variational autoencoder: it has no distribution of codes"
        )
    return parts, "posterior" in parts


def _inside(fitted: "Fitted", pictures: np.ndarray) -> np.ndarray:
    """Pictures as the networks want them."""
    from ..training.keras_pictures import padding, to_network

    return to_network(pictures, padding(fitted.size, fitted.method.allowed_side))


def _in_chunks(model: keras.Model, inputs: list[np.ndarray], size: int = 32):
    """A model's outputs, a few pictures at a time; a tuple of arrays if it has several outputs."""
    if (
        not model.compiled
    ):  # left alone, Keras would choose XLA: slow to compile, and slow for convolutions on a CPU
        model.compile(jit_compile=False)
    chunks = []
    for start in range(0, max(1, len(inputs[0])), size):
        few = [one[start : start + size] for one in inputs]
        chunks.append(model.predict_on_batch(few if len(few) > 1 else few[0]))
    if len(model.outputs) == 1:
        return np.concatenate([np.asarray(chunk) for chunk in chunks])
    return tuple(
        np.concatenate([np.asarray(one) for one in outputs]) for outputs in zip(*chunks, strict=True)
    )
