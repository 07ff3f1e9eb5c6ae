"""The register: names, recipes as printed in the papers, and the papers' own splits."""

import json
import os
import subprocess
from dataclasses import replace

import numpy as np
import pytest

import face2sketch as f2s
from face2sketch import methods
from face2sketch.data import FacePairs

PAIRS_188 = FacePairs(
    np.zeros((188, 40, 32, 3), np.uint8) + np.arange(188, dtype=np.uint8)[:, None, None, None],
    np.zeros((188, 40, 32, 1), np.uint8),
    [f"p{i:03d}" for i in range(188)],
    standard=["train"] * 88 + ["test"] * 100,
)


@pytest.mark.parametrize(
    ("method_id", "size", "loss", "epochs", "batch"),
    [
        ("huang-dae", (200, 200), "bce", 1000, 128),  # Huang, section IV-A
        ("skubisz-sparse", (256, 256), "bce", 100, 32),  # Skubisz, section IV-A
        ("skubisz-conv", (256, 256), "mse", 100, 32),
        ("venkatesh-deep", (256, 256), "mae", 200, 32),  # Venkatesh, section IV-D
        ("venkatesh-conv", (256, 256), "mae", 200, 32),
        ("venkatesh-conv-bn", (256, 256), "mae", 200, 32),
        ("priovolos-dense", (128, 128), "mse", 100, 32),  # Priovolos, section IV-B; 49,152 inputs in Fig. 5
        ("priovolos-conv", (256, 256), "mae", 100, 32),
        (
            "huang-vae",
            (200, 200),
            "bce_sum",
            1000,
            128,
        ),  # Huang, section IV-A; the sum, by its score (chapter 4)
        ("huang-vae-corrected", (200, 200), "bce", 1000, 128),
        ("huang-casq", (200, 200), "bce", 1000, 128),
        ("venkatesh-vae", (256, 256), "mae", 200, 32),
    ],
)
def test_recipes_as_printed(method_id, size, loss, epochs, batch):
    method = methods.get(method_id)
    (stage,) = method.recipe.stages
    assert (method.size, stage.loss, stage.epochs, method.recipe.batch_size) == (size, loss, epochs, batch)
    assert (method.recipe.optimizer, method.recipe.learning_rate) == ("adam", 1e-3)


def test_priovolos_mixed_is_trained_in_two_stages():
    stages = methods.get("priovolos-mixed").recipe.stages
    assert [(stage.loss, stage.epochs) for stage in stages] == [("mse", 100), ("mae", 50)]


def test_skubisz_transfer_freezes_its_encoder_and_fine_tunes_it_at_a_low_rate():
    """Skubisz, section III-D: 10 epochs with a learning rate of 0.0001, after the 100 of section IV-A."""
    recipe = methods.get("skubisz-transfer").recipe
    assert [(s.epochs, s.learning_rate, s.frozen) for s in recipe.stages] == [
        (100, None, ("encoder",)),
        (10, 1e-4, ()),
    ]
    assert [(s.epochs, s.frozen) for s in recipe.stages_for("book")] == [(20, ("encoder",)), (2, ())]
    assert recipe.weights == "imagenet"


def test_adversarial_recipes_as_printed():
    """Skubisz, Sections III-C and IV-A; Isola et al., Sections 3.2 and 6.2; Duan et al., Section IV.B; Zhu et al., Section 4
    and appendix."""
    pix2pix, isola = (methods.get(id_).recipe for id_ in ("skubisz-pix2pix", "pix2pix"))
    assert (pix2pix.epochs, pix2pix.batch_size, pix2pix.learning_rate) == (6, 1, 2e-4)
    assert (isola.epochs, isola.schedule, isola.augment) == (200, "linear", "jitter")
    assert pix2pix.objective == isola.objective
    assert (isola.objective.adversarial, isola.objective.gan, isola.objective.l1) == ("bce", 1, 100)
    duan = methods.get("duan-msg-sarl").recipe
    assert (duan.epochs, duan.batch_size, duan.learning_rate, duan.schedule) == (400, 1, 1e-3, "tenths")
    weights = (duan.objective.gan, duan.objective.perceptual, duan.objective.tv, duan.objective.cycle)
    assert weights == (1, 10, 1e-4, 10)
    assert (duan.objective.adversarial, duan.weights) == ("lsgan", "imagenet")
    zhu = methods.get("cyclegan").recipe
    assert (zhu.epochs, zhu.learning_rate, zhu.objective.cycle, zhu.objective.pool) == (200, 2e-4, 10, 50)
    assert zhu.objective.identity == 0.5 * zhu.objective.cycle


