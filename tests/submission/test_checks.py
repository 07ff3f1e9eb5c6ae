"""Every fault is found, named in a sentence, and found in nothing that is sound."""

import functools
import re
import types

import numpy as np
import pytest
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch import submission
from face2sketch.submission import behaviour, leaks, running
from face2sketch.submission.checking import Check, over_seeds

PAIRS = blocks(15, size=48)
TASK = "photo2sketch"


def sound(train, task, seed):
    """Grey, gain and offset, and a trace of the seed."""
    fitted = f2s.fit("grey-gain", train, task, progress=False)
    trace = np.random.default_rng(seed).uniform(-0.05, 0.05)
    return lambda inputs: np.clip(fitted.translate(inputs) + trace, 0, 1)


def grey(inputs):
    return (inputs.astype(np.float32) / 255).mean(axis=-1, keepdims=True)


def fitted(translate):
    """A `fit` that returns this, whatever it is given."""

    def fit(train, task, seed):
        return translate

    return fit


def evaluate(tmp_path, translate=None, fit=None, pairs=PAIRS, seeds=(0, 1, 2), options=None, **entry):
    """A report without methods beside, and its checks by name: (status, sentence)."""
    if "translate_of" in entry:
        entry["translate"] = entry.pop("translate_of")
    else:
        entry["fit"] = fit or fitted(translate)
    report = submission.evaluate_submission(
        submission.Entry(entry.pop("name", "mine"), **entry), pairs, seeds, tmp_path, metrics=("mse", "ssim"),
        beside=(), progress=False, **(options or {}),
    )  # fmt: skip
    return report, {row.check: (row.status, row.found) for row in report.checks.itertuples()}


def test_a_sound_model_passes_everything(tmp_path):
    report, checks = evaluate(tmp_path, fit=sound, tasks=f2s.TASKS)
    assert set(report.checks["status"]) <= {"passed"}, report.checks[
        report.checks.status != "passed"
    ].to_string()
    assert report.ok
    assert set(report.checks["task"]) == {"", *f2s.TASKS}
    assert {
        leaks.PEOPLE,
        leaks.PICTURES,
        running.FIT,
        running.SEED,
        running.DIFFERENT,
        running.SEVERAL,
    } <= set(checks)
    assert set(report.summary["metric"]) == {"mse", "ssim"}


@pytest.mark.parametrize(
    ("translate", "said"),
    [
        (lambda x: None, "returned None"),
        (lambda x: grey(x)[..., 0], r"outputs\[..., None\]"),
        (lambda x: x / 255.0, "1 channel for this task, not 3"),
        (lambda x: grey(x).transpose(0, 3, 1, 2), "channels come last"),
        (lambda x: grey(x)[:, ::2, ::2], r"Entry\(size=...\)"),
        (lambda x: grey(x)[:1], "3 pictures went in and 1 came out"),
        (lambda x: grey(x) * np.nan, "not finite"),
        (lambda x: grey(x) * 255, "divide by 255"),
        (lambda x: grey(x) - 0.7, "np.clip"),
        (lambda x: (grey(x) * 255).astype(int), "type int64"),
        (lambda x: "nothing", "shape"),
    ],
)
def test_outputs_that_are_no_pictures(tmp_path, translate, said):
    report, checks = evaluate(tmp_path, translate, seeds=(0,))
    status, found = checks[behaviour.FORM]
    assert status == "failed"
    assert re.search(said, found), found
    assert not report.ok
    assert report.page.is_file()
    assert report.scores.empty


def overwrites(inputs):
    inputs[:] = 255 - inputs
    return grey(inputs)


def batch_statistics(inputs):
    x = grey(inputs)
    return np.clip(x - x.mean() + 0.5, 0, 1)


def by_place(inputs):
    return np.clip(grey(inputs) + np.linspace(0, 0.4, len(inputs))[:, None, None, None], 0, 1)


def noisy(inputs):
    return np.clip(grey(inputs) + np.random.default_rng().normal(0, 0.1, (*inputs.shape[:3], 1)), 0, 1)


