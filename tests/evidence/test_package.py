from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from assessor.errors import EvidenceError
from assessor.evidence import bagit, package, register
from assessor.evidence.sources import Limits
from tests.evidence.intake import DAY, by_path, refused, take
from tests.evidence.samples import put, zipped


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "engagement"
    made.mkdir()
    return made


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    put(tmp_path, "Parts list/b.csv", "B")
    put(tmp_path, "Parts list/a/ä.csv", "A")
    return tmp_path / "Parts list"


def test_a_folder_becomes_a_bag_whose_digests_can_be_checked_with_sha256sum(root: Path, parts: Path) -> None:
    delivery = take(root, parts)
    bag = root / "evidence" / "001-parts-list"
    assert delivery.folder == bag and delivery.problems == ()
    assert (bag / "data/a/ä.csv").read_text() == "A" and (parts / "b.csv").exists()
    assert {path.name for path in bag.iterdir()} == {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "data",
        "metadata",
    }
    if shutil.which("sha256sum"):
        for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            subprocess.run(["sha256sum", "-c", "--quiet", "--strict", manifest], cwd=bag, check=True)
    assert "Bagging-Date: 2026-10-12" in (bag / "bag-info.txt").read_text()
    assert not list(root.glob("evidence/.intake*"))


def test_rows_are_numbered_by_path_and_have_no_status_before_they_are_read(root: Path, parts: Path) -> None:
    take(root, parts)
    rows = list(by_path(root).values())
    assert [(row.id, row.path) for row in rows] == [("E-0001", "a/ä.csv"), ("E-0002", "b.csv")]
    assert rows[1].sha256 == hashlib.sha256(b"B").hexdigest() and rows[1].size == 1 and rows[1].status is None
    assert rows[1].received == DAY and rows[1].custodian == "Records" and rows[1].delivery == "001-parts-list"


def test_the_same_package_gives_the_same_bytes(tmp_path: Path, parts: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        take(tmp_path / name, parts)
        found.append(
            {
                p.relative_to(tmp_path / name): p.read_bytes()
                for p in (tmp_path / name).rglob("*")
                if p.is_file() and not p.name.endswith(".lock")
            }
        )
    assert found[0] == found[1]


def test_the_same_bytes_delivered_again_are_a_duplicate_of_the_first(root: Path, parts: Path, tmp_path: Path) -> None:
    take(root, parts)
    put(tmp_path, "more/again.csv", "B")
    put(tmp_path, "more/new.csv", "C")
    take(root, tmp_path / "more")
    rows = by_path(root)
    assert (
        rows["again.csv"].id == "E-0003"
        and rows["again.csv"].status == "duplicate"
        and "E-0002" in (rows["again.csv"].reason or "")
    )
    assert rows["new.csv"].status is None


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive_gives_the_same_rows_as_its_folder(root: Path, parts: Path, tmp_path: Path, kind: str) -> None:
    made = shutil.make_archive(str(tmp_path / "box"), {"zip": "zip", "tar": "tar", "tar.gz": "gztar"}[kind], parts)
    take(root, Path(made))
    assert list(by_path(root)) == ["a/ä.csv", "b.csv"]
    assert (root / "evidence/001-box/data/b.csv").read_text() == "B"


@pytest.mark.parametrize(
    "name", ["../out.csv", "a/../../out.csv", "/etc/x.csv", "C:\\x.csv", "a\\..\\..\\x.csv", "c:x.csv"]
)
def test_a_zip_with_a_name_that_leads_out_is_refused_whole(root: Path, tmp_path: Path, name: str) -> None:
    refused(root, put(tmp_path, "bad.zip", zipped({"fine.csv": "1", name: "2"})), "bad.zip holds the")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["../out.csv", "/tmp/out.csv"])
def test_a_tar_with_a_name_that_leads_out_is_refused_whole(root: Path, tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        info = tarfile.TarInfo(name)
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    refused(root, tmp_path / "bad.tar", "holds the")


def test_limits_are_named_in_the_refusal(root: Path, parts: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "box"), "zip", parts))
    tar = Path(shutil.make_archive(str(tmp_path / "box"), "gztar", parts))
    for path in (parts, archive, tar):
        refused(root, path, "max_members", limits=Limits(max_members=1))
        refused(root, path, "max_bytes", limits=Limits(max_bytes=1))


