"""The figures: right content, legible sizes, one look, clear errors. Looking at them is for people."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from face2sketch import plots, published
from face2sketch.data import FacePairs
from face2sketch.errors import DataError, MethodError


@pytest.fixture(autouse=True)
def _no_figures_left_open():
    plt.close("all")
    yield
    assert plt.get_fignums() == []


@pytest.fixture
def pairs():
    random = np.random.default_rng(0)
    photos = random.integers(0, 256, (5, 20, 16, 3), dtype=np.uint8)
    sketches = random.integers(0, 256, (5, 20, 16, 1), dtype=np.uint8)
    return FacePairs(photos, sketches, np.array([f"person {i}" for i in range(5)]))


class Fitted:
    """What a fitted method offers, as the plots use it."""

    def __init__(self, name, task="photo2sketch"):
        self.method = type("Method", (), {"id": name})
        self.task = task
        self.history = {"epoch": [1, 2, 3], "loss": [0.3, 0.2, 0.1], "seconds": [1, 2, 3]}

    def translate(self, pictures):
        return np.full((*pictures.shape[:3], 1 if self.task == "photo2sketch" else 3), 0.25, np.float32)


def pictures(figure):
    return [axes.images[0].get_array() for axes in figure.axes if axes.images]


def titles(figure):
    return [axes.get_title().replace("\n", " ") for axes in figure.axes if axes.get_title()]


def texts(figure):
    figure.canvas.draw()
    return [text for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip()]


def test_contact_sheet_shows_input_target_and_output_of_each_person(pairs):
    figure = plots.contact_sheet(pairs, Fitted("skubisz-conv"), rows=3)
    shown = pictures(figure)
    assert len(shown) == 9
    np.testing.assert_array_equal(shown[3], pairs.photos[1])
    np.testing.assert_array_equal(shown[4], pairs.sketches[1, :, :, 0])
    assert np.all(shown[5] == 0.25)
    assert titles(figure) == ["photo", "artist's sketch", "skubisz-conv"]


def test_contact_sheet_follows_the_task_of_the_method(pairs):
    figure = plots.contact_sheet(pairs, Fitted("skubisz-conv", "sketch2photo"), rows=1)
    np.testing.assert_array_equal(pictures(figure)[0], pairs.sketches[0, :, :, 0])
    assert titles(figure)[:2] == ["sketch", "photo"]


def test_contact_sheet_takes_functions_arrays_and_dictionaries(pairs):
    inverted = 255 - pairs.sketches
    figure = plots.contact_sheet(
        pairs, {"inverted": inverted, "first channel": lambda photos: photos[..., :1]}, rows=2
    )
    assert titles(figure)[2:] == ["inverted", "first channel"]
    np.testing.assert_array_equal(pictures(figure)[6], inverted[1, :, :, 0])
    np.testing.assert_array_equal(pictures(figure)[7], pairs.photos[1, :, :, 0])


def test_many_methods_continue_in_a_second_band(pairs):
    figure = plots.contact_sheet(pairs, *[Fitted(f"m-{i}") for i in range(6)], rows=2)
    assert len(pictures(figure)) == 2 * (2 + 3) * 2
    widths = {round(axes.get_position().width * figure.get_figwidth(), 3) for axes in figure.axes}
    assert len(widths) == 1
    assert widths.pop() >= 1.1
    assert titles(figure).count("photo") == 2


def test_contact_sheet_refuses_what_does_not_fit(pairs):
    with pytest.raises(MethodError, match="sketch2photo"):
        plots.contact_sheet(pairs, Fitted("a"), Fitted("b", "sketch2photo"))
    with pytest.raises(MethodError, match="unknown task"):
        plots.contact_sheet(pairs, task="face2sketch")
    with pytest.raises(MethodError, match="2 labels for 1"):
        plots.contact_sheet(pairs, Fitted("a"), labels=["a", "b"])
    with pytest.raises(DataError, match="2 outputs for 5 pairs"):
        plots.contact_sheet(pairs, np.zeros((2, 20, 16, 1)))


def test_tiles_keep_the_shape_of_the_picture(pairs):
    figure = plots.grid(pairs.photos, titles=[f"number {i}" for i in range(5)], columns=3, suptitle="five")
    width, height = figure.get_size_inches()
    for axes in figure.axes:
        box = axes.get_position()
        assert box.height * height / (box.width * width) == pytest.approx(20 / 16)
        assert box.x0 >= 0
        assert box.x1 <= 1
        assert box.y0 >= 0
        assert box.y1 <= 1
    assert width <= plots.WIDTH + 1e-6


def test_floats_and_bytes_are_shown_on_their_own_range():
    figure = plots.grid([np.full((4, 4), 0.5, np.float32), np.full((4, 4, 1), 128, np.uint8)])
    first, second = (axes.images[0] for axes in figure.axes)
    assert first.get_clim() == (0, 1)
    assert second.get_clim() == (0, 255)


def test_grid_refuses_nothing_and_nonsense():
    with pytest.raises(DataError, match="no pictures"):
        plots.grid([])
    with pytest.raises(DataError, match="is no picture"):
        plots.grid([np.zeros((3, 4, 4))])
    with pytest.raises(DataError, match="1 titles for 2"):
        plots.grid(np.zeros((2, 4, 4, 1)), titles=["a"])


def test_history_draws_training_and_validation():
    run = {"epoch": [1, 2, 3], "loss": [3.0, 2.0, 1.0], "val_loss": [3.5, None, 2.0]}
    axes = plots.history({"a": run, "b": Fitted("x")}).axes[0]
    drawn = [line for line in axes.lines if len(line.get_xdata())]
    assert next(list(line.get_ydata()) for line in drawn) == [3, 2, 1]
    assert np.isnan(drawn[1].get_ydata()[1])
    assert len(drawn) == 3
    assert len(axes.get_legend_handles_labels()[1]) == 4


def test_history_turns_logarithmic_when_losses_span_decades():
    assert plots.history({"a": {"loss": [1.0, 0.1, 0.001]}}).axes[0].get_yscale() == "log"
    assert plots.history({"a": {"loss": [1.0, 0.1, 0.001]}}, log=False).axes[0].get_yscale() == "linear"
    with pytest.raises(DataError, match="no 'loss'"):
        plots.history({"a": {"val_loss": [1.0]}})


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "ssim": [0.5, 0.6, 0.4], "ssim_low": [0.45, 0.55, 0.3], "ssim_high": [0.55, 0.62, 0.5],
            "mse": [0.03, 0.02, 0.05],
        },
        index=["skubisz-conv", "huang-casq", "mean-target"],
    )  # fmt: skip


def test_scores_put_the_best_on_top(table):
    for metric in ("ssim", "mse"):
        axes = plots.scores(table, metric).axes[0]
        order = [label.get_text() for label in axes.get_yticklabels()]
        assert order == ["mean-target", "skubisz-conv", "huang-casq"]  # from the bottom up
        dots = {line.get_ydata()[0]: line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"}
        assert dots[2] == table.loc["huang-casq", metric]
        assert ("higher" if metric == "ssim" else "lower") in axes.get_xlabel()


def test_of_measures_of_sets_the_lowest_is_on_top(table):
    for metric, said in (("fid", "FID"), ("kid", "KID"), ("kid_alex", "kernel distance (AlexNet)")):
        axes = plots.scores(table.rename(columns={"mse": metric}), metric).axes[0]
        order = [label.get_text() for label in axes.get_yticklabels()]
        assert order == ["mean-target", "skubisz-conv", "huang-casq"]  # from the bottom up
        assert axes.get_xlabel() == f"{said} (lower is better)"
    own = plots.scores(table.rename(columns={"mse": "likeness"}), "likeness").axes[0]
    assert own.get_xlabel() == "LIKENESS (higher is better)"


def test_scores_show_published_values_as_diamonds(table):
    printed = published.figures(task="photo2sketch", metric="ssim", paper="huang")
    axes = plots.scores(table.reset_index(names="method"), "ssim", published=printed).axes[0]
    order = [label.get_text() for label in axes.get_yticklabels()]
    diamonds = {
        order[line.get_ydata()[0]]: line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() == "D" and len(line.get_xdata())
    }
    assert diamonds == {"huang-dae": 0.471451, "huang-vae": 0.470112, "huang-casq": 0.528875}
    with pytest.raises(DataError, match="no scores for 'fsim'"):
        plots.scores(table, "fsim")


def test_curve_refuses_lines_of_another_length():
    assert len(plots.curve([1, 2], {"a": [1, 2], "b": [2, 3]}).axes[0].lines) == 2
    with pytest.raises(DataError, match="3 values for 2"):
        plots.curve([1, 2], {"a": [1, 2, 3]})


def test_receptive_fields_of_vgg():
    # Simonyan and Zisserman (2015), section 2.3: two 3x3 layers see 5x5, three see 7x7.
    assert plots.receptive_fields([(3, 1), (3, 1), (3, 1)]) == [3, 5, 7]
    assert plots.receptive_fields([(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)]) == [3, 5, 6, 10, 14, 16]


def test_receptive_field_draws_a_square_per_layer():
    axes = plots.receptive_field(np.zeros((50, 40, 3), np.uint8), [(5, 2), (5, 2)], centre=(20, 10)).axes[0]
    assert [(patch.get_x(), patch.get_y(), patch.get_width()) for patch in axes.patches] == [
        (7.5, 17.5, 5), (3.5, 13.5, 13),
    ]  # fmt: skip


def test_architecture_has_a_block_per_layer_and_marks_the_narrowest():
    figure = plots.architecture(published.layers("venkatesh-conv"), title="Fig. 8")
    assert len(figure.axes[0].patches) == 17
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["input", "convolution", "pooling", "upsampling", "narrowest: 65,536 numbers"]
    heights = [patch.get_height() for patch in figure.axes[0].patches]
    assert heights[0] == max(heights)
    assert heights[4] == min(heights)


def test_architecture_takes_names_and_shapes():
    figure = plots.architecture([("input", (64, 64, 3)), ("dense", (32,)), ("conv2d_transpose", (64, 64, 3))])
    assert "narrowest: 32 numbers" in [text.get_text() for text in figure.legends[0].get_texts()]
    with pytest.raises(DataError, match="output shape"):
        plots.architecture([("odd", (64, 64))])
    with pytest.raises(DataError, match="no layers"):
        plots.architecture([])


def test_every_text_is_nine_points_or_more_and_every_figure_has_the_paper_colour(pairs, table):
    figures = [
        plots.contact_sheet(pairs, *[Fitted(f"method-{i}") for i in range(4)], title="t"),
        plots.grid(pairs.photos, titles=list("abcde")),
        plots.history({"a": Fitted("a")}, title="t"),
        plots.scores(table, published={"x": 0.5}),
        plots.curve([1, 2], [3, 4], "x", "y", "t"),
        plots.architecture(published.layers("priovolos-conv"), "t"),
        plots.receptive_field(pairs.photos[0], [(3, 1)], title="t"),
    ]
    for figure in figures:
        assert min(text.get_fontsize() for text in texts(figure)) >= 9
        assert matplotlib.colors.to_hex(figure.get_facecolor()) == plots.PAPER
        assert figure.get_figwidth() <= plots.WIDTH + 1e-6


def test_titles_stay_inside_the_figure(pairs):
    figure = plots.contact_sheet(
        pairs, *[Fitted("venkatesh-conv-bn-with-a-long-name") for _ in range(4)], title="T"
    )
    for text in texts(figure):
        box = text.get_window_extent()
        assert box.y1 <= figure.bbox.y1
        assert box.x0 >= -8
        assert box.x1 <= figure.bbox.x1 + 8


def test_making_a_figure_leaves_the_readers_settings_alone():
    before = matplotlib.rcParams["font.size"]
    plots.curve([1, 2], [3, 4])
    assert matplotlib.rcParams["font.size"] == before
    with matplotlib.rc_context():
        plots.use_style()
        assert matplotlib.rcParams["figure.facecolor"] == plots.PAPER


def test_heat_writes_every_number_into_its_cell():
    import pandas as pd

    table = pd.DataFrame({"ssim": [0.5, np.nan], "mse": [-0.25, 1.75]}, index=["first", "second"])
    figure = plots.heat(table, title="Title", note="What it means")
    axes = figure.axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ["-0.25", "0.50", "1.75"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["SSIM", "MSE"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second"]
    assert len(axes.patches) == 3
    beyond = plots.heat(pd.DataFrame({"a": [5.0], "b": [1.0]}))
    assert beyond.axes[0].patches[0].get_facecolor() == beyond.axes[0].patches[1].get_facecolor()
    with pytest.raises(DataError, match="the table is empty"):
        plots.heat(pd.DataFrame())
