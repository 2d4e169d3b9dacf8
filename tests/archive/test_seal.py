"""Sealing: what the bag and the receipt hold, who may read it, and what is left after an error or a kill."""

from __future__ import annotations

import base64
import errno
import json
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from assessor import check, files, requests, run, sealing, verifying
from assessor.archive import receipt
from assessor.archive.contents import File
from assessor.engagement import Engagement
from assessor.errors import ArchiveError
from assessor.evidence import tables
from tests.archive.conftest import AT, PASSPHRASE, Keys


def tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder, without locks."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("lock")
    }


def told(sealed: Path) -> dict[str, object]:
    return dict(receipt.opened((sealed / "receipt.dsse.json").read_bytes()))


def test_the_bag_holds_the_whole_file_and_the_receipt_says_what_it_is(engagement: Engagement, keys: Keys) -> None:
    before = tree(engagement.root)
    target, statement = sealing.seal(engagement, signer=keys.signer(), at=AT, by="A. Person", despite="a test")
    assert tree(engagement.root) == before
    assert target == engagement.root.with_name("engagement-sealed")
    data = tree(target / "data")
    assert data.pop("README.txt")
    assert data == before
    assert told(target) == statement
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert [each["name"] for each in statement["subject"]] == ["tagmanifest-sha256.txt", "tagmanifest-sha512.txt"]
    assert statement["subject"][0]["digest"]["sha256"] == files.sha256(target / "tagmanifest-sha256.txt")
    predicate = statement["predicate"]
    terms = engagement.terms()
    assert (predicate["engagement"], predicate["client"], predicate["rule_version"]) == (
        terms.id,
        terms.client_name,
        terms.rule_version,
    )
    assert predicate["digests"]["results/results.json"] == files.sha256(engagement.results / "results.json")
    assert predicate["retention"]["last_transaction"] == "2026-09-30"
    assert predicate["retention"]["until"] == "2036-09-30"
    problems = check.check(engagement)["problems"]
    assert predicate["despite"] == {
        "reason": "a test",
        "problems": [{"code": p["code"], "place": p["place"]} for p in problems],
    }
    again = verifying.verify(target, key=keys.public, reproduce=True)
    assert (again["ok"], again["problems"], again["reproduced"]) == (True, [], True)
    assert again["retention"] == predicate["retention"]


def test_what_comes_out_otherwise_when_it_is_run_again_is_named(engagement: Engagement, tmp_path: Path) -> None:
    path = engagement.results / "s312_records.json"
    path.write_text(path.read_text("utf-8").replace('"title": "', '"title": "Not ', 1), "utf-8")
    fewer = tables.read(engagement.tables / "screening.parquet").iloc[:-1]
    tables.write(fewer, engagement.tables / "screening.parquet")
    target, _ = sealing.seal(engagement, tmp_path / "s", despite="a test")
    result = verifying.verify(target, reproduce=True)
    assert not result["ok"] and not result["reproduced"]
    places = {each["place"]: each["message"] for each in result["problems"]}
    assert set(places) >= {"data/results/s312_records.json", "data/tables/screening.parquet"}
    assert "findings" in places["data/results/s312_records.json"]


def test_requests_keep_the_numbers_that_clients_know_when_it_is_run_again(
    engagement: Engagement, tmp_path: Path
) -> None:
    memory = engagement.root / requests.MEMORY
    memory.write_text(memory.read_text("utf-8").replace('"R-05"', '"R-55"'), "utf-8")
    run.run(engagement, notebooks=False)
    assert '"R-55"' in (engagement.results / "results.json").read_text("utf-8")
    target, _ = sealing.seal(engagement, tmp_path / "s", despite="a test")
    assert verifying.verify(target, reproduce=True)["problems"] == []


def test_other_tools_find_it_whole(sealed: Path) -> None:
    for name in ("sha256", "sha512"):
        for manifest in (f"manifest-{name}.txt", f"tagmanifest-{name}.txt"):
            subprocess.run([f"{name}sum", "-c", "--strict", "--quiet", manifest], cwd=sealed, check=True)
    bagit.Bag(str(sealed)).validate()
    result = verifying.verify(sealed)
    assert result["ok"] and result["files"] == len(tree(sealed))
    assert any("self-attested" in note for note in result["notes"])


