from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from assessor.errors import EvidenceError
from assessor.evidence import register
from assessor.evidence.register import RegisterRow

ROW = RegisterRow(
    id="E-0001", delivery="001-x", path="ü/a.csv", size=3, sha256="ab", received=date(2026, 1, 2), confidential=True
)


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    register.append(path, [ROW])
    register.append(path, [RegisterRow(id="E-0002", delivery="001-x", path="b")])
    assert register.rows(register.read(path))[0] == ROW
    assert len(path.read_text("utf-8").splitlines()) == 2 and "ü/a.csv" in path.read_text("utf-8")


def test_the_frame_is_arrow_backed_and_unknown_is_na(tmp_path: Path) -> None:
    frame = register.read(tmp_path / "none.jsonl")
    assert list(frame.columns) == list(register.COLUMNS) and len(frame) == 0
    frame = register.frame([RegisterRow(id="E-1", delivery="d", path="p")])
    assert all(isinstance(kind, pd.ArrowDtype) for kind in frame.dtypes)
    assert frame["confidential"].isna().all() and (frame["confidential"] == True).isna().all()  # noqa: E712


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    register.append(path, [ROW])
    before = path.read_bytes()
    register.write(path, register.read(path))
    assert path.read_bytes() == before


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    path.write_text('{"id": "E-0001"}\n{torn\n', "utf-8")
    with pytest.raises(EvidenceError, match="line 2"):
        register.read(path)
