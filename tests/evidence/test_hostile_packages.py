"""Packages made to do harm: refused in one sentence, or held inertly with a row and a reason. Nothing is written elsewhere."""

from __future__ import annotations

import io
import socket
import struct
import subprocess
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.evidence import register, safe_names
from assessor.evidence.sources import Limits
from tests.evidence.intake import by_path, reason, refused, take
from tests.evidence.samples import put, zipped


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engagement in which nothing can be started or fetched."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("something was started or fetched")

    monkeypatch.setattr(subprocess.Popen, "__init__", never)
    monkeypatch.setattr(socket.socket, "connect", never)
    made = tmp_path / "engagement"
    made.mkdir()
    return made


def test_members_that_lie_over_one_another_are_a_bomb(root: Path, tmp_path: Path) -> None:
    content = zipped({"a": b"0" * 100_000})
    at = content.index(b"PK\x01\x02")
    entry, ending = content[at : content.index(b"PK\x05\x06")], content[content.index(b"PK\x05\x06") :]
    many = b"".join(entry[:-1] + bytes([97 + number]) for number in range(20))  # 20 names for the same bytes
    ending = ending[:8] + struct.pack("<HHL", 20, 20, len(many)) + ending[16:]
    bomb = content[:at] + many + ending
    assert len(zipfile.ZipFile(io.BytesIO(bomb)).namelist()) == 20
    refused(root, put(tmp_path, "out/bomb.zip", bomb), "lie over one another")
    take(root, put(tmp_path, "in/box.zip", zipped({"bomb.zip": bomb, "fine.csv": "F"})))
    assert list(by_path(root)) == ["bomb.zip", "fine.csv"] and "over one another" in reason(root, "bomb.zip")


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked(root: Path, tmp_path: Path) -> None:
    bomb = zipped({f"{number}.csv": b"0" * (20 << 20) for number in range(5)})
    assert len(bomb) < 200_000
    refused(root, put(tmp_path, "bomb.zip", bomb), "max_ratio")


def test_bombs_in_bombs_end_at_the_first_that_does_not_fit(root: Path, tmp_path: Path) -> None:
    inner = zipped({f"{number}.bin": zlib.compress(bytes([number]), 0) * 2_000 for number in range(4)})
    for _ in range(3):
        inner = zipped({f"{number}.zip": inner + b"" for number in range(4)})
    take(root, put(tmp_path, "box.zip", inner), limits=Limits(max_members=12, max_depth=9))
    assert len(by_path(root)) <= 13 and any("max_members" in (row.reason or "") for row in by_path(root).values())


def test_a_million_tiny_members_are_counted_before_anything_is_made_of_them(root: Path, tmp_path: Path) -> None:
    header = b"PK\x03\x04" + b"\0" * 26
    entries = b"".join(
        b"PK\x01\x02" + b"\0" * 24 + struct.pack("<H", 7) + b"\0" * 16 + b"%07d" % number for number in range(1_000_000)
    )
    ending = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(entries), len(header), 0)  # told to be one
    path = put(tmp_path, "many.zip", header + entries + ending)
    del entries
    tracemalloc.start()
    begun = time.process_time()
    refused(root, path, r"more than 200000 members.*max_members")
    assert tracemalloc.get_traced_memory()[1] < 16 << 20 and time.process_time() - begun < 10
    tracemalloc.stop()


def test_a_million_members_of_a_tar_are_not_all_looked_at(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.tar.gz"
    block = tarfile.TarInfo("a").tobuf()
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        for _ in range(100):
            file.write(packer.compress(block * 10_000))
        file.write(packer.flush())
    refused(root, path, "max_members", limits=Limits(max_members=5_000))


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ("a\u2215b.csv", "a_b.csv"),
        ("a\uff0fb.csv", "a_b.csv"),
        ("\uff0e\uff0e\u2044up.csv", "\uff0e\uff0e_up.csv"),
        ("x/\u2025/up.csv", "x/_/up.csv"),
        ("c\uff1a\uff3cwin.csv", "c__win.csv"),
        ("bill\u202excslx.exe", "bill_xcslx.exe"),
        ("NUL.csv", "_NUL.csv"),
        ("com1/a.csv", "_com1/a.csv"),
        ("a./b ", "a_/b_"),
        ('a<b>|"?*.csv', "a_b_____.csv"),
        ("line\nbreak.csv", "line_break.csv"),
    ],
)
def test_names_that_only_look_right_are_kept_under_others(root: Path, tmp_path: Path, given: str, held: str) -> None:
    take(root, put(tmp_path, "box.zip", zipped({given: "1"})))
    assert list(by_path(root)) == [held] and "delivered as" in reason(root, held)
    assert register.file_of(root, by_path(root)[held]).read_bytes() == b"1"


