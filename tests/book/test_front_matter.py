"""The front matter's generated parts, the register's tables and the first page's picture, are what their scripts make."""

import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from project import ROOT

BOOK = ROOT / "book"
PAGES = sorted([*BOOK.glob("*.md"), *BOOK.glob("replication/*.md")])
LARGEST = 400_000  # bytes; the picture is the first thing a phone loads


@pytest.mark.parametrize(
    "script", ["systems.py", "real_pairs.py", "league.py", "paper_pages.py", "contradictions.py"]
)
def test_tables_show_what_library_and_records_say(script) -> None:
    ran = subprocess.run(
        [sys.executable, f"tools/{script}", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_register_names_every_system_of_the_five_papers() -> None:
    from face2sketch import methods, published

    text = (BOOK / "systems.md").read_text(encoding="utf-8")
    for system in published.systems():
        if system.split("-")[0] in methods.PAPERS:
            assert f"`{system}`" in text, system


def test_what_stands_between_the_markers_is_renewed_and_nothing_else() -> None:
    from marked import renewed

    page = "by hand\n<!-- begin: register -->\n\n| old |\n\n<!-- end -->\nby hand\n"
    assert renewed(page, {"register": lambda: "| new |"}) == page.replace("old", "new")


def test_text_is_escaped_for_markdown() -> None:
    import systems

    assert systems.plain("x_i[q] * 2 < $3") == r"x\_i\[q\] \* 2 \< \$3"


def test_the_hero_is_drawn_by_its_script_and_small(tmp_path) -> None:
    drawn = tmp_path / "hero.png"
    subprocess.run([sys.executable, "tools/hero.py", str(drawn)], cwd=ROOT, check=True, capture_output=True)
    assert drawn.stat().st_size < LARGEST
    assert (BOOK / "_static" / "hero.png").stat().st_size < LARGEST
    with Image.open(drawn) as fresh, Image.open(BOOK / "_static" / "hero.png") as kept:
        assert fresh.size == kept.size
        # A grey level's difference on another machine moves the dithering; the picture as one sees it stays.
        small = (fresh.width // 8, fresh.height // 8)
        seen = [
            np.asarray(p.convert("RGB").resize(small, Image.Resampling.BOX), float) for p in (fresh, kept)
        ]
    assert np.abs(seen[0] - seen[1]).max() < 12, "the renderer has changed: make hero"


def test_the_hero_keeps_its_place_while_it_loads() -> None:
    """Its rule has the file's own size; a narrower page narrows it in proportion."""
    style = (BOOK / "_static" / "custom.css").read_text(encoding="utf-8")
    rule = re.search(r"img\.hero \{.*?aspect-ratio: (\d+) / (\d+);\s*width: (\d+)px;\s*\}", style, re.DOTALL)
    with Image.open(BOOK / "_static" / "hero.png") as kept:
        assert [int(number) for number in rule.groups()] == [*kept.size, kept.width]
    page = (BOOK / "intro.md").read_text(encoding="utf-8")
    assert re.search(r"\{image\} _static/hero\.png\n(?::.*\n)*?:class: .*\bhero\b", page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_doi_link_shows_the_doi_it_leads_to(page) -> None:
    text = page.read_text(encoding="utf-8")
    for shown, address in re.findall(r"\[doi:(\S+?)\]\(https://doi\.org/(\S+)\)(?:\.|\s)", text):
        assert shown == address, page.name


def test_every_reference_of_the_pages_is_in_the_list() -> None:
    listed = (BOOK / "references.md").read_text(encoding="utf-8")
    for page in PAGES:
        for doi in re.findall(r"https://doi\.org/([^)\s]+)", page.read_text(encoding="utf-8")):
            assert doi in listed, f"{page.name} cites {doi}"


def test_a_submission_that_was_not_scored_by_every_measure_stops_the_league() -> None:
    """Else the columns that it lacks would be left out for everybody."""
    from face2sketch import league
    from face2sketch.replication import Record

    import league as page

    whole = {name: [0.5] for name in league.MEASURES}
    run = {"arm": "my-unet", "task": "photo2sketch", "experiment": "submissions"}
    record = Record(run, ["a"], whole, {}, {})
    assert page.checked(record) is record
    del whole["lpips"]
    with pytest.raises(SystemExit, match="my-unet lacks lpips"):
        page.checked(record)


def test_the_league_recognises_as_many_in_both_of_its_tables() -> None:
    """A system of several seeds has their mean in the table of all measures and in that of recognition."""
    sections = dict(
        re.findall(r"<!-- begin: (\w+) -->\n(.*?)<!-- end -->", (BOOK / "league.md").read_text(), re.DOTALL)
    )

    def rows(name: str) -> dict[str, list[str]]:
        lines = [line for line in sections[name].splitlines() if line.startswith("| ")]
        return {
            cells[0]: cells
            for cells in ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:])
        }

    for direction, column in (("photo2sketch", 1), ("sketch2photo", 3)):
        for system, cells in rows(direction).items():
            mine = rows("recognition")[system][column].split("\N{NO-BREAK SPACE}")[0]
            assert mine == cells[-2].strip("*"), (system, direction)


def test_a_training_of_both_directions_is_counted_once(monkeypatch, tmp_path) -> None:
    """Its whole time stands in the records of both; of what learns one direction, each has its own."""
    from dataclasses import asdict

    from face2sketch.replication import Record, Run

    import paper_pages

    for method, seeds in (("cyclegan", (0, 1)), ("pix2pix", (0,)), ("somebody's", (0,))):
        for task in ("photo2sketch", "sketch2photo"):
            for seed in seeds:
                run = Run("demo", method, method, task, seed)
                record = Record(asdict(run), [], {}, {"seconds": 1.0}, {"seconds": 3600.0})
                record.write(run.path(tmp_path))
    monkeypatch.setattr(paper_pages, "RESULTS", tmp_path)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in paper_pages.hours().splitlines()]
    assert lines[2:] == [["demo", "8", "6.0"], ["all", "", "6.0"]]


def test_a_longer_training_stands_beside_the_short_one_of_its_seed(monkeypatch) -> None:
    from face2sketch import replication

    import league as page

    def record(experiment: str, seed: int, epochs: int, mse: float) -> replication.Record:
        run = {"experiment": experiment, "arm": "venkatesh-conv", "task": "photo2sketch", "seed": seed}
        scores = {"mse": [mse - 0.01, mse + 0.01], "ssim": [0.5, 0.5], "lpips": [0.25, 0.25]}
        return replication.Record(run, ["a", "b"], scores, {"epochs": epochs}, {})

    short = [record("league", 0, 20, 0.125), record("league", 1, 20, 0.9)]
    monkeypatch.setattr(page, "records", lambda: short)
    monkeypatch.setattr(page.replication, "read_records", lambda _: [record("longer", 0, 100, 0.0625)])
    shown = page.longer().replace("\N{NO-BREAK SPACE}", " ")
    row = (
        "| `venkatesh-conv`<br>Photo to sketch | 20 → 100 | 0.1250 → 0.0625 | 0.500 → 0.500 | 0.250 → 0.250 |"
    )
    assert row in shown
    assert shown.count("→") == 4
    assert "Not run yet: `venkatesh-conv` (sketch2photo), " in shown


def test_a_time_names_its_processor_and_a_guess_gives_way_to_a_measurement(monkeypatch) -> None:
    from face2sketch import replication

    import paper_pages as page

    def record(arm: str, task: str, epochs: float, minutes: float, device: str) -> replication.Record:
        training = {"epochs": epochs, "planned_epochs": 100, "seconds": 60 * minutes}
        made = {"protocol": "as-published", "device": device, "backend": "tensorflow"}
        return replication.Record({"arm": arm, "task": task}, ["a"], {"ssim": [0.5]}, training, made)

    old, new, gpu = "CPU: old, 1 of 2 cores", "CPU: new, 2 of 2 cores", "NVIDIA H200"
    found = [
        record("skubisz-conv", "photo2sketch", 100, 30, new),
        record("skubisz-conv", "photo2sketch", 100, 5, gpu),
        record("skubisz-conv", "sketch2photo", 100, 45, new),
        record("skubisz-conv", "sketch2photo", 10, 60, old),
        record("venkatesh-conv", "photo2sketch", 25, 60, old),
    ]
    monkeypatch.setattr(page, "records", lambda: found)
    shown = page.expected().replace("\N{NO-BREAK SPACE}", " ")
    lines = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in shown.splitlines()]
    of = {
        name: [line[3:] for line in lines if line[:1] == [name]]
        for name in ("skubisz-conv", "venkatesh-conv")
    }
    assert sorted(of["skubisz-conv"]) == [
        ["30 min", "new, 2 of 2 cores, tensorflow"],
        ["5 min", "NVIDIA H200, tensorflow"],
    ]
    assert of["venkatesh-conv"] == [["about 4.0 h (from 25 epochs)", "old, 1 of 2 cores, tensorflow"]]
    assert ["huang-dae", "bce for 1000", "200 px", "not run", "-"] in lines
    assert "GPU" not in shown
    monkeypatch.setattr(page, "records", lambda: found[2:])
    assert "no run has been timed on a GPU" in page.expected()
