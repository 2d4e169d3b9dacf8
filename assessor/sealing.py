"""Closing an engagement into a bag with a receipt, adding to that, and verifying it again, now or in ten years.

    SEALED/
      bagit.txt  bag-info.txt  manifest-sha256.txt  manifest-sha512.txt  tagmanifest-sha256.txt  tagmanifest-sha512.txt
      data/                  the engagement's folder and README.txt
      receipt.dsse.json      what was sealed, by whom and when: in-toto Statement v1 on the tag manifests, in a DSSE envelope
      receipt.tsr            a time stamp on that (RFC 3161), receipt-chain.pem the service's certificates
      additions/             what came later

The engagement is only read. The bag is made in a hidden folder beside its place and renamed when it is whole (§§791.312 to 791.314).
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

import assessor
from assessor import check as checks
from assessor import files, judgements, run
from assessor.archive import additions, bag, encryption, receipt, stamp
from assessor.archive.contents import File, Problem, contents, damaged, private, problem
from assessor.archive.retention import retention
from assessor.assessment import Assessment
from assessor.engagement import Engagement
from assessor.errors import ArchiveError, AssessorError
from assessor.evidence import bagit, register

RECEIPT, STAMP, CHAIN = "receipt.dsse.json", "receipt.tsr", "receipt-chain.pem"
_TAG_MANIFESTS = ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt")
_LOCKS = (".lock", ".run.lock", ".judgements.lock")
_LOCK_SECONDS = 5.0
_LOG = "fixity.jsonl"
_WORK = "assessor-verify-"
_HOUR = 3600


def seal(
    engagement: Engagement,
    target: Path | None = None,
    *,
    signer: receipt.Signer | None = None,
    by: str = "",
    at: str = "",
    despite: str = "",
    encrypt_to: Sequence[str] = (),
    timestamp_url: str = "",
    chain: bytes | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Path, dict[str, Any]]:
    """Seal an engagement as `target` (default: DIR-sealed beside it); its place and what the receipt says.

    `despite` is why it is sealed although `check` names problems, which the receipt then lists. `encrypt_to` are recipients of age: the
    only thing written is then `target` with .tar.age. Everything is written so that the owner alone can read it. Raises ArchiveError
    when something stands against it; then, and after a full disk, nothing is left behind.
    """
    root = engagement.root.resolve()
    target = (target or root.with_name(f"{root.name}-sealed")).resolve()
    if encrypt_to and not target.name.endswith(".tar.age"):
        target = target.with_name(f"{target.name}.tar.age")
    if target == root or root in target.parents or target in root.parents:
        raise ArchiveError(
            f"{target} and the engagement {root} lie within one another; seal to a place beside it (--to)."
        )
    if os.path.lexists(target):
        raise ArchiveError(f"{target} is there already; what is sealed is not replaced, so name another place (--to).")
    if not encrypt_to and target.suffix.lower() in (".age", ".tar", ".zip"):
        raise ArchiveError(
            f"A folder is written and no {target.suffix}; name a folder, or recipients with --encrypt-to."
        )
    to = encryption.recipients(encrypt_to) if encrypt_to else []
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.sealing"
    with _held(root, _LOCKS):
        problems = checks.check(engagement)["problems"]
        if problems and not despite.strip():
            raise ArchiveError(
                f"`assessor check {engagement.root}` names {len(problems)} problems, the first at {problems[0]['place']}; mend them, or say with --despite why it is sealed as it is."
            )
        shutil.rmtree(temporary, ignore_errors=True)  # of a sealing that was killed
        try:
            made = temporary / "bag"
            temporary.mkdir(mode=0o700)
            made.mkdir(mode=0o700)
            progress("copying")
            _fill(engagement, made)
            progress("writing the receipt")
            told = _receipt(engagement, made, signer, by, at or now(), despite, problems)
            content = receipt.envelope(told, signer)
            _put(made / RECEIPT, content)
            if timestamp_url:
                progress(f"asking {timestamp_url} for a time stamp")
                _stamp(made, stamp.fetch(timestamp_url, content), chain)
            if to:
                progress("encrypting")
                packed = temporary / "packed"
                encryption.encrypt(made, target.name.removesuffix(".tar.age"), packed, to)
                made = packed
            made.rename(target)
        except OSError as error:
            raise ArchiveError(
                f"{target} could not be written: {error.strerror or error}; nothing of it was left."
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return target, told


def add(sealed: Path, file: Path, *, by: str, because: str, at: str = "", signer: receipt.Signer | None = None) -> Path:
    """Add a file to a sealed folder; the folder of the addition. Raises ArchiveError as `additions.add`, or where nothing is sealed."""
    with _sealed(sealed):
        if signer is None and receipt.own_key(receipt.opened((sealed / RECEIPT).read_bytes())) is not None:
            raise ArchiveError(f"{sealed} is signed, so that an addition needs the firm's key too (--key).")
        return additions.add(sealed, file, by=by, because=because, at=at or now(), signer=signer)


def request(sealed: Path, target: Path) -> None:
    """Write the request for a time stamp on the receipt of a sealed folder (.tsq), to be taken to a service."""
    with _sealed(sealed):
        files.write_bytes(target, stamp.request((sealed / RECEIPT).read_bytes()))


def attach(sealed: Path, reply: bytes, chain: bytes | None = None) -> str:
    """Lay a time stamp beside the receipt that it is on; its time. Raises ArchiveError when it is on something else, is not by a
    service that `chain` vouches for, or there is one already."""
    with _sealed(sealed):
        return _stamp(sealed, reply, chain)


def fetch(sealed: Path, url: str, chain: bytes | None = None) -> str:
    """Have the service at `url` stamp the receipt of a sealed folder; the time. Raises ArchiveError as `attach`."""
    return attach(sealed, stamp.fetch(url, (sealed / RECEIPT).read_bytes()), chain)


def is_sealed(path: Path) -> bool:
    """Whether a folder is a sealed file."""
    return (path / "bagit.txt").is_file() and (path / RECEIPT).is_file()


def now() -> str:
    """The time in UTC, as receipts tell it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def verify(
    path: Path,
    *,
    key: Path | None = None,
    chain: bytes | None = None,
    identity: Path | None = None,
    reproduce: bool = False,
    by: str = "",
    at: str = "",
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Check a bag, an archive of one or a sealed file, or a report that was edited in Word (as `run.verify`).

    `{"ok", "problems", "notes", "path", …}`: `notes` say what a check could not prove, `receipt` what was sealed, `retention` until when
    it is kept, `additions` what came later, `reproduced` whether the results came out the same. `key` is the firm's public key or
    certificate, `chain` the time-stamping service's, `identity` the key file of an .age file. One line goes into fixity.jsonl beside
    `path` (not for a report). Raises ArchiveError when it cannot be looked at; nothing is written within `path`.
    """
    if path.suffix.lower() == ".docx":
        return _told([*run.verify(path)], path=path)
    public = receipt.load_public(key) if key else None
    if not path.exists():
        raise ArchiveError(f"There is no {path}; name a bag, an archive of one, a sealed file or a report.")
    if path.is_dir() and not _like_a_bag(path):
        raise ArchiveError(
            f"{path} is no bag; `assessor seal` makes one of an engagement, and `assessor check` looks at one that is open."
        )
    with _workplace() as work:
        source, broken = _decrypted(path, work, identity)
        if broken:
            result = _told(broken, path=path, notes=[], files=0)
        else:
            progress("reading every file")
            with contents(source) as (found, problems):
                result = _verified(path, found, problems, work, public, chain, reproduce, progress)
    result["log"] = _log(path, result, by, at or now())
    return result


def _verified(
    path: Path,
    found: dict[str, File],
    problems: list[Problem],
    work: Path,
    public: Any | None,
    chain: bytes | None,
    reproduce: bool,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """All that is to be said of the files of one bag."""
    unread = damaged(found)
    problems = [*problems, *unread]
    for each in unread:
        del found[each["place"]]
    sealed = RECEIPT in found
    asides = {RECEIPT, STAMP, CHAIN} if sealed else set[str]()
    problems += bag.check(
        found, both=sealed, aside=lambda name: name in asides or (sealed and name.startswith(f"{additions.FOLDER}/"))
    )
    inner = {
        "/".join(name.split("/")[:3]) + "/"
        for name in found
        if name.startswith("data/evidence/") and name.endswith("/bagit.txt") and name.count("/") == 3
    }
    for prefix in sorted(inner):
        within = {name.removeprefix(prefix): file for name, file in found.items() if name.startswith(prefix)}
        problems += bag.check(within, place=prefix)
    notes: list[str] = []
    more: dict[str, Any] = {"files": len(found), "sealed": sealed}
    if not sealed:
        if public is not None or b"Assessor-Receipt:" in (
            found["bag-info.txt"].read() if "bag-info.txt" in found else b""
        ):
            problems.append(
                problem(
                    "receipt_missing",
                    RECEIPT,
                    "The receipt is missing, so that nothing tells whether this is what was sealed.",
                )
            )
        else:
            notes.append("It has no receipt: its bytes are those of its manifests, and nobody vouches for these.")
        if reproduce:
            raise ArchiveError(f"{path} is no sealed file, so that there is nothing to reproduce; name one.")
        return _told(problems, path=path, notes=notes, **more)
    try:
        told = receipt.opened(found[RECEIPT].read())
    except ArchiveError as error:
        problems.append(problem("receipt_damaged", RECEIPT, str(error)))
        return _told(problems, path=path, notes=notes, **more)
    problems += _subjects(found, told)
    for wrong, noted in (
        receipt.check_signature(found[RECEIPT].read(), RECEIPT, public),
        _stamped(found, chain, more),
    ):
        problems += wrong
        notes += noted
    wrong, noted, more["additions"] = additions.check(found, public or receipt.own_key(told))
    problems += wrong
    notes += noted
    more["receipt"] = told["predicate"]
    if problems:
        notes.append(
            "Because of the problems, what the file says was not looked into: its ledger, retention and results."
        )
        return _told(problems, path=path, notes=notes, **more)
    problems += _inside(found, told["predicate"], work, reproduce, progress, notes, more)
    return _told(problems, path=path, notes=notes, **more)


def _subjects(found: Mapping[str, File], told: dict[str, Any]) -> list[Problem]:
    """Whether the receipt is about this bag."""
    problems = []
    subjects = {each["name"]: each["digest"] for each in told["subject"]}
    if told["predicateType"] != receipt.SEALED or set(subjects) != set(_TAG_MANIFESTS):
        problems.append(
            problem("receipt_damaged", RECEIPT, "It is no receipt of a sealed file, or not of both tag manifests.")
        )
    for name in _TAG_MANIFESTS:
        if (
            name in found
            and name in subjects
            and any(found[name].digest(each) != subjects[name][each] for each in ("sha256", "sha512"))
        ):
            problems.append(
                problem("changed", name, "Its bytes are not those that the receipt tells: this is not what was sealed.")
            )
    for place, digest in (told["predicate"].get("digests") or {}).items():
        file = found.get(f"data/{place}")
        if digest is not None and (file is None or file.digest("sha256") != digest):
            problems.append(problem("changed", f"data/{place}", "Its bytes are not those that the receipt tells."))
    return problems


def _stamped(found: Mapping[str, File], chain: bytes | None, more: dict[str, Any]) -> tuple[list[Problem], list[str]]:
    if STAMP not in found:
        if chain is not None or CHAIN in found:
            return [problem("timestamp_missing", STAMP, "There is no time stamp, and one was expected.")], []
        return [], ["There is no time stamp: the time of sealing is by the receipt's own account."]
    kept = found[CHAIN].read() if CHAIN in found else None
    try:
        problems, more["timestamp"] = stamp.check(found[STAMP].read(), found[RECEIPT].read(), STAMP, chain or kept)
    except ArchiveError as error:
        if chain is not None:
            raise
        return [problem("timestamp", CHAIN, str(error))], []
    if chain is None:
        how = "checked with the certificates that lie beside it" if kept else "only seen to be on this receipt"
        return problems, [f"{STAMP}: it was {how}; give the service's published certificates with --timestamp-ca."]
    return problems, []


def _inside(
    found: Mapping[str, File],
    told: Mapping[str, Any],
    work: Path,
    reproduce: bool,
    progress: Callable[[str], None],
    notes: list[str],
    more: dict[str, Any],
) -> list[Problem]:
    """What the sealed engagement itself says: its ledger's chain, how long it is kept, whether the results come out the same."""
    sealed = Engagement(work / "sealed")
    for name, file in found.items():
        inner = name.removeprefix("data/")
        if name.startswith("data/") and (not inner.startswith("evidence/") or reproduce):
            (sealed.root / inner).parent.mkdir(parents=True, exist_ok=True)
            file.copy(sealed.root / inner)
    ledger = judgements.read(sealed.ledger)
    problems = [problem("ledger_damaged", "data/judgements.jsonl", text) for text in ledger.problems]
    notes += ledger.oddities
    try:
        assessment = Assessment(sealed)
        if (told.get("engagement"), told.get("rule_version")) != (assessment.terms.id, assessment.terms.rule_version):
            problems.append(
                problem("receipt_damaged", RECEIPT, "It names another engagement or rule version than engagement.toml.")
            )
        if isinstance(told.get("retention"), dict) and "until" in told["retention"]:
            more["retention"] = again = retention(assessment.facts)
            if again != told["retention"]:
                text = f"The receipt tells {told['retention'].get('until')} and it is {again['until']} by the rule of this version and the transactions in the file."
                problems.append(problem("retention", RECEIPT, text))
    except (
        Exception
    ) as error:  # whoever made the file may have put anything into it, and the libraries raise errors of many kinds
        notes.append(f"How long it is to be kept was not worked out again: {error}")
    if reproduce:
        different = _reproduced(sealed, work / "again", progress)
        more["reproduced"] = not different
        problems += different
        if told.get("assessor") != assessor.__version__:
            notes.append(f"It was made by assessor {told.get('assessor')} and reproduced by {assessor.__version__}.")
    return problems


def _reproduced(sealed: Engagement, root: Path, progress: Callable[[str], None]) -> list[Problem]:
    """Run the assessment again from the evidence alone; what came out otherwise, by its place."""
    again = Engagement(root)
    root.mkdir()
    for path in (sealed.terms_file, sealed.ledger, sealed.prior_file):
        if path.exists():
            shutil.copyfile(path, root / path.name)
    sealed.evidence.rename(again.evidence)
    for rows in sorted(again.evidence.glob("*/metadata/evidence.jsonl")):
        register.append(again.register, register.rows(register.read(rows)))
    try:
        failed = run.run(again, notebooks=False, progress=progress).failed
    except Exception as error:  # as above
        return [problem("not_reproduced", "data/results", f"The assessment cannot be run again: {error}")]
    problems = [problem("not_reproduced", "data/results", f"A stage failed: {text}") for text in failed]
    places = {f"results/{path.name}" for each in (sealed, again) for path in each.results.glob("*.json")}
    places |= {f"tables/{path.name}" for each in (sealed, again) for path in each.tables.glob("*.parquet")}
    made_later = {
        place for place in places if not (root / place).exists() and place.startswith("results/oscal")
    }  # by the report
    for place in sorted((places | {"register.jsonl"}) - made_later):
        one, other = sealed.root / place, root / place
        if not one.exists() or not other.exists():
            where = "in the sealed file" if one.exists() else "when run again"
            problems.append(problem("not_reproduced", f"data/{place}", f"It came about only {where}."))
        elif files.sha256(one) != files.sha256(other):
            problems.append(problem("not_reproduced", f"data/{place}", f"It came out otherwise{_where(one, other)}."))
    return problems


def _where(one: Path, other: Path) -> str:
    """The first members of two JSON files that differ."""
    try:
        a, b = (dict(json.loads(path.read_text("utf-8"))) for path in (one, other))
    except (ValueError, TypeError, RecursionError):  # a table, or what is no result at all
        return ""
    names = [name for name in sorted({*a, *b}) if a.get(name) != b.get(name)]
    return f": {', '.join(names)}" if names else ""


def _receipt(
    engagement: Engagement,
    made: Path,
    signer: receipt.Signer | None,
    by: str,
    at: str,
    despite: str,
    problems: Sequence[Any],
) -> dict[str, Any]:
    assessment = Assessment(engagement)
    terms = assessment.terms
    try:
        kept = retention(assessment.facts)
    except AssessorError as error:
        kept = {"clause": "791.312(a)", "reason": str(error)}
    predicate: dict[str, Any] = {
        "at": at,
        "engagement": terms.id,
        "client": terms.client_name,
        "firm": terms.firm["name"],
        "rule_version": terms.rule_version,
        "assessor": assessor.__version__,
        "digests": {
            place: files.sha256(made / "data" / place) if (made / "data" / place).is_file() else None
            for place in ("results/results.json", "judgements.jsonl")
        },
        "retention": kept,
    }
    if by:
        predicate["by"] = by
    if problems:
        listed = [{"code": each["code"], "place": each["place"]} for each in problems]
        predicate["despite"] = {"reason": despite.strip(), "problems": listed}
    if signer is not None:
        predicate["signer"] = signer.described()
    subjects = {}
    for name in _TAG_MANIFESTS:
        content = (made / name).read_bytes()
        subjects[name] = {each: hashlib.new(each, content).hexdigest() for each in ("sha256", "sha512")}
    return receipt.statement(subjects, receipt.SEALED, predicate)


def _fill(engagement: Engagement, made: Path) -> None:
    """The bag: a copy of the engagement, hashed while it is copied. Nothing in it depends on when it is made."""
    digests: dict[str, tuple[str, str]] = {}
    size = 0
    data = made / "data"
    data.mkdir(mode=0o700)
    for place, path in [*_listed(engagement.root), ("README.txt", Path(bag.__file__).with_name("readme.txt"))]:
        (data / place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        length, digests[place] = _copy(path, data / place)
        size += length
    terms = engagement.terms()
    info = {
        "Assessor-Receipt": RECEIPT,
        "External-Identifier": terms.id,
        "Payload-Oxum": f"{size}.{len(digests)}",
        "Source-Organization": str(terms.firm["name"]),
    }
    bagit.write(made, digests, {}, info, ("sha256", "sha512"))
    for path in made.iterdir():
        if path.is_file():
            path.chmod(0o600)


def _listed(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file of the engagement by its place: all of evidence, and elsewhere what is not hidden (locks, what editors leave)."""
    for folder, folders, names in os.walk(root, followlinks=False):
        inner = Path(folder).relative_to(root).parts
        delivered = len(inner) >= 2 and inner[0] == "evidence"
        folders[:] = sorted(name for name in folders if delivered or not name.startswith("."))
        for name in sorted([*folders, *names]):
            path = Path(folder) / name
            place = path.relative_to(root).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ArchiveError(
                    f"{path} is a link or a special file, which no bag can hold; take it out of the engagement or put the file itself there."
                )
            if place == "README.txt":
                raise ArchiveError(
                    f"{path} stands where the sealed file has a README.txt of its own; give it another name."
                )
            if name in names and (delivered or not name.startswith(".")):
                yield place, path


def _copy(source: Path, target: Path) -> tuple[int, tuple[str, str]]:
    engines = hashlib.sha256(), hashlib.sha512()
    size = 0
    with source.open("rb") as file, private(target) as copy:
        while piece := file.read(1 << 20):
            size += len(piece)
            for engine in engines:
                engine.update(piece)
            copy.write(piece)
    return size, (engines[0].hexdigest(), engines[1].hexdigest())


def _put(path: Path, content: bytes) -> None:
    with private(path) as file:
        file.write(content)


def _stamp(sealed: Path, reply: bytes, chain: bytes | None) -> str:
    if (sealed / STAMP).exists():
        raise ArchiveError(f"{sealed} has a time stamp already; a further one is added as a file (--add).")
    problems, time = stamp.check(reply, (sealed / RECEIPT).read_bytes(), STAMP, chain)
    if problems:
        raise ArchiveError(f"The time stamp was not taken: {problems[0]['message']}")
    if chain is not None:
        files.write_bytes(sealed / CHAIN, chain)
        (sealed / CHAIN).chmod(0o600)
    files.write_bytes(sealed / STAMP, reply)
    (sealed / STAMP).chmod(0o600)
    return time


@contextmanager
def _sealed(folder: Path) -> Iterator[None]:
    """A sealed folder that nobody else adds to meanwhile."""
    if not is_sealed(folder):
        raise ArchiveError(
            f"{folder} is no sealed folder; `assessor seal DIR` makes one, and an archive is unpacked first."
        )
    root = folder.resolve()
    with _held(root.parent, (f".{root.name}.lock",)):
        files.sweep(root)
        yield


@contextmanager
def _held(folder: Path, locks: Sequence[str]) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            for name in locks:
                stack.enter_context(FileLock(folder / name, timeout=_LOCK_SECONDS))
        except Timeout:
            raise ArchiveError(f"Another command is working on {folder}; wait until it has ended.") from None
        yield


@contextmanager
def _workplace() -> Iterator[Path]:
    """A temporary folder that the owner alone can read; those of processes that were killed are removed."""
    parent = Path(tempfile.gettempdir())
    for left in parent.glob(f"{_WORK}*"):
        _sweep(left)
    work = Path(tempfile.mkdtemp(prefix=_WORK))
    lock = FileLock(work / ".lock")
    try:
        with lock:
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(left: Path) -> None:
    """Remove a temporary folder whose process holds it no more."""
    try:
        if left.is_symlink() or not left.is_dir() or (hasattr(os, "getuid") and left.stat().st_uid != os.getuid()):
            return
        age = datetime.now(UTC).timestamp() - left.stat().st_mtime
        if not (left / ".lock").exists() and age < _HOUR:
            return  # its process may be about to hold it
        with FileLock(left / ".lock", timeout=0):
            shutil.rmtree(left, ignore_errors=True)
    except (OSError, Timeout):
        return


def _decrypted(path: Path, work: Path, identity: Path | None) -> tuple[Path, list[Problem]]:
    """The archive to look into: `path` itself, or what an .age file holds."""
    if path.suffix.lower() != ".age" or not path.is_file():
        return path, []
    if identity is None:
        raise ArchiveError(f"{path} is encrypted; give the file of a key that opens it with --identity.")
    try:
        encryption.decrypt(path, work / "decrypted.tar", encryption.identities(identity))
    except EOFError as error:
        return path, [problem("archive_damaged", path.name, f"The encrypted archive cannot be read whole: {error}.")]
    return work / "decrypted.tar", []


def _like_a_bag(path: Path) -> bool:
    return (path / "bagit.txt").exists() or any(path.glob("manifest-*.txt")) or (path / RECEIPT).exists()


def _told(problems: list[Any], **more: Any) -> dict[str, Any]:
    return {"ok": not problems, "problems": problems, **more}


def _log(path: Path, result: Mapping[str, Any], by: str, at: str) -> str:
    """Append who looked, when, and what came out to fixity.jsonl beside; its place, empty where none can be written there."""
    whole = path.resolve()
    line = {
        "at": at,
        "by": by or _user(),
        "path": whole.name,
        "ok": result["ok"],
        "problems": len(result["problems"]),
        "codes": sorted({each["code"] for each in result["problems"]}),
        "files": result.get("files"),
        "additions": len(result.get("additions", ())),
        "assessor": assessor.__version__,
    }
    log = whole.parent / _LOG
    try:
        with log.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n")
    except OSError as error:
        if isinstance(result.get("notes"), list):
            result["notes"].append(
                f"{log} could not be written ({error.strerror}), so that no record of this check was kept."
            )
        return ""
    return str(log)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
