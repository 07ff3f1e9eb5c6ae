"""Print the versions in this environment as a constraints file: no paths, no local build tags such as +cpu."""

import subprocess
import sys
from pathlib import Path

HEADER = Path(__file__).resolve().parent.parent / "constraints.txt"


def main() -> None:
    """Print the header of the present constraints.txt, then every installed version."""
    for line in HEADER.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            print(line)
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        name, _, version = line.partition("==")
        if version and not line.startswith(("-e", "#")):
            print(f"{name}=={version.split('+')[0]}")


if __name__ == "__main__":
    main()
