"""Write the versions in this environment into constraints.txt: no paths, no local build tags such as +cpu.

.venv/bin/python tools/freeze.py
"""

import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"


def main() -> None:
    """Keep the header of the present file, and put every installed version below it."""
    lines = [line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        name, _, version = line.partition("==")
        if version and not line.startswith(("-e", "#")):
            lines.append(f"{name}=={version.split('+')[0]}")
    CONSTRAINTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
