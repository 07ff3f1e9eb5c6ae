"""The kernel-free figures: everything they need is in their state, and the links run in the browser."""

import base64
import io
import re

import ipywidgets
import numpy as np
import pytest
from ipywidgets.embed import dependency_state, embed_data
from PIL import Image

from face2sketch import plots, widgets
from face2sketch.errors import DataError

FORBIDDEN = {"OutputModel", "PlayModel"}


@pytest.fixture
def faces():
    ramp = np.tile(np.linspace(0, 255, 48, dtype=np.uint8), (64, 1))
    return [np.stack([np.roll(ramp, 5 * i, axis=1)] * 3, axis=-1) for i in range(4)]


def models(box):
    return [record["model_name"] for record in dependency_state(box).values()]


def pages(box):
    found, rest = [], [box]
    while rest:
        widget = rest.pop(0)
        if isinstance(widget, ipywidgets.HTML) and "<img" in widget.value:
            found.append(widget.value)
        rest.extend(getattr(widget, "children", ()))
    return found


def one(box, kind):
    (widget,) = [child for child in box.children if isinstance(child, kind)]
    return widget


def test_slider_is_linked_to_a_tab_with_a_page_per_picture(faces):
    box = widgets.slider(faces, [f"epoch {i}" for i in range(4)], "epoch")
    tab, bar = one(box, ipywidgets.Tab), one(box, ipywidgets.IntSlider)
    assert len(tab.children) == 4
    assert (bar.min, bar.max, bar.value, tab.selected_index) == (0, 3, 0, 0)
    assert [tab.get_title(i) for i in range(4)] == [f"epoch {i}" for i in range(4)]
    state = dependency_state(box)
    (link,) = [record["state"] for record in state.values() if record["model_name"] == "LinkModel"]
    assert link["source"] == [f"IPY_MODEL_{bar.model_id}", "value"]
    assert link["target"] == [f"IPY_MODEL_{tab.model_id}", "selected_index"]


def test_nothing_in_it_needs_a_kernel(faces):
    boxes = [
        widgets.slider(faces, list("abcd")),
        widgets.choices({"one": faces, "two": faces[::-1]}, list("abcd"), "step", "method"),
    ]
    for box in boxes:
        assert not FORBIDDEN & set(models(box))
        assert not any("Stack" in name for name in models(box))  # Colab's ipywidgets 7.7.1 has none
        rest = [box]
        while rest:
            widget = rest.pop()
            observers = widget._trait_notifiers.get("value", {}).get("change", [])
            assert not [
                watcher for watcher in observers if callable(watcher) and "face2sketch" in str(watcher)
            ]
            rest.extend(getattr(widget, "children", ()))


def test_the_state_can_be_embedded_in_a_page(faces):
    box = widgets.slider(faces, list("abcd"))
    data = embed_data(views=[box], state=dependency_state(box))
    assert len(data["view_specs"]) == 1
    assert {"VBoxModel", "TabModel", "IntSliderModel", "HTMLModel", "LinkModel"} <= {
        record["model_name"] for record in data["manager_state"]["state"].values()
    }


def test_every_picture_has_alternative_text(faces):
    box = widgets.slider(faces, ["0 %", "10 %", '20 "%"', "<30>"], "noise")
    alts = [re.search(r'alt="([^"]*)"', page)[1] for page in pages(box)]
    assert alts == ["noise 0 %", "noise 10 %", "noise 20 &quot;%&quot;", "noise &lt;30&gt;"]
    assert 'alt="epoch 3"' in pages(widgets.slider(faces, [f"epoch {i}" for i in range(4)], "epoch"))[3]
    own = widgets.slider(faces[:1], ["x"], alt=["a grey ramp"])
    assert 'alt="a grey ramp"' in pages(own)[0]


def test_pictures_survive_the_journey(faces):
    _media, data = re.search(
        r'src="data:(image/\w+);base64,([^"]+)"', pages(widgets.slider(faces, list("abcd")))[1]
    ).groups()
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert image.shape == faces[1].shape
    assert np.abs(image.astype(int) - faces[1]).mean() < 3


def test_floats_greys_and_figures_are_pictures_too():
    grey = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64, 1)
    media, data = widgets.encode(grey)
    assert (
        np.abs(np.asarray(Image.open(io.BytesIO(data)), dtype=int) - np.round(grey[:, :, 0] * 255)).mean() < 3
    )
    media, data = widgets.encode(plots.curve([1, 2], [3, 4], "x", "y"))
    assert media == "image/png"
    assert len(data) < 60_000
    with pytest.raises(DataError, match="is no picture"):
        widgets.encode(np.zeros((4, 4, 2)))


def test_shaded_pictures_become_jpeg_and_flat_ones_png():
    noise = np.random.default_rng(0).normal(128, 20, (128, 128, 3)).clip(0, 255).astype(np.uint8)
    assert widgets.encode(noise)[0] == "image/jpeg"
    assert widgets.encode(np.zeros((128, 128, 3), np.uint8))[0] == "image/png"


def test_choices_link_buttons_to_groups_and_one_slider_to_all(faces):
    box = widgets.choices({"SGD": faces, "Adam": faces, "RMSprop": faces}, list("abcd"), "epoch", "optimiser")
    buttons, bar, outer = (
        one(box, ipywidgets.ToggleButtons),
        one(box, ipywidgets.IntSlider),
        one(box, ipywidgets.Tab),
    )
    links = [r["state"] for r in dependency_state(box).values() if r["model_name"] == "LinkModel"]
    ends = {(tuple(link["source"]), tuple(link["target"])) for link in links}
    assert ends == {
        ((f"IPY_MODEL_{buttons.model_id}", "index"), (f"IPY_MODEL_{outer.model_id}", "selected_index")),
        *(
            ((f"IPY_MODEL_{bar.model_id}", "value"), (f"IPY_MODEL_{inner.model_id}", "selected_index"))
            for inner in outer.children
        ),
    }
    assert len(pages(box)) == 12
    assert 'alt="Adam, epoch b"' in pages(box)[5]


def test_many_choices_become_a_menu_and_one_label_needs_no_slider(faces):
    box = widgets.choices({str(i): faces[:1] for i in range(6)}, choose="method")
    assert isinstance(one(box, ipywidgets.Dropdown), ipywidgets.Dropdown)
    assert not [child for child in box.children if isinstance(child, ipywidgets.IntSlider)]


def test_pictures_shrink_with_the_screen(faces):
    box = widgets.slider(faces, list("abcd"), width=256)
    assert "max-width: 100%" in box.children[0].value
    assert all('width="256"' in page for page in pages(box))


def test_what_does_not_fit_is_refused(faces, monkeypatch):
    with pytest.raises(DataError, match="4 pictures for 3 labels"):
        widgets.slider(faces, list("abc"))
    with pytest.raises(DataError, match="4 pictures in 'b' for 1 labels"):
        widgets.choices({"a": faces[:1], "b": faces}, ["x"])
    with pytest.raises(DataError, match="no pictures"):
        widgets.slider([], [])
    with pytest.raises(DataError, match="1 alternative texts for 4"):
        widgets.slider(faces, list("abcd"), alt=["only one"])
    monkeypatch.setattr(widgets, "MAX_BYTES", 100)
    with pytest.raises(DataError, match="show fewer or smaller ones"):
        widgets.slider(faces, list("abcd"))