def squeezes(inputs):
    return np.squeeze(grey(inputs))[..., None]


def same_for_all(inputs):
    return np.full((*inputs.shape[:3], 1), 0.5) + 0.001 * grey(inputs)


@pytest.mark.parametrize(
    ("translate", "name", "status", "said"),
    [
        (overwrites, behaviour.KEPT, "failed", "3 of 3 input pictures were overwritten"),
        (batch_statistics, behaviour.SINGLE, "failed", "BatchNorm"),
        (by_place, behaviour.ORDER, "failed", "not on its place"),
        (noisy, behaviour.AGAIN, "warning", "Random at test time"),
        (squeezes, behaviour.SINGLE, "failed", "squeeze"),
        (same_for_all, behaviour.VARIED, "warning", "nearly alike for everybody"),
    ],
)
def test_behaviour(tmp_path, translate, name, status, said):
    _, checks = evaluate(tmp_path, translate, random=False)
    assert checks[name][0] == status, checks
    assert said in checks[name][1]
    others = {behaviour.KEPT, behaviour.AGAIN, behaviour.SINGLE, behaviour.ORDER, behaviour.VARIED} - {name}
    if translate is not by_place:  # a picture's place is another one alone, too
        assert {checks[other][0] for other in others} == {"passed"}, checks


def test_a_model_that_leans_on_its_batch_is_not_taken_for_random(tmp_path):
    """Enough people for several portions: the second call must be the first one again."""
    _, checks = evaluate(tmp_path, batch_statistics, pairs=blocks(100, size=24), random=False)
    assert checks[behaviour.AGAIN][0] == "passed"
    assert checks[behaviour.SINGLE][0] == "failed"


def test_noise_is_no_variety(tmp_path):
    _, checks = evaluate(tmp_path, lambda x: noisy(np.full_like(x, 128)))
    assert checks[behaviour.VARIED][0] == "warning"
    assert "random at test time" in checks[running.SEED][1]
    assert running.DIFFERENT not in checks


def test_exceptions_name_the_line_and_spare_the_others(tmp_path):
    def fit(train, task, seed):
        if task == "sketch2photo":
            return {}["no such key"]
        return sound(train, task, seed)

    report, _ = evaluate(tmp_path, fit=fit, tasks=f2s.TASKS)
    failed = report.checks[report.checks["status"] == "failed"]
    assert failed["check"].tolist() == [running.FIT]
    found = failed["found"].iloc[0]
    assert "KeyError: 'no such key'" in found
    assert "of test_checks.py, in fit" in found
    assert 'return {}["no such key"]' in found
    assert "Traceback" not in found
    assert set(report.summary["task"]) == {TASK}


def test_the_line_is_the_authors_where_the_library_raises(tmp_path):
    def fit(train, task, seed):
        return f2s.fit("no-such-method", train, task)

    _, checks = evaluate(tmp_path, fit=fit, seeds=(0,))
    assert "unknown method 'no-such-method'" in checks[running.FIT][1]
    assert 'in fit: return f2s.fit("no-such-method", train, task)' in checks[running.FIT][1]


def test_exits_are_caught_and_interruptions_are_not(tmp_path):
    def leaves(train, task, seed):
        raise SystemExit(1)

    def interrupted(train, task, seed):
        raise KeyboardInterrupt

    assert evaluate(tmp_path, fit=leaves, seeds=(0,))[1][running.FIT][0] == "failed"
    with pytest.raises(KeyboardInterrupt):
        evaluate(tmp_path, fit=interrupted, seeds=(0,))


def test_a_fit_that_returns_no_function(tmp_path):
    _, checks = evaluate(tmp_path, fit=lambda train, task, seed: 3, seeds=(0,))
    assert "fit returned int" in checks[running.FIT][1]


