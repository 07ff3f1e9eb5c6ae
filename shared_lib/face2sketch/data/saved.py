"""The file format of `FacePairs.save`: one .npz without pickle, so opening a stranger's file runs no code."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import SavedFileError
from ..training.checkpoints import DAMAGE
from .pairs import FacePairs

if TYPE_CHECKING:
    import pandas as pd

_FORMAT = "face2sketch.FacePairs/1"


def save(pairs: FacePairs, path: Path) -> Path:
    """See `FacePairs.save`."""
    if path.suffix != ".npz":
        raise SavedFileError(f"{path}: pairs are saved as .npz; name it {path.name}.npz")
    content = {
        "format": np.array(_FORMAT), "photos": pairs.photos, "sketches": pairs.sketches,
        "identities": pairs.identities, "standard": pairs.standard, "source": np.array(pairs.source),
        "attributes": np.array(_attributes_to_json(pairs.attributes)),
    }  # fmt: skip
    # not one of `tempfile`, whose files nobody else may read
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez_compressed(file, **content)
        part.replace(path)
    except OSError as error:
        raise SavedFileError(
            f"could not write {path}: {error}; free some space or choose another folder"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def load(path: Path) -> FacePairs:
    """See `FacePairs.load`."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if "format" not in file or str(file["format"]) != _FORMAT:
                raise SavedFileError(f"{path} was not written by FacePairs.save(): give a file that was")
            content = {name: file[name] for name in ("photos", "sketches", "identities", "standard")}
            source, attributes = str(file["source"]), _attributes_from_json(str(file["attributes"]))
        for array in content.values():
            array.flags.writeable = False  # ours alone: spares FacePairs a copy
        return FacePairs(**content, source=source, attributes=attributes)
    except FileNotFoundError as error:
        raise SavedFileError(
            f"{path} does not exist: check the path, or write it with FacePairs.save()"
        ) from error
    except SavedFileError:
        raise
    except DAMAGE as error:
        # numpy's own words recommend allow_pickle, which would run a stranger's code
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise SavedFileError(
            f"{path} is damaged or no file of FacePairs.save(){reason}: copy it here again, or save the pairs again"
        ) from error


def _attributes_to_json(attributes: "pd.DataFrame | None") -> str:
    if attributes is None:
        return "null"
    columns = [
        {"name": str(name), "type": str(attributes[name].dtype), "values": attributes[name].tolist()}
        for name in attributes.columns
    ]
    try:
        return json.dumps(columns)
    except TypeError as error:
        raise SavedFileError(
            f"attributes hold values that cannot be saved ({error}): use numbers and text"
        ) from error


def _attributes_from_json(text: str) -> "pd.DataFrame | None":
    columns = json.loads(text)
    if columns is None:
        return None
    import pandas as pd

    frame = pd.DataFrame({column["name"]: column["values"] for column in columns})
    numeric = {
        c["name"]: c["type"] for c in columns if c["type"].startswith(("int", "uint", "float", "bool"))
    }
    return frame.astype(numeric)