def test_the_same_engagement_gives_the_same_bytes(small: Path, keys: Keys, tmp_path: Path) -> None:
    one, other, later = tmp_path / "one", tmp_path / "other", tmp_path / "later"
    sealing.seal(Engagement(small), one, signer=keys.signer(), at=AT, despite="a test")
    sealing.seal(Engagement(small), other, signer=keys.signer(), at=AT, despite="a test")
    sealing.seal(Engagement(small), later, signer=keys.signer(), at="2027-01-01T00:00:00Z", despite="a test")
    assert tree(one) == tree(other)
    different = {name for name, content in tree(one).items() if tree(later)[name] != content}
    assert different == {"receipt.dsse.json"}


def test_it_is_not_sealed_while_check_names_problems(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"names .* problems, .* --despite"):
        sealing.seal(Engagement(small), tmp_path / "s")
    assert not list(tmp_path.iterdir())


def test_nothing_checked_is_held_against_what_has_no_problems(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "check", lambda engagement: {"problems": []})
    _, statement = sealing.seal(Engagement(small), tmp_path / "s")
    assert "despite" not in statement["predicate"]


@pytest.mark.parametrize("place", ["small", "small/inside", ".", "taken"])
def test_it_is_not_sealed_into_itself_or_over_something(small: Path, tmp_path: Path, place: str) -> None:
    root = Path(shutil.copytree(small, tmp_path / "small"))
    (tmp_path / "taken").mkdir()
    with pytest.raises(ArchiveError, match=r"within one another|is there already"):
        sealing.seal(Engagement(root), tmp_path / place, despite="a test")


def test_links_are_refused_and_hidden_files_left_out_except_in_evidence(small: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(small, tmp_path / "small"))
    (root / "report").mkdir()
    (root / "report" / ".~lock.docx").write_text("")
    target, _ = sealing.seal(Engagement(root), tmp_path / "s", despite="a test")
    names = set(tree(target / "data"))
    assert any(name.endswith(".hidden é.txt") for name in names) and not any("~lock" in name for name in names)
    (root / "report" / "link").symlink_to(tmp_path)
    with pytest.raises(ArchiveError, match="link or a special file"):
        sealing.seal(Engagement(root), tmp_path / "t", despite="a test")
    assert not (tmp_path / "t").exists() and not list(tmp_path.glob(".t.*"))


