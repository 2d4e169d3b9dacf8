"""How long a ledger of 100,000 entries takes to load, every hash of its chain checked.

    python benchmarks/ledger.py [ENTRIES]      default: 100000

Printed: seconds of CPU, at most 0.5 at the usual size, and how often that is the time to decode the same lines and look at no hash.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assessor import judgements

SECONDS = 0.5


def drafts(count: int) -> list[judgements.Draft]:
    return [
        judgements.Draft(
            *("answer", "supplier_match", f"Supplier {number} GmbH", "yes"),
            *("The extract of the register gives this number and this seat.", "A. Person", "lead", f"{number:064x}"),
            at="2026-10-01T08:00:00Z",
        )
        for number in range(count)
    ]


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judgements.jsonl"
        judgements.append(path, drafts(count))
        lines = path.read_bytes().splitlines()
        plain = min(timed(lambda: [json.loads(line) for line in lines]) for _ in range(3))
        taken = min(timed(lambda: judgements.read(path)) for _ in range(5))
        over = taken > SECONDS * count / 100_000
        print(
            f"{count:,} entries: {taken:.2f} s{' OVER' if over else ''}, {taken / plain:.1f} times json.loads of the lines"
        )
    return int(over)


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])) if sys.argv[1:] else main(100_000))