def test_epochs_are_shared_out_over_the_stages():
    from face2sketch.fitting import _shared_out
    from face2sketch.training.settings import Stage

    stages = (Stage("mse", 100, frozen=("encoder",)), Stage("mse", 10, learning_rate=1e-4))
    for epochs, shares in (
        (11, [10, 1]),
        (22, [20, 2]),
        (220, [200, 20]),
        (2, [1, 1]),
        (1, [1]),
        (3, [2, 1]),
    ):
        shared = _shared_out(stages, epochs)
        assert [stage.epochs for stage in shared] == shares
        assert [stage.frozen for stage in shared] == [("encoder",), ()][: len(shares)]


def test_only_the_published_vae_learns_its_input():
    assert {m.id for m in methods.all_methods() if getattr(m.recipe, "reconstructs", "") == "input"} == {
        "huang-vae"
    }


def test_profiles_scale_the_stages():
    recipe = methods.get("priovolos-mixed").recipe
    assert [s.epochs for s in recipe.stages_for("smoke")] == [1, 1]
    assert [s.epochs for s in recipe.stages_for("book")] == [10, 5]
    assert recipe.stages_for("paper") == recipe.stages


@pytest.mark.parametrize(
    ("method_id", "train", "test", "size"),
    [
        ("huang-dae", 150, 38, (200, 200)),
        ("skubisz-conv", 1204, 300, (256, 256)),
        ("venkatesh-conv", 131, 57, (256, 256)),
        ("priovolos-dense", 1400, 104, (128, 128)),
    ],
)
def test_published_splits(method_id, train, test, size):
    protocol = methods.get(method_id).protocol
    assert protocol.size == size
    pairs = PAIRS_188.pad(*[side + side % 2 for side in (256, 256)]).crop(200) if protocol.crop else PAIRS_188
    small = replace(protocol, size=(16, 16))
    a, b = (protocol if protocol.crop else small).apply(pairs)
    assert (len(a), len(b)) == (train, test)


def test_a_drawn_eightfold_leaks_people_and_the_others_do_not():
    """Priovolos' notebooks cut the sorted list between two people."""
    leaks = {}
    for method_id in ("skubisz-conv", "priovolos-conv", "venkatesh-conv"):
        protocol = methods.get(method_id).protocol
        train, test = replace(protocol, size=(16, 16)).apply(PAIRS_188)
        assert protocol.leaks == bool(set(train.people) & set(test.people))
        leaks[method_id] = len(set(train.people) & set(test.people)) / len(test.people)
    assert leaks["skubisz-conv"] > 0.99
    assert leaks["priovolos-conv"] == 0
    assert leaks["venkatesh-conv"] == 0


def test_a_protocol_refuses_too_few_pictures():
    with pytest.raises(f2s.MethodError, match="57 test pictures"):
        methods.get("venkatesh-conv").protocol.apply(PAIRS_188[:50])


def test_unknown_method_is_answered_with_close_names():
    with pytest.raises(f2s.MethodError, match="did you mean skubisz-conv"):
        methods.get("skubisz-convv")


def test_every_description_is_plain_data():
    rows = [methods.describe(method, count=False) for method in methods.all_methods()]
    assert json.loads(json.dumps(rows)) == rows
    assert len({row["id"] for row in rows}) == len(rows)


def test_exemplar_methods_are_no_baselines():
    """The ten baselines of chapter 1 stay ten."""
    assert len(methods.all_methods(kind="baseline")) == 10
    exemplar = methods.all_methods(kind="exemplar")
    assert [method.id for method in exemplar] == ["lle", "fast-rslcr"]
    for method in exemplar:
        assert (method.framework, method.chapter, method.tasks) == ("numpy", 9, f2s.TASKS)
        assert methods.describe(method)["paper"] in ("Liu et al.", "Wang et al.")
        assert methods.describe(method)["parameters"] is None


def test_filters_are_in_the_register_for_one_task():
    assert {m.id for m in methods.all_methods(task="photo2sketch")} - {
        m.id for m in methods.all_methods(task="sketch2photo")
    } == {"filter-dodge", "filter-sobel", "filter-xdog"}


def test_import_is_light(python):
    """No framework and no plotting library comes along with `import face2sketch` or its register."""
    code = (
        "import sys, face2sketch, face2sketch.data; "
        "print([m for m in ('tensorflow','torch','keras','matplotlib','pandas','skimage','scipy') if m in sys.modules])"
    )
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"


@pytest.mark.realdata
@pytest.mark.skipif(
    not os.environ.get("FACE2SKETCH_DATA"), reason="needs the CUHK student pairs: set FACE2SKETCH_DATA"
)
def test_huangs_split_of_the_real_pairs():
    train, test = methods.get("huang-dae").protocol.apply(f2s.data.cuhk_student(download=False))
    assert (len(train), len(test), train.size) == (150, 38, (200, 200))
    assert not set(train.people) & set(test.people)
