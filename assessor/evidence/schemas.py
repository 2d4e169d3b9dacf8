"""Bills of materials against the official schemas, in a process of their own with limits of size, time and memory.

The libraries are those of the extra `validate`: cyclonedx-python-lib carries the schemas of CycloneDX 1.0 to 1.7 (XML) and
1.2 to 1.7 (JSON); spdx-tools, the SPDX project's own library, knows SPDX 2.2 and 2.3; spdx-python-model are the classes that
the same project makes from the shapes of SPDX 3.0.1. No network is used: what they need is in their packages.

What a document is held against never changes what was read of it: the verdict stands beside the reading.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from assessor.errors import AssessorError
from assessor.evidence import confined, schema_worker
from assessor.evidence.readers import charsets, opened
from assessor.evidence.readers.base import Problem, Reading, Unreadable, printable
from assessor.evidence.readers.xml_source import Source

VALID, INVALID, UNCHECKED, NO_SCHEMA = "valid", "invalid", "unchecked", "no_schema"
"""The words for a file: it keeps its schema; it does not; the check did not come to its end; there is nothing to check with."""
_WORST = (INVALID, UNCHECKED, NO_SCHEMA, VALID)
SIZE, SECONDS, MEMORY = 16 << 20, 60.0, 1 << 30
"""Bytes (unpacked) beyond which a file is not validated, and what a single file may take."""
_LIBRARIES = (
    "cyclonedx",
    "jsonschema",
    "rfc3986_validator",
    "lxml",
    "license_expression",
    "spdx_tools",
    "spdx_python_model",
)
_PIECE = 1 << 20
_MARK = "schema: "


@dataclass(frozen=True)
class Verdict:
    """What the schemas say of one file: `valid`, `invalid`, `unchecked` or `no_schema`, with their messages, and notes on
    what was not validated and why."""

    validity: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def require() -> None:
    """Raises AssessorError when the libraries of the extra `validate` are not installed; imports none of them."""
    if not all(find_spec(name) for name in _LIBRARIES):
        raise AssessorError(
            "Validating needs the extra `validate`, which is not installed; install it with "
            "`pip install 'assessor[validate]'`, or leave out --validate."
        )


class Validator:
    """A process that holds files against their schemas, one after another; to be used in a `with` statement.

    It is started when the first file comes, and anew after one that it did not survive.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Validator:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def check(self, path: Path, reading: Reading) -> Verdict:
        """The verdict on a file that was read; raises nothing for what is in it."""
        if reading.serialization not in ("json", "jsonld", "xml", "yaml", "rdf", "tag-value"):
            return Verdict(NO_SCHEMA, notes=("not validated: no official schema exists for sheets",))
        try:
            with opened.unpacked(path) as real, _prepared(real, reading) as plain:
                if plain is None:
                    told = f"not validated: the file has more than {SIZE >> 20} MB, which validating is limited to"
                    return Verdict(UNCHECKED, notes=(told,))
                return _verdict(self._asked(plain, reading))
        except Unreadable as error:
            return Verdict(UNCHECKED, notes=(f"not validated: {error}",))
        except Exception as error:  # an item must never stop the others
            self.close()
            told = f"not validated: {type(error).__name__}: {printable(str(error)[:200])}"
            return Verdict(UNCHECKED, notes=(told,))

    def _asked(self, path: Path, reading: Reading) -> dict[str, Any]:
        version = f"SPDX-{reading.spec_version}" if reading.format == "spdx" else reading.spec_version
        request = {"path": str(path), "serialization": reading.serialization, "version": version}
        process = self._process = self._process or confined.start(schema_worker.__name__, MEMORY, int(SECONDS) + 10)
        ended = threading.Event()

        def end() -> None:
            ended.set()
            process.kill()

        timer = threading.Timer(SECONDS, end)
        timer.start()
        try:
            confined.pipe(process.stdin).write(f"{json.dumps(request)}\n")
            confined.pipe(process.stdin).flush()
            line = confined.pipe(process.stdout).readline()
        except OSError:  # it has ended already
            line = ""
        finally:
            timer.cancel()
            timer.join()
        answer = json.loads(line) if line.endswith("\n") else {"failed": "time" if ended.is_set() else "end"}
        if answer.get("failed") in ("memory", "time", "end") or ended.is_set():
            self.close()
        return dict(answer)


def _verdict(answer: dict[str, Any]) -> Verdict:
    failed = answer.get("failed")
    if failed:
        told = {
            "time": f"the validator took more than {SECONDS:g} seconds and was stopped",
            "memory": f"the validator needs more than {MEMORY >> 20} MB of memory",
            "nesting": "the document is nested too deeply for the validator",
            "end": "the validator ended without an answer",
        }.get(failed, f"the validator failed ({failed})")
        return Verdict(UNCHECKED, notes=(f"not validated: {printable(told)}",))
    documents = answer["documents"]
    if not documents:
        return Verdict(UNCHECKED, notes=("not validated: the validator finds no document in a known format",))
    problems = []
    for document in documents:
        problems += [
            Problem(printable(place), printable(_MARK + words), printable(excerpt))
            for place, words, excerpt in document["messages"]
        ]
        if more := document["more"]:
            least = " or more" if more + len(document["messages"]) >= schema_worker.COUNTED else ""
            problems.append(Problem("", f"{_MARK}{more:,}{least} further messages are not listed"))
    notes = [f"not validated: {printable(note)}" for document in documents for note in document["notes"]]
    worst = min((document["validity"] for document in documents), key=_WORST.index)
    return Verdict(worst, tuple(problems), tuple(dict.fromkeys(notes)))


@contextmanager
def _prepared(path: Path, reading: Reading) -> Iterator[Path | None]:
    """The file as UTF-8, XML without its document type, as the reader saw it; None when it is too large."""
    if path.stat().st_size > 4 * SIZE:  # whatever its encoding
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "document"
        count = 0
        with plain.open("wb") as target:
            for piece in _pieces(path, reading.serialization):
                count += len(piece)
                if count > SIZE:
                    break
                target.write(piece)
        yield plain if count <= SIZE else None


def _pieces(path: Path, serialization: str) -> Iterator[bytes]:
    if serialization in ("json", "jsonld"):
        with closing(opened.json_bytes(path, Reading())) as file:
            while piece := file.read(_PIECE):
                yield piece
    elif serialization in ("xml", "rdf"):
        source = Source(path)
        if source.typed:
            raise Unreadable("the file declares a document type, of which nothing is ever read")
        yield from source.chunks()
    else:
        yield from charsets.examine(path).chunks()