def test_only_the_owner_can_read_it(sealed_before: Path) -> None:
    for path in [sealed_before, *sealed_before.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or (path.is_dir() and path != sealed_before), path
    assert stat.S_IMODE(sealed_before.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["ed25519", "p256", "p384", "p521", "rsa"])
def test_every_kind_of_key_signs_and_is_told_from_another(small: Path, tmp_path: Path, kind: str, others: Keys) -> None:
    own = Keys(tmp_path / "keys", kind)
    signer = receipt.load_signer(own.locked, lambda: PASSPHRASE, own.certificate)
    target, statement = sealing.seal(Engagement(small), tmp_path / "s", signer=signer, at=AT, despite="a test")
    assert "Invented Assessors" in statement["predicate"]["signer"]["subject"]
    for key in (own.public, own.certificate, None):
        result = verifying.verify(target, key=key)
        assert result["ok"], result["problems"]
        assert any("self-attested" in note for note in result["notes"]) is (key is None)
    result = verifying.verify(target, key=others.public)
    assert [(each["code"], each["place"]) for each in result["problems"]] == [("signature", "receipt.dsse.json")]
    assert "another key" in result["problems"][0]["message"]


def test_openssl_finds_the_signature_right(sealed: Path, keys: Keys, tmp_path: Path) -> None:
    envelope = json.loads((sealed / "receipt.dsse.json").read_text())
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    (tmp_path / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (tmp_path / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    words = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        str(keys.public),
        "-rawin",
        "-in",
        "signed",
        "-sigfile",
        "sig",
    ]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)


def test_keys_that_do_not_serve_are_refused_in_a_sentence(tmp_path: Path, keys: Keys, others: Keys) -> None:
    with pytest.raises(ArchiveError, match="passphrase is another"):
        receipt.load_signer(keys.locked, lambda: "wrong")
    with pytest.raises(ArchiveError, match="another key"):
        receipt.load_signer(keys.private, lambda: "", others.certificate)
    with pytest.raises(ArchiveError, match="no private key"):
        receipt.load_signer(keys.public, lambda: "")
    with pytest.raises(ArchiveError, match="no public key"):
        receipt.load_public(keys.private)
    with pytest.raises(ArchiveError, match="cannot be read"):
        receipt.load_public(tmp_path / "none.pem")
    late = Keys(tmp_path / "late", "p256", days=(-30, -1))
    with pytest.raises(ArchiveError, match="does not hold on"):
        receipt.envelope(receipt.statement({}, receipt.SEALED, {"at": AT}), late.signer())


def test_a_full_disk_leaves_nothing_half_written(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real, count = tree(small), sealing._copy, 0

    def full(source: Path, target: Path) -> tuple[int, tuple[str, str]]:
        nonlocal count
        count += 1
        if count == 5:
            target.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(source, target)

    monkeypatch.setattr(sealing, "_copy", full)
    with pytest.raises(ArchiveError, match="No space left on device"):
        sealing.seal(Engagement(small), tmp_path / "out" / "s", despite="a test")
    assert list((tmp_path / "out").iterdir()) == [] and tree(small) == before


_KILLED = """
import os, signal, sys
from pathlib import Path
from assessor import sealing, verifying
from assessor.archive import encryption
from assessor.engagement import Engagement
point, root, target, recipient = sys.argv[1:]
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
real = sealing._copy
count = 0
def copy(*words):
    global count
    count += 1
    if count == 3: die()
    return real(*words)
if point == "copying": sealing._copy = copy
if point == "manifests": sealing.bagit.write = die
if point == "receipt": sealing._put = die
if point == "encrypting": encryption._pyrage().encrypt_io; encryption.private = lambda path: (path.write_bytes(b"half"), die())
if point == "renaming": Path.rename = die
sealing.seal(Engagement(Path(root)), Path(target), at="2026-11-20T12:00:00Z", despite="a test", encrypt_to=[recipient] if recipient else [])
"""


@pytest.mark.parametrize("point", ["copying", "manifests", "receipt", "encrypting", "renaming"])
def test_after_a_kill_the_engagement_is_untouched_and_a_repeat_works(small: Path, tmp_path: Path, point: str) -> None:
    import pyrage

    recipient = str(pyrage.x25519.Identity.generate().to_public()) if point == "encrypting" else ""
    root = Path(shutil.copytree(small, tmp_path / "small"))
    before, target = tree(root), tmp_path / "s"
    words = [sys.executable, "-c", _KILLED, point, str(root), str(target), recipient]
    assert subprocess.run(words, capture_output=True).returncode == -signal.SIGKILL
    assert tree(root) == before
    assert not target.exists() and not (tmp_path / "s.tar.age").exists()
    assert (tmp_path / f".{target.name}{'.tar.age' if recipient else ''}.sealing").is_dir()
    made, _ = sealing.seal(
        Engagement(root), target, at=AT, despite="a test", encrypt_to=[recipient] if recipient else []
    )
    assert made.exists() and sorted(path.name for path in tmp_path.iterdir()) == sorted(["small", made.name])
    if not recipient:
        assert verifying.verify(made)["ok"]


def test_another_command_on_the_engagement_is_waited_for_and_then_told(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    monkeypatch.setattr(sealing, "_LOCK_SECONDS", 0.1)
    with FileLock(small / ".run.lock"), pytest.raises(ArchiveError, match="Another command"):
        sealing.seal(Engagement(small), tmp_path / "s", despite="a test")


def test_digests_of_the_receipt_are_of_the_files_copied(sealed: Path) -> None:
    file = File(lambda: (sealed / "data" / "engagement.toml").open("rb"))
    assert file.digest("sha256") in (sealed / "manifest-sha256.txt").read_text("utf-8")


def test_without_the_extra_a_file_can_be_sealed_unsigned_and_everything_else_says_what_to_install(
    small: Path, tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cryptography", "rfc3161_client", "pyrage"):
        monkeypatch.setitem(sys.modules, name, None)
    target, _ = sealing.seal(Engagement(small), tmp_path / "s", at=AT, despite="a test")
    assert verifying.verify(target)["ok"]
    for attempt in (
        lambda: receipt.load_signer(keys.private, lambda: ""),
        lambda: sealing.request(target, tmp_path / "r.tsq"),
        lambda: sealing.seal(Engagement(small), tmp_path / "t", despite="a test", encrypt_to=["age1x"]),
    ):
        with pytest.raises(ArchiveError, match=r"pip install 'assessor\[seal\]'"):
            attempt()
