"""A batch on a Dask cluster against the same batch on this machine, on the same cores, start-up aside.

    python benchmarks/cluster.py [ENGAGEMENTS] [ROUNDS] [ENGINE]     default 12, 3, none; ENGINE as of `assessor batch --engine`

A scheduler and as many workers as there are cores run on loopback. Each round does all stages of the demonstration's evidence again
(`force`), here and there, from the first step of the first engagement to the end of the last, and prints the ratio, which is to be at
most 1.2. On a machine that others use too the single ratios scatter; the one of the sums is the figure.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from assessor import demo, resources
from assessor.batch import Place, Told, Wanted, batch
from tests.batch import machines


class Clock:
    """Hears a batch, and when it began to work and ended."""

    def __init__(self) -> None:
        self.first = self.last = 0.0

    def begun(self, listed: list[Place]) -> None: ...

    def step(self, place: Place, step: str) -> None:
        self.first = self.first or time.monotonic()

    def ended(self, told: Told) -> None:
        if told.outcome == "failed":
            sys.exit(f"{told.name}: {told.message}")
        self.last = time.monotonic()

    def waited(self) -> None: ...


def make(root: Path, count: int) -> None:
    """So many engagements with the demonstration's evidence in their inboxes."""
    case = resources.folder("fixtures") / demo.CASE
    terms = (case / "engagement.toml").read_text("utf-8")
    [known] = [line for line in terms.splitlines() if line.startswith("id = ")][:1]
    for number in range(count):
        folder = root / f"{number:03d}"
        (folder / "inbox").mkdir(parents=True)
        (folder / "engagement.toml").write_text(terms.replace(known, f'id = "{number:03d}"', 1), "utf-8")
        demo.build_package(case, folder / "inbox" / "first")


def seconds(root: Path, wanted: Wanted, cores: int, cluster: str) -> float:
    """How long a batch worked."""
    clock = Clock()
    batch(str(root), wanted, workers=cores, cluster=cluster, progress=clock)
    return clock.last - clock.first


def main() -> None:
    """Run and print."""
    given = [*sys.argv[1:], *("12", "3", "none")[len(sys.argv) - 1 :]]
    count, rounds, engine = int(given[0]), int(given[1]), given[2]
    cores = len(os.sched_getaffinity(0))
    wanted = Wanted(until="run", force=True, engine=engine, received="2026-11-04")
    folder = Path(tempfile.mkdtemp())
    here, there = [], []
    try:
        with ExitStack() as stack:
            address, _ = stack.enter_context(machines.scheduler(folder, {}))
            for number in range(cores):
                stack.enter_context(machines.worker(folder, address, {}, name=f"worker-{number}"))
            make(folder / "all", count)
            seconds(folder / "all", wanted, cores, "")  # takes the deliveries in
            for _ in range(rounds):
                here.append(seconds(folder / "all", wanted, cores, ""))
                there.append(seconds(folder / "all", wanted, cores, address))
                print(
                    f"here {here[-1]:.1f} s, on the cluster {there[-1]:.1f} s, ratio {there[-1] / here[-1]:.2f}",
                    flush=True,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} engagements, {cores} cores, engine {engine}: ratio {sum(there) / sum(here):.2f} (at most 1.2)")


if __name__ == "__main__":
    main()
