"""`assessor compare` of 100,000 components each side: two bills of materials and two engagements, the whole command.

    python benchmarks/compare.py [COMPONENTS]     default 100,000

The second side is in another order; a twentieth of its components has another version, and a few have another supplier, are gone or
were added. The worst case has another version of every one. Times are those of a clock, with CPU seconds of the process and where they
go: reading both sides, taking components for each other, working out what is to be told, and writing it as JSON. The limit is 3
seconds, which is one of the machine without other work: the CPU seconds stand beside it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT = 3.0
TERMS = """[engagement]
id = "B-{year}"
dated = {year}-12-01
period = {{from = {year}-01-01, to = {year}-12-31}}
rule_version = "2025-04-24"
[client]
name = "Client"
roles = ["connected_vehicle_manufacturer"]
[firm]
name = "Firm"
"""


def parts(count: int, *, later: bool, all_changed: bool = False) -> list[dict[str, Any]]:
    """Components as CycloneDX has them."""
    found: list[dict[str, Any]] = []
    for number in range(count):
        version, supplier = f"{number % 9}.{number % 7}.{number % 5}", f"Supplier {number % 500} Ltd."
        if later and (all_changed or number % 20 == 0):
            version += ".1"
        if later and number % 500 == 1:
            supplier = "New Owner GmbH"
        if later and number % 1000 == 2:
            continue
        found.append(
            {
                "type": "library",
                "bom-ref": f"{later}-{number}",
                "name": f"part-{number}",
                "version": version,
                "supplier": {"name": supplier},
                "author": supplier,
                "purl": f"pkg:generic/part-{number}@{version}",
                "hashes": [{"alg": "SHA-256", "content": f"{number * 104729 + len(version):064x}"}],
                "licenses": [{"license": {"name": "Proprietary"}}],
            }
        )
    if later:
        random.Random(1).shuffle(found)
        found += [{"name": f"new-{number}", "version": "1", "supplier": {"name": "Fresh Co"}} for number in range(100)]
    return found


def bill(path: Path, listed: list[dict[str, Any]]) -> Path:
    """Write a bill of materials."""
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"name": "product"}}}
    path.write_text(json.dumps({**head, "components": listed}), "utf-8")
    return path


def engagement(root: Path, source: Path, year: int) -> Path:
    """An engagement that holds the components of a bill, a tenth of them in scope, and nothing else."""
    import pyarrow.parquet as pq

    from assessor.bom.bill import read_file
    from assessor.evidence import tables
    from assessor.results import Outcome, ProcedureResult, to_json

    (root / "tables").mkdir(parents=True)
    (root / "results").mkdir()
    (root / "engagement.toml").write_text(TERMS.format(year=year), "utf-8")
    read = read_file(source)
    (root / "register.jsonl").write_text(
        json.dumps({"id": read.sha256, "delivery": "001", "path": "a.json", "sha256": read.sha256}) + "\n", "utf-8"
    )
    for name in tables.SCHEMAS:
        pq.write_table(
            read.components if name == "components" else tables.arrow(name, []), root / "tables" / f"{name}.parquet"
        )
    places = zip(*(read.components[name].to_pylist()[::10] for name in ("source", "locator", "name")), strict=True)
    relevant = [{"evidence": f"{item} {place}", "scope": "in_scope", "name": name} for item, place, name in places]
    result = ProcedureResult(
        *("s301_scope", "791.301", "Scope", Outcome.CONFORMS, "because", "all", (), ()), tables={"relevant": relevant}
    )
    (root / "results" / "s301_scope.json").write_text(to_json(result), "utf-8")
    return root


def command(one: Path, other: Path) -> str:
    """The whole command, as a user starts it."""
    begin = time.perf_counter()
    with Path(os.devnull).open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "assessor", "compare", str(one), str(other), "--json"], stdout=out
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, cpu = time.perf_counter() - begin, used.ru_utime + used.ru_stime
    return (
        f"{seconds:5.2f} s of {LIMIT} (CPU {cpu:5.2f} s), {used.ru_maxrss / 1e3:.0f} MB, exit code {process.returncode}"
    )


def steps(one: Path, other: Path) -> str:
    """Where the CPU seconds go within a process that has loaded the code."""
    import io

    from assessor.comparison import comparing, components, sides, told
    from assessor.workplace import workplace

    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin = time.process_time()
        made = work()
        spent[name] = time.process_time() - begin
        return made

    with workplace("assessor-benchmark-") as work:
        both = timed("reading", lambda: [sides.opened(path, work) for path in (one, other)])
        timed("matching", lambda: components.matched(*both, {}))
        found = timed("all of the comparison", lambda: comparing.between(*both))
        timed("writing", lambda: told.write_json(found, io.BytesIO()))
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in spent.items())


def main(count: int) -> None:
    """Print a line for each case."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        old = bill(folder / "old.json", parts(count, later=False))
        new = bill(folder / "new.json", parts(count, later=True))
        every = bill(folder / "every.json", parts(count, later=True, all_changed=True))
        first, second = engagement(folder / "first", old, 2026), engagement(folder / "second", new, 2027)
        for words, one, other in (
            ("two bills of materials", old, new),
            ("two bills, every component changed", old, every),
            ("two engagements", first, second),
        ):
            print(f"{words}: {command(one, other)}; {steps(one, other)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
