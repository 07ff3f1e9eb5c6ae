"""The errors this library raises on purpose.

Each message says what happened, to which file or argument, what was expected, and what to do. All derive from
`Face2SketchError`, so a script can catch everything that is the input's fault and let real bugs through.
"""


class Face2SketchError(Exception):
    """Base class of every deliberate error of this library."""


class DataError(Face2SketchError, ValueError):
    """Pictures or folders that cannot be used as they are."""


class DownloadError(Face2SketchError, OSError):
    """A file that could not be fetched, checked or stored."""


class MethodError(Face2SketchError, ValueError):
    """An unknown method, or one asked for something it cannot do."""


class SavedFileError(Face2SketchError, ValueError):
    """A saved method or record that is missing, damaged, or not one of ours."""


class RunBusyError(Face2SketchError):
    """A run that another runner, on this machine or on one that shares its folder, has under way."""
