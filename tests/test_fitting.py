"""Fit, stop, resume, save and load. The networks are small; the promises are those of every method."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch.training.checkpoints import read_arrays, write_arrays
from face2sketch.training.interrupts import deferred_interrupts
from face2sketch.training.settings import Stage, TrainingSettings

QUIET = {"profile": "smoke", "progress": False, "batch_size": 4}


@pytest.fixture(scope="module")
def pairs():
    return blocks(16, size=32).split(0.25, seed=0)


def test_a_network_learns_a_simple_rule(pairs):
    train, test = pairs
    short = f2s.fit("skubisz-conv", train, epochs=1, **QUIET)
    long = f2s.fit("skubisz-conv", train, epochs=40, **QUIET)
    before, after = (f2s.evaluate(fitted, test, metrics=["mse"])["mse"].mean() for fitted in (short, long))
    assert after < 0.5 * before
    assert long.history["loss"][-1] < 0.5 * long.history["loss"][0]
    assert long.history["epoch"] == list(range(1, 41))


def test_the_other_direction_learns_its_training_pairs(pairs):
    """Colours cannot be told from grey blocks, so only the training loss must fall."""
    fitted = f2s.fit("huang-dae", pairs[0], "sketch2photo", epochs=40, loss="mse", **QUIET)
    assert fitted.history["loss"][-1] < 0.9 * fitted.history["loss"][0]


def test_outputs_keep_the_boundary_contract(pairs):
    train, test = pairs
    for method in ("skubisz-conv", "priovolos-conv"):  # one of them has a linear output that must be clipped
        for task, channels in (("photo2sketch", 1), ("sketch2photo", 3)):
            outputs = f2s.fit(method, train, task, max_steps=1, **QUIET).translate(test.inputs(task))
            assert outputs.shape == (len(test), 32, 32, channels)
            assert outputs.dtype == np.float32
            assert outputs.min() >= 0
            assert outputs.max() <= 1


def test_floats_and_bytes_are_translated_alike(pairs):
    train, test = pairs
    fitted = f2s.fit("skubisz-conv", train, max_steps=2, **QUIET)
    as_float = test.photos.astype(np.float32) / 255
    np.testing.assert_allclose(fitted.translate(test.photos), fitted.translate(as_float), atol=1e-6)


def test_sizes_that_do_not_fit_are_padded_and_cut():
    train = blocks(6, size=32).crop(28, 20)
    outputs = f2s.fit("venkatesh-conv-bn", train, max_steps=1, **QUIET).translate(train.photos)
    assert outputs.shape == (6, 28, 20, 1)


def test_same_seed_same_network_other_seed_other_network(pairs):
    train, test = pairs
    one, same, other = (
        f2s.fit("skubisz-conv", train, epochs=2, seed=seed, **QUIET).translate(test.photos)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("method", ["skubisz-conv", "priovolos-conv"])
def test_a_resumed_run_equals_one_that_was_never_stopped(pairs, tmp_path, method):
    """Stopped within an epoch. priovolos-conv has dropout and batch norm, whose states must come back too."""
    train, test = pairs
    options = QUIET | {"epochs": 3, "seed": 5}
    whole = f2s.fit(method, train, **options)
    f2s.fit(method, train, max_steps=4, checkpoint=tmp_path / "run.npz", **options)
    resumed = f2s.fit(method, train, checkpoint=tmp_path / "run.npz", **options)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-5)
    np.testing.assert_allclose(resumed.history["loss"], whole.history["loss"], rtol=1e-4)


def test_two_stages_are_resumed_in_the_second(pairs, tmp_path):
    """The optimiser starts afresh in the second stage, with another loss, as in the recipe of priovolos-mixed."""
    train, test = pairs
    recipe = f2s.methods.Recipe((Stage("mse", 1), Stage("mae", 1)), book_epochs=2)
    method = replace(f2s.methods.get("skubisz-conv"), recipe=recipe)
    whole = f2s.fit(method, train, **QUIET)
    assert whole.history["stage"] == [1, 2]
    f2s.fit(method, train, max_steps=4, checkpoint=tmp_path / "run.npz", **QUIET)
    resumed = f2s.fit(method, train, checkpoint=tmp_path / "run.npz", **QUIET)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-5)
    np.testing.assert_allclose(resumed.history["loss"], whole.history["loss"], rtol=1e-4)


def test_a_stage_backwards_is_the_other_direction(pairs):
    """One epoch backwards from the same start: the weights that the other direction's epoch gives."""
    train, _ = pairs
    drawn, painted = (
        f2s.fit("skubisz-conv", train, task, stages=[Stage("mse", 1, backwards=backwards)], progress=False)
        for task, backwards in (("photo2sketch", True), ("sketch2photo", False))
    )
    for a, b in zip(
        drawn.networks.trained.get_weights(), painted.networks.trained.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_ctrl_c_stops_between_steps_and_the_run_goes_on(pairs, tmp_path, monkeypatch, foreground):
    from face2sketch.training import keras_loop

    train, test = pairs
    options = QUIET | {"epochs": 2, "seed": 7}
    whole = f2s.fit("skubisz-conv", train, **options)
    step = keras_loop.KerasTrainer._train_step

    def interrupted_step(self, chosen):
        loss = step(self, chosen)
        if self.place.total_steps == 3:
            signal.raise_signal(signal.SIGINT)
        return loss

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(keras_loop.KerasTrainer, "_train_step", interrupted_step)
        f2s.fit("skubisz-conv", train, checkpoint=tmp_path / "run.npz", **options)
    resumed = f2s.fit("skubisz-conv", train, checkpoint=tmp_path / "run.npz", **options)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-5)
    assert len(resumed.history["epoch"]) == 2


