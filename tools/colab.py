"""Run a chapter as Colab would: one notebook alone in an empty folder, with Colab's versions, the library from git.

    python tools/colab.py [01_data_preparation ...]
    python tools/colab.py --here              # with this interpreter: inside Colab's own image

Makes an environment of its own (.venv-colab), puts a stand-in for `google.colab` into it, copies one notebook into an
empty folder, and lets its setup cell install the library from the stamped address. That address leads to this clone, so
that what is installed is HEAD: commit first. Everything runs in the smoke profile.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from project import address, chapter_scripts  # noqa: E402

ENVIRONMENT = ROOT / ".venv-colab"
PYTHONS = ("python3.12", "python3.13", "python3.11")

# Colab's runtime of mid-2026 as far as the chapters touch it. numpy and TensorFlow bound the rest.
COLAB = (
    "ipython==7.34.0", "ipywidgets==7.7.1", "ipykernel==6.17.1", "tensorflow==2.20.*", "keras==3.13.*", "numpy>=2.0,<2.2",
    "scipy>=1.14,<1.17", "pandas>=2.2,<2.3", "matplotlib==3.10.*", "pillow>=11,<12", "scikit-image>=0.25,<0.26",
    "scikit-learn>=1.6,<1.7", "pooch>=1.8", "tqdm>=4.67", "rich>=13.9,<14", "typer>=0.15", "nbclient>=0.10", "setuptools<81",
)  # fmt: skip
STAND_IN = '"""A stand-in for the module by which a notebook knows that it runs in Colab."""\n'
START = """
import sys, types
try:
    import google.colab
except Exception:  # Colab's own module wants Colab's own front end
    sys.modules["google.colab"] = types.ModuleType("google.colab")
"""  # Colab's kernel has the module loaded before the first cell

RUN = """
import sys, time, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
path = sys.argv[1]
notebook = nbformat.read(path, as_version=4)
client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": "."}})
cells = [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
client.reset_execution_trackers()
with client.setup_kernel():
    for number, (index, cell) in enumerate(cells, start=1):
        began = time.perf_counter()
        try:
            client.execute_cell(cell, index, execution_count=number)
        except CellExecutionError as error:
            sys.exit(f"{path}, code cell {number}:\\n{cell.source}\\n{error}")
        print(f"  cell {number}/{len(cells)} {time.perf_counter() - began:.1f} s", flush=True)
"""


def _python() -> str:
    """The interpreter nearest to Colab's (3.12, then 3.13) that works here."""
    if sys.version_info[:2] in ((3, 12), (3, 13)):
        return sys.executable
    for name in PYTHONS:
        path = shutil.which(name)
        if (
            path
            and subprocess.run([path, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0
        ):
            return path
    return sys.executable


def make_environment() -> Path:
    """Colab's versions in .venv-colab, made once per list of versions; gives its interpreter."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "versions.txt"
    wanted = "\n".join(COLAB)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    base = _python()
    print(f"-- a new environment in {ENVIRONMENT.name}/ with {base} and Colab's versions", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([base, "-m", "venv", str(ENVIRONMENT)], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", *COLAB],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    packages = Path(
        subprocess.check_output(
            [str(python), "-c", "import site; print(site.getsitepackages()[0])"], text=True
        ).strip()
    )
    (packages / "google" / "colab").mkdir(parents=True, exist_ok=True)
    (packages / "google" / "colab" / "__init__.py").write_text(STAND_IN)
    stamp.write_text(wanted)
    return python


def run(python: Path, notebook: Path) -> bool:
    """Run one notebook alone, in an empty folder, the library coming from the stamped address."""
    repository = address().repository
    with tempfile.TemporaryDirectory(prefix="face2sketch-colab-") as folder:
        home = Path(folder)
        alone = home / "content"
        alone.mkdir()
        shutil.copyfile(notebook, alone / notebook.name)
        git = home / "gitconfig"
        git.write_text(f'[url "{ROOT.as_uri()}"]\n\tinsteadOf = {repository}\n[safe]\n\tdirectory = *\n')
        ipython = home / "ipython"
        (ipython / "profile_default" / "startup").mkdir(parents=True)
        (ipython / "profile_default" / "startup" / "colab.py").write_text(START)
        environment = {
            **os.environ,
            "FACE2SKETCH_PROFILE": "smoke",
            "GIT_CONFIG_GLOBAL": str(git),
            "IPYTHONDIR": str(ipython),
            "JUPYTER_DATA_DIR": str(home / "jupyter"),
            "PYTHONPATH": "",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # Python's own remark on debuggers, not the chapter's
        }
        environment.pop("FACE2SKETCH_DATA", None)
        subprocess.run(
            [str(python), "-m", "pip", "uninstall", "-q", "-y", "face2sketch"], check=True, env=environment
        )
        return (
            subprocess.run([str(python), "-c", RUN, notebook.name], cwd=alone, env=environment).returncode
            == 0
        )


def main() -> int:
    """Run the chapters named, or all; 0 where all ran to their end."""
    here = "--here" in sys.argv
    names = [Path(name).stem for name in sys.argv[1:] if name != "--here"]
    chapters = [path.with_suffix(".ipynb") for path in chapter_scripts() if not names or path.stem in names]
    if not chapters:
        raise SystemExit(f"no chapter is called {' or '.join(names) or 'anything'}")
    python = Path(sys.executable) if here else make_environment()
    failed = []
    for notebook in chapters:
        began = time.perf_counter()
        print(f"{notebook.stem}, alone:", flush=True)
        if not run(python, notebook):
            failed.append(notebook.stem)
        print(f"{notebook.stem}: {time.perf_counter() - began:.0f} s", flush=True)
    print(
        f"{len(chapters) - len(failed)} of {len(chapters)} chapters ran to their end"
        + (f"; failed: {failed}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
