"""A headless Chromium and a local server for the built pages: what the browser tests and the screenshots share."""

import functools
import http.server
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--force-device-scale-factor=1",
)  # fmt: skip
UNSEEN = "no browser to look at the pages with"  # why a check in a browser is skipped; the tests' last line counts them
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


class NoBrowser(RuntimeError):
    """No Chromium or Chrome was found, or it would not start."""


def browser_path() -> str:
    """The first Chromium or Chrome on this machine, "" where there is none."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    found += [path for path in MAC_BROWSERS if Path(path).exists()]
    return found[0] if found else ""


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A fresh headless browser with its own profile folder.

    Raises:
        NoBrowser: there is none, or it does not start.
    """
    path = browser_path()
    if not path:
        raise NoBrowser(f"none of {', '.join(BROWSERS)} is on the path")
    with tempfile.TemporaryDirectory(prefix="face2sketch-browser-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = path
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver_path = shutil.which("chromedriver")
        try:
            driver = webdriver.Chrome(options=options, service=Service(driver_path) if driver_path else None)
        except WebDriverException as error:
            raise NoBrowser(f"{path} did not start: {str(error).splitlines()[0]}") from error
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        try:
            yield driver
        finally:
            driver.quit()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Serve a folder on a free local port; gives its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            running.shutdown()


def set_view(driver: webdriver.Chrome, size: str, theme: str = "light", height: int = 0) -> None:
    """Set the viewport ("desktop" or "phone", as high as asked) and the theme ("light" or "dark")."""
    width, usual = SIZES[size]
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height or usual, "deviceScaleFactor": 1, "mobile": size == "phone"},
    )
    features = [{"name": "prefers-color-scheme", "value": theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


READY = """
const finish = arguments[arguments.length - 1];
const widgets = document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]').length;
const maths = document.querySelectorAll('.math').length;
const began = Date.now();
(function look() {
  const drawn = document.querySelectorAll('.widget-subarea > *').length;
  const typeset = document.querySelectorAll('mjx-container').length;
  const pictures = [...document.images].every(image => image.complete || image.loading === 'lazy');
  if ((drawn >= widgets && (maths === 0 || typeset > 0) && pictures) || Date.now() - began > 8000) {
    (window.MathJax && MathJax.startup && MathJax.startup.promise || Promise.resolve()).then(
      () => setTimeout(finish, 60), () => finish());
  } else {
    setTimeout(look, 60);
  }
})();
"""


def open_page(driver: webdriver.Chrome, address: str) -> None:
    """Open a page and wait until its widgets are drawn, its mathematics is set and its pictures are there (8 s at most)."""
    driver.get(address)
    driver.execute_async_script(READY)
