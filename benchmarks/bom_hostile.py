"""Hostile bills of materials: seconds and peak memory of `assessor bom`, and of its --json, against 5 s and 500 MB.

A file may take 5 s for each 100,000 components that are read from it, where it has more than these: what it is long for is then
its honest content, all of which is kept. Cases named `honest` have nothing hostile but their size; their time is only shown.

    python benchmarks/bom_hostile.py [PART OF A NAME ...]     default: all

Times are CPU seconds of the command. Each file is a few megabytes to some tens of megabytes and says little or lies. A command
that starts takes about 0.7 s of the time and 150 MB of the memory by itself.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from hostile_sheets import SHEETS
from hostile_texts import TEXTS

SECONDS, MEGABYTES, COMPONENTS = 5.0, 500, 100_000
HONEST = "honest"
MAKE = "--make"
COUNTED = re.compile(r"(?:read|unreadable)\s+([\d,]+)")
"""Status and number of components in the line that the command prints of a file."""
HEAD = b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":['
SPDX_HEAD = b'{"spdxVersion":"SPDX-2.3","name":"x","packages":['


def _times(text: str, count: int) -> bytes:
    """The text so many times with its number in it, separated by commas."""
    return ",".join([text.replace("%", str(number)) for number in range(count)]).encode()


JSON: dict[str, Callable[[], bytes]] = {
    "json-documents": lambda: b'{"bomFormat":"CycloneDX","components":[{"name":"a"}]}\n' * 50_000,
    "json-nulls": lambda: HEAD + b",".join([b"null"] * 1_000_000) + b"]}",
    "json-empty-objects": lambda: HEAD + b",".join([b"{}"] * 3_000_000) + b"]}",
    "json-names": lambda: HEAD + b",".join([b'{"name":"a"}'] * 1_000_000) + b"]}",
    "json-licences": lambda: HEAD + _times('{"name":"a%","licenses":[{"expression":"MIT AND X-%"}]}', 100_000) + b"]}",
    "json-suppliers": lambda: HEAD + _times('{"name":"a","supplier":{"name":"S%","url":[]}}', 300_000) + b"]}",
    "json-doubled-keys": lambda: HEAD + _times('{"name":"a%","name":"b%","version":"1"}', 100_000) + b"]}",
    "json-numbers-for-texts": lambda: HEAD + _times('{"name":"a%","version":%}', 100_000) + b"]}",
    "json-deep": lambda: HEAD + b'{"components":[' * 100_000 + b"]}" * 100_000 + b"]}",
    "json-deep-values": lambda: HEAD + b'{"name":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "json-deep-metadata": lambda: b'{"bomFormat":"CycloneDX","metadata":' + b"[" * 5_000_000 + b"]" * 5_000_000 + b"}",
    "json-nested-400": lambda: HEAD + (b'{"name":"a","components":[' * 400 + b"]}" * 400 + b",") * 500 + b"{}]}",
    "json-string-50MB": lambda: HEAD + b'{"name":"' + b"x" * 50_000_000 + b'"}]}',
    "json-string-without-end": lambda: HEAD + b'{"name":"' + b"x" * 50_000_000,
    "json-integer": lambda: HEAD + b'{"name":"a","version":' + b"9" * 5_000_000 + b"}]}",
    "json-infinities": lambda: HEAD + _times('{"name":"a%","x":NaN,"y":-Infinity}', 100_000) + b"]}",
    "json-surrogates": lambda: HEAD + _times('{"name":"a%\\ud800","version":"\\u0000"}', 100_000) + b"]}",
    "json-members": lambda: b'{"bomFormat":"CycloneDX",' + _times('"k%":1', 1_000_000) + b"}",
    "json-bad-bytes": lambda: HEAD + b",".join([b'{"name":"\xff\xfe"}'] * 100_000) + b"]}",
    "json-quotes": lambda: HEAD + b'{"name":"a""},' * 200_000,
    "json-brackets": lambda: HEAD + b"{[" * 2_000_000,
    "json-utf-32": lambda: (HEAD.decode() + '{"name":"a"},' * 300_000 + "{}]}").encode("utf-32"),
    "json-properties": lambda: (
        HEAD + b'{"name":"a","properties":[' + _times('{"name":"cdx:device:%","value":"%"}', 500_000) + b"]}]}"
    ),
    "json-hashes": lambda: (
        HEAD + b'{"name":"a","hashes":[' + _times('{"alg":"SHA-%","content":"abcdefabcdef"}', 500_000) + b"]}]}"
    ),
    "json-gzip-bomb": lambda: gzip.compress(HEAD + b" " * 300_000_000),
    "json-dsse-in-dsse": lambda: b'{"payload":"' * 200_000,
    "spdx-nulls": lambda: SPDX_HEAD + b",".join([b"null"] * 1_000_000) + b"]}",
    "spdx-empty-objects": lambda: SPDX_HEAD + b",".join([b"{}"] * 1_000_000) + b"]}",
    "spdx-ring": lambda: (
        SPDX_HEAD
        + _times('{"SPDXID":"SPDXRef-%","name":"%"}', 50_000)
        + b'],"relationships":['
        + b",".join(
            [
                b'{"spdxElementId":"SPDXRef-%d","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-%d"}'
                % (n, (n + 1) % 50_000)
                for n in range(50_000)
            ]
        )
        + b"]}"
    ),
    "spdx-relationships": lambda: (
        SPDX_HEAD
        + b'{"SPDXID":"SPDXRef-a","name":"a"}],"relationships":['
        + b",".join(
            [b'{"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"}'] * 300_000
        )
        + b"]}"
    ),
    "spdx3-graph": lambda: (
        b'{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":['
        + _times('{"type":"software_Package","spdxId":"urn:%","name":"n%","suppliedBy":"urn:x"}', 200_000)
        + b"]}"
    ),
    "spdx3-nulls": lambda: (
        b'{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":['
        + b",".join([b"null"] * 1_000_000)
        + b"]}"
    ),
}
CASES: dict[str, Callable[[], bytes]] = {**JSON, **SHEETS, **TEXTS}


def measure(path: Path, *options: str) -> tuple[float, float, int, str]:
    """Seconds, peak megabytes and exit code of the command on a file, and the line that it says of the file or its last error."""
    out, err = path.with_suffix(".out"), path.with_suffix(".err")
    with out.open("wb") as told, err.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "assessor", "bom", *options, str(path)], stdout=told, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
    # what it takes of a core: other work on the machine makes the wall clock longer
    took, code = usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)
    with (out if code in (0, 1) else err).open(errors="replace") as file:
        said = [line for line in file.read(4000).splitlines() if line.strip()]
    wanted = said[1:2] if code in (0, 1) else said[-1:]
    return took, usage.ru_maxrss / 1024, code, "".join(wanted).strip()[:110].replace(str(path), "")


def main(parts: list[str]) -> int:
    """Print each case; the answer is the number of those beyond a limit."""
    failed = 0
    for name in CASES:
        if parts and not any(part in name for part in parts):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "evidence"
            # by a process of its own: what this one holds would count as memory of those that it starts
            subprocess.run([sys.executable, __file__, MAKE, name, str(path)], check=True)
            size = path.stat().st_size / 1e6
            count = 0
            for options in ((), ("--json",)):
                took, peak, code, said = measure(path, *options)
                if match := COUNTED.search(said):  # the second run does not print it
                    count = int(match[1].replace(",", ""))
                late = HONEST not in name and took > SECONDS * max(1, count / COMPONENTS)
                over = late or peak > MEGABYTES or code not in (0, 1)
                failed += over
                what = f"{name} {' '.join(options)}"
                print(
                    f"{'OVER' if over else 'ok':<5}{what:<32}{size:7.1f} MB {took:6.1f} s {peak:6.0f} MB  {said}",
                    flush=True,
                )
    return failed


if __name__ == "__main__":
    if sys.argv[1:2] == [MAKE]:
        Path(sys.argv[3]).write_bytes(CASES[sys.argv[2]]())
    else:
        sys.exit(bool(main(sys.argv[1:])))