def test_seeds(tmp_path):
    calls = []

    def unseeded(train, task, seed):
        """Another model at each call; drawn at random, two of them would be alike now and then."""
        calls.append(seed)
        answer, shift = sound(train, task, 0), 0.03 * (len(calls) % 2)
        return lambda inputs: np.clip(answer(inputs) - shift, 0, 1)

    def ignores(train, task, seed):
        return sound(train, task, 0)

    _, checks = evaluate(tmp_path / "a", fit=unseeded, seeds=(0, 1))
    assert checks[running.SEED][0] != "passed"
    assert checks[running.SEVERAL] == ("warning", checks[running.SEVERAL][1])
    _, checks = evaluate(tmp_path / "b", fit=ignores)
    assert checks[running.DIFFERENT][0] == "warning"
    assert "The seed is ignored" in checks[running.DIFFERENT][1]
    _, checks = evaluate(tmp_path / "c", fit=ignores, seeds=(0, 1), random=False)
    assert {checks[name][0] for name in (running.SEED, running.SEVERAL, running.DIFFERENT)} == {"passed"}
    report, checks = evaluate(tmp_path / "d", fit=sound, options={"quick": True})
    assert running.SEED not in checks
    assert "quick=True" in report.notes[0]
    _, checks = evaluate(tmp_path / "e", fit=sound, options={"seed_seconds": 0})
    assert checks[running.SEED][0] == "warning"
    assert "seed_seconds=0" in checks[running.SEED][1]


def test_a_model_that_remembers(tmp_path):
    def remembers(train, task, seed):
        return f2s.fit("nearest-neighbour", train, task)

    status, found = evaluate(tmp_path, fit=remembers, random=False)[1][behaviour.MEMORY]
    assert status == "warning"
    assert "SSIM 1.000 on 12 training people" in found


def test_leaks_by_name_and_by_picture(tmp_path):
    train, test = PAIRS.split(0.2, seed=3)
    assert leaks.by_name(train.people, test).status == "passed"
    assert leaks.by_picture(train, test).status == "passed"
    both = f2s.data.FacePairs.concat([train, test[:1]])
    _, checks = evaluate(tmp_path, fit=sound, pairs=(both, test))
    assert checks[leaks.PEOPLE][0] == checks[leaks.PICTURES][0] == "failed"
    assert str(test.identities[0]) in checks[leaks.PEOPLE][1]


@pytest.mark.parametrize("position", range(8))
def test_a_disguised_picture_is_found_in_every_position(position):
    train, test = PAIRS.split(0.2, seed=3)
    turned = [leaks.positions(pairs)[position] for pairs in (test.photos[0], test.sketches[0])]
    stranger = f2s.data.FacePairs(turned[0][None], turned[1][None], ["somebody else"])
    assert leaks.by_picture(f2s.data.FacePairs.concat([train, stranger]), test).status == "failed"
    noise = np.random.default_rng(0).integers(-6, 7, stranger.photos.shape)
    nearly = stranger.replace(
        photos=np.clip(stranger.photos + noise, 0, 255).astype(np.uint8), sketches=train.sketches[:1]
    )
    check = leaks.by_picture(f2s.data.FacePairs.concat([train, nearly]), test)
    assert (check.status, "like somebody else" in check.found) == ("warning", True)


def test_models_trained_elsewhere(tmp_path):
    train, test = PAIRS.split(0.2, seed=3)
    model = sound(train, TASK, 0)
    report, checks = evaluate(tmp_path, translate_of={TASK: model}, trained_on=train.people)
    assert report.ok
    assert checks[leaks.PEOPLE][0] == "passed"
    assert checks[leaks.ELSEWHERE][0] == "warning"
    assert "nothing beyond the declared identities could be verified" in checks[leaks.ELSEWHERE][1]
    assert checks[behaviour.MEMORY][0] == "passed"
    three = {TASK: [model] * 3}
    report, checks = evaluate(tmp_path, translate_of=three, trained_on=[*train.people, test.people[0]])
    assert checks[leaks.PEOPLE][0] == "failed"
    assert report.summary["runs"].tolist() == [3, 3]


