"""Bills of materials with their components as tables: what a notebook takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa

from assessor.bom import answers, pool, texts
from assessor.bom.bill import Bill, unreadable
from assessor.bom.listing import found
from assessor.evidence import schemas, tables
from assessor.evidence.readers.base import Problem


def each(
    paths: Sequence[Path],
    *,
    workers: int | None = None,
    progress: answers.Progress | None = None,
    validate: bool = False,
) -> Iterator[Bill]:
    """The bills of materials in files and, at any depth, in folders, one after another: in the order given, a folder's in that
    of their names. A few are read ahead, so that of thousands no more than those are in memory.

    A file that is none is a Bill with status `unreadable` and the reason. `validate` holds each against the official schema
    too. Raises EvidenceError for a path that does not exist and for folders without any file, AssessorError for `validate`
    without the extra of that name.
    """
    if validate:
        schemas.require()
    files, _ = found(paths)
    with tempfile.TemporaryDirectory(prefix="assessor-bom-") as folder:
        work = pool.Work("table", Path(folder), validate, apart=True)
        ahead = 4 * (workers or 4)
        with closing(answers.answered(files, work, workers, progress, ahead)) as coming:
            for told in coming:
                path, known = files[told.number].path, told.summary
                if not told.rows[1]:
                    yield unreadable(path, known.reason, known.sha256)
                    continue
                components = pa.ipc.open_stream(told.target.read_bytes()).read_all()
                told.target.unlink()
                yield Bill(
                    path,
                    known.sha256,
                    known.format,
                    known.spec_version,
                    known.serialization,
                    known.status,
                    known.reason,
                    tuple(Problem(*noted) for noted in known.problems),
                    known.notes,
                    components,
                    known.validity,
                )


def read(
    paths: Sequence[Path],
    *,
    workers: int | None = None,
    progress: answers.Progress | None = None,
    validate: bool = False,
) -> list[Bill]:
    """`each`, all at once."""
    return list(each(paths, workers=workers, progress=progress, validate=validate))


def frame(bills: Iterable[Bill]) -> pd.DataFrame:
    """All components of all files: the column `file`, then those of the table `components`."""
    return tables.frame(pa.concat_tables(map(texts.with_file, bills)))


def missing(bills: Iterable[Bill]) -> pd.DataFrame:
    """What to ask the supplier for: one row for each component without an open-source licence that lacks one of the four fields.

    Columns: file, locator, component, version, supplier, license, license_class, lacks (the fields, separated by "; ").
    """
    found = [texts.gaps(bill) for bill in bills]
    schema = pa.schema([(name, pa.string()) for name in texts.GAPS])
    return tables.frame(pa.concat_tables([schema.empty_table(), *found]))