def test_a_member_that_lies_about_its_size_is_not_unpacked_further(root: Path, tmp_path: Path) -> None:
    honest = zipped({"bomb.csv": b"0" * 5_000_000, "fine.csv": "1"})
    size = (5_000_000).to_bytes(4, "little")
    assert honest.count(size) == 2  # the local header and the directory
    take(root, put(tmp_path, "box.zip", honest.replace(size, (10).to_bytes(4, "little"))))
    rows = by_path(root)
    assert (
        rows["bomb.csv"].status == "unreadable"
        and rows["bomb.csv"].sha256 is None
        and "unpacked" in (rows["bomb.csv"].reason or "")
    )
    assert rows["fine.csv"].status is None
    assert [path.name for path in (root / "evidence/001-box/data").iterdir()] == ["fine.csv"]


def test_what_is_missing_empty_or_no_package_is_refused_in_one_sentence(root: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    refused(root, tmp_path / "absent", "no package")
    refused(root, tmp_path / "nothing", "empty")
    refused(root, put(tmp_path, "zero.zip", b""), "empty")
    refused(root, put(tmp_path, "none.zip", zipped({})), "empty")
    refused(root, put(tmp_path, "text.zip", b"no zip at all"), "not a folder")
    refused(root, put(tmp_path, "list.csv", b"a,b"), "not a folder")
    refused(root, put(tmp_path, "torn.tar.gz", b"\x1f\x8b\x08\x00"), "damaged")
    refused(root, root, "within one another")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes and free links on this system")
def test_links_and_special_files_get_a_row_with_the_reason_and_are_not_followed(
    root: Path, parts: Path, tmp_path: Path
) -> None:
    secret = put(tmp_path, "secret.txt", "secret")
    (parts / "link.txt").symlink_to(secret)
    (parts / "folder").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(parts / "pipe")
    delivery = take(root, parts)
    rows = by_path(root)
    assert {name: rows[name].status for name in ("link.txt", "folder", "pipe")} == dict.fromkeys(
        ("link.txt", "folder", "pipe"), "unreadable"
    )
    assert "symbolic link" in (rows["link.txt"].reason or "") and "special file" in (rows["pipe"].reason or "")
    assert len(delivery.problems) == 3 and len(rows) == 5
    assert all(path.read_text() != "secret" for path in delivery.folder.rglob("*") if path.is_file())


def test_links_in_archives_are_not_followed_either(root: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "box.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"odd{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("fine"), io.BytesIO(b""))
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    take(root, tmp_path / "box.tar")
    take(root, tmp_path / "pack.zip")
    assert [(row.path, row.status) for row in by_path(root).values()] == [
        ("fine", None),
        ("odd1", "unreadable"),
        ("odd2", "unreadable"),
        ("odd3", "unreadable"),
        ("link", "unreadable"),
    ]


def test_names_that_would_clash_elsewhere_get_a_number_and_a_reason(root: Path, tmp_path: Path) -> None:
    composed, apart = "f\u00fcr.csv", "fu\u0308r.csv"
    take(
        root,
        put(
            tmp_path,
            "box.zip",
            zipped({"List.csv": "1", "list.csv": "2", composed: "3", apart: "4", "a": "5", "A/x": "6", "tt:1": "7"}),
        ),
    )
    rows = by_path(root)
    assert len(rows) == 7 and "List.csv" in rows and "list (2).csv" in rows
    assert "delivered as 'list.csv'" in (rows["list (2).csv"].reason or "")
    assert apart in rows and "f\u00fcr (2).csv" in rows
    assert "A/x" in rows and "a (2)" in rows and "tt_1" in rows
    for row in rows.values():
        assert register.file_of(root, row).is_file()


def test_a_delivered_bag_is_checked_against_its_own_manifest(root: Path, tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    for name, text in (("same.csv", "1"), ("changed.csv", "2"), ("added.csv", "3")):
        put(bag, f"data/{name}", text)
    listed = {"same.csv": "1", "changed.csv": "before", "gone.csv": "4"}
    put(bag, "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    put(
        bag,
        "manifest-sha256.txt",
        "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  data/{name}\n" for name, text in listed.items()),
    )
    put(bag, "tagmanifest-md5.txt", f"{'0' * 32}  bagit.txt\n")
    for number, made in enumerate((bag, Path(shutil.make_archive(str(tmp_path / "b"), "gztar", tmp_path, "bag")))):
        (engagement := root / str(number)).mkdir()
        delivery = take(engagement, made)
        rows = by_path(engagement)
        assert {name: row.status for name, row in rows.items()} == {
            "added.csv": None,
            "changed.csv": None,
            "gone.csv": "missing",
            "same.csv": None,
        }
        assert "differs" in (rows["changed.csv"].reason or "") and "not named" in (rows["added.csv"].reason or "")
        assert rows["same.csv"].reason is None
        assert any("bagit.txt differs" in problem for problem in delivery.problems) and len(delivery.problems) == 4
        assert (delivery.folder / "metadata/received-bag/manifest-sha256.txt").exists()


@pytest.mark.parametrize("top", ["", "lot 7/"])
def test_a_list_of_digests_in_a_plain_delivery_is_checked(root: Path, tmp_path: Path, top: str) -> None:
    sent = {"same.csv": "1", "in/changed.csv": "2", "added.csv": "3"}
    listed = {"same.csv": "1", "in/changed.csv": "before", "gone.csv": "4"}
    lines = "".join(f"{hashlib.sha512(text.encode()).hexdigest()} *./{name}\n" for name, text in listed.items())
    for name, text in {**sent, "SHA512SUMS.txt": lines + f"{'0' * 128}  ../up.csv\n"}.items():
        put(tmp_path, f"sent/{top}{name}", text)
    for number, made in enumerate(
        (tmp_path / "sent", Path(shutil.make_archive(str(tmp_path / "s"), "zip", tmp_path / "sent")))
    ):
        (engagement := root / str(number)).mkdir()
        delivery = take(engagement, made)
        rows = by_path(engagement)
        listed_row = rows[f"{top}SHA512SUMS.txt"]
        assert rows[f"{top}same.csv"].reason is None and (listed_row.kind, listed_row.status) == ("digests", "read")
        assert f"differs from the delivered list {top}SHA512SUMS.txt" in (rows[f"{top}in/changed.csv"].reason or "")
        assert "not named in" in (rows[f"{top}added.csv"].reason or "")
        assert rows[f"{top}gone.csv"].status == "missing"
        assert len(delivery.problems) == 4 and "line 4, names a file outside" in delivery.problems[-1]


@pytest.mark.parametrize(
    "name",
    ["SHA256SUMS", "sha256sum.txt", "sha256.txt", "manifest-sha256.txt", "checksums.sha256", "checksum_sha256.txt"],
)
def test_a_list_of_digests_is_known_by_any_of_its_usual_names(root: Path, tmp_path: Path, name: str) -> None:
    put(tmp_path, "sent/a.csv", "a")
    put(tmp_path, f"sent/{name}", f"{'0' * 64}  a.csv\n")
    take(root, tmp_path / "sent")
    assert f"differs from the delivered list {name}" in (by_path(root)["a.csv"].reason or "")
    assert by_path(root)[name].kind == "digests"


def test_a_text_that_only_has_the_name_of_a_list_is_told_shortly_and_compared_with_nothing(
    root: Path, tmp_path: Path
) -> None:
    put(tmp_path, "sent/a.csv", "a")
    put(tmp_path, "sent/sha256.txt", "what we think of digests\n" * 5_000)
    delivery = take(root, tmp_path / "sent")
    assert len(delivery.problems) == 22 and "4980 more lines are none of a manifest" in delivery.problems[-2]
    assert delivery.problems[-1] == "sha256.txt has the name of a list of digests and names no file of the delivery"
    assert by_path(root)["a.csv"].reason is None and by_path(root)["sha256.txt"].kind is None


def test_a_bag_of_ours_can_be_delivered_without_differences(root: Path, parts: Path, tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    delivery = take(root, take(other, parts).folder)
    assert delivery.problems == () and list(by_path(root)) == ["a/ä.csv", "b.csv"]


def test_what_an_interrupted_intake_left_is_removed_or_entered(root: Path, parts: Path, tmp_path: Path) -> None:
    put(root, "evidence/.intake-001-torn/data/half.csv", "1")
    take(root, parts)
    assert not (root / "evidence/.intake-001-torn").exists()
    (root / "register.jsonl").unlink()  # as if it had stopped between the bag and the register
    take(root, put(tmp_path, "more.zip", zipped({"c.csv": "C"})))
    assert [(row.id, row.path) for row in by_path(root).values()] == [
        ("E-0001", "a/ä.csv"),
        ("E-0002", "b.csv"),
        ("E-0003", "c.csv"),
    ]


def test_a_failure_in_the_middle_leaves_nothing_behind(
    root: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "manifest")

    monkeypatch.setattr(bagit, "write", full)
    refused(root, parts, "No space left")


def test_another_command_at_work_is_waited_for_and_then_named(
    root: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_LOCK_SECONDS", 0.05)
    with FileLock(root / ".lock"), pytest.raises(EvidenceError, match="Another command"):
        take(root, parts)


def test_a_forged_tar_header_does_not_fill_the_memory(root: Path, tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 6 << 30
    refused(root, put(tmp_path, "big.tar", info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024), "damaged|empty")
