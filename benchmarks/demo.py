"""How long the demonstration takes, and how that compares with the same procedures and report without notebooks.

    python benchmarks/demo.py

Prints seconds for a fresh `assessor demo` and, on the same folder in the same run, for all stages again with notebooks
and without, and the ratio of the two. The demonstration is to take at most 60 seconds on two cores.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def seconds(*words: str) -> float:
    """Wall seconds of one command of assessor; a failure ends the benchmark."""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "assessor", *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return time.monotonic() - started


def main() -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "demo")
        demo = seconds("demo", target)
        with_notebooks = seconds("run", target, "--force")
        without = seconds("run", target, "--force", "--no-notebooks")
    print(f"demo {demo:.1f} s (at most 60)")
    print(f"run with notebooks {with_notebooks:.1f} s, without {without:.1f} s, ratio {with_notebooks / without:.1f}")


if __name__ == "__main__":
    main()
