"""Bills of materials in CycloneDX JSON: time and memory against the bare parse of the same bytes and against lib4sbom.

    python benchmarks/bom.py [COMPONENTS]     default 100,000; lib4sbom is compared when it is installed

Times are CPU seconds of this process, the best of three, in one run; each figure has its limit beside it. Against lib4sbom, which
uses one core, it is the time until the table is there, with the CPU seconds beside it; on a machine that is busy with other work the
second core helps less.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import simdjson

from assessor.evidence import tables
from assessor.evidence.readers import opened
from assessor.evidence.readers.base import Reading
from assessor.evidence.readers.bills import bom_json
from assessor.evidence.readers.bills.json_stream import Stream

LICENCES = ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only WITH Classpath-exception-2.0", None]
LARGE = 500 << 20
SOURCE = "E-0001"


def component(number: int) -> dict[str, Any]:
    """A component as scanners write them: some 800 bytes, a supplier for every fifth."""
    name, version = f"pkg-{number}", f"{number % 90}.{number % 7}.1"
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:npm/{name}@{version}",
        "name": name,
        "version": version,
        "description": f"A component that does a number of things for other components, invented {number}",
        "hashes": [
            {"alg": "SHA-1", "content": f"{number * 7919:040x}"},
            {"alg": "SHA-256", "content": f"{number * 104729:064x}"},
        ],
        "purl": f"pkg:npm/{name}@{version}",
        "externalReferences": [
            {"type": "website", "url": f"https://example.org/{name}"},
            {"type": "vcs", "url": f"https://example.org/git/{name}.git"},
        ],
        "properties": [{"name": "cdx:npm:package:path", "value": f"node_modules/{name}"}],
    }
    if licence := LICENCES[number % len(LICENCES)]:
        told["licenses"] = [{"expression": licence} if " " in licence else {"license": {"id": licence}}]
    if number % 5 == 0:
        told["supplier"] = {"name": f"Supplier {number % 50} GmbH", "url": ["https://example.org"]}
    if number % 3 == 0:
        told["author"] = f"Author {number % 40}"
    return told


def pieces(count: int | None, size: int | None = None) -> Iterator[str]:
    """A document of so many components, or of about so many bytes, in pieces."""
    yield (
        '{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"timestamp": "2026-01-01T00:00:00Z", '
        '"authors": [{"name": "Ada"}], "component": {"type": "application", "name": "Stack"}}, "components": ['
    )
    number = written = 0
    while (count is not None and number < count) or (size is not None and written < size):
        piece = (", " if number else "") + json.dumps(component(number))
        written += len(piece)
        number += 1
        yield piece
    yield '], "dependencies": ['
    yield ", ".join(
        json.dumps({"ref": f"pkg:npm/pkg-{n}@1", "dependsOn": [f"pkg:npm/pkg-{n + 1}@1"]}) for n in range(number)
    )
    yield "]}"


def best(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """The least CPU seconds and the least elapsed seconds of several runs."""
    busy, elapsed = [], []
    for _ in range(times):
        gc.collect()
        begin, since = time.process_time(), time.perf_counter()
        work()
        busy.append(time.process_time() - begin)
        elapsed.append(time.perf_counter() - since)
    return min(busy), min(elapsed)


def parse(data: bytes) -> None:
    """The bare parse, with a parser of its own, as a reader would meet the file."""
    simdjson.Parser().parse(data)


def load(path: Path) -> None:
    """Every part and element found, nothing understood."""
    with opened.json_bytes(path, Reading()) as file:
        for parts in Stream(file, []).documents():
            for _ in parts:
                pass


def read(path: Path) -> int:
    """File to table with problems."""
    reading = bom_json.read(path, SOURCE)
    return tables.arrow("components", reading.tables["components"]).num_rows


def peak(path: Path) -> tuple[int, int]:
    """Peak bytes of a process that reads the file, beyond those of one that reads an empty bill; and the table's bytes."""
    code = (
        "import sys; from pathlib import Path; from assessor.evidence import tables; "
        "from assessor.evidence.readers.bills import bom_json; r = bom_json.read(Path(sys.argv[1]), 'E'); "
        "t = tables.arrow('components', r.tables['components']); "
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')), t.nbytes)"
    )  # not getrusage: after a fork its peak is that of the parent
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small"
        small.write_text(
            '{"bomFormat": "CycloneDX", "components": [{"name": "a", "licenses": [{"license": {"id": "MIT"}}]}]}'
        )
        told = [
            subprocess.run(
                [sys.executable, "-c", code, str(p)], check=True, capture_output=True, text=True
            ).stdout.split()
            for p in (small, path)
        ]
    return 1024 * (int(told[1][0]) - int(told[0][0])), int(told[1][1])


def main(count: int) -> None:
    """Print each figure with its limit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill.json"  # lib4sbom goes by the name
        with path.open("w") as file:
            file.writelines(pieces(count))
        data, size = path.read_bytes(), path.stat().st_size
        floor, loading = best(lambda: parse(data))[0], best(lambda: load(path))[0]
        whole, until = best(lambda: read(path), 5)
        print(f"{count:,} components, {size / 1e6:.0f} MB; {os.cpu_count()} cores")
        print(f"bare parse {floor:.3f} s; loading {loading:.3f} s, {loading / floor:.1f} x (at most 4); ", end="")
        print(f"to a table {whole:.3f} s, {whole / floor:.1f} x (at most 10)")
        try:
            from lib4sbom.parser import SBOMParser
        except ImportError:
            print("lib4sbom is not installed")
        else:
            other, ended = best(lambda: SBOMParser().parse_file(str(path)), 1)
            print(
                f"table after {until:.2f} s, by lib4sbom after {ended:.2f} s: {ended / until:.1f} x ours (at least 20); ",
                end="",
            )
            print(f"CPU seconds {other / whole:.1f} x")
        beyond, table = peak(path)
        print(f"memory {beyond / size:.2f} x the file with a table of {table / size:.2f} x (at most 2 x and the table)")
        with path.open("w") as file:
            file.writelines(pieces(None, LARGE))
        size = path.stat().st_size
        beyond, table = peak(path)
        print(
            f"{size / 1e6:.0f} MB: memory {(beyond - table) / 1e6:.0f} MB beyond a table of {table / 1e6:.0f} MB (at most 100)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
