"""Networks that are trained in another form than they are used in, and stages that freeze."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.keras_quietly import keras
from face2sketch.models.networks import Networks
from face2sketch.training.settings import Stage

QUIET = {"progress": False, "batch_size": 4}


@pytest.fixture(scope="module")
def pairs():
    return blocks(12, size=16).split(test=0.25, seed=0)


@keras.saving.register_keras_serializable(package="tests")
class Noise(keras.layers.Layer):
    """Adds noise while training, and a loss of its own: the mean of the noise's square times `weight`."""

    def __init__(self, weight=0.0, **settings):
        super().__init__(**settings)
        self.weight, self.seed_generator = weight, keras.random.SeedGenerator(7)

    def call(self, x, training=False):
        noise = 0.1 * keras.random.normal(keras.ops.shape(x), seed=self.seed_generator)
        self.add_loss(self.weight * keras.ops.mean(noise**2))
        return x + noise if training else x


def sees_its_target(shape, noise_weight=0.0) -> Networks:
    """Answers with one learned number; in training that number is added to the target it is shown."""
    x, y = keras.Input(shape, name="picture"), keras.Input(shape, name="target")
    inner_in = keras.Input(shape)
    inner = keras.Model(
        inner_in, Noise(noise_weight)(keras.layers.Conv2D(3, 1, name="mix")(inner_in)), name="inner"
    )
    logits = keras.layers.Add(name="logits")([inner(x), 0.0 * y])
    translator = keras.Model(x, keras.layers.Activation("sigmoid")(inner(x)))
    return Networks(translator, keras.Model([x, y], logits), logits=True, parts={"inner": inner})


def a_method(build, **recipe):
    conv = f2s.methods.get("skubisz-conv")
    return replace(conv, build=build, recipe=f2s.methods.Recipe((Stage("bce", 2),), 2, **recipe))


def test_trained_and_translating_form_share_what_is_learned(pairs):
    train, test = pairs
    fitted = f2s.fit(a_method(sees_its_target), train, epochs=2, **QUIET)
    x = test.photos.astype("float32") / 255
    logits = fitted.networks.trained.predict_on_batch([x, np.zeros_like(x)])
    np.testing.assert_allclose(
        fitted.translate(test.photos)[..., 0], (1 / (1 + np.exp(-logits))).mean(axis=-1), atol=1e-5
    )
    assert fitted.parameters == 3 * 3 + 3
    assert fitted.history["loss"][-1] < fitted.history["loss"][0]


def test_random_states_of_nested_layers_are_resumed(pairs, tmp_path):
    train, test = pairs
    method = a_method(sees_its_target)
    whole = f2s.fit(method, train, epochs=3, **QUIET)
    f2s.fit(method, train, epochs=3, max_steps=4, checkpoint=tmp_path / "run.npz", **QUIET)
    resumed = f2s.fit(method, train, epochs=3, checkpoint=tmp_path / "run.npz", **QUIET)
    np.testing.assert_allclose(resumed.history["loss"], whole.history["loss"], rtol=1e-6)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-6)


def test_losses_that_layers_add_are_added_to_the_pictures(pairs):
    """The noise has standard deviation 0.1: a weight of 1,000 adds about 10 to the loss."""
    train, _ = pairs
    without, added = (
        f2s.fit(a_method(sees_its_target), train, epochs=1, noise_weight=weight, **QUIET).history["loss"][0]
        for weight in (0.0, 1000.0)
    )
    assert added - without == pytest.approx(10, rel=0.1)


def test_validation_pairs_are_shown_with_their_targets(pairs):
    train, test = pairs
    fitted = f2s.fit(a_method(sees_its_target), train, epochs=2, validation=test, **QUIET)
    assert np.isfinite(fitted.history["val_loss"]).all()


def test_a_network_can_learn_its_input(pairs):
    """Reconstructing the photo leaves the sketches without influence."""
    train, test = pairs
    other = replace(train, sketches=train.sketches[::-1])
    outputs = [
        f2s.fit("skubisz-conv", p, epochs=2, reconstructs="input", **QUIET).translate(test.photos)
        for p in (train, other)
    ]
    np.testing.assert_array_equal(*outputs)
    towards_sketch = f2s.fit("skubisz-conv", train, epochs=2, **QUIET).translate(test.photos)
    assert np.abs(towards_sketch - outputs[0]).max() > 1e-3


def test_frozen_layers_stay_and_are_let_go_in_the_next_stage(pairs):
    train, _ = pairs
    start, frozen, tuned = (
        f2s.fit("skubisz-conv", train, stages=stages, max_steps=steps, **QUIET).model
        for stages, steps in (
            ([Stage("mse", 1, learning_rate=1e-30)], 1),
            ([Stage("mse", 2, frozen=("down_1", "down_2"))], None),
            ([Stage("mse", 2, frozen=("down_1", "down_2")), Stage("mse", 1, learning_rate=1e-4)], None),
        )
    )
    for name, moves_frozen in (("down_1", False), ("down_2", False), ("down_3", True), ("output", True)):
        first, second, third = (m.get_layer(name).get_weights()[0] for m in (start, frozen, tuned))
        assert (np.abs(first - second).max() > 1e-6) == moves_frozen, name
        assert 0 < np.abs(second - third).max() < 1e-2, name


def test_a_stage_has_its_own_learning_rate(pairs):
    """Adam's first step moves each weight by its learning rate, whatever the gradient's size."""
    train, _ = pairs
    start, moved = (
        f2s.fit(
            "skubisz-conv", train, stages=[Stage("mse", 1, learning_rate=rate)], max_steps=1, **QUIET
        ).model
        for rate in (1e-30, 2e-3)
    )
    step = np.abs(start.get_layer("output").get_weights()[1] - moved.get_layer("output").get_weights()[1])
    assert step == pytest.approx(2e-3, rel=1e-2)


def test_a_two_stage_run_that_freezes_is_resumed(pairs, tmp_path):
    train, test = pairs
    stages = [Stage("mse", 2, frozen=("down_1",)), Stage("mse", 2, learning_rate=1e-4)]
    whole = f2s.fit("skubisz-conv", train, stages=stages, **QUIET)
    f2s.fit("skubisz-conv", train, stages=stages, max_steps=7, checkpoint=tmp_path / "run.npz", **QUIET)
    resumed = f2s.fit("skubisz-conv", train, stages=stages, checkpoint=tmp_path / "run.npz", **QUIET)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-6)
    again = f2s.load(resumed.save(tmp_path / "fitted.npz"))
    assert again.settings.stages == tuple(stages)
    np.testing.assert_allclose(again.translate(test.photos), whole.translate(test.photos), atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": [Stage("mse", 1, frozen=("encoder",))]}, "cannot freeze encoder: .* down_1, down_2"),
        ({"stages": [Stage("mse", 1)], "epochs": 2}, "leave out epochs and loss"),
        ({"stages": [Stage("mse", 1, learning_rate=0.0)]}, "learning_rate is 0.0"),
        ({"reconstructs": "both"}, "expected 'target' or 'input'"),
        ({"weights": "imagenet", "epochs": 1}, "encoder"),
    ],
)
def test_wrong_stages_are_refused(pairs, options, message):
    with pytest.raises(f2s.MethodError, match=message):
        f2s.fit("skubisz-conv", pairs[0], **options, **QUIET)
