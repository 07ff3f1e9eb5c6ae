"""The papers' numbers: complete, unique, within range, and adding up where the papers give sums."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from face2sketch import published
from face2sketch.errors import MethodError

# Numbers per table, counted on the printed pages: rows times columns.
COUNTS = {
    ("huang", "Table I"): 3 * 2,
    ("skubisz", "Table III"): 2 * 4,
    ("skubisz", "Table IV"): 2 * 4,
    ("duan", "Table I"): 10 * 2,
    ("duan", "Table II"): 10 * 2,
    ("duan", "Table III"): 10 * 2,
    ("duan", "Table IV"): 7 * 3,
    ("duan", "Table V"): 7 * 3,
    ("duan", "Table VI"): 5 * 3,
    ("duan", "Table VII"): 5 * 3,
    ("duan", "Table VIII"): 4,
    ("venkatesh", "Table III"): 6 * 5,
    ("priovolos", "Table I"): 3 * 3,
    ("priovolos", "Table II"): 3 * 3,
}

SYSTEMS = [
    "huang-dae", "huang-vae", "huang-casq", "skubisz-sparse", "skubisz-conv", "skubisz-pix2pix",
    "skubisz-transfer", "duan-msg-sarl", "duan-backbone", "duan-backbone-msg", "duan-backbone-attention",
    "duan-no-msg", "duan-no-cycle", "duan-no-attention", "venkatesh-deep", "venkatesh-conv",
    "venkatesh-conv-bn", "venkatesh-vae", "priovolos-dense", "priovolos-conv", "priovolos-mixed", "fcn",
    "cyclegan", "ps2man", "drit", "u-gat-it",
]  # fmt: skip


def test_every_table_has_all_its_numbers():
    own = published.figures()
    own = own[own["paper"].isin(["huang", "skubisz", "duan", "venkatesh", "priovolos"])]
    assert own.groupby(["paper", "table"]).size().to_dict() == COUNTS


def test_every_system_of_the_course_is_named():
    assert set(SYSTEMS) <= set(published.systems())
    assert all(published.paper_of(system).key in published.PAPERS for system in SYSTEMS)


def test_no_number_is_entered_twice():
    keys = [(f.paper, f.table, f.system, f.task, f.dataset, f.metric) for f in published.FIGURES]
    assert len(keys) == len(set(keys))


def test_numbers_as_printed():
    """Double entry: each number has been typed twice, once here and once in the package."""
    entered = {}
    for line in Path(__file__).with_name("tables_as_printed.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            *table, measures = line[2:].split(" | ")
        elif line and not line.startswith("#"):
            system, *numbers = line.split()
            for metric, number in zip(measures.split(), numbers, strict=True):
                entered[(*table, metric, system)] = number
    known = {
        (f.paper, f.table, f.task, f.dataset, f.metric, f.system): f.printed
        for f in published.FIGURES
        if f.paper in {paper for paper, _ in COUNTS}
    }
    assert entered == known


def test_per_cent_becomes_a_fraction_and_keeps_its_digits():
    row = published.figures(
        system="duan-msg-sarl", dataset="cuhk-student", task="photo2sketch", metric="ssim"
    ).iloc[0]
    assert (row["printed"], row["unit"], row["value"]) == ("61.64", "%", 0.6164)
    odd = published.figures(system="u-gat-it", dataset="cufs", task="sketch2photo", metric="fsim").iloc[0]
    assert (odd["printed"], odd["value"]) == ("75.955", 0.75955)


def test_ranges():
    table = published.figures()
    for metric in ("ssim", "fsim", "mse", "mae", "rmse", "lpips", "accuracy", "preferred"):
        values = table.loc[table["metric"] == metric, "value"]
        assert len(values), metric
        assert values.between(0, 1).all(), metric
    assert table.loc[table["metric"] == "psnr", "value"].between(10, 20).all()
    assert set(table["metric"]) == set(published.HIGHER_IS_BETTER)


def test_rmse_is_never_below_mae():
    # The root of a mean of squares is at least the mean of absolute values: slips of the pen show here.
    own = published.figures(paper="priovolos").pivot_table(
        index=["system", "task"], columns="metric", values="value"
    )
    assert (own["rmse"] >= own["mae"]).all()
    assert len(own) == 6
    his = published.figures(paper="venkatesh").pivot_table(
        index=["system", "task"], columns="metric", values="value"
    )
    assert (10 ** (-his["psnr"] / 20) >= his["mae"]).all()
    assert len(his) == 6


def test_the_full_model_is_the_same_in_both_kinds_of_duans_tables():
    table = published.figures(system="duan-msg-sarl")
    both = table[table["dataset"].isin(["cufs", "cufsf"]) & table["metric"].isin(["ssim", "fsim"])]
    assert (both.groupby(["dataset", "task", "metric"])["printed"].agg(["size", "nunique"]) == [2, 1]).all(
        axis=None
    )


def test_the_user_study_is_300_votes():
    votes = published.figures(metric="preferred")["value"] * 300
    assert votes.round().sum() == 300
    assert (votes - votes.round()).abs().max() < 0.02


@pytest.mark.parametrize(
    ("system", "lines", "total"),
    [
        ("venkatesh-conv", 17, 5_486_787),
        ("priovolos-mixed", 10, 1_472_779),
        ("priovolos-dense", 17, 425_086_880),
        ("priovolos-conv", 15, 9_786_347),
    ],
)
def test_layer_lines_add_up(system, lines, total):
    table = published.layers(system)
    assert len(table) == lines
    assert table["parameters"].sum() == total == published.parameters(system)


def test_trainable_and_non_trainable_add_up():
    count = published.parameter_count("priovolos-mixed")
    assert count.trainable + count.non_trainable == count.total


def test_dense_lines_are_inputs_times_outputs_plus_biases():
    lines = published.LAYERS["priovolos-dense"]
    for before, line in itertools.pairwise(lines):
        assert line.parameters == before.shape[0] * line.shape[0] + line.shape[0], line.name


def test_rounded_counts_are_not_passed_off_as_exact():
    assert published.parameters("skubisz-sparse") is None
    assert published.parameter_count("skubisz-sparse").total == 201_000_000
    assert published.parameters("huang-dae") is None
    assert published.parameter_count("huang-dae") is None


def test_table_ii_of_skubisz_supports_3x3_kernels():
    # The contradiction as arithmetic: VGG-16's convolutions have 14,714,688 parameters.
    channels = [512, 256, 128, 64, 32, 16, 3]

    def decoder(kernel):
        return sum(kernel**2 * a * b + b for a, b in itertools.pairwise(channels))

    assert (decoder(5), decoder(3)) == (4_366_499, 1_572_259)
    assert (
        round((14_714_688 + decoder(3)) / 1e6, 1) == published.parameter_count("skubisz-transfer").total / 1e6
    )
    assert "16,286,947" in published.contradictions("skubisz", kind="contradiction")["evidence"].str.cat()


def test_skubisz_significant_lead_is_the_smaller_one_by_mse():
    def lead(task, metric, better, worse):
        printed = published.figures(paper="skubisz", task=task, metric=metric).set_index("system")["value"]
        return round(abs(printed[better] - printed[worse]), 3)

    transfer, conv = "skubisz-transfer", "skubisz-conv"
    assert [lead("sketch2photo", metric, transfer, conv) for metric in ("ssim", "mse")] == [0.025, 0.005]
    assert [lead("photo2sketch", metric, conv, transfer) for metric in ("ssim", "mse")] == [0.022, 0.006]


def test_venkatesh_prints_a_loss_that_is_not_the_mae():
    own = published.figures(paper="venkatesh").pivot_table(
        index=["system", "task"], columns="metric", values="value"
    )
    assert (own["loss"] != own["mae"]).all()
    assert len(own) == 6


def test_where_vgg19_pools_depends_on_what_is_counted():
    """Simonyan and Zisserman, Table 1, column E: two blocks of two convolutions, three of four, a pooling after each."""
    blocks = [["convolution"] * n + ["pooling"] for n in (2, 2, 4, 4, 4)]
    layers = [layer for block in blocks for layer in block]
    with_relus = [x for layer in layers for x in ([layer, "relu"] if layer == "convolution" else [layer])]
    for counted, first_two in ((layers, [2, 5]), (with_relus, [4, 9])):
        pools = [number for number, layer in enumerate(counted) if layer == "pooling"]
        assert (pools[:2], len(pools)) == (first_two, 5)


def test_contradictions_name_place_evidence_and_reading():
    table = published.contradictions()
    assert set(table["paper"]) == {"huang", "skubisz", "duan", "venkatesh", "priovolos"}
    assert set(table["kind"]) == {"contradiction", "formula", "claim", "protocol", "code", "missing"}
    for column in ("where", "says", "evidence", "reading"):
        assert table[column].str.len().min() > 3
    assert {system for systems in table["systems"] for system in systems} <= set(SYSTEMS)
    own = published.contradictions(system="venkatesh-deep")
    assert set(own["paper"]) == {"venkatesh"}
    assert all(not systems or "venkatesh-deep" in systems for systems in own["systems"])


def test_settings_of_a_system_include_those_of_its_paper():
    table = published.settings("venkatesh-conv").set_index("name")["printed"]
    assert table["epochs"] == "200"
    assert table["epochs (table)"] == "500"
    assert table["learning rate"] == "0.001"
    assert set(published.settings()["system"]) - {""} <= set(SYSTEMS)


def test_unknown_arguments_are_refused_with_what_there_is():
    for call in (
        lambda: published.figures(system="huang"),
        lambda: published.figures(metric="SSIM"),
        lambda: published.layers("nobody"),
        lambda: published.contradictions(paper="nobody"),
        lambda: published.settings(paper="nobody"),
    ):
        with pytest.raises(MethodError, match="expected one of"):
            call()


def test_a_system_without_figures_gives_an_empty_table():
    assert published.figures(system="venkatesh-vae").empty
    assert published.paper_of("venkatesh-vae").key == "venkatesh"


def test_papers_table():
    table = published.papers().set_index("key")
    assert table.loc["duan", "doi"] == "10.1109/TIFS.2020.3031386"
    assert table.loc["huang", "authors"] == "Yi-Chun Huang"


def test_pandas_is_not_loaded_on_import():
    code = "import sys, face2sketch.published as p; p.systems(); assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
