"""Archives of 7-Zip: taken in as others are, unpacked by a process that is bounded, refused in words."""

from __future__ import annotations

import bz2
import errno
import hashlib
import io
import lzma
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.errors import EvidenceError
from assessor.evidence import confined, sevenzip, sevenzip_worker
from assessor.evidence.sources import Limits
from tests.evidence.intake import by_path, reason, refused, stored, take
from tests.evidence.samples import put, zipped
from tests.evidence.sevenzip_samples import (
    BCJ2,
    BZIP2,
    COPY,
    DEFLATE,
    DIRECTORY,
    LZMA,
    LZMA2,
    MAGIC,
    PPMD,
    REPARSE,
    UNIX,
    Block,
    Coder,
    Empty,
    encoded,
    handmade,
    number,
    parts,
    sevenzipped,
    whole,
)

LIST = {"a/ä.csv": "A" * 3000, "b.csv": "".join(f"{each},part\n" for each in range(3000)), "empty.csv": ""}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "engagement"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    "filters",
    [
        None,
        [{"id": py7zr.FILTER_LZMA}],
        [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA}],
        [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
        [{"id": py7zr.FILTER_BZIP2}],
        [{"id": py7zr.FILTER_DEFLATE}],
        [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
        [{"id": py7zr.FILTER_ZSTD, "level": 3}],
        [{"id": py7zr.FILTER_BROTLI, "level": 3}],
        [{"id": py7zr.FILTER_COPY}],
    ],
    ids=["default", "lzma", "bcj", "delta", "bzip2", "deflate", "ppmd", "zstd", "brotli", "copy"],
)
def test_an_archive_gives_the_same_rows_as_its_folder(root: Path, tmp_path: Path, filters: Any) -> None:
    for name, text in LIST.items():
        put(tmp_path, f"sent/{name}", text)
    take(root, tmp_path / "sent")
    (other := tmp_path / "other").mkdir()
    delivery = take(other, put(tmp_path, "Parts list.7z", sevenzipped(LIST, filters)))
    assert delivery.name == "001-parts-list" and delivery.problems == ()
    told = {path: (row.id, row.size, row.sha256, row.status, row.reason) for path, row in by_path(root).items()}
    assert told == {
        path: (row.id, row.size, row.sha256, row.status, row.reason) for path, row in by_path(other).items()
    }
    assert stored(other, "a/ä.csv") == b"A" * 3000


def test_an_archive_is_told_by_its_content_whatever_its_name(root: Path, tmp_path: Path) -> None:
    take(root, put(tmp_path, "parts.zip", sevenzipped({"a.csv": "A"})))
    take(root, put(tmp_path, "sent/list.dat", sevenzipped({"b.csv": "B"})).parent)
    assert list(by_path(root)) == ["a.csv", "list.dat", "list.dat.members/b.csv"]
    refused_root = tmp_path / "second"
    refused_root.mkdir()
    refused(
        refused_root, put(tmp_path, "parts.7z", b"no archive at all"), "not a folder, .zip, .tar, .tar.gz, .7z or .eml"
    )


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    box = put(tmp_path, "box.7z", sevenzipped({**LIST, "inner.7z": sevenzipped({"c.csv": "C"})}))
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        take(tmp_path / name, box)
        files = (each for each in (tmp_path / name).rglob("*") if each.is_file() and each.suffix != ".lock")
        found.append({each.relative_to(tmp_path / name): each.read_bytes() for each in files})
    assert found[0] == found[1] and len(found[0]) > 8


def mailed(content: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["Date"], message["Message-ID"] = "a@b.example", "Mon, 12 Oct 2026 10:00:00 +0000", "<1@b>"
    message.set_content("See attached.")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="box.7z")
    return bytes(message)


