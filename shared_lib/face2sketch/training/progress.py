"""A progress bar that stays out of published pages."""

import os

from tqdm.auto import tqdm


def progress_bar(total: int, description: str, enabled: bool = True, initial: int = 0) -> tqdm:
    """A tqdm bar over `total` steps, text in a terminal and a widget in a notebook.

    The variable FACE2SKETCH_PROGRESS=0 hides it: the book sets it, for a finished bar in a published page
    tells nothing.
    """
    hidden = not enabled or os.environ.get("FACE2SKETCH_PROGRESS", "1") == "0"
    return tqdm(
        total=total,
        initial=initial,
        desc=description,
        unit="step",
        disable=hidden,
        leave=True,
        mininterval=0.5,
    )
