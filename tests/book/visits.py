"""Opening a page in a real browser and writing down what a reader would stumble over."""

import time
from dataclasses import dataclass

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import open_page, set_view

VIEWS = {"desktop": ("desktop", "light"), "phone": ("phone", "light"), "dark": ("desktop", "dark")}
HARMLESS = ("THEBE_JS_URL",)  # declared twice by the theme's own extension; nothing on the pages uses it

SURVEY = r"""
for (const animation of document.getAnimations()) { // a colour half-way between two themes is nobody's
  try { animation.finish(); } catch { animation.cancel(); } // what never ends cannot be finished
}
const article = document.querySelector('.bd-article');
const shown = element => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});

function luminance([r, g, b]) {
  const linear = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}
const numbers = colour => {
  const parts = colour.match(/[\d.]+/g).map(Number);
  if (colour.startsWith('color(srgb')) return [...parts.slice(0, 3).map(v => v * 255), parts[3] ?? 1];
  return [...parts.slice(0, 3), parts[3] ?? 1];
};
const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
function background(element) {
  const layers = [];
  for (let node = element; node; node = node.parentElement) {
    const colour = numbers(getComputedStyle(node).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
}

const contrast = [];
for (const element of article.querySelectorAll('*')) {
  if (element.closest('svg, mjx-container, script, style, .headerlink, .copybtn')) continue;
  const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join(' ').trim();
  if (!text || !shown(element)) continue;
  const style = getComputedStyle(element), behind = background(element);
  const a = luminance(over(numbers(style.color), behind)), b = luminance(behind);
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) {
    contrast.push(`${ratio.toFixed(2)} ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 50)}`);
  }
}

const scrolls = node => {
  // the theme lets the whole article scroll sideways: that is what a reader on a phone should be spared
  for (; node && node !== document.body && !node.matches('.bd-article, .bd-article-container'); node = node.parentElement) {
    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(node).overflowX)) return true;
  }
  return false;
};
const wide = [], room = document.documentElement.clientWidth; // innerWidth grows with what overflows on a phone
for (const element of document.querySelectorAll('.bd-main *')) {
  const box = element.getBoundingClientRect();
  if (box.width && box.right > room + 1 && shown(element) && !scrolls(element)) {
    wide.push(`${element.tagName.toLowerCase()}.${element.className} reaches to ${Math.round(box.right)} px`);
  }
}
if (document.documentElement.scrollWidth > room + 1) {
  wide.push(`the page is ${document.documentElement.scrollWidth} px wide on a screen of ${room}`);
}

const maths = [...article.querySelectorAll('.math')].filter(m => !m.querySelector('mjx-container'))
  .map(m => m.textContent.slice(0, 60));
maths.push(...[...article.querySelectorAll('mjx-merror, [data-mjx-error]')].map(m => 'error: ' + m.textContent));
const prose = [...article.querySelectorAll('p, li, td, h1, h2, h3, h4')].filter(e => !e.querySelector('code'));
maths.push(...prose.map(e => e.innerText || '').filter(t => /\$[^$\s][^$]*\$|\\\(|\\\[/.test(t)).map(t => t.slice(0, 60)));

const subareas = [...document.querySelectorAll('.widget-subarea')];
return {
  theme: document.documentElement.dataset.theme,
  contrast, wide, maths,
  images: [...document.images].map(image => ({
    source: (image.getAttribute('src') || '').slice(0, 90), alt: image.getAttribute('alt'),
    broken: image.complete && image.naturalWidth === 0, hidden: image.getAttribute('aria-hidden') === 'true',
  })),
  widgets: document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length,
  drawn: subareas.filter(area => area.children.length === 1).length, subareas: subareas.length,
  text: article.innerText.length,
};
"""

# A fingerprint of the pictures one sees in a widget, by their pixels; of its text where it has none.
VISIBLE = r"""
const area = arguments[0];
const shown = element => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
const pictures = [...area.querySelectorAll('img, canvas')].filter(p => shown(p) && p.getBoundingClientRect().width > 0);
if (!pictures.length) {
  return [...area.querySelectorAll('.widget-html-content, .widget-html, pre')].filter(shown).map(e => e.innerText).join('|');
}
return pictures.map(picture => {
  const canvas = document.createElement('canvas');
  canvas.width = 96; canvas.height = 96;
  canvas.getContext('2d').drawImage(picture, 0, 0, 96, 96);
  return canvas.toDataURL();
}).join('|');
"""


@dataclass(frozen=True)
class Visit:
    """What was seen on one page in one view."""

    entry: str
    view: str
    errors: list[str]
    seen: dict


def _errors(driver: object, address: str) -> list[str]:
    """The console's errors since the last call: all but the harmless ones and failed look-ups of other hosts."""
    found = []
    for record in driver.get_log("browser"):
        message = record["message"]
        elsewhere = message.startswith(("http://", "https://")) and not message.startswith(address)
        lookup = elsewhere and "net::ERR_" in message
        if record["level"] == "SEVERE" and not lookup and not any(word in message for word in HARMLESS):
            found.append(message)
    return found


def visit(driver: object, address: str, entry: str, view: str) -> Visit:
    """Open a page and look at it."""
    set_view(driver, *VIEWS[view])
    driver.get_log("browser")  # what an earlier page left
    open_page(driver, f"{address}/{entry}.html")
    seen = driver.execute_script(SURVEY)
    return Visit(entry, view, _errors(driver, address), seen)


def _moves(driver: object, area: object) -> list[tuple[str, object]]:
    """Every control of a widget as a label and a function that moves it to another position."""
    moves: list[tuple[str, object]] = []
    for handle in area.find_elements(By.CSS_SELECTOR, ".noUi-handle, .ui-slider-handle"):

        def slide(handle: object = handle) -> None:
            at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
            handle.send_keys(Keys.ARROW_LEFT if at_end else Keys.ARROW_RIGHT)

        moves.append(("slider", slide))
    for menu in area.find_elements(By.CSS_SELECTOR, "select"):

        def choose(menu: object = menu) -> None:
            driver.execute_script(
                "const m = arguments[0]; m.selectedIndex = (m.selectedIndex + 1) % m.options.length;"
                "m.dispatchEvent(new Event('change', {bubbles: true}));",
                menu,
            )

        moves.append(("menu", choose))
    for group in area.find_elements(By.CSS_SELECTOR, ".widget-toggle-buttons"):

        def toggle(group: object = group) -> None:
            group.find_element(By.CSS_SELECTOR, "button:not(.mod-active)").click()

        moves.append(("toggle buttons", toggle))
    return moves


def stuck_controls(driver: object, address: str, entry: str) -> tuple[int, list[str]]:
    """Move every control of a page's widgets; the number of controls, and those that changed nothing one can see."""
    set_view(driver, "desktop")
    open_page(driver, f"{address}/{entry}.html")
    count, stuck = 0, []
    for number, area in enumerate(driver.find_elements(By.CSS_SELECTOR, ".widget-subarea"), start=1):
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", area)
        moves = _moves(driver, area)
        if not moves:
            stuck.append(f"widget {number} has no control")
        for label, move in moves:
            count += 1
            before = driver.execute_script(VISIBLE, area)
            move()
            deadline = time.monotonic() + 3
            while driver.execute_script(VISIBLE, area) == before and time.monotonic() < deadline:
                time.sleep(0.05)
            if driver.execute_script(VISIBLE, area) == before:
                stuck.append(f"widget {number}: moving the {label} changes no picture")
    return count, stuck