def test_second_interrupt_acts_at_once_and_handlers_come_back(foreground):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), deferred_interrupts() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_signal_stays_ignored(foreground):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with deferred_interrupts() as interrupt:
        signal.raise_signal(signal.SIGINT)
    assert not interrupt.requested


def test_training_works_outside_the_main_thread(pairs):
    results = []
    thread = threading.Thread(
        target=lambda: results.append(f2s.fit("skubisz-conv", pairs[0], max_steps=1, **QUIET))
    )
    thread.start()
    thread.join()
    assert results[0].history["epoch"] == [1]


def test_a_checkpoint_of_another_run_is_refused(pairs, tmp_path):
    train, _ = pairs
    checkpoint = tmp_path / "run.npz"
    f2s.fit("skubisz-conv", train, max_steps=1, checkpoint=checkpoint, **QUIET)
    with pytest.raises(f2s.SavedFileError, match=r"run \(settings.seed: saved 0, now 1\): delete"):
        f2s.fit("skubisz-conv", train, seed=1, checkpoint=checkpoint, **QUIET)
    with pytest.raises(f2s.SavedFileError, match="data: saved"):
        f2s.fit("skubisz-conv", train[1:], checkpoint=checkpoint, **QUIET)
    checkpoint.write_bytes(checkpoint.read_bytes()[:2000])
    with pytest.raises(f2s.SavedFileError, match="damaged"):
        f2s.fit("skubisz-conv", train, checkpoint=checkpoint, **QUIET)


def test_a_checkpoint_of_another_backend_is_refused(pairs, tmp_path):
    """Its optimiser's state has another order there."""
    checkpoint = tmp_path / "run.npz"
    f2s.fit("skubisz-conv", pairs[0], max_steps=1, checkpoint=checkpoint, **QUIET)
    header, arrays = read_arrays(checkpoint, "a checkpoint", "face2sketch checkpoint 1")
    header["fingerprint"]["backend"] = "jax"
    write_arrays(checkpoint, header, arrays)
    with pytest.raises(f2s.SavedFileError, match="belongs to another run \\(backend: saved 'jax', now"):
        f2s.fit("skubisz-conv", pairs[0], max_steps=2, checkpoint=checkpoint, **QUIET)


def test_budgets_end_a_run(pairs):
    train, _ = pairs
    assert sum(f2s.fit("skubisz-conv", train, epochs=50, max_steps=5, **QUIET).history["epoch"]) == 1 + 2
    started = time.monotonic()
    fitted = f2s.fit("skubisz-conv", train, epochs=10**6, minutes=0.03, **QUIET)
    assert fitted.history["seconds"][-1] >= 1.8
    assert time.monotonic() - started < 60


def test_patience_keeps_the_best_weights(pairs):
    """With a rate far too high the validation loss soon stops falling; the best epoch's weights must be the result."""
    train, test = pairs
    fitted = f2s.fit(
        "skubisz-conv", train, epochs=40, patience=3, validation=test, learning_rate=0.05, **QUIET
    )
    losses = fitted.history["val_loss"]
    assert len(losses) < 40
    assert len(losses) - 1 - int(np.argmin(losses)) == 3
    # The recorded loss compares three equal channels; averaging them back gives at most that.
    mse = f2s.evaluate(fitted, test, metrics=["mse"])["mse"].mean()
    assert mse <= min(losses) + 1e-6
    with pytest.raises(f2s.MethodError, match="needs validation pairs"):
        f2s.fit("skubisz-conv", train, patience=3, **QUIET)


