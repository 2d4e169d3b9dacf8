"""Verifying: one flipped byte anywhere, every hole that other validators leave, archives, additions, time stamps, encryption."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor import sealing, verifying
from assessor.archive import contents, encryption, fixity, receipt, stamp
from assessor.engagement import Engagement
from assessor.errors import ArchiveError
from assessor.evidence.bagit import encoded
from assessor.workplace import workplace
from tests.archive.conftest import AT, Authority, Keys


def codes(result: dict[str, Any]) -> set[str]:
    return {each["code"] for each in result["problems"]}


def places(result: dict[str, Any]) -> set[str]:
    return {each["place"] for each in result["problems"]}


def renew(sealed: Path, *, payload: bool = True) -> None:
    """Write the manifests anew as a forger would: everything fits, except the receipt."""
    for algorithm in ("sha256", "sha512"):

        def line(path: Path, algorithm: str = algorithm) -> str:
            return f"{hashlib.new(algorithm, path.read_bytes()).hexdigest()}  {encoded(path.relative_to(sealed).as_posix())}\n"

        if payload:
            listed = sorted(path for path in (sealed / "data").rglob("*") if path.is_file())
            (sealed / f"manifest-{algorithm}.txt").write_text("".join(map(line, listed)), "utf-8")
    for algorithm in ("sha256", "sha512"):
        tags = [path for path in sorted(sealed.glob("*.txt")) if not path.name.startswith("tagmanifest")]
        text = "".join(f"{hashlib.new(algorithm, path.read_bytes()).hexdigest()}  {path.name}\n" for path in tags)
        (sealed / f"tagmanifest-{algorithm}.txt").write_text(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_byte_anywhere_is_found(sealed: Path, keys: Keys, data: st.DataObject) -> None:
    if not (sealed / "additions").exists():
        sealing.add(sealed, keys.public, by="A. Person", because="a test", at=AT, signer=keys.signer())
    listed = [path for path in sorted(sealed.rglob("*")) if path.is_file() and path.stat().st_size]
    path = data.draw(st.sampled_from(listed))
    at = data.draw(st.integers(0, path.stat().st_size - 1))
    flip = data.draw(st.integers(1, 255))
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ flip]) + before[at + 1 :])
    try:
        assert not verifying.verify(sealed, key=keys.public)["ok"]
        assert not verifying.verify(sealed)["ok"]
    finally:
        path.write_bytes(before)
    assert verifying.verify(sealed, key=keys.public)["ok"]


@pytest.mark.parametrize(
    "name",
    [
        "data/engagement.toml",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "bagit.txt",
        "bag-info.txt",
        "data/README.txt",
    ],
)
def test_a_file_taken_away_is_named(sealed: Path, name: str) -> None:
    (sealed / name).unlink()
    result = verifying.verify(sealed)
    assert not result["ok"] and name in places(result)


@pytest.mark.parametrize(
    "name", ["data/more.txt", "more.txt", "metadata/more.txt", "data/evidence/x/y.txt", "receipt.txt", ".hidden"]
)
def test_a_file_put_in_is_named(sealed: Path, name: str) -> None:
    (sealed / name).parent.mkdir(parents=True, exist_ok=True)
    (sealed / name).write_text("more")
    result = verifying.verify(sealed)
    assert "extra" in codes(result) and name in places(result)


def test_hole_a_folder_behind_a_link_is_no_part_of_the_bag(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "unseen.txt").write_text("unseen")
    (sealed / "data" / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    bagit.Bag(str(sealed)).validate()  # sees nothing
    result = verifying.verify(sealed)
    assert [(each["code"], each["place"]) for each in result["problems"]] == [("link", "data/linked")]


def test_hole_a_link_to_the_same_bytes_is_no_file(sealed: Path, tmp_path: Path) -> None:
    shutil.move(sealed / "data" / "engagement.toml", tmp_path / "terms.toml")
    (sealed / "data" / "engagement.toml").symlink_to(tmp_path / "terms.toml")
    assert {"link", "missing"} <= codes(verifying.verify(sealed))


def test_hole_payload_rewritten_after_the_tag_manifests_were_deleted(sealed: Path) -> None:
    (sealed / "data" / "engagement.toml").write_text("[engagement]\n")
    renew(sealed)
    for path in sealed.glob("tagmanifest-*"):
        path.unlink()
    info = sealed / "bag-info.txt"
    size = sum(path.stat().st_size for path in (sealed / "data").rglob("*") if path.is_file())
    count = sum(path.is_file() for path in (sealed / "data").rglob("*"))
    info.write_text(
        "".join(
            f"Payload-Oxum: {size}.{count}\n" if "Oxum" in line else line for line in info.read_text().splitlines(True)
        )
    )
    bagit.Bag(str(sealed)).validate()  # sees nothing
    result = verifying.verify(sealed)
    assert "manifest_missing" in codes(result)
    assert {"tagmanifest-sha256.txt", "tagmanifest-sha512.txt"} <= places(result)


def test_hole_everything_rewritten_with_its_manifests_is_told_by_the_receipt(sealed: Path, keys: Keys) -> None:
    text = (sealed / "data" / "engagement.toml").read_text()
    (sealed / "data" / "engagement.toml").write_text(text.replace("Fellmark", "Fullmark"))
    renew(sealed)
    bagit.Bag(str(sealed)).validate()  # sees nothing
    assert "changed" in codes(verifying.verify(sealed)) and "tagmanifest-sha256.txt" in places(verifying.verify(sealed))
    (sealed / "receipt.dsse.json").unlink()
    assert codes(verifying.verify(sealed)) == {"receipt_missing"}
    info = sealed / "bag-info.txt"
    info.write_text("".join(line for line in info.read_text().splitlines(True) if "Receipt" not in line))
    renew(sealed)
    assert codes(verifying.verify(sealed, key=keys.public)) == {"receipt_missing"}
    assert any("nobody vouches" in note for note in verifying.verify(sealed)["notes"])


def test_hole_a_receipt_made_anew_with_another_key_is_told_by_the_firms(sealed: Path, keys: Keys, others: Keys) -> None:
    told = receipt.opened((sealed / "receipt.dsse.json").read_bytes())
    told["predicate"]["client"] = "Somebody else"
    told["predicate"]["signer"] = others.signer().described()
    (sealed / "receipt.dsse.json").write_bytes(receipt.envelope(told, others.signer()))
    assert any("self-attested" in note for note in verifying.verify(sealed)["notes"])
    assert codes(verifying.verify(sealed, key=keys.certificate)) == {"signature"}


def test_hole_a_file_missing_from_one_of_two_manifests(sealed: Path) -> None:
    path = sealed / "manifest-sha512.txt"
    path.write_text(
        "".join(line for line in path.read_text("utf-8").splitlines(True) if "engagement.toml" not in line), "utf-8"
    )
    renew(sealed, payload=False)
    bagit.Bag(str(sealed)).validate()  # sees nothing
    result = verifying.verify(sealed)
    assert ("extra", "data/engagement.toml") in {(each["code"], each["place"]) for each in result["problems"]}


def test_hole_a_tag_file_missing_from_the_tag_manifest(sealed: Path) -> None:
    path = sealed / "tagmanifest-sha256.txt"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "bag-info" not in line))
    bagit.Bag(str(sealed)).validate()  # sees nothing
    assert "bag-info.txt" in places(verifying.verify(sealed))


def test_names_that_differ_only_in_case_or_unicode_form_are_told(sealed: Path) -> None:
    for name in ("Note.txt", "note.TXT", "caf\u00e9.txt", "cafe\u0301.txt"):
        (sealed / "data" / name).write_text(name)
    (sealed / "data" / "Tables").mkdir()
    (sealed / "data" / "Tables" / "x").write_text("")
    (sealed / "data" / "tables").mkdir(exist_ok=True)
    (sealed / "data" / "tables" / "y").write_text("")
    renew(sealed)
    found = [each["place"] for each in verifying.verify(sealed)["problems"] if each["code"] == "case_clash"]
    assert found == ["data/café.txt", "data/note.TXT", "data/tables"]


def test_a_name_of_a_file_and_of_a_folder_is_told_and_nothing_is_unpacked(small: Path, tmp_path: Path) -> None:
    sealed, _ = sealing.seal(Engagement(small), tmp_path / "s", despite="a test")  # unsigned: anybody could make it
    clash = sealed / "data" / "zz"
    clash.mkdir()
    (clash / "inner").write_text("in a folder")
    (sealed / "data" / "zz-file").write_text("a file")
    renew(sealed)
    for path in sealed.glob("manifest-*.txt"):
        path.write_text(path.read_text("utf-8").replace("data/zz-file", "data/zz"), "utf-8")
    renew(sealed, payload=False)
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        for path in sorted(each for each in sealed.rglob("*") if each.is_file()):
            place = path.relative_to(sealed).as_posix().replace("data/zz-file", "data/zz")
            archive.write(path, f"s/{place}")
    result = verifying.verify(tmp_path / "s.zip")
    assert ("file_and_folder", "data/zz") in {(each["code"], each["place"]) for each in result["problems"]}
    assert not {"missing", "extra", "changed"} & {
        each["code"] for each in result["problems"] if each["place"].startswith("data/")
    }


def test_payload_oxum_is_held_against_the_payload(sealed: Path) -> None:
    info = sealed / "bag-info.txt"
    info.write_text(info.read_text().replace("Payload-Oxum: ", "Payload-Oxum: 1"))
    renew(sealed)
    assert {"oxum", "changed"} <= codes(verifying.verify(sealed))


@pytest.mark.parametrize(
    "line", ["{0}  data/../../etc/passwd", "{0}  /etc/passwd", "{0}  C:/x", "nothing", "{0}  data/README.txt"]
)
def test_lines_of_a_manifest_that_are_none_are_told(sealed: Path, line: str) -> None:
    with (sealed / "manifest-sha256.txt").open("a") as file:
        file.write(line.format("0" * 64) + "\n")
    assert "manifest_damaged" in codes(verifying.verify(sealed))


def test_nothing_is_fetched(sealed: Path) -> None:
    (sealed / "fetch.txt").write_text("http://localhost/x - data/x\n")
    assert "fetch" in codes(verifying.verify(sealed))


def test_a_bag_of_evidence_within_is_checked_and_alone_too(small: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(small, tmp_path / "small"))
    delivery = next(path for path in (root / "evidence").iterdir() if path.is_dir())
    result = verifying.verify(delivery)
    assert result["ok"] and not result["sealed"] and "nobody vouches" in result["notes"][0]
    (delivery / "data" / "a.csv").write_text("changed before it was sealed")
    assert codes(verifying.verify(delivery)) == {"changed", "oxum"}
    target, _ = sealing.seal(Engagement(root), tmp_path / "s", despite="a test")
    assert f"data/evidence/{delivery.name}/data/a.csv" in places(verifying.verify(target))


def _zip(sealed: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(sealed.rglob("*")):
            archive.write(path, f"s/{path.relative_to(sealed).as_posix()}")
    return target


def _tar(sealed: Path, target: Path, mode: Any = "w") -> Path:
    with tarfile.open(target, mode) as archive:
        archive.add(sealed, "s")
    return target


def _packed(sealed: Path, target: Path) -> Path:
    return _tar(sealed, target, "w:gz")


@pytest.mark.parametrize(("make", "name"), [(_zip, "s.zip"), (_tar, "s.tar"), (_packed, "s.tar.gz")])
def test_archives_are_verified_and_damage_is_told(
    sealed: Path, tmp_path: Path, keys: Keys, make: Callable[[Path, Path], Path], name: str
) -> None:
    path = make(sealed, tmp_path / name)
    result = verifying.verify(path, key=keys.public)
    assert result["ok"], result["problems"]
    assert result["files"] == sum(each.is_file() for each in sealed.rglob("*"))
    whole = path.read_bytes()
    for length in (0, 1, 100, len(whole) // 3, len(whole) // 2, len(whole) - 12_000):
        path.write_bytes(whole[:length])
        assert not verifying.verify(path)["ok"], length
    (sealed / "data" / "README.txt").write_text("other")
    make(sealed, path)
    assert "data/README.txt" in places(verifying.verify(path))


@pytest.mark.parametrize(
    "name", ["../out.txt", "/abs.txt", "s/../../out.txt", "C:\\out.txt", "s\\..\\out.txt", "s/./x/../../../out.txt"]
)
def test_names_that_lead_out_of_an_archive_are_told_and_never_written(sealed: Path, tmp_path: Path, name: str) -> None:
    path = _zip(sealed, tmp_path / "s.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "out")
    assert "unsafe_name" in codes(verifying.verify(path))
    packed = _tar(sealed, tmp_path / "s.tar")
    with tarfile.open(packed, "a") as tar:
        tar.addfile(tarfile.TarInfo(name))
    assert "unsafe_name" in codes(verifying.verify(packed))
    assert not (tmp_path.parent / "out.txt").exists() and not (tmp_path / "out.txt").exists()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_archive_that_was_changed_anywhere_gives_an_answer_and_no_other_bytes_pass(
    sealed_before: Path, tmp_path: Path, data: st.DataObject
) -> None:
    make, name = data.draw(st.sampled_from([(_zip, "s.zip"), (_tar, "s.tar"), (_packed, "s.tar.gz")]))
    path = tmp_path / f"whole-{name}"
    if not path.exists():
        make(sealed_before, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(content)
    if verifying.verify(tmp_path / name)["ok"]:  # what was changed says nothing of a file: a time, a mode, padding
        with contents.contents(tmp_path / name) as (changed, _), contents.contents(path) as (whole, _):
            assert {each: file.digest("sha512") for each, file in changed.items()} == {
                each: file.digest("sha512") for each, file in whole.items()
            }


def test_a_member_without_a_name_is_told(sealed: Path, tmp_path: Path) -> None:
    path = _zip(sealed, tmp_path / "s.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("s/QQQQ", "nothing")
    path.write_bytes(path.read_bytes().replace(b"s/QQQQ", b"\0" * 6))
    assert codes(verifying.verify(path)) == {"unsafe_name"}


def test_links_and_second_members_in_archives_are_told(sealed: Path, tmp_path: Path) -> None:
    packed = _tar(sealed, tmp_path / "s.tar")
    with tarfile.open(packed, "a") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"s/data/{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        tar.add(sealed / "bagit.txt", "s/bagit.txt")
    assert codes(verifying.verify(packed)) == {"link", "special_file", "name_twice"}
    path = _zip(sealed, tmp_path / "s.zip")
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("s/bagit.txt", "other")
    assert codes(verifying.verify(path)) == {"name_twice"}


def test_what_is_no_bag_is_refused_in_a_sentence(small: Path, tmp_path: Path, sealed: Path) -> None:
    for path, words in (
        (small, "is no bag"),
        (tmp_path / "none", "There is no"),
        (sealed / "bagit.txt", "is no folder"),
    ):
        with pytest.raises(ArchiveError, match=words):
            verifying.verify(path)
    with pytest.raises(ArchiveError, match="nothing to reproduce"):
        verifying.verify(next(path for path in (small / "evidence").iterdir() if path.is_dir()), reproduce=True)


def test_each_check_leaves_a_line_beside_and_none_within(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(sealed.rglob("*"))
    verifying.verify(sealed, by="A. Person", at=AT)
    (sealed / "more.txt").write_text("")
    verifying.verify(sealed, by="B. Person", at=AT)
    (sealed / "more.txt").unlink()
    lines = [json.loads(line) for line in (sealed.parent / "fixity.jsonl").read_text().splitlines()]
    assert [(each["by"], each["ok"], each["codes"]) for each in lines] == [
        ("A. Person", True, []),
        ("B. Person", False, ["extra"]),
    ]
    assert lines[0]["path"] == "sealed" and lines[0]["at"] == AT
    assert sorted(sealed.rglob("*")) == before
    monkeypatch.setattr(fixity, "LOG", "no/such/folder")
    result = verifying.verify(sealed)
    assert result["ok"] and result["log"] == "" and "no record" in result["notes"][-1]


def test_additions_are_chained_to_the_receipt(sealed: Path, tmp_path: Path, keys: Keys, others: Keys) -> None:
    (tmp_path / "letter.txt").write_text("a later letter")
    before = {path: path.read_bytes() for path in sealed.rglob("*") if path.is_file()}
    for because in ("the client wrote", "and again"):
        sealing.add(sealed, tmp_path / "letter.txt", by="A. Person", because=because, at=AT, signer=keys.signer())
    assert all(path.read_bytes() == content for path, content in before.items())
    result = verifying.verify(sealed, key=keys.public)
    assert result["ok"], result["problems"]
    assert [(each["number"], each["by"], each["because"]) for each in result["additions"]] == [
        (1, "A. Person", "the client wrote"),
        (2, "A. Person", "and again"),
    ]
    bagit.Bag(str(sealed)).validate()
    first = sealed / "additions" / "0001"
    content = (first / "files" / "letter.txt").read_bytes()
    (first / "files" / "letter.txt").write_bytes(b"another")
    assert codes(verifying.verify(sealed)) == {"changed"}
    (first / "files" / "letter.txt").write_bytes(content)
    told = receipt.opened((first / "addition.dsse.json").read_bytes())
    told["predicate"]["because"] = "for another reason"
    whole = (first / "addition.dsse.json").read_bytes()
    (first / "addition.dsse.json").write_bytes(receipt.envelope(told, keys.signer()))
    assert codes(verifying.verify(sealed)) == {"addition_chain"}
    (first / "addition.dsse.json").write_bytes(receipt.envelope(told, others.signer()))
    assert codes(verifying.verify(sealed, key=keys.public)) == {"addition_chain", "signature"}
    (first / "addition.dsse.json").write_bytes(whole)
    (first / "more.txt").write_text("")
    assert codes(verifying.verify(sealed)) == {"extra"}
    (first / "more.txt").unlink()
    shutil.rmtree(first)
    assert "addition_chain" in codes(verifying.verify(sealed))
    with pytest.raises(ArchiveError, match="is not whole"):
        sealing.add(sealed, tmp_path / "letter.txt", by="A", because="b", signer=keys.signer())


def test_an_addition_that_a_check_or_a_copy_knows_is_missed_when_it_is_taken_away(
    sealed: Path, tmp_path: Path, keys: Keys
) -> None:
    (tmp_path / "f").write_text("")

    def add() -> Path:
        return (
            sealing.add(sealed, tmp_path / "f", by="a", because="b", at=AT, signer=keys.signer()) / "addition.dsse.json"
        )

    first = add()
    assert verifying.verify(sealed)["ok"]
    second = add()
    for place, name in ((first, "1.json"), (second, "2.json"), (sealed / "receipt.dsse.json", "0.json")):
        shutil.copyfile(place, tmp_path / name)
    copies = [tmp_path / f"{number}.json" for number in range(3)]
    assert verifying.verify(sealed, kept=copies)["ok"]
    archived = _tar(sealed, tmp_path / "whole.tar")
    assert verifying.verify(archived, kept=copies)["ok"]
    shutil.rmtree(second.parent)
    found = verifying.verify(sealed)
    assert [(each["code"], each["place"]) for each in found["problems"]] == [("addition_missing", "additions/0002")]
    assert hashlib.sha256(copies[2].read_bytes()).hexdigest() in found["problems"][0]["message"]
    with (tmp_path / "fixity.jsonl").open("ab") as file:
        file.write(b"torn {\n[1]\n")
    shutil.rmtree(first.parent)
    found = verifying.verify(sealed)
    assert [each["place"] for each in found["problems"]] == ["additions/0001", "additions/0002"]
    (tmp_path / "fixity.jsonl").unlink()
    assert verifying.verify(sealed)["ok"]  # nothing knows of it any more
    found = verifying.verify(sealed, kept=copies)
    assert [(each["code"], each["place"]) for each in found["problems"]] == [
        ("kept_missing", str(copies[1])),
        ("kept_missing", str(copies[2])),
    ]
    with pytest.raises(ArchiveError, match="no copy of a receipt"):
        verifying.verify(sealed, kept=[tmp_path / "f"])


def test_a_file_of_the_same_name_with_another_receipt_is_not_held_against_the_log(
    sealed: Path, small: Path, tmp_path: Path, keys: Keys
) -> None:
    (tmp_path / "f").write_text("")
    sealing.add(sealed, tmp_path / "f", by="a", because="b", at=AT, signer=keys.signer())
    assert verifying.verify(sealed)["ok"]
    shutil.rmtree(sealed)
    sealing.seal(Engagement(small), sealed, signer=keys.signer(), at="2027-01-01T00:00:00Z", despite="a test")
    assert verifying.verify(sealed)["ok"]


@pytest.mark.parametrize(("by", "because", "name"), [("", "b", "f"), ("a", " ", "f"), ("a", "b", "none")])
def test_an_addition_without_who_why_or_what_is_refused(
    sealed: Path, tmp_path: Path, by: str, because: str, name: str
) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(ArchiveError):
        sealing.add(sealed, tmp_path / name, by=by, because=because)
    assert not (sealed / "additions").exists() and verifying.verify(sealed)["ok"]


def test_what_a_killed_addition_left_is_told_and_goes_with_the_next(sealed: Path, tmp_path: Path, keys: Keys) -> None:
    (sealed / "additions" / ".adding" / "files").mkdir(parents=True)
    (sealed / "additions" / ".adding" / "files" / "half").write_text("ha")
    assert codes(verifying.verify(sealed)) == {"extra"}
    (tmp_path / "f").write_text("")
    with pytest.raises(ArchiveError, match="needs the firm's key"):
        sealing.add(sealed, tmp_path / "f", by="a", because="b", at=AT)
    sealing.add(sealed, tmp_path / "f", by="a", because="b", at=AT, signer=keys.signer())
    assert verifying.verify(sealed)["ok"]


def test_an_addition_signed_by_somebody_else_is_told_without_a_key_too(
    sealed: Path, tmp_path: Path, others: Keys
) -> None:
    (tmp_path / "f").write_text("")
    sealing.add(sealed, tmp_path / "f", by="a", because="b", at=AT, signer=others.signer())
    assert codes(verifying.verify(sealed)) == {"signature"}


def test_an_unsigned_file_takes_unsigned_additions_and_says_so(small: Path, tmp_path: Path) -> None:
    target, _ = sealing.seal(Engagement(small), tmp_path / "s", at=AT, despite="a test")
    (tmp_path / "f").write_text("")
    sealing.add(target, tmp_path / "f", by="a", because="b", at=AT)
    result = verifying.verify(target)
    assert result["ok"] and sum("not signed" in note for note in result["notes"]) == 2


def test_a_file_with_holes_in_an_archive_is_not_opened(sealed: Path, tmp_path: Path) -> None:
    packed = _tar(sealed, tmp_path / "s.tar")
    with tarfile.open(packed, "a", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("s/data/endless")
        info.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.minor": "1",
            "GNU.sparse.size": str(1 << 60),
            "GNU.sparse.map": "0,0",
        }
        tar.addfile(info)
    assert codes(verifying.verify(packed)) == {"special_file"}


def test_an_unsigned_file_says_so_and_does_not_pass_for_signed(small: Path, tmp_path: Path, keys: Keys) -> None:
    target, _ = sealing.seal(Engagement(small), tmp_path / "s", at=AT, despite="a test")
    result = verifying.verify(target)
    assert result["ok"] and any("not signed" in note for note in result["notes"])
    assert codes(verifying.verify(target, key=keys.public)) == {"unsigned"}


def test_a_signature_taken_away_is_told(sealed: Path) -> None:
    told = json.loads((sealed / "receipt.dsse.json").read_text())
    (sealed / "receipt.dsse.json").write_text(json.dumps({**told, "signatures": []}, indent=1) + "\n")
    assert codes(verifying.verify(sealed)) == {"unsigned"}


def test_a_certificate_that_had_ended_is_told(sealed: Path, tmp_path: Path) -> None:
    late = Keys(tmp_path / "late", "p256", days=(-30, -1)).signer()
    told = receipt.opened((sealed / "receipt.dsse.json").read_bytes())
    told["predicate"]["signer"] = late.described()
    content = receipt.envelope(told, receipt.Signer(late.key))
    (sealed / "receipt.dsse.json").write_bytes(content)
    assert codes(verifying.verify(sealed)) == {"certificate_expired"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"payload": "AA==", "payloadType": "x", "signatures": []}', b"[" * 100_000],
)
def test_a_receipt_that_is_none_is_told(sealed: Path, content: bytes) -> None:
    (sealed / "receipt.dsse.json").write_bytes(content)
    assert "receipt_damaged" in codes(verifying.verify(sealed))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "own")


def test_a_time_stamp_made_outside_is_laid_beside_and_verified(
    sealed: Path, tmp_path: Path, authority: Authority
) -> None:
    sealing.request(sealed, tmp_path / "r.tsq")
    sealing.request(sealed, tmp_path / "again.tsq")
    assert (tmp_path / "r.tsq").read_bytes() == (tmp_path / "again.tsq").read_bytes()
    reply = authority.stamp(tmp_path / "r.tsq")
    time = sealing.attach(sealed, reply, authority.chain.read_bytes())
    for chain in (authority.chain.read_bytes(), None):
        result = verifying.verify(sealed, chain=chain)
        assert result["ok"] and result["timestamp"] == time, result["problems"]
        assert any("lie beside it" in note for note in result["notes"]) is (chain is None)
    words = [
        "openssl",
        "ts",
        "-verify",
        "-in",
        "receipt.tsr",
        "-data",
        "receipt.dsse.json",
        "-CAfile",
        str(authority.chain),
    ]
    subprocess.run(words, cwd=sealed, check=True, capture_output=True)
    with pytest.raises(ArchiveError, match="already"):
        sealing.attach(sealed, reply)
    (sealed / "receipt.tsr").unlink()
    assert codes(verifying.verify(sealed)) == {"timestamp_missing"}


def test_a_stamp_on_something_else_or_by_somebody_else_is_refused_and_told(
    sealed: Path, tmp_path: Path, authority: Authority
) -> None:
    foreign = Authority(tmp_path / "foreign")
    sealing.request(sealed, tmp_path / "r.tsq")
    (tmp_path / "other.tsq").write_bytes(stamp.request(b"something else"))
    reply = foreign.stamp(tmp_path / "r.tsq")
    for bad, chain in (
        (reply, authority.chain),
        (authority.stamp(tmp_path / "other.tsq"), authority.chain),
        (b"no stamp", None),
        (reply[:-20], None),
    ):
        with pytest.raises(ArchiveError, match="was not taken"):
            sealing.attach(sealed, bad, chain and chain.read_bytes())
        (sealed / "receipt.tsr").write_bytes(bad)
        assert codes(verifying.verify(sealed, chain=chain and chain.read_bytes())) == {"timestamp"}
        (sealed / "receipt.tsr").unlink()
    assert not (sealed / "receipt-chain.pem").exists()
    sealing.attach(sealed, reply)
    assert any("only seen to be on this receipt" in note for note in verifying.verify(sealed)["notes"])


def test_a_service_whose_certificate_had_ended_is_told(sealed: Path, tmp_path: Path) -> None:
    sealing.request(sealed, tmp_path / "r.tsq")
    try:
        ended = Authority(tmp_path / "ended", past=True)
        reply = ended.stamp(tmp_path / "r.tsq")
    except subprocess.CalledProcessError:
        pytest.skip("this openssl gives no stamp with a certificate that has ended")
    with pytest.raises(ArchiveError, match="vouch for, or they did not hold"):
        sealing.attach(sealed, reply, ended.chain.read_bytes())


def test_only_an_address_given_is_asked_for_a_stamp(sealed: Path) -> None:
    with pytest.raises(ArchiveError, match="no http"):
        sealing.fetch(sealed, "file:///etc/passwd")
    with pytest.raises(ArchiveError, match="gave no time stamp"):
        sealing.fetch(sealed, "http://127.0.0.1:1/")


@pytest.fixture
def identity(tmp_path: Path) -> tuple[Path, str]:
    made = pyrage.x25519.Identity.generate()
    (tmp_path / "age.key").write_text(f"# created: today\n{made}\n")
    return tmp_path / "age.key", str(made.to_public())


def test_an_encrypted_file_is_for_holders_of_its_keys_alone(
    small: Path, tmp_path: Path, keys: Keys, identity: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(work))
    monkeypatch.setattr(tempfile, "tempdir", str(work))
    second = pyrage.x25519.Identity.generate()
    out = tmp_path / "out"
    path, _ = sealing.seal(
        Engagement(small),
        out / "s",
        signer=keys.signer(),
        at=AT,
        despite="a test",
        encrypt_to=[identity[1], str(second.to_public())],
    )
    assert path == out / "s.tar.age" and [each.name for each in out.iterdir()] == ["s.tar.age"]
    assert path.stat().st_mode & 0o077 == 0
    assert b"Fellmark" not in path.read_bytes()
    result = verifying.verify(path, key=keys.public, identity=identity[0])
    assert result["ok"], result["problems"]
    with pytest.raises(ArchiveError, match="--identity"):
        verifying.verify(path)
    (tmp_path / "other.key").write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(ArchiveError, match="None of the keys"):
        verifying.verify(path, identity=tmp_path / "other.key")
    whole = path.read_bytes()
    for bad in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:30],
        whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        b"",
    ):
        path.write_bytes(bad)
        assert codes(verifying.verify(path, identity=identity[0])) == {"archive_damaged"}
    assert list(work.iterdir()) == []


def test_the_same_files_give_the_same_archive_to_encrypt(sealed_before: Path, tmp_path: Path) -> None:
    digests = set()
    for copy in ("one", "two"):
        shutil.copytree(sealed_before, tmp_path / copy, copy_function=shutil.copyfile)
        with encryption._piped(tmp_path / copy, "s") as stream:
            digests.add(hashlib.sha256(stream.read()).hexdigest())
    assert len(digests) == 1


def test_an_error_while_encrypting_leaves_nothing(
    small: Path, tmp_path: Path, identity: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __init__(self, path: Path) -> None:
            self.file = path.open("xb")

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, content: bytes) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None: ...

    monkeypatch.setattr(encryption, "private", Full)
    with pytest.raises(ArchiveError, match="No space left"):
        sealing.seal(Engagement(small), tmp_path / "out" / "s", despite="a test", encrypt_to=[identity[1]])
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_while_decrypting_is_not_told_as_damage(
    small: Path, tmp_path: Path, identity: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = sealing.seal(Engagement(small), tmp_path / "s", at=AT, despite="a test", encrypt_to=[identity[1]])
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 (closed where it is used)
    monkeypatch.setattr(encryption, "private", lambda target: full)
    with pytest.raises(OSError, match="No space left"):
        verifying.verify(path, identity=identity[0])


def test_what_is_no_recipient_or_key_of_age_is_refused(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no recipient"):
        sealing.seal(Engagement(small), tmp_path / "s", despite="a test", encrypt_to=["age1nope"])
    (tmp_path / "key").write_text("nothing")
    with pytest.raises(ArchiveError, match="no key of age"):
        encryption.identities(tmp_path / "key")


def test_temporary_folders_of_a_killed_run_are_swept_and_those_in_use_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, fresh = tmp_path / "assessor-verify-left", tmp_path / "assessor-verify-fresh"
    left.mkdir()
    (left / ".lock").write_text("")
    (left / "decrypted.tar").write_text("confidential")
    fresh.mkdir()
    with workplace(verifying._WORK) as one, workplace(verifying._WORK) as other:
        assert one.is_dir() and other.is_dir() and one != other and not left.exists() and fresh.exists()
        assert one.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["assessor-verify-fresh"]


def test_places_are_within_the_one_folder_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/bagit.txt", "")
        archive.writestr("x/data/y", "")
    with contents.contents(tmp_path / "a.zip") as (found, problems):
        assert set(found) == {"bagit.txt", "data/y"} and problems == []
