"""What a batch takes: with notebooks by our engine, by Papermill's own kernel, and without notebooks; and how it grows.

    python benchmarks/batch.py [ENGAGEMENTS] [WORKERS] [--papermill N] [--grow N]      default: 50, 2, 6, none

Engagements are made from the demonstration's, each with an id of its own and other rows in its ledgers. Told are seconds of
elapsed time in one run and their ratios: the batch with notebooks to the same procedures and reports without (at most 1.5), and
what a notebook costs by our engine to what it costs by Papermill's own (at most 1/5), where the cost is what the batch takes
longer than without notebooks, divided by the notebooks. Papermill's own is measured on fewer engagements, since it takes long.
With --grow so many engagements more are taken in, run and reported, for the time each and the memory of the parent.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from assessor import demo, resources
from assessor.assessment import STAGES

WHOLE, NOTEBOOK = 1.5, 1 / 5
VARIED = ("import-sales-ledger.csv", "record-index.csv", "screening-extract.csv", "supplier-changes.csv")


def make(root: Path, count: int, first: int = 0) -> None:
    """`count` engagements whose deliveries wait in their inboxes."""
    case = resources.folder("fixtures") / demo.CASE
    package = root.parent / "package"
    if not package.exists():
        demo.build_package(case, package)
    terms = (case / "engagement.toml").read_text("utf-8")
    for number in range(first, first + count):
        chance = random.Random(number)
        folder = root / f"client-{number:04d}"
        sent = folder / "inbox" / "delivery-1"
        shutil.copytree(package, sent)
        (folder / "engagement.toml").write_text(
            re.sub(r'^id = ".*"$', f'id = "CLIENT-{number:04d}"', terms, count=1, flags=re.MULTILINE), "utf-8"
        )
        for path in sent.rglob("*.csv"):
            if path.name in VARIED:
                heading, *rows = csv.reader(io.StringIO(path.read_text("latin-1")))  # whatever it is in, it stays so
                kept = [row for row in rows if chance.random() > 0.05]
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows([heading, *kept])
                path.write_text(text.getvalue(), "latin-1")


def run(root: Path, engine: str, workers: int) -> tuple[float, float]:
    """A batch by a process of its own; its seconds, and megabytes of the parent alone."""
    command = [sys.executable, "-m", "assessor", "batch", str(root), "--engine", engine, "--workers", str(workers)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--received", "2026-11-04", "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    peak = 0.0

    def watch() -> None:  # what the system tells at the end counts the parent of the processes too
        nonlocal peak
        while process.poll() is None:
            with suppress(OSError):
                told = Path(f"/proc/{process.pid}/status").read_text("utf-8")
                peak = max([peak, *(int(size) / 1024 for size in re.findall(r"VmHWM:\s+(\d+)", told))])
            time.sleep(0.5)

    threading.Thread(target=watch, daemon=True).start()
    told = json.loads(process.stdout.read())
    process.wait()
    seconds = time.perf_counter() - started
    assert told["counts"]["failed"] == 0, told["problems"][:3]
    return seconds, peak


def main(arguments: list[str]) -> int:
    """All measurements; 1 when a limit is passed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("count", type=int, nargs="?", default=50)
    asked.add_argument("workers", type=int, nargs="?", default=2)
    asked.add_argument("--papermill", type=int, default=6)
    asked.add_argument("--grow", type=int, default=0)
    told = asked.parse_args(arguments)
    over = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds: dict[str, float] = {}
        for engine, count in (("none", told.count), ("assessor", told.count), ("papermill", told.papermill)):
            make(folder / engine, count)
            took, memory = run(folder / engine, engine, told.workers)
            seconds[engine] = took / count
            print(
                f"{count} engagements, engine {engine}: {took:.1f} s, {seconds[engine]:.2f} s each; parent {memory:.0f} MB",
                flush=True,
            )
            shutil.rmtree(folder / engine)
        whole = seconds["assessor"] / seconds["none"]
        ours, stock = (seconds[engine] - seconds["none"] for engine in ("assessor", "papermill"))
        over |= whole > WHOLE or ours > NOTEBOOK * stock
        print(f"with notebooks {whole:.2f} times without (at most {WHOLE})")
        print(
            f"a notebook costs {ours / len(STAGES):.3f} s by our engine, {stock / len(STAGES):.3f} s by Papermill's own: "
            f"{ours / stock:.2f} of it (at most {NOTEBOOK:.2f})"
        )
        if told.grow:
            make(folder / "more", told.grow)
            took, memory = run(folder / "more", "assessor", told.workers)
            growth = took / told.grow / seconds["assessor"]
            over |= growth > 1.1
            print(f"{told.grow} engagements: {took / told.grow:.2f} s each, {growth:.2f} times; parent {memory:.0f} MB")
    print(
        "OVER" if over else "within the limits",
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "MB at most",
    )
    return int(over)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