@pytest.mark.parametrize("stop", [3, 7, 11])
def test_a_run_with_patience_is_resumed_from_its_last_weights_not_from_its_best(pairs, tmp_path, stop):
    """With a rate far too high the best weights are soon not the last ones. Three steps are an epoch."""
    train, test = pairs
    options = QUIET | {"epochs": 6, "patience": 5, "validation": test, "learning_rate": 0.05}
    whole = f2s.fit("skubisz-conv", train, **options)
    assert int(np.argmin(whole.history["val_loss"])) < len(whole.history["val_loss"]) - 1
    f2s.fit("skubisz-conv", train, max_steps=stop, checkpoint=tmp_path / "run.npz", **options)
    resumed = f2s.fit("skubisz-conv", train, checkpoint=tmp_path / "run.npz", **options)
    np.testing.assert_allclose(resumed.history["val_loss"], whole.history["val_loss"], rtol=1e-4)
    np.testing.assert_allclose(resumed.translate(test.photos), whole.translate(test.photos), atol=1e-5)


def test_other_validation_pairs_are_another_run(pairs, tmp_path):
    train, test = pairs
    options = QUIET | {"epochs": 2, "checkpoint": tmp_path / "run.npz"}
    f2s.fit("skubisz-conv", train, validation=test, max_steps=1, **options)
    with pytest.raises(f2s.SavedFileError, match=r"belongs to another run .*validation"):
        f2s.fit("skubisz-conv", train, validation=test[:2], **options)


def test_divergence_is_reported_not_returned(pairs):
    with pytest.raises(f2s.MethodError, match="diverged"):
        f2s.fit("priovolos-conv", pairs[0], epochs=30, optimizer="sgd", learning_rate=1e6, **QUIET)


@pytest.mark.parametrize("method", ["skubisz-conv", "huang-dae", "ridge", "grey-gain", "nearest-10", "lle"])
def test_saved_and_loaded_methods_answer_alike(pairs, tmp_path, method):
    train, test = pairs
    options = {} if f2s.methods.get(method).framework == "numpy" else {"max_steps": 2, **QUIET}
    fitted = f2s.fit(method, train, **options)
    loaded = f2s.load(fitted.save(tmp_path / "fitted.f2s"))
    np.testing.assert_allclose(loaded.translate(test.photos), fitted.translate(test.photos), atol=1e-6)
    assert (loaded.method, loaded.task, loaded.size) == (fitted.method, fitted.task, fitted.size)
    assert loaded.parameters == fitted.parameters
    assert loaded.history == fitted.history
    assert loaded.settings == fitted.settings
    assert loaded.known_among([*test.people, *train.people]) == train.people
    assert not any(name.encode() in (tmp_path / "fitted.f2s").read_bytes() for name in train.people)


def test_a_method_of_ones_own_is_loaded_with_it(pairs, tmp_path):
    train, test = pairs
    mine = replace(f2s.methods.get("skubisz-conv"), id="mine")
    fitted = f2s.fit(mine, train, max_steps=1, **QUIET)
    path = fitted.save(tmp_path / "fitted.f2s")
    with pytest.raises(f2s.SavedFileError, match=r"'mine', which is not in the register.*method=\.\.\."):
        f2s.load(path)
    with pytest.raises(f2s.SavedFileError, match="holds 'mine', not 'ridge'"):
        f2s.load(path, f2s.methods.get("ridge"))
    loaded = f2s.load(path, mine)
    np.testing.assert_allclose(loaded.translate(test.photos), fitted.translate(test.photos), atol=1e-6)


def test_build_options_survive_saving(pairs, tmp_path):
    fitted = f2s.fit("skubisz-conv", pairs[0], max_steps=1, upsampling="resize", **QUIET)
    loaded = f2s.load(fitted.save(tmp_path / "fitted.f2s"))
    np.testing.assert_allclose(
        loaded.translate(pairs[1].photos), fitted.translate(pairs[1].photos), atol=1e-6
    )


@pytest.mark.parametrize(
    ("method", "options"),
    [("lle", {"neighbours": np.int64(2)}), ("fast-rslcr", {"sample": 10, "locality": 0.1, "seed": 4})],
)
def test_options_of_an_exemplar_method_survive_saving(pairs, tmp_path, method, options):
    """They change the answer, and stand in no array."""
    train, test = pairs
    fitted, default = f2s.fit(method, train, **options), f2s.fit(method, train)
    loaded = f2s.load(fitted.save(tmp_path / "fitted.f2s"))
    assert loaded.options == fitted.options == options
    answer = loaded.translate(test.photos)
    np.testing.assert_array_equal(answer, fitted.translate(test.photos))
    assert np.abs(answer - default.translate(test.photos)).max() > 1e-3


