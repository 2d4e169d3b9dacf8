"""Archives and mails within a delivery: kept as delivered, and what they hold registered beside them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from assessor.errors import EvidenceError
from assessor.evidence import mail, register
from assessor.evidence.build import build_tables
from assessor.evidence.sources import Limits
from tests.evidence.intake import DAY, by_path, take
from tests.evidence.samples import RULE, put, zipped

SUPPLIERS = "Supplier,Country\nHarbour GmbH,Germany\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "engagement"
    made.mkdir()
    return made


def tarred(**members: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def message(subject: str = "Parts", **attached: bytes) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann Ekman <ann@client.example>", "bo@firm.example", subject
    made["Date"], made["Message-ID"] = "Mon, 12 Oct 2026 09:00:00 +0200", f"<{subject.encode().hex()}@client.example>"
    made.set_content("Here is the list.")
    for name, content in attached.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def test_members_of_an_archive_within_an_archive_are_items_that_name_what_they_come_from(
    root: Path, tmp_path: Path
) -> None:
    innermost = zipped({"b.csv": "B"})
    take(root, put(tmp_path, "box.zip", zipped({"a.csv": "A", "in/ner.zip": zipped({"inner.zip": innermost})})))
    found = by_path(root)
    chain = ["in/ner.zip", "in/ner.zip.members/inner.zip", "in/ner.zip.members/inner.zip.members/b.csv"]
    assert list(found) == ["a.csv", *chain]
    assert [found[path].derived_from for path in chain] == [None, found[chain[0]].id, found[chain[1]].id]
    assert [found[path].kind for path in chain] == ["archive", "archive", None]
    assert register.file_of(root, found[chain[1]]).read_bytes() == innermost
    assert register.file_of(root, found[chain[2]]).read_bytes() == b"B"
    assert all(len(row.sha512 or "") == 128 for row in found.values())


def test_a_tar_gz_in_a_folder_is_opened_and_a_packed_single_file_and_an_office_file_are_not(
    root: Path, tmp_path: Path
) -> None:
    put(tmp_path, "sent/lot.tar.gz", tarred(**{"x/a.csv": b"A"}))
    put(tmp_path, "sent/bom.json.gz", gzip.compress(b"{}"))
    put(tmp_path, "sent/list.xlsx", zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}))
    take(root, tmp_path / "sent")
    assert list(by_path(root)) == ["bom.json.gz", "list.xlsx", "lot.tar.gz", "lot.tar.gz.members/x/a.csv"]


def test_what_an_archive_holds_is_read_like_any_file_and_the_archive_needs_no_reader(
    root: Path, tmp_path: Path
) -> None:
    sheet = put(tmp_path, "plain/suppliers.csv", SUPPLIERS)
    put(tmp_path, "sent/lot.zip", zipped({"suppliers.csv": sheet.read_bytes()}))
    take(root, tmp_path / "sent")
    plain = tmp_path / "other"
    plain.mkdir()
    take(plain, tmp_path / "plain")
    wanted = build_tables(plain, register.read(plain / "register.jsonl"), RULE)
    for _ in range(2):  # what was read once is read again
        built = build_tables(root, register.read(root / "register.jsonl"), RULE)
        register.write(root / "register.jsonl", built.register)
        archive, member = register.rows(built.register)
        assert (archive.kind, archive.status) == ("archive", "read")
        assert (archive.reason or "").endswith("its 1 member is an item of its own")
        (alone,) = register.rows(wanted.register)
        assert (member.kind, member.status, member.derived_from) == (alone.kind, alone.status, archive.id)


def test_a_mail_gives_its_headers_its_text_and_its_attachments(root: Path, tmp_path: Path) -> None:
    sent = message("Teileliste für Ödön", **{"parts.csv": b"A", "../up.csv": b"B"})
    sent.add_attachment(message("Earlier", **{"old.zip": zipped({"c.csv": "C"})}))
    put(tmp_path, "sent/mail.eml", sent.as_bytes())
    take(root, tmp_path / "sent")
    found = by_path(root)
    at = "mail.eml.members/"
    assert list(found) == [
        "mail.eml",
        at + ".._up.csv",
        at + "headers.txt",
        at + "message-4.eml",
        at + "message-4.eml.members/headers.txt",
        at + "message-4.eml.members/old.zip",
        at + "message-4.eml.members/old.zip.members/c.csv",
        at + "message-4.eml.members/text-1.txt",
        at + "parts.csv",
        at + "text-1.txt",
    ]
    told = register.file_of(root, found[at + "headers.txt"]).read_text("utf-8")
    assert told.splitlines()[:4] == [
        "From: Ann Ekman <ann@client.example>",
        "To: bo@firm.example",
        "Date: Mon, 12 Oct 2026 09:00:00 +0200",
        "Subject: Teileliste für Ödön",
    ]
    assert register.file_of(root, found[at + "parts.csv"]).read_bytes() == b"A"
    assert (found["mail.eml"].kind, found["mail.eml"].status) == ("mail", "read")
    assert found[at + "message-4.eml.members/text-1.txt"].status == "partly_read"
    assert found[at + "text-1.txt"].status == "duplicate" and found[at + "headers.txt"].kind == "mail.headers"
    assert "Ödön" not in (found["mail.eml"].reason or ""), "a subject may be confidential and stays out of the index"
    kept = {path: row.status for path, row in found.items() if row.kind}
    built = build_tables(root, register.read(root / "register.jsonl"), RULE)
    again = {row.path: row.status for row in register.rows(built.register)}
    assert kept == {path: again[path] for path in kept}


def test_a_mail_can_be_a_delivery_by_itself_and_is_known_without_its_ending(root: Path, tmp_path: Path) -> None:
    take(root, put(tmp_path, "mail.eml", message(**{"a.csv": b"A"}).as_bytes()))
    assert "mail.eml.members/a.csv" in by_path(root)
    assert mail.recognised(message().as_bytes(), "note") and not mail.recognised(b"From: me\nDate: today\n", "note.txt")
    assert not mail.recognised(b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n", "x.spdx")


def test_hostile_headers_of_a_mail_neither_stop_nor_delay_what_is_taken_from_it(root: Path, tmp_path: Path) -> None:
    long = b"From: a@b.example\nDate: x\nMessage-ID: <>\nContent-Type: text/plain; a=" + b"b;" * 40_000 + b"\n\nx"
    put(tmp_path, "sent/long.eml", long)
    put(
        tmp_path, "sent/odd.eml", b"From: \xff\xfe<\nSubject: =?x?q?=ff?=\nDate: never\nContent-Type: multipart/x\n\n--"
    )
    put(tmp_path, "sent/many.eml", b"From: " + b"(" * 16_000 + b"\nContent-Type: text/plain\n\nx")
    delivery = take(root, tmp_path / "sent")
    assert {name: row.status for name, row in by_path(root).items() if "/" not in name} == dict.fromkeys(
        ("long.eml", "many.eml", "odd.eml"), "read"
    )
    assert delivery.problems == ()


def test_limits_hold_over_all_that_is_within_a_delivery(root: Path, tmp_path: Path) -> None:
    deep: bytes = zipped({"a.csv": "A"})
    for number in range(4):
        deep = zipped({f"{number}.zip": deep})
    put(tmp_path, "deep/deep.zip", deep)
    put(tmp_path, "wide/many.zip", zipped({f"{number}.csv": b"0" * 5_000 for number in range(30)}))
    put(tmp_path, "bomb/zeros.zip", zipped({"zeros.csv": b"0" * (70 << 20)}))
    for name, path, limits in (
        ("max_depth", "deep", Limits(max_depth=2)),
        ("max_members", "wide", Limits(max_members=20)),
        ("max_bytes", "wide", Limits(max_bytes=100_000)),
        ("max_ratio", "bomb", Limits()),
    ):
        (engagement := root / name).mkdir()
        delivery = take(engagement, tmp_path / path, limits=limits)
        last = [row for row in by_path(engagement).values() if row.kind == "archive"][-1]
        assert last.status == "unreadable" and name in (last.reason or ""), name
        assert name in delivery.problems[-1] and register.file_of(engagement, last).is_file()


def test_an_archive_that_holds_itself_or_came_before_is_opened_once(root: Path, tmp_path: Path) -> None:
    box = zipped({"a.csv": "A"})
    put(tmp_path, "one/b.zip", box)
    put(tmp_path, "one/a.zip", box)
    put(tmp_path, "two/c.zip", box)
    take(root, tmp_path / "one")
    take(root, tmp_path / "two")
    found = by_path(root)
    assert list(found) == ["a.zip", "a.zip.members/a.csv", "b.zip", "c.zip"]
    assert found["b.zip"].status == found["c.zip"].status == "duplicate"
    assert found["a.zip"].id in (found["c.zip"].reason or "")


def test_a_damaged_archive_within_a_delivery_stops_nothing_else(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "sent/torn.zip", zipped({"a.csv": "A"})[:-9])
    put(tmp_path, "sent/torn.tar.gz", tarred(a=hashlib.shake_256(b"x").digest(5_000))[:-3000])
    put(tmp_path, "sent/fine.csv", "F")
    take(root, tmp_path / "sent")
    found = by_path(root)
    assert found["fine.csv"].status is None and len(found) == 3
    for name in ("torn.zip", "torn.tar.gz"):
        assert found[name].status == "unreadable" and "damaged" in (found[name].reason or ""), found[name]


def test_a_name_that_leads_out_of_an_inner_archive_refuses_its_member_and_no_other(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "sent/in.zip", zipped({"../../../up.csv": "U", "/root.csv": "R", "C:\\win.csv": "W", "a.csv": "A"}))
    take(root, tmp_path / "sent")
    found = by_path(root)
    refused = {path for path, row in found.items() if row.status == "unreadable"}
    assert refused == {f"in.zip.members/{name}" for name in ("_/_/_/up.csv", "root.csv", "C_/win.csv")}
    assert "leads out" in (found["in.zip.members/_/_/_/up.csv"].reason or "")
    assert found["in.zip.members/a.csv"].status is None and not list(tmp_path.rglob("up.csv"))


def test_a_changed_file_is_a_version_of_the_last_one_and_the_new_bag_names_the_old(root: Path, tmp_path: Path) -> None:
    for number, text in enumerate(("first", "second", "third")):
        put(tmp_path, f"{number}/list.csv", text)
        put(tmp_path, f"{number}/same.csv", "S")
        put(tmp_path, f"{number}/box.zip", zipped({"in.csv": text}))
        take(root, tmp_path / str(number), group="2026-07")
    listed = register.rows(register.read(root / "register.jsonl"))
    for path in ("list.csv", "box.zip", "box.zip.members/in.csv"):
        first, second, third = [row for row in listed if row.path == path]
        assert (first.version_of, second.version_of, third.version_of) == (None, first.id, second.id)
    assert all(row.version_of is None for row in listed if row.path == "same.csv")
    told = (root / "evidence/003-2/bag-info.txt").read_text("utf-8")
    assert "Bag-Group-Identifier: 2026-07\n" in told
    for name in ("001-0", "002-1"):
        manifest = (root / "evidence" / name / "tagmanifest-sha256.txt").read_bytes()
        assert f"{name} (SHA-256 of its tagmanifest-sha256.txt: {hashlib.sha256(manifest).hexdigest()})" in told


def test_the_period_and_the_claim_stand_in_every_row_and_are_never_the_day_of_receipt(
    root: Path, tmp_path: Path
) -> None:
    put(tmp_path, "sent/in.zip", zipped({"a.csv": "A"}))
    take(root, tmp_path / "sent", effective_from=date(2026, 4, 1), effective_to=date(2026, 6, 30), confidential=True)
    assert {
        (row.received, row.effective_from, row.effective_to, row.confidential) for row in by_path(root).values()
    } == {(DAY, date(2026, 4, 1), date(2026, 6, 30), True)}


def test_a_register_of_an_older_version_is_read_and_added_to(root: Path, tmp_path: Path) -> None:
    old = '{"id": "E-0001", "delivery": "001-x", "path": "a.csv", "sha256": "ab", "status": "read"}\n'
    put(root, "register.jsonl", old)
    take(root, put(tmp_path, "box.zip", zipped({"a.csv": "A"})))
    (first, second) = register.rows(register.read(root / "register.jsonl"))
    assert (first.sha512, first.derived_from) == (None, None) and second.version_of == "E-0001"
    assert (root / "register.jsonl").read_text("utf-8").startswith(old)


def test_what_is_no_package_is_still_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"\.eml that can be opened"):
        take(root, put(tmp_path, "mail.eml", "no headers at all"))
