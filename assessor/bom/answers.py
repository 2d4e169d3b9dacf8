"""The answer of the command: of each file what is to be shown, and nothing else, is held until all files were read.

Texts (rows of components or gaps) wait in a temporary folder, so that neither they nor the tables are ever in memory together,
and so that nothing half-written is shown when something fails before the end.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from assessor.bom import pool
from assessor.bom.listing import Found, found
from assessor.bom.summary import Summary, entry, plain

FEW = 16 << 20
"""Bytes below which starting other processes costs more than it saves."""
_PIECE = 1 << 20
_MANY, _SHOWN, _SHOWN_OF_MANY = 200, 20, 3
"""Above so many files fewer problems of each are told."""

Progress = Callable[[int, int, int, int], None]
"""Hears of files read, all files, bytes read, all bytes; several times with the same numbers while it takes long."""


@dataclass(frozen=True)
class Answer:
    """What is known of each file, in the order of the files; the links that were left out; and where the texts stand."""

    summaries: tuple[Summary, ...]
    left_out: tuple[Found, ...]
    shape: str
    _texts: tuple[pool.Answered, ...]

    def write_rows(self, out: BinaryIO, between: bytes = b"") -> None:
        """The rows of all files, in their order."""
        self._copy(out, [(each.target, each.rows) for each in self._texts], between)

    def write_json(self, out: BinaryIO) -> None:
        """The JSON document with files and components: keys sorted, a component or a file a line."""
        out.write(b'{\n  "components": [')
        self._listed(out, [(each.target, each.rows) for each in self._texts])
        out.write(b'],\n  "files": [')
        begin = b"\n    "
        for known, each in zip(self.summaries, self._texts, strict=True):
            out.write(begin)
            begin = b",\n    "
            if each.entry[1]:
                self._copy(out, [(each.target, each.entry)], b"")
            else:  # of a file that was not read to the end
                out.write(entry(known))
        out.write(b"\n  ],\n")
        links = [{"path": plain(each.path), "reason": plain(each.reason)} for each in self.left_out]
        out.write(b'  "left_out": ' + msgspec.json.encode(links) + b",\n")
        out.write(b'  "ok": ' + (b"true" if all(each.clean for each in self.summaries) else b"false") + b"\n}\n")

    def write_gaps_json(self, out: BinaryIO) -> None:
        """The JSON document with the gaps."""
        out.write(b'{\n  "gaps": [')
        self._listed(out, [(each.target, each.rows) for each in self._texts])
        bad = [each for each in self.summaries if not each.clean]
        told = [{"path": each.path, "reason": each.reason, "status": each.status} for each in bad]
        out.write(b'],\n  "not_read": ' + msgspec.json.encode(told) + b",\n")
        out.write(b'  "ok": ' + (b"false" if bad or self.any_rows else b"true") + b"\n}\n")

    @property
    def heading(self) -> bytes:
        """The first line of CSV."""
        from assessor.bom import texts

        return texts.heading(texts.GAPS if self.shape.startswith("gaps") else texts.COMPONENTS)

    @property
    def any_rows(self) -> bool:
        """Whether there is any row."""
        return any(each.rows[1] for each in self._texts)

    def _listed(self, out: BinaryIO, spans: list[tuple[Path, tuple[int, int]]]) -> None:
        if self.any_rows:
            out.write(b"\n")
            self._copy(out, spans, b",\n")
            out.write(b"\n  ")

    def _copy(self, out: BinaryIO, spans: list[tuple[Path, tuple[int, int]]], between: bytes) -> None:
        opened: dict[Path, BinaryIO] = {}
        begin = b""
        try:
            for target, (place, length) in spans:
                if not length:
                    continue
                file = opened.get(target) or opened.setdefault(target, target.open("rb"))
                out.write(begin)
                begin = between
                file.seek(place)
                while length:
                    piece = file.read(min(length, _PIECE))
                    if not piece:
                        raise pool.no_room(target.parent, "it was cut off")
                    out.write(piece)
                    length -= len(piece)
        finally:
            for file in opened.values():
                file.close()


@contextmanager
def answer(
    paths: Sequence[Path],
    shape: str = "counts",
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    validate: bool = False,
) -> Iterator[Answer]:
    """Read files and, at any depth, those in folders; the texts are there until the `with` statement ends.

    `shape` says what is wanted of the components: `counts` (nothing), `json`, `csv`, `gaps` (text), `gaps_json`, `gaps_csv`.
    A file that is no bill of materials or cannot be read is unreadable with the reason. Raises EvidenceError for a path that
    does not exist, for folders without any file and where there is no room for the texts; AssessorError for `validate` without
    the extra of that name.
    """
    if validate:
        from assessor.evidence import schemas

        schemas.require()
    files, left_out = found(paths)
    with tempfile.TemporaryDirectory(prefix="assessor-bom-") as folder:
        shown = _SHOWN if len(files) <= _MANY else _SHOWN_OF_MANY
        work = pool.Work(shape, Path(folder), validate, shown)
        told: list[pool.Answered | None] = [None] * len(files)
        with closing(answered(files, work, workers, progress)) as coming:
            for each in coming:
                told[each.number] = each
        whole = tuple(each for each in told if each is not None)
        yield Answer(tuple(each.summary for each in whole), tuple(left_out), shape, whole)


def answered(
    files: Sequence[Found], work: pool.Work, workers: int | None, progress: Progress | None, ahead: int | None = None
) -> Generator[pool.Answered, None, None]:
    """The answers to all files, by several processes where that pays; in order when `ahead` says how many may be read before
    their turn, otherwise as they come, large files first, so that no core waits for the last of them."""
    numbered = [(number, each) for number, each in enumerate(files)]
    told = progress or (lambda *_: None)
    done, read, size = 0, 0, sum(each.size for each in files)
    processes = _processes(files, workers)
    told(0, len(files), 0, size)
    if not processes:
        coming: Generator[pool.Answered | None, None, None] = _here(numbered, work)
    else:
        if ahead is None:
            numbered.sort(key=lambda each: -each[1].size)
        coming = _elsewhere(numbered, work, processes, ahead)
    with closing(coming):  # at once when this is left: the folder of the texts is about to go
        for each in coming:
            if each is not None:
                done, read = done + 1, read + files[each.number].size
                yield each
            told(done, len(files), read, size)


def _processes(files: Sequence[Found], workers: int | None) -> int:
    """How many processes: as many as were asked for, otherwise one a core where there is much to read; 0 for this one.

    On a single core there is one all the same, so that a file which ends it does not end the others.
    """
    real = sum(not each.reason for each in files)
    if real <= 1 or workers == 1 or (workers is None and sum(each.size for each in files) <= FEW):
        return 0
    return min(workers or _cores(), real)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _here(numbered: Sequence[tuple[int, Found]], work: pool.Work) -> Generator[pool.Answered | None, None, None]:
    from assessor.bom import worker
    from assessor.evidence import schemas

    with schemas.Validator() if work.validate else nullcontext() as validator:
        for number, each in numbered:
            target = work.folder / (str(number) if work.apart else "of-0")
            if each.reason:
                yield _refused(number, each, target)
                continue
            try:
                told = worker.note(each.path, work.shape, target, work.shown, validator)
            except OSError as error:
                raise pool.no_room(work.folder, error.strerror or str(error)) from None
            yield pool.Answered(number, told.summary, target, told.rows, told.entry)


def _elsewhere(
    numbered: Sequence[tuple[int, Found]], work: pool.Work, processes: int, ahead: int | None
) -> Generator[pool.Answered | None, None, None]:
    """As `pool.each`; what is not to be opened needs no process, and takes its place in the order."""
    refused = [(number, each) for number, each in numbered if each.reason]
    if not refused:
        yield from pool.each(numbered, work, processes, ahead=ahead)
        return
    waiting = iter(refused)
    following = next(waiting, None)
    with closing(pool.each([each for each in numbered if not each[1].reason], work, processes, ahead=ahead)) as coming:
        for told in coming:
            while told and following and following[0] < told.number:
                yield _refused(*following, work.folder)
                following = next(waiting, None)
            yield told
    while following:
        yield _refused(*following, work.folder)
        following = next(waiting, None)


def _refused(number: int, each: Found, target: Path) -> pool.Answered:
    return pool.Answered(number, Summary(plain(each.path), reason=plain(each.reason)), target)