def test_names_of_four_thousand_letters_are_kept_short_and_apart(root: Path, tmp_path: Path) -> None:
    long = "n" * 4_000
    take(
        root,
        put(tmp_path, "box.zip", zipped({f"{long}.csv": "1", f"{long}a.csv": "2", "/".join(["d" * 200] * 19): "3"})),
    )
    found = by_path(root)
    assert len(found) == 3 and all(len(path) < 500 for path in found)
    assert all(len(row.reason or "") < 500 and register.file_of(root, row).is_file() for row in found.values())
    (other := root / "other").mkdir()
    refused(other, put(tmp_path, "deep.zip", zipped({"d/" * 61 + "a": "1"})), "61 deep|60 deep")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), min_size=1, max_size=40), min_size=1, max_size=8))
def test_whatever_names_are_given_those_kept_stay_inside_and_apart(names: list[str]) -> None:
    taken: set[str] = set()
    kept = [safe_names.kept(inner, taken) for name in names if (inner := safe_names.inner(name)[0])]
    for name in kept:
        parts = name.split("/")
        assert name and not name.startswith("/") and not {"", ".", ".."} & set(parts)
        assert all(len(part.encode("utf-8")) <= 255 for part in parts) and not set(name) & set('\\:\0<>"|?*')
    assert len({safe_names.folded(name) for name in kept}) == len(kept)
    folders = {name[:at] for name in kept for at, letter in enumerate(name) if letter == "/"}
    assert not folders & set(kept)


