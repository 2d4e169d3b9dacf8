"""How long intake takes, and what memory, against plain hashing with both digests and copying of the same files.

    python benchmarks/intake.py [FILES] [MEGABYTES]      default: 100000 files of 1 KiB, one file of 2048 MB

Both are done twice in turn, each by a process of its own; told are the shorter times. At most 1.5 times the plain way, and 200 MB of memory beyond what the libraries take.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

TIMES, MEMORY = 1.5, 200
_CHUNK = 1 << 20


def plain(source: Path, target: Path) -> None:
    """Copy every file of a folder, hashing it with both digests on the way."""
    for folder, _, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True)
        for name in names:
            engines = hashlib.sha256(), hashlib.sha512()
            with open(f"{folder}/{name}", "rb") as one, open(f"{place}/{name}", "xb") as other:  # noqa: PTH123
                while piece := one.read(_CHUNK):
                    for engine in engines:
                        engine.update(piece)
                    other.write(piece)
            _ = [engine.hexdigest() for engine in engines]


def child(way: str, source: Path, target: Path) -> None:
    """One way, in this process; prints seconds and megabytes."""
    from assessor.evidence import package

    begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    if way == "plain":
        plain(source, target)
    else:
        target.mkdir()
        package.take_in(target, source, received=date(2026, 1, 2), supplied_by="Client", custodian="")
    seconds = time.perf_counter() - started
    ended = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(seconds, (ended - begun) / 1024, ended / 1024)


def run(way: str, source: Path, folder: Path) -> tuple[float, float, float]:
    """One way in a process of its own. What it wrote stays until the end: some file systems make files slowly for minutes after
    many others were removed, which would count against whoever comes next."""
    target = folder / f"{source.name}-{len(list(folder.iterdir()))}"
    done = subprocess.run(
        [sys.executable, __file__, "--child", way, source, target], capture_output=True, text=True, check=True
    )
    seconds, more, whole = map(float, done.stdout.split())
    return seconds, more, whole


def measured(title: str, source: Path, folder: Path) -> bool:
    """Print the figures of one delivery; whether they are over what is allowed."""
    runs = [(run("plain", source, folder), run("intake", source, folder)) for _ in range(2)]
    base, taken = min(each[0][0] for each in runs), min(each[1][0] for each in runs)
    more, whole = max(each[1][1] for each in runs), max(each[1][2] for each in runs)
    over = taken > TIMES * base or more > MEMORY
    print(
        f"{title}: {taken:.2f} s, {taken / base:.2f} times the plain way ({base:.2f} s); {more:.0f} MB beyond the libraries, "
        f"{whole:.0f} MB in all{' OVER' if over else ''}",
        flush=True,
    )
    return over


def main(count: int = 100_000, megabytes: int = 2048) -> int:
    """Both deliveries; 1 when one is over."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, big = folder / "small", folder / "big"
        for number in range(count):
            place = small / f"lot {number // 1000:03d}"
            if not number % 1000:
                place.mkdir(parents=True)
            (place / f"part {number:06d}.csv").write_bytes(f"part,{number:06d},made in lot\n".encode() * 40)
        over = measured(f"{count:,} files of 1 KiB", small, folder)
        big.mkdir()
        with (big / "image.bin").open("wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(_CHUNK))
        over |= measured(f"one file of {megabytes:,} MB", big, folder)
    return int(over)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
        sys.exit()
    sys.exit(main(*map(int, sys.argv[1:])))
