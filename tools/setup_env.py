"""Make the course's environment: a virtual environment with the library, the frameworks and the tools.

    python3 tools/setup_env.py .venv

Needs nothing but the standard library. On Linux and Windows, PyTorch comes from its own index of CPU builds where that can
be reached (the registry's wheel carries two gigabytes of CUDA), and from the registry where it cannot.
"""

import os
import platform
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
EXTRAS = "tensorflow,torch,book,tests"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
OLDEST, NEWEST = (3, 11), (3, 13)


def check_python() -> None:
    """Stop with a way out where this Python cannot hold the environment."""
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        raise SystemExit(
            f"Python {version[0]}.{version[1]} was found; the course needs {OLDEST[0]}.{OLDEST[1]} to "
            f"{NEWEST[0]}.{NEWEST[1]} (TensorFlow has wheels for these). Name another one: make book PYTHON=python3.12"
        )
    if sys.platform == "darwin" and platform.machine() != "arm64":
        raise SystemExit(
            "TensorFlow and PyTorch no longer have wheels for Intel Macs, nor for a Python made for them (this one says "
            f"{platform.machine()}). On Apple silicon, use its own Python; elsewhere, run the chapters in Colab."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SystemExit(
            "This Python has no venv module. On Debian and Ubuntu: "
            f"sudo apt install python{version[0]}.{version[1]}-venv"
        ) from None


def torch_options() -> list[str]:
    """pip's options for a CPU build of PyTorch, after one short look whether its index answers."""
    if sys.platform == "darwin":
        return []  # the registry's wheel for macOS has no CUDA in it
    try:
        with urllib.request.urlopen(f"{TORCH_INDEX}/", timeout=10):
            pass
    except OSError as error:
        print(
            f"-- {TORCH_INDEX} does not answer ({error}): PyTorch comes from pip's usual places", flush=True
        )
        return []
    return ["--extra-index-url", TORCH_INDEX]


def pip(python: Path, *arguments: str) -> None:
    """Run pip install in the environment under the tested versions; stop with its exit status if it fails."""
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-q"]
    command += ["-c", str(CONSTRAINTS), *arguments]
    print("--", " ".join(["pip install", *arguments]), flush=True)
    status = subprocess.run(command, stdin=subprocess.DEVNULL, cwd=ROOT).returncode
    if status:
        raise SystemExit(
            f"pip stopped with status {status}: the lines above say why. Most often the network was away or the disk "
            "was full; `make book` goes on from here, `make clean-all` starts afresh."
        )


def main() -> None:
    """Make the environment named on the command line and leave a stamp in it."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ".venv").absolute()
    check_python()
    began = time.perf_counter()
    python = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"-- a new environment in {target.name}/ (Python {sys.version.split()[0]})", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    pip(python, "torch", *torch_options())
    pip(python, "-e", f"shared_lib[{EXTRAS}]")
    (target / ".ready").touch()
    print(f"-- the environment is ready after {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