def test_the_seed_draws_the_patches(pairs):
    train, test = pairs
    one, same, other = (
        f2s.fit("fast-rslcr", train, sample=10, seed=seed).translate(test.photos) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


def test_files_saved_before_options_were_kept_still_load(pairs, tmp_path):
    train, test = pairs
    fitted = f2s.fit("ridge", train)
    header, arrays = read_arrays(fitted.save(tmp_path / "new.f2s"), "", "face2sketch fitted method 1")
    assert header.pop("options") == {}
    write_arrays(tmp_path / "old.f2s", header, arrays)
    loaded = f2s.load(tmp_path / "old.f2s")
    np.testing.assert_array_equal(loaded.translate(test.photos), fitted.translate(test.photos))


def test_files_that_are_not_fitted_methods_are_refused(pairs, tmp_path):
    missing, text, cut, other = (tmp_path / name for name in ("missing", "text", "cut", "other.npz"))
    text.write_text("hello")
    saved = f2s.fit("mean-target", pairs[0]).save(tmp_path / "good.f2s")
    cut.write_bytes(saved.read_bytes()[:-300])
    np.savez(other, pictures=np.zeros(3))
    for path, message in ((missing, "no such file"), (text, "damaged"), (cut, "damaged"), (other, "damaged")):
        with pytest.raises(f2s.SavedFileError, match=message) as caught:
            f2s.load(path)
        assert str(path) in str(caught.value)
    pairs[0].save(tmp_path / "pairs.npz")
    with pytest.raises(f2s.SavedFileError):
        f2s.load(tmp_path / "pairs.npz")


def test_saving_where_one_cannot_leaves_nothing_behind(pairs, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(f2s.SavedFileError, match="No space left"):
        f2s.fit("mean-target", pairs[0]).save(tmp_path / "x.f2s")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "photo2photo"}, "photo2sketch, sketch2photo"),
        ({"loss": "hinge"}, "mse, mae, bce"),
        ({"optimizer": "adamw"}, "adam, rmsprop, sgd"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 1.5}, "epochs is 1.5: expected a whole number"),
        ({"batch_size": 2.5}, "batch_size is 2.5: expected a whole number"),
        ({"seed": -1}, "seed is -1: expected a whole number, 0 or more"),
        ({"minutes": -1}, "minutes is -1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"profile": "fast"}, "smoke, book, paper"),
    ],
)
def test_bad_settings_are_refused_before_any_work(pairs, options, message):
    with pytest.raises(f2s.Face2SketchError, match=message):
        f2s.fit("skubisz-conv", pairs[0], **options)


def test_translate_refuses_what_it_was_not_trained_for(pairs):
    train, test = pairs
    fitted = f2s.fit("mean-target", train)
    for wrong in (test.sketches, test.resize(16).photos, test.photos[0]):
        with pytest.raises(f2s.MethodError, match=r"trained for photo2sketch on pictures \(N, 32, 32, 3\)"):
            fitted.translate(wrong)
    with pytest.raises(f2s.MethodError, match="outside"):
        fitted.translate(test.photos.astype(np.float32))


def test_stages_are_checked():
    with pytest.raises(f2s.MethodError, match="unknown loss"):
        TrainingSettings(stages=(Stage("l3", 1),))


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_every_keras_network_runs_under_both_backends(python, backend, tmp_path):
    """In a process of its own: a backend is chosen once. Each trains in one direction here, in the other there."""
    pytest.importorskip(backend)
    code = f"""
import numpy as np, face2sketch as f2s
from pairs_for_tests import blocks
pairs = blocks(2, size=64)
ids = ["huang-dae", "skubisz-sparse", "venkatesh-deep", "skubisz-conv", "venkatesh-conv", "venkatesh-conv-bn",
       "priovolos-conv", "priovolos-mixed",  # priovolos-dense has 425 million weights; chapter 2 trains it
       "huang-vae-elbo", "venkatesh-vae", "conditional-vae", "huang-casq", "huang-casq-corrected", "faces-transfer",
       "skubisz-transfer", "fcn"]
for number, id in enumerate(ids):
    task = f2s.TASKS[(number + {backend == "torch"}) % 2]
    fitted = f2s.fit(id, pairs, task, max_steps=2, profile="smoke", progress=False, weights=None)
    again = f2s.load(fitted.save(r"{tmp_path}/x.f2s"))
    outputs = fitted.translate(pairs.inputs(task))
    assert outputs.shape == pairs.targets(task).shape, id
    assert np.abs(again.translate(pairs.inputs(task)) - outputs).max() < 1e-5, id
    assert np.isfinite(fitted.history["loss"]).all(), id
from face2sketch.keras_quietly import keras
print(keras.backend.backend(), "ok")
"""
    env = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(Path(__file__).parent)}
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, env=env, timeout=300)
    assert result.stdout.strip() == f"{backend} ok", result.stderr[-2000:]
