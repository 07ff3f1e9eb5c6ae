"""Losses against NumPy, written out."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from face2sketch.keras_quietly import keras
from face2sketch.training.losses import PictureLoss
from face2sketch.training.settings import LOSSES


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return rng.uniform(size=(5, 4, 3, 2)).astype("float32"), rng.normal(size=(5, 4, 3, 2)).astype("float32")


def by_hand(kind: str, target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Each picture's loss in float64."""
    y, p = target.astype(float), output.astype(float)
    each = {
        "mse": (y - p) ** 2,
        "mae": abs(y - p),
        "bce": -(y * np.log(p) + (1 - y) * np.log(1 - p)),
    }[kind[:3]].reshape(len(y), -1)
    return each.sum(axis=1) if kind.endswith("_sum") else each.mean(axis=1)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("logits", [False, True])
def test_losses_are_what_their_names_say(pictures, kind, logits):
    target, logit = pictures
    probability = 1 / (1 + np.exp(-logit))
    loss = PictureLoss(kind, logits)
    found = keras.ops.convert_to_numpy(loss.call(target, logit if logits else probability))
    np.testing.assert_allclose(found, by_hand(kind, target, probability), rtol=1e-5)
    mean = float(keras.ops.convert_to_numpy(loss(target, logit if logits else probability)))
    assert mean == pytest.approx(by_hand(kind, target, probability).mean(), rel=1e-5)


def test_cross_entropy_from_logits_keeps_its_value_where_a_sigmoid_has_saturated():
    """-log(sigmoid(-200)) is 200; a sigmoid in float32 is 0 there, and Keras would clip it to 1e-7, that is 16."""
    target, logit = np.ones((1, 1, 1, 1), "float32"), np.full((1, 1, 1, 1), -200.0, "float32")
    assert float(keras.ops.convert_to_numpy(PictureLoss("bce", logits=True)(target, logit))) == pytest.approx(
        200
    )


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="expected one of mse, mae, bce, mse_sum"):
        PictureLoss("ssim")