def test_a_model_that_works_at_another_size(tmp_path):
    shapes = []

    def fit(train, task, seed):
        def translate(inputs):
            shapes.append(inputs.shape[1:])
            return grey(inputs)

        shapes.append(train.photos.shape[1:])
        return translate

    report, checks = evaluate(tmp_path, fit=fit, size=(32, 24), seeds=(0,))
    assert set(shapes) == {(32, 24, 3)}
    assert checks[behaviour.FORM] == ("passed", checks[behaviour.FORM][1])
    assert "32 x 24" in checks[behaviour.FORM][1]
    assert len(report.scores)


def test_the_worst_of_several_seeds_is_shown_with_its_number():
    good, bad = Check("form", "passed", "Good."), Check("form", "failed", "Bad.")
    assert over_seeds({0: [good], 1: [bad], 2: [good]}) == [
        Check("form", "failed", "Bad. (Seed 1 of 0, 1, 2.)")
    ]
    assert over_seeds({0: [bad], 1: [bad]}) == [bad]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({}, "either fit"),
        ({"fit": sound, "translate": {TASK: grey}, "trained_on": []}, "either fit"),
        ({"fit": 3}, "expected a function"),
        ({"fit": sound, "tasks": "both"}, "photo2sketch or sketch2photo"),
        ({"translate": {TASK: grey}}, "needs trained_on"),
        ({"translate": {TASK: 3}, "trained_on": []}, "no function"),
        ({"translate": {TASK: grey}, "trained_on": [], "tasks": f2s.TASKS}, "no function for sketch2photo"),
        ({"translate": {TASK: grey, "sketch2photo": [grey, grey]}, "trained_on": []}, "different numbers"),
    ],
)
def test_entries_that_say_too_little_or_too_much(given, said):
    with pytest.raises(f2s.MethodError, match=said):
        submission.Entry(**{"name": "mine"} | given)


def test_wrong_arguments_are_named(tmp_path):
    for seeds in ((), (1, 1)):
        with pytest.raises(f2s.MethodError, match="seeds"):
            evaluate(tmp_path, fit=sound, seeds=seeds)
    with pytest.raises(f2s.MethodError, match="another name"):
        submission.evaluate_submission(submission.Entry("ridge", sound), PAIRS, folder=tmp_path)
    with pytest.raises(f2s.DataError, match=r"resize\(\)"):
        submission.evaluate_submission(
            submission.Entry("x", sound), (PAIRS, PAIRS.resize(32)), folder=tmp_path
        )


def test_settings_in_a_namespace_are_part_of_a_function():
    from face2sketch.submission.fingerprint import dependencies

    kept = types.SimpleNamespace(level=0.3)

    def fit(train, task, seed):
        return kept.level

    before = dependencies(fit)
    kept.level = 0.5
    assert dependencies(fit) != before


def test_functions_are_told_apart_by_what_they_depend_on():
    from face2sketch.submission.fingerprint import dependencies as fingerprint

    def make(rate):
        return lambda inputs: inputs * rate

    assert fingerprint(make(1)) == fingerprint(make(1)) != fingerprint(make(2))
    assert fingerprint(sound) != fingerprint(sound, "version 2")
    assert fingerprint(functools.partial(sound, seed=1)) != fingerprint(functools.partial(sound, seed=2))
    weights = np.zeros(3)
    assert fingerprint(functools.partial(sound, weights)) != fingerprint(
        functools.partial(sound, weights + 1)
    )

    class Model:
        def __init__(self, width):
            self.width = width

        def fit(self, train, task, seed):
            return grey

    assert fingerprint(Model(1).fit) == fingerprint(Model(1).fit) != fingerprint(Model(2).fit)
    space = {}
    exec("def helper(x):\n    return x + 1\ndef fit(a, b, c):\n    return helper(a)", space)
    other = {}
    exec("def helper(x):\n    return x + 2\ndef fit(a, b, c):\n    return helper(a)", other)
    assert fingerprint(space["fit"]) != fingerprint(other["fit"]), "a helper of the same file has changed"
