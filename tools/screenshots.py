"""Save a picture of every built page, full length: desktop, phone and dark.

python tools/screenshots.py [_build/html] [_build/screenshots]
"""

import base64
import sys
import time
from pathlib import Path

from browser import chromium, open_page, server, set_view
from project import BUILD, ROOT, toc_entries

VIEWS = {"desktop": ("desktop", "light"), "phone": ("phone", "light"), "dark": ("desktop", "dark")}
TALLEST = 16_000  # pixels; Chromium draws no taller picture


def main() -> None:
    """Open every page of the table of contents in every view and write PNG files."""
    pages = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD / "html"
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else BUILD / "screenshots"
    if not (pages / "index.html").is_file():
        sys.exit(f"{pages}: no built pages (index.html) there; run make book, or name their folder")
    target.mkdir(parents=True, exist_ok=True)
    with server(pages.resolve()) as address, chromium() as driver:
        for view, (size, theme) in VIEWS.items():
            for entry in toc_entries():
                set_view(driver, size, theme)
                open_page(driver, f"{address}/{entry}.html")
                height = driver.execute_script("return document.documentElement.scrollHeight")
                set_view(driver, size, theme, height=min(height, TALLEST))
                time.sleep(0.4)  # the sidebars slide into the new height
                picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
                path = target / f"{entry.replace('/', '-')}-{view}.png"
                path.write_bytes(base64.b64decode(picture["data"]))
                print(
                    path.resolve().relative_to(ROOT) if ROOT in path.resolve().parents else path, flush=True
                )


if __name__ == "__main__":
    main()
