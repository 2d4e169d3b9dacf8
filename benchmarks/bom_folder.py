"""A folder of bills of materials through `assessor bom`: seconds, cores busy and memory, for each of its outputs.

    python benchmarks/bom_folder.py [FILES]     default 300 of about 1 MB; 3,000 needs 3 GB and 5 GB for the answer

Cores busy are CPU seconds by seconds, to be held against the cores that there are. On a machine that others use too the
figure is lower through no fault of ours, so beside it stands how much of the cores was idle meanwhile (Linux; none is right).
Memory is the peak of resident bytes: of the process that asks, and of the greatest of those that read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bom import pieces

COMPONENTS = 1250
OUTPUTS = ((), ("--gaps",), ("--json",), ("--csv",), ("--gaps", "--json"))


def make(folder: Path, count: int) -> int:
    """So many files in folders of a hundred, each different; the bytes of all."""
    text = "".join(pieces(COMPONENTS))
    for number in range(count):
        path = folder / f"plant-{number // 100:02d}" / f"{number:04d}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace('"Stack"', f'"Stack {number}"'))
    return sum(path.stat().st_size for path in folder.rglob("*.json"))


def peaks(process: subprocess.Popen[bytes], found: dict[int, int]) -> None:
    """Peak resident kilobytes of a process and its children, looked up until it ends."""
    while process.returncode is None:
        own = Path(f"/proc/{process.pid}")
        try:
            children = [n for each in own.glob("task/*/children") for n in each.read_text().split()]
            for number in (process.pid, *map(int, children)):
                status = Path(f"/proc/{number}/status").read_text()
                found[number] = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        except (OSError, StopIteration):  # it has just ended
            pass
        time.sleep(0.02)


def idle() -> float:
    """Seconds for which cores had nothing to do since the machine started, all cores together."""
    try:
        told = Path("/proc/stat").read_text().split()
    except OSError:
        return 0.0
    return int(told[4]) / os.sysconf("SC_CLK_TCK")


def measure(folder: Path, options: tuple[str, ...], answer: Path) -> str:
    """One run of the command, in words."""
    begin, waited = time.perf_counter(), idle()
    with answer.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "assessor", "bom", str(folder), *options], stdout=out, stderr=subprocess.DEVNULL
        )
        found: dict[int, int] = {}
        watch = threading.Thread(target=peaks, args=(process, found))
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.join()
    seconds, waited = time.perf_counter() - begin, idle() - waited
    cpu = used.ru_utime + used.ru_stime
    own = found.pop(process.pid, 0)
    return (
        f"{' '.join(options) or 'for people':<14} {seconds:6.1f} s, CPU {cpu:6.1f} s, cores busy {cpu / seconds:.2f} "
        f"(idle {waited / seconds:.2f}), memory {own / 1e3:.0f} MB and {max(found.values(), default=0) / 1e3:.0f} MB, "
        f"answer {answer.stat().st_size / 1e6:,.1f} MB, exit code {process.returncode}"
    )


def main(count: int) -> None:
    """Print a line for each output."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bills"
        folder.mkdir()
        size = make(folder, count)
        print(f"{count:,} files, {size / 1e6:,.0f} MB, {count * COMPONENTS:,} components; {os.cpu_count()} cores")
        for options in OUTPUTS:
            print(measure(folder, options, Path(place) / "answer"), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