@pytest.mark.parametrize("packing", ["zip", "mail", "7z"])
def test_an_archive_within_another_is_kept_and_opened_from_the_stored_copy(
    root: Path, tmp_path: Path, packing: str
) -> None:
    inner = sevenzipped({"a.csv": "A", "b/c.zip": zipped({"d.csv": "D"})})
    outer = {
        "zip": ("out.zip", "box.7z", zipped({"box.7z": inner})),
        "mail": ("out.eml", "out.eml.members/box.7z", mailed(inner)),
        "7z": ("out.7z", "box.7z", sevenzipped({"box.7z": inner})),
    }
    name, path, content = outer[packing]
    take(root, put(tmp_path, f"sent/{name}", content))
    found = by_path(root)
    assert stored(root, path) == inner and stored(root, f"{path}.members/b/c.zip.members/d.csv") == b"D"
    assert (found[path].kind, found[path].status) == ("archive", "read")
    assert "its 2 members are items of their own" in (found[path].reason or "")
    assert found[f"{path}.members/a.csv"].derived_from == found[path].id
    assert found[f"{path}.members/b/c.zip.members/d.csv"].derived_from == found[f"{path}.members/b/c.zip"].id


def test_what_an_archive_holds_unpacked_does_not_change_what_it_is(root: Path, tmp_path: Path) -> None:
    held = {"a.pdf": b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(x)>>endobj", "z.zip": zipped({"x.csv": "X"})}
    take(root, put(tmp_path, "sent/box.7z", sevenzipped(held, [{"id": py7zr.FILTER_COPY}])).parent)
    assert reason(root, "box.7z") == "at intake: its 2 members are items of their own"
    assert "JavaScript" in reason(root, "box.7z.members/a.pdf") and "box.7z.members/z.zip.members/x.csv" in by_path(
        root
    )


def test_a_bag_in_an_archive_is_checked_against_its_own_manifest(root: Path, tmp_path: Path) -> None:
    lines = "".join(f"{hashlib.sha256(text).hexdigest()}  data/{name}\n" for name, text in (("a", b"1"), ("b", b"0")))
    bag = {"bag/data/a": "1", "bag/data/b": "2", "bag/manifest-sha256.txt": lines}
    bag["bag/bagit.txt"] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    delivery = take(root, put(tmp_path, "bag.7z", sevenzipped(bag)))
    assert list(by_path(root)) == ["a", "b"] and "differs" in reason(root, "b") and not reason(root, "a")
    assert (delivery.folder / "metadata/received-bag/manifest-sha256.txt").read_text() == lines


def test_limits_are_named_in_the_refusal(root: Path, tmp_path: Path) -> None:
    box = put(tmp_path, "box.7z", sevenzipped(LIST))
    refused(root, box, "max_members", limits=Limits(max_members=2))
    refused(root, box, "max_bytes", limits=Limits(max_bytes=6000))
    bomb = put(tmp_path, "bomb.7z", sevenzipped({f"{each}.bin": bytes(20 << 20) for each in range(4)}))
    refused(root, bomb, "max_ratio")
    sent = put(tmp_path, "in/out.7z", sevenzipped({"box.7z": sevenzipped({"deep.7z": sevenzipped({"a": "1"})})})).parent
    take(root, sent, limits=Limits(max_depth=2))
    assert "max_depth" in reason(root, "out.7z.members/box.7z.members/deep.7z")
    take(root, put(tmp_path, "again/out.7z", bomb.read_bytes()).parent)
    assert "not opened" in reason(root, "out.7z") and "max_ratio" in reason(root, "out.7z")


@pytest.mark.parametrize("name", ["../out.csv", "a/../../out.csv", "/etc/x.csv", "C:\\x.csv", "a\\..\\..\\x.csv"])
def test_a_name_that_leads_out_refuses_a_package_but_within_one_only_its_member(
    root: Path, tmp_path: Path, name: str
) -> None:
    bad = handmade([(("fine.csv", name), Block([b"1", b"2"]))])
    refused(root, put(tmp_path, "sent/bad.7z", bad), "bad.7z holds the")
    take(root, tmp_path / "sent")
    fine, held = [path for path in by_path(root) if path.endswith("fine.csv")], list(by_path(root).values())
    assert (
        stored(root, fine[0]) == b"1" and sum("refused: the archive holds" in (row.reason or "") for row in held) == 1
    )
    assert not (tmp_path / "out.csv").exists() and len(held) == 3


def test_links_special_files_folders_and_names_that_come_twice_are_told(root: Path, tmp_path: Path) -> None:
    def unix(mode: int) -> int:
        return mode << 16 | UNIX

    blocks = [(("link", "a.csv", "a.csv", "junction", "odd"), Block([b"/etc/passwd", b"A", b"2", b"C:\\", b"3"]))]
    empty = [
        ("folder", Empty(DIRECTORY)),
        ("unix folder", Empty(unix(stat.S_IFDIR | 0o755))),
        ("plain folder", Empty()),
        ("pipe", Empty(unix(stat.S_IFIFO | 0o644), marked=True)),
        ("empty.csv", Empty(marked=True)),
        ("other.csv", Empty(unix(stat.S_IFREG | 0o644), marked=True)),
    ]
    attributes = {"link": unix(stat.S_IFLNK | 0o777), "junction": REPARSE, "odd": DIRECTORY}
    take(root, put(tmp_path, "box.7z", handmade(blocks, empty, attributes)))
    found = {path: (row.status, (row.reason or "").removeprefix("at intake: ")) for path, row in by_path(root).items()}
    link, special = (
        "a symbolic link; links are not followed",
        "a special file (device, pipe or socket); only regular files are taken",
    )
    assert found == {
        "a (2).csv": ("unreadable", found["a (2).csv"][1]),
        "a.csv": (None, ""),
        "empty.csv": (None, ""),
        "junction": ("unreadable", link),
        "link": ("unreadable", link),
        "odd": (None, ""),
        "other.csv": ("duplicate", f"the same bytes as {by_path(root)['empty.csv'].id}"),
        "pipe": ("unreadable", special),
    }
    assert "second member of the same name" in found["a (2).csv"][1] and stored(root, "a.csv") == b"A"
    assert stored(root, "odd") == b"3", "only what has no bytes is a folder"


def test_an_empty_file_between_others_does_not_shift_their_bytes(root: Path, tmp_path: Path) -> None:
    take(root, put(tmp_path, "box.7z", sevenzipped({"0": "", "1": "one", "2": "", "3": "three", "4": ""})))
    assert {path: stored(root, path) for path in by_path(root)} == {
        "0": b"", "1": b"one", "2": b"", "3": b"three", "4": b"",
    }  # fmt: skip


def test_what_is_encrypted_is_told_by_member_and_a_list_of_names_that_is_refuses_all(
    root: Path, tmp_path: Path
) -> None:
    take(root, put(tmp_path, "box.7z", sevenzipped({"a.csv": "A", "b.csv": "B"}, password="secret")))
    assert {row.status for row in by_path(root).values()} == {"unreadable"}
    assert reason(root, "a.csv") == "at intake: encrypted in the archive; deliver it without a password"
    with py7zr.SevenZipFile(tmp_path / "sealed.7z", "w", password="secret", header_encryption=True) as archive:
        archive.writestr("A", "a.csv")
    (other := tmp_path / "other").mkdir()
    refused(other, tmp_path / "sealed.7z", "encrypted with its list of names; deliver it without a password")


def test_a_wrong_checksum_costs_its_member_alone(root: Path, tmp_path: Path) -> None:
    contents = [b"one", b"two", b"three"]
    block = Block(contents, crcs=[zlib.crc32(b"one"), 0, zlib.crc32(b"three")])
    delivery = take(root, put(tmp_path, "box.7z", handmade([(("1", "2", "3"), block)])))
    assert [row.status for row in by_path(root).values()] == [None, "unreadable", None]
    assert "checksum" in reason(root, "2") and stored(root, "3") == b"three" and len(delivery.problems) == 1
    assert not (delivery.folder / "data/2").exists()


def test_what_is_damaged_in_the_middle_costs_what_is_packed_behind_it_and_nothing_else(
    root: Path, tmp_path: Path
) -> None:
    torn = bz2.compress(b"b" * 5000)[:-12]
    blocks = [
        (("a",), Block([b"A"])),
        (("b", "c"), Block([b"b" * 2500] * 2, [Coder(BZIP2)], [torn])),
        (("d",), Block([b"D"])),
    ]
    take(root, put(tmp_path, "box.7z", handmade(blocks)))
    assert {path: row.status for path, row in by_path(root).items()} == {
        "a": None,
        "b": "unreadable",
        "c": "unreadable",
        "d": None,
    }
    assert "cannot be unpacked (EOFError: the packed bytes end too early)" in reason(root, "b")
    assert stored(root, "d") == b"D"


def test_a_method_that_is_not_known_is_named_and_what_lies_behind_its_packed_streams_is_found(
    root: Path, tmp_path: Path
) -> None:
    odd = Block([b"x"], [Coder(BCJ2, streams=4)], [b"1", b"22", b"333", b"4444"])
    blocks = {"a.exe": odd, "b.csv": Block([b"B"]), "c.csv": Block([b"C"], [Coder(b"\x7e\x7e")])}
    take(root, put(tmp_path, "box.7z", handmade(blocks)))
    assert reason(root, "a.exe") == "at intake: packed by BCJ2, which is not unpacked; ask for it as .zip"
    assert (
        "packed in a way that is not known, which is not unpacked" in reason(root, "c.csv")
        and stored(root, "b.csv") == b"B"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (sevenzipped(LIST)[:-1], "is damaged and cannot be unpacked: next header size"),
        (MAGIC + b"\0\x04", "damaged"),
        (sevenzipped({"a": "1"})[:-3] + b"abc", "damaged"),
        (whole(b"", b""), "empty"),
        (whole(b"", b"\x01\x05\xff"), "damaged"),
        (whole(b"", b"\x01\0", offset=(1 << 63) - 1), "damaged"),
        (whole(b"", b"\x01\0", offset=(1 << 64) - 1), "damaged"),
        (whole(b"", b"\x01\0", size=(1 << 64) - 1), "damaged"),
        (handmade({"a": Block([b"1"])}, more=b"\x10" + number(1) + b"\x80"), "orders to delete files"),
        (handmade([(("a", "b"), Block([b"1", b"2"], sizes=[5, -3]))]), "an impossible size"),
        (handmade({"a": Block([b"1"], [Coder(COPY)] * 65)}), "damaged"),
        (handmade({"a": Block([b"1"], sizes=[1 << 63])}), "max_bytes"),
        (handmade({"a": Block([b"1"], [Coder(LZMA, b"\x5d\xff\xff\xff\xff")])}), "1,536 MB of memory"),
        (handmade({"a": Block([b"1"], [Coder(LZMA2, b"\x28")])}), "1,536 MB of memory"),
        (handmade({"a": Block([b"1"], [Coder(PPMD, b"\x06\xff\xff\xff\xff")])}), "1,536 MB of memory"),
        (handmade({"a": Block([b"1"], [Coder(LZMA2, b"\x25")])}), "1,536 MB of memory"),
        (whole(b"", b"\x01\x05" + number(1 << 40)), "max_members"),
        (whole(b"", b"\x01\x05" + number(200_001) + bytes(300_000)), "max_members"),
        (encoded(b"\0" * (1 << 29), Coder(LZMA2, b"\x10"), b"\0"), "decoded header size exceeds limit"),
    ],
    ids=lambda value: value[-30:].replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_cannot_be_an_archive_is_refused_in_one_sentence(
    root: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    refused(root, put(tmp_path, "in/box.7z", content), words)
    take(root, tmp_path / "in")
    assert by_path(root)["box.7z"].status == ("read" if words == "empty" else "unreadable")
    assert (words if words != "empty" else "it holds no file") in reason(root, "box.7z")


def test_a_part_of_an_archive_in_parts_is_told_as_such(root: Path, tmp_path: Path) -> None:
    whole_one = sevenzipped(LIST)
    refused(
        root, put(tmp_path, "box.7z.001", whole_one[: len(whole_one) // 2]), "a part of an archive in several parts"
    )


def test_dictionaries_are_held_one_at_a_time(root: Path, tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    large = Coder(LZMA, b"\x5d" + (1000 << 20).to_bytes(4, "little"))
    texts = {f"{each}.csv": b"%d" % each * 50 for each in range(8)}
    blocks = {
        name: Block([text], [large], [lzma.compress(text, lzma.FORMAT_RAW, filters=filters)])
        for name, text in texts.items()
    }
    take(root, put(tmp_path, "box.7z", handmade(blocks)))
    assert {path: stored(root, path) for path in by_path(root)} == texts


def test_filters_within_filters_come_to_an_end(root: Path, tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(200 << 20), 9)[2:-4]
    for _ in range(2):
        packer = zlib.compressobj(9, wbits=-15)
        bomb = packer.compress(bomb) + packer.flush()
    chain = [Coder(DEFLATE)] * 3
    box = handmade(
        {"a": Block([b""], chain, [bomb], sizes=[1000]), "b": Block([b"1"], [Coder(COPY)] * 5), "c": Block([b"C"])}
    )
    take(root, put(tmp_path, "box.7z", box))
    assert by_path(root)["b"].status == "unreadable" and stored(root, "c") == b"C"
    assert by_path(root)["a"].status == "unreadable"


def test_a_header_that_unpacks_to_very_much_is_refused(root: Path, tmp_path: Path) -> None:
    header = b"\x01\x05" + number(1) + b"\x7f" + number(200 << 20) + bytes(200 << 20)
    packed = lzma.compress(header, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}])
    begun = time.monotonic()
    refused(
        root,
        put(tmp_path, "box.7z", encoded(header, Coder(LZMA2, b"\x0c"), packed)),
        "damaged and cannot be unpacked: invalid type",
    )
    assert len(packed) < 1 << 20 and time.monotonic() - begun < 60


def test_a_million_entries_are_counted_before_anything_is_made_of_them(root: Path, tmp_path: Path) -> None:
    count = 1_000_000
    names = b"".join(b"%07d" % each for each in range(count)).decode().encode("utf-16-le")
    header = b"\x01\x05" + number(count) + b"\x11" + number(len(names) + 1) + b"\0" + names + b"\0\0"
    begun = time.monotonic()
    refused(root, put(tmp_path, "box.7z", whole(b"", header)), "more than 200000 members.*max_members")
    assert time.monotonic() - begun < 10


def test_more_names_than_a_list_can_have_are_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sevenzip, "_NAMES", 1000)
    box = put(tmp_path, "box.7z", handmade([((*(f"{each}" * 60 for each in range(30)),), Block([b"1"] * 30))]))
    refused(root, box, "has names that take more than")


@pytest.fixture(scope="module")
def slow() -> bytes:
    """An archive that takes some seconds of computing to unpack."""
    content = hashlib.shake_128(b"slow").digest(64 << 20)
    return handmade({"a": Block([b""], [Coder(BZIP2)], [bz2.compress(content)], sizes=[len(content)])})


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="no limit of computing on this system")
@pytest.mark.parametrize(("seconds", "waiting"), [(0, 1000), (1000, 0.0001)], ids=["computing", "by the clock"])
def test_what_takes_too_long_is_ended_and_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: bytes, seconds: int, waiting: float
) -> None:
    put(tmp_path, "sent/box.7z", slow)
    put(tmp_path, "sent/fine.csv", "F")
    monkeypatch.setattr(sevenzip, "_RATE", 1 << 40)
    monkeypatch.setattr(sevenzip, "_SECONDS", seconds)
    monkeypatch.setattr(sevenzip, "_WAITING", waiting)
    monkeypatch.setattr(sevenzip_worker, "HEADER_SECONDS", 600 / waiting)
    take(root, tmp_path / "sent")
    told = f"not opened: box.7z takes more than {seconds:,} seconds to be unpacked, which is the limit"
    assert told in reason(root, "box.7z") and stored(root, "box.7z") == slow
    assert by_path(root)["fine.csv"].status is None


