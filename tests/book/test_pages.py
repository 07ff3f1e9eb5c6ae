"""The built pages as a reader meets them: in a browser, on a desk, on a phone, at night."""

import re

import pytest
from visits import VIEWS, stuck_controls

from browser import open_page, set_view
from project import toc_entries

ENTRIES = toc_entries()
PATH_LIKE = re.compile(r"[\w-]+(/[\w.-]+)+$|\.(png|svg|jpe?g|gif|webp)$", re.IGNORECASE)


@pytest.fixture(params=ENTRIES)
def entry(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("view", VIEWS)
def test_the_console_stays_quiet(look, entry: str, view: str) -> None:
    assert look(entry, view).errors == []


@pytest.mark.parametrize("view", VIEWS)
def test_text_is_there_and_stands_out_from_its_background(look, entry: str, view: str) -> None:
    seen = look(entry, view).seen
    assert seen["theme"] == VIEWS[view][1]
    assert seen["text"] > 40
    assert seen["contrast"] == [], "below WCAG AA (4.5, large text 3)"


def test_a_phone_needs_no_sideways_scrolling(look, entry: str) -> None:
    assert look(entry, "phone").seen["wide"] == []


def test_mathematics_is_set(look, entry: str) -> None:
    assert look(entry, "desktop").seen["maths"] == []


def test_every_picture_is_there_and_says_what_it_shows(look, entry: str) -> None:
    for image in look(entry, "desktop").seen["images"]:
        assert not image["broken"], image
        assert image["alt"] is not None, f"no alternative text: {image}"
        if not image["hidden"]:
            assert image["alt"].strip(), f"empty alternative text: {image}"
            assert not PATH_LIKE.search(image["alt"].strip()), f"the alternative text is a path: {image}"


@pytest.mark.parametrize("view", VIEWS)
def test_every_widget_is_drawn_once(look, entry: str, view: str) -> None:
    seen = look(entry, view).seen
    assert (seen["drawn"], seen["subareas"]) == (seen["widgets"], seen["widgets"])


def test_moving_a_control_changes_the_picture(look, driver, address: str, entry: str) -> None:
    if not look(entry, "desktop").seen["widgets"]:
        return
    count, stuck = stuck_controls(driver, address, entry)
    assert stuck == []
    assert count > 0


def test_the_search_finds_a_page(driver, address: str) -> None:
    driver.get(f"{address}/search.html?q=sketch")
    for _ in range(100):
        found = driver.execute_script("return document.querySelectorAll('#search-results li a').length")
        if found:
            break
        driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert found


def test_a_tables_head_sorts_it(driver, address: str) -> None:
    """The league: by SSIM upwards, then downwards; words by the alphabet; the rest of a row comes along."""
    set_view(driver, "desktop")
    open_page(driver, f"{address}/book/league.html")
    table = driver.find_element("css selector", "table.sortable")
    rows = {row[0]: row for row in cells(driver, table)}
    heads = [head.text for head in table.find_elements("css selector", "th")]
    column = heads.index("SSIM")
    for direction, wanted in (("ascending", 1), ("descending", -1)):
        table.find_elements("css selector", "th button")[column].click()
        found = cells(driver, table)
        values = [wanted * float(row[column].split()[0]) for row in found]
        assert values == sorted(values)
        assert len(found) == len(rows)
        assert all(rows[row[0]] == row for row in found)
        head = table.find_elements("css selector", "th")[column]
        assert head.get_attribute("aria-sort") == direction
    table.find_elements("css selector", "th button")[0].click()
    names = [row[0] for row in cells(driver, table)]
    assert names == sorted(names)
    assert len(table.find_elements("css selector", "th[aria-sort]")) == 1


def cells(driver, table) -> list[list[str]]:
    """The text of a table's body, row by row."""
    script = "return [...arguments[0].tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    return driver.execute_script(script, table)
