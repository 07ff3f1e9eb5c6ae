"""Losses between pictures, by name.

"mse", "mae" and "bce" are means over a picture's numbers. "mse_sum", "mae_sum" and "bce_sum" are sums over them,
as the likelihood in an ELBO needs: at 200x200x3 the two differ by a factor of 120,000, which is the weight that a
term beside them loses or gains. Both kinds are averaged over the batch.
"""

from ..keras_quietly import keras
from .settings import LOSSES

ops = keras.ops


class PictureLoss(keras.losses.Loss):
    """One of `settings.LOSSES` between targets in [0, 1] and outputs, both (N, H, W, C).

    Args:
        kind: its name.
        logits: the outputs are logits: binary cross-entropy is computed from them, which stays finite and keeps
            its gradient where a sigmoid has saturated; the other losses apply the sigmoid first.
    """

    def __init__(self, kind: str, logits: bool = False):
        if kind not in LOSSES:
            raise ValueError(f"loss is {kind!r}: expected one of {', '.join(LOSSES)}")
        super().__init__(name=kind)
        self.error, self.summed, self.logits = kind.removesuffix("_sum"), kind.endswith("_sum"), logits

    def call(self, y_true, y_pred):
        """Loss of each picture, shape (N,)."""
        if self.error == "bce":
            each = keras.losses.binary_crossentropy(y_true, y_pred, from_logits=self.logits)
            each = each * y_pred.shape[-1]  # Keras takes the mean over the channels; here it is the sum
        else:
            difference = (ops.sigmoid(y_pred) if self.logits else y_pred) - y_true
            each = ops.abs(difference) if self.error == "mae" else ops.square(difference)
        total = ops.sum(ops.reshape(each, (ops.shape(each)[0], -1)), axis=-1)
        return total if self.summed else total / _numbers(y_pred)


def _numbers(pictures) -> int:
    """Numbers in one picture."""
    _, *sides = pictures.shape
    count = 1
    for side in sides:
        count *= side
    return count