_BREAKS = {
    "it is killed": ("os.kill(os.getpid(), 9)", "ended with SIGKILL"),
    "it ends at once": ("sys.exit(3)", "ended with code 3"),
    "it answers nonsense": ("print('nonsense', flush=True); sys.exit(0)", "ended with code 0"),
    "it cannot load the library": (
        """print('{"failed": "library", "words": "ImportError: no bcj"}')""",
        "cannot be loaded (ImportError: no bcj)",
    ),
    "it says more than is said": ("print('[' * (1 << 21), flush=True)", "ended with an answer that is none"),
}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
@pytest.mark.parametrize("how", _BREAKS)
def test_a_process_that_breaks_is_one_sentence(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    code, words = _BREAKS[how]

    def start(*_: object, **__: object) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", f"import os, sys; {code}"], stdin=pipe, stdout=pipe, text=True)

    monkeypatch.setattr(confined, "start", start)
    monkeypatch.setattr(sevenzip, "_ENDING", 1)
    refused(root, put(tmp_path, "in/box.7z", sevenzipped(LIST)), re.escape(words))
    take(root, tmp_path / "in")
    assert words in reason(root, "box.7z") and by_path(root)["box.7z"].status == "unreadable"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full on this system")
def test_a_full_disk_stops_the_intake_and_is_not_told_of_the_archive(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start: Callable[..., subprocess.Popen[str]] = confined.start
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(confined, "start", lambda *given, data: start(*given, data=full))
        refused(root, put(tmp_path, "in/box.7z", sevenzipped(LIST)).parent, os.strerror(errno.ENOSPC))


_KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from assessor.evidence import package, sevenzip

def unpack(archive):
    archive.process.stdin.write(sys.argv[3])
    archive.process.stdin.flush()
    print(archive.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

sevenzip.Archive.unpack = unpack
package.take_in(Path(sys.argv[1]), Path(sys.argv[2]), received=date(2026, 1, 2), supplied_by="Client", custodian="")
"""


def lives(process: str) -> bool:
    """Whether a process is there and no mere entry that nobody has asked about."""
    try:
        return Path("/proc", process, "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no list of processes on this system")
@pytest.mark.parametrize("asked", ["", "1000\n"], ids=["before it unpacks", "while it unpacks"])
def test_an_intake_that_is_killed_leaves_no_process_and_no_bytes(
    root: Path, tmp_path: Path, slow: bytes, asked: str
) -> None:
    box = put(tmp_path, "in/box.7z", slow)
    command = [sys.executable, "-c", _KILLED, str(root), str(box.parent), asked]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    until = time.monotonic() + 20
    while lives(done.stdout.strip()):
        assert time.monotonic() < until, "the process lives on"
        time.sleep(0.02)
    left = [each.name for each in root.rglob("*") if each.is_file() and not each.name.endswith(".lock")]
    assert left == ["box.7z"], "only the copy of what was delivered"
    take(root, put(tmp_path, "more.7z", sevenzipped({"b.csv": "B"})))
    assert list(by_path(root)) == ["b.csv"]


def test_without_the_extra_an_archive_is_kept_and_told_and_a_package_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = put(tmp_path, "in/box.7z", sevenzipped({"a.csv": "A"}))
    with monkeypatch.context() as patch:
        patch.setattr(sevenzip, "find_spec", lambda _: None)
        refused(root, box, r"needs the extra `sevenzip`.*pip install 'assessor\[sevenzip\]'.* or ask for it as \.zip")
        take(root, box.parent)
    row = by_path(root)["box.7z"]
    assert (row.kind, row.status, len(by_path(root))) == ("archive", "unreadable", 1)
    assert stored(root, "box.7z") == box.read_bytes()
    assert "not opened: box.7z is a 7-Zip archive" in (row.reason or "") and "assessor[sevenzip]" in (row.reason or "")
    take(root, box.parent)  # as the sentence says, once the extra is installed
    assert stored(root, "box.7z.members/a.csv") == b"A"


def test_the_library_is_imported_in_its_own_process_alone() -> None:
    script = "import sys, assessor.cli, assessor.evidence.package; print('py7zr' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_a_solid_archive_is_read_once_and_only_as_far_as_it_is_unpacked(tmp_path: Path) -> None:
    count, size = 3000, 1000
    files = {f"{each:04d}": hashlib.shake_128(b"%d" % each).digest(size) for each in range(count)}
    path = put(tmp_path, "box.7z", sevenzipped(files, [{"id": py7zr.FILTER_LZMA2, "preset": 0}]))
    with sevenzip_worker._Source(str(path)) as source, (tmp_path / "out").open("wb", buffering=0) as out:
        archive = sevenzip_worker._archive(source, sevenzip.MEMORY, 10_000)
        [(folder, place, packed)] = list(sevenzip_worker._folders(archive))
        waiting = [(each, each * size, size, zlib.crc32(files[f"{each:04d}"])) for each in range(count)]
        before = place
        for each, wrong in sevenzip_worker._unpacked(folder, place, packed, waiting, source, out):
            assert not wrong and before <= source.tell() <= place + each * size + (1 << 19)
            before = source.tell()
    assert (tmp_path / "out").read_bytes() == b"".join(files.values())


def test_ten_thousand_small_files_are_unpacked_in_one_go(root: Path, tmp_path: Path) -> None:
    files = {f"{each % 50}/{each}.csv": b"%d" % each for each in range(10_000)}
    box = put(tmp_path, "box.7z", handmade([(tuple(files), Block(list(files.values())))]))
    begun = time.monotonic()
    delivery = take(root, box)
    assert len(delivery.rows) == 10_000 and delivery.problems == () and time.monotonic() - begun < 60
    assert stored(root, "49/9999.csv") == b"9999"


_SMALL = [
    handmade([(("a.csv", "b/c.csv"), Block([b"one", b"two"])), (("d",), Block([b"3"]))], [("f", Empty()), ("e", Empty(0x20, True))]),
    *(
        whole(*parts(sevenzipped({"a.csv": "A" * 300, "b/c.csv": "", "d": "D"}, filters)))
        for filters in (None, [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}], [{"id": py7zr.FILTER_DEFLATE}])
    ),
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(_SMALL),
    st.lists(
        st.tuples(st.booleans(), st.integers(0), st.integers(0, 3), st.binary(min_size=1, max_size=9)), max_size=5
    ),
    st.booleans(),
)
def test_no_mutation_raises_anything_but_a_sentence_or_writes_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, changes: list[tuple[bool, int, int, bytes]], inner: bool
) -> None:
    pieces = [bytearray(piece) for piece in parts(content)]
    for of_header, at, cut, put_in in changes:
        piece = pieces[of_header]
        at %= len(piece) + 1
        piece[at : at + cut] = put_in
    folder = tmp_path_factory.mktemp("mutated")
    (root := folder / "engagement").mkdir()
    box = put(folder, "in/box.7z", whole(*map(bytes, pieces)))
    try:
        take(root, box.parent if inner else box)
    except EvidenceError as error:
        assert not inner and str(error).endswith(".") and "\n" not in str(error)
    assert sorted(each.name for each in folder.iterdir()) == ["engagement", "in"]
    shutil.rmtree(folder)


def test_a_mutation_of_nothing_is_the_archive_itself() -> None:
    for content in _SMALL:
        archive = py7zr.SevenZipFile(io.BytesIO(content))
        assert {"a.csv", "b/c.csv", "d"} <= set(archive.namelist())
