"""Vector quantisation: each vector of a map is replaced by the nearest of K code vectors.

After van den Oord, Vinyals and Kavukcuoglu (2017), *Neural Discrete Representation Learning*, arXiv:1711.00937, which
is Huang's source: its Eq. 3 (losses, straight-through estimator) and its appendix A.1 (moving averages).
"""

import numpy as np

from ..keras_quietly import keras

ops = keras.ops

UPDATES = ("gradient", "average", "none")

_SMOOTHING = 1e-5  # of Laplace: no code's count becomes 0


@keras.saving.register_keras_serializable(package="face2sketch")
class VectorQuantizer(keras.layers.Layer):
    """The nearest of `codes` learned vectors, by Euclidean distance, for each vector of the input.

    Choosing is a step function and has no gradient. The **straight-through estimator** gives the input the gradient
    of the output, as if nothing had been changed: x + stop(e - x). How the code vectors e learn is `update`:

    - "gradient": the codebook loss ||stop(x) - e||^2 pulls them to their inputs (Huang, Eq. 2);
    - "average": each becomes the moving average of the inputs that chose it (Huang, Eq. 3; in the limit of
      `decay=0` a step of k-means over the batch);
    - "none": never, and no loss is added: the quantiser of Huang's notebook, whose variables and loss reached
      neither the optimiser nor the model.

    In the first two, the commitment loss ||x - stop(e)||^2, weighted, keeps the input near its code. Losses are means
    over vectors and channels, as in the authors' own library, Sonnet, and are added by `add_loss`.

    A code that hardly any vector chooses is *dead*: nothing pulls it, so nothing will. In training it is put
    onto a random vector of the batch.

    Args:
        codes: number K of code vectors.
        commitment: weight of the commitment loss (0.25 in both papers).
        update: "gradient", "average" or "none".
        decay: of the moving averages, per step.
        restart_below: a code is dead when its running share of the vectors is below this part of an even
            share 1/K; None restarts none. Without effect for "none".
        seed: of the random vectors for dead codes; None draws one from Keras' global seed.

    Input and output: (..., channels). Weights: `codebook` (K, channels), trainable for "gradient" alone; `counts` (K,),
    running numbers of vectors per code; `sums` (K, channels) for "average", their running sums.
    """

    def __init__(
        self,
        codes: int = 128,
        commitment: float = 0.25,
        update: str = "average",
        decay: float = 0.99,
        restart_below: float | None = 0.1,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if update not in UPDATES:
            raise ValueError(f"update is {update!r}: expected one of {', '.join(UPDATES)}")
        if codes < 1 or not 0 <= decay < 1:
            raise ValueError(f"{codes} codes with decay {decay}: expected at least 1, and 0 <= decay < 1")
        self.number, self.commitment, self.update = int(codes), float(commitment), update
        self.decay, self.restart_below, self.seed = float(decay), restart_below, seed
        if update != "none":
            self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        channels = input_shape[-1]
        # Sonnet's initial values; its codebook lies the other way round, so that the fan-in is `channels`.
        limit = float(np.sqrt(3 / channels))
        self.codebook = self.add_weight(
            name="codebook",
            shape=(self.number, channels),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            trainable=self.update == "gradient",
        )
        if self.update != "none":
            self.counts = self.add_weight(
                name="counts", shape=(self.number,), initializer="zeros", trainable=False
            )
        if self.update == "average":
            self.sums = self.add_weight(
                name="sums", shape=(self.number, channels), initializer="zeros", trainable=False
            )
        self.built = True

    def codes(self, x):
        """Index of the nearest code for each vector, (...,) int32."""
        # ||x - e||^2 without ||x||^2, which is the same for all codes.
        half_square = ops.sum(ops.square(self.codebook), axis=-1) / 2
        nearness = ops.matmul(x, ops.transpose(self.codebook)) - half_square
        return ops.cast(ops.argmax(nearness, axis=-1), "int32")

    def lookup(self, indices):
        """The code vectors (..., channels) of indices (...,)."""
        return ops.take(self.codebook, indices, axis=0)

    def call(self, x, training=None):
        """Each vector's code, with the gradient passed straight through to x; learns when training."""
        indices = ops.stop_gradient(self.codes(x))
        chosen = self.lookup(indices)
        if self.update == "gradient":
            self.add_loss(ops.mean(ops.square(ops.stop_gradient(x) - chosen)))
        if self.update != "none":
            self.add_loss(self.commitment * ops.mean(ops.square(x - ops.stop_gradient(chosen))))
            if training:
                self._learn(ops.stop_gradient(x), indices)
        return x + ops.stop_gradient(chosen - x)

    def _learn(self, x, indices) -> None:
        """Update counts, the averaged codebook, and dead codes."""
        vectors = ops.reshape(x, (-1, x.shape[-1]))
        members = ops.one_hot(ops.reshape(indices, (-1,)), self.number, dtype=self.compute_dtype)
        counts = self._running(self.counts, ops.sum(members, axis=0))
        codebook = ops.stop_gradient(ops.convert_to_tensor(self.codebook))
        if self.update == "average":
            sums = self._running(self.sums, ops.matmul(ops.transpose(members), vectors))
            codebook = averaged_codebook(codebook, counts, sums)
        if self.restart_below is not None:
            even = ops.mean(counts)
            dead = counts < self.restart_below * even
            drawn = keras.random.randint((self.number,), 0, ops.shape(vectors)[0], seed=self.seed_generator)
            codebook = ops.where(dead[:, None], ops.take(vectors, drawn, axis=0), codebook)
            # An even share is a fresh start: the code now has a while to find vectors of its own.
            counts = ops.where(dead, even, counts)
            if self.update == "average":
                sums = ops.where(dead[:, None], even * codebook, sums)
        self.counts.assign(counts)
        if self.update == "average":
            self.sums.assign(sums)
        if self.update == "average" or self.restart_below is not None:
            self.codebook.assign(codebook)

    def _running(self, average, now):
        return self.decay * average + (1 - self.decay) * now

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        return super().get_config() | {
            "codes": self.number, "commitment": self.commitment, "update": self.update, "decay": self.decay,
            "restart_below": self.restart_below, "seed": self.seed,
        }  # fmt: skip


def averaged_codebook(codebook, counts, sums):
    """Code vectors as quotients of running sums and running counts, the counts smoothed after Laplace (van den
    Oord et al., Eqs. 6-8, and their library). A code without members stays where it is: its quotient is 0/0.

    Args:
        codebook: (K, channels), before.
        counts: (K,) running numbers of members.
        sums: (K, channels) running sums of members.
    """
    total = ops.sum(counts)
    smoothed = (counts + _SMOOTHING) / (total + counts.shape[0] * _SMOOTHING) * total
    has_members = (counts > _SMOOTHING)[:, None]
    return ops.where(has_members, sums / ops.maximum(smoothed, _SMOOTHING)[:, None], codebook)


def usage(indices: np.ndarray, codes: int) -> np.ndarray:
    """How often each of `codes` codes occurs in an array of indices of any shape: (codes,) counts."""
    return np.bincount(np.asarray(indices).ravel(), minlength=codes)


def perplexity(counts: np.ndarray) -> float:
    """How many codes are in use, in effect: exp of the entropy of their shares.

    K codes used evenly give K; one code used alone gives 1.

    Args:
        counts: (K,) how often each code is used; not all zero.
    """
    shares = np.asarray(counts, dtype=np.float64) / np.sum(counts)
    used = shares[shares > 0]
    return float(np.exp(-np.sum(used * np.log(used))))


def bits_per_picture(positions: int, counts: np.ndarray) -> tuple[float, float]:
    """Bits that a picture's code takes: at a fixed length for each index, and with the best code for its frequencies.

    Args:
        positions: indices in a picture, H' * W'.
        counts: (K,) how often each code is used.

    Returns:
        (positions * log2 K, positions * log2 perplexity): what is stored plainly, and the entropy bound for
        coding each index by itself.
    """
    return positions * float(np.log2(len(counts))), positions * float(np.log2(perplexity(counts)))