def test_a_second_member_of_a_name_has_a_row_with_the_reason(root: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.writestr("a.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", "2")
    take(root, tmp_path / "box.zip")
    found = by_path(root)
    assert list(found) == ["a (2).csv", "a.csv"] and found["a (2).csv"].status == "unreadable"
    assert "second member" in (found["a (2).csv"].reason or "")
    assert register.file_of(root, found["a.csv"]).read_bytes() == b"1"


def test_a_hard_link_of_a_folder_is_copied_and_told(root: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret.csv", "S")
    put(tmp_path, "sent/a.csv", "A")
    (tmp_path / "sent/linked.csv").hardlink_to(secret)
    take(root, tmp_path / "sent")
    assert "second name on the disk" in reason(root, "linked.csv") and not reason(root, "a.csv")
    assert register.file_of(root, by_path(root)["linked.csv"]).stat().st_nlink == 1


def test_an_encrypted_member_has_a_row(root: Path, tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": "A", "b.csv": "B"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    take(root, put(tmp_path, "sent/box.zip", bytes(content)).parent)
    assert "encrypted" in reason(root, "box.zip.members/a.csv") and not reason(root, "box.zip.members/b.csv")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_in_which_a_pdf_lies_unpacked_is_opened_and_is_no_pdf(root: Path, tmp_path: Path, kind: str) -> None:
    put(tmp_path, "in/a.pdf", b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(x)>>endobj")
    packed = tmp_path / f"sent/box.{kind}"
    packed.parent.mkdir()
    if kind == "zip":
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            archive.write(tmp_path / "in/a.pdf", "a.pdf")
    else:
        with tarfile.open(packed, "w", format=tarfile.USTAR_FORMAT) as tar:
            tar.add(tmp_path / "in/a.pdf", "a.pdf")
    take(root, packed.parent)
    assert reason(root, packed.name) == "at intake: its 1 member is an item of its own"
    assert "holds JavaScript" in reason(root, f"{packed.name}.members/a.pdf")


_OFFICE = {"[Content_Types].xml": "<Types/>"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.docm", zipped({**_OFFICE, "word/vbaProject.bin": "x"}), "holds macros; they are never run"),
        (
            "d.docx",
            zipped({**_OFFICE, "word/document.xml": "<!DOCTYPE a [<!ENTITY x SYSTEM 'f'>]><a/>"}),
            "document type",
        ),
        ("e.docx", zipped({**_OFFICE, "word/embeddings/o.bin": "x"}), "holds embedded files"),
        (
            "r.docx",
            zipped({**_OFFICE, "_rels/.rels": '<R TargetMode="External" Target="http://x"/>'}),
            "places outside",
        ),
        ("f.xlsx", zipped({**_OFFICE, "xl/worksheets/sheet1.xml": "<c><f>1+1</f></c>"}), "holds formulas"),
        ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "holds macros"),
        ("x.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__substg1.0_".encode("utf-16-le"), "as .eml"),
        ("c.csv", "a,b\n1,\"=cmd|'/c calc'!A1\"\n", "begin like formulas"),
        ("c.csv", 'a,b\n1,=HYPERLINK("http://x")\n', "begin like formulas"),
        ("h.html", "<!DOCTYPE html><html><script>x()</script></html>", "holds script"),
        ("s.svg", "<svg onload='x()'/>", "holds script"),
        ("x.xml", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "no entity of it is resolved"),
        ("p.pdf", b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(x)>>endobj", "holds JavaScript"),
        ("p.pdf", b"%PDF-1.7\n1 0 obj<</S/J#61vaScript>>endobj", "holds JavaScript"),
        ("p.pdf", b"%PDF-1.7\n1 0 obj<</S/Launch/F(calc)>>endobj", "starts a program"),
        (
            "p.pdf",
            b"%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1>>stream\n" + zlib.compress(b"<</S/JavaScript>>") + b"\nendstream",
            "holds JavaScript",
        ),
        ("x.exe", b"MZ\x90\0", "a program of Windows, which is never run"),
        ("run.sh", "#!/bin/sh\nrm -rf /\n", "a script, which is never run"),
        ("x.rar", b"Rar!\x1a\x07\x01\0", "a RAR archive, which is not opened"),
        ("p.gif", b"GIF89a" + zipped({"a.csv": "A"}), "a zip archive stands at its end"),
        ("q.pdf", b"GIF89a %PDF-1.7\n", "behind the beginning of another format"),
    ],
)
def test_what_could_act_is_kept_as_it_is_and_told_in_its_row(
    root: Path, tmp_path: Path, name: str, content: bytes | str, told: str
) -> None:
    sent = put(tmp_path, f"sent/{name}", content)
    delivery = take(root, sent.parent)
    assert list(by_path(root)) == [name] and told in reason(root, name)
    assert register.file_of(root, by_path(root)[name]).read_bytes() == sent.read_bytes() and delivery.problems == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "part,date\n-12,2026-01-02\n+49 30,a=b\n"),
        ("a.json", '{"text": "<script>=1+1"}'),
        ("a.xlsx", zipped({**_OFFICE, "xl/worksheets/sheet1.xml": "<c><v>1</v></c>"})),
        ("a.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj"),
        ("a.xml", "<bom><component/></bom>"),
    ],
)
def test_what_holds_nothing_that_acts_has_no_note(root: Path, tmp_path: Path, name: str, content: bytes | str) -> None:
    take(root, put(tmp_path, f"sent/{name}", content).parent)
    assert by_path(root)[name].reason is None


def test_a_directory_that_is_told_longer_than_the_file_is_damage(root: Path, tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": "A"}))
    content[-10:-6] = (1 << 31).to_bytes(4, "little")
    refused(root, put(tmp_path, "box.zip", bytes(content)), "damaged|not a folder")


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_a_name_with_a_sign_that_ends_a_line_elsewhere_is_one_row(root: Path, tmp_path: Path, sign: str) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / f"a{sign}b.csv").write_text("1", "utf-8")
    take(root, folder)
    [row] = by_path(root).values()
    assert register.file_of(root, row).read_bytes() == b"1"
