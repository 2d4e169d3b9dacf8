"""Closing an engagement into a bag with a receipt, and adding to that.

    SEALED/
      bagit.txt  bag-info.txt  manifest-sha256.txt  manifest-sha512.txt  tagmanifest-sha256.txt  tagmanifest-sha512.txt
      data/                  the engagement's folder and README.txt
      receipt.dsse.json      what was sealed, by whom and when: in-toto Statement v1 on the tag manifests, in a DSSE envelope
      receipt.tsr            a time stamp on that (RFC 3161), receipt-chain.pem the service's certificates
      additions/             what came later

The engagement is only read. The bag is made in a hidden folder beside its place and renamed when it is whole (§§791.312 to 791.314).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

import assessor
from assessor import check as checks
from assessor import files
from assessor.archive import additions, bag, encryption, receipt, stamp
from assessor.archive.contents import private
from assessor.archive.retention import retention
from assessor.assessment import Assessment
from assessor.engagement import Engagement
from assessor.errors import ArchiveError, AssessorError
from assessor.evidence import bagit
from assessor.evidence.package import INBOX

RECEIPT, STAMP, CHAIN = "receipt.dsse.json", "receipt.tsr", "receipt-chain.pem"
TAG_MANIFESTS = ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt")
_LOCKS = (".lock", ".run.lock", ".judgements.lock")
_LOCK_SECONDS = 5.0


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
    for name in TAG_MANIFESTS:
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
    """Every file of the engagement by its place: all of evidence, and elsewhere what is not hidden (locks, what editors leave). What
    lies in the inbox is in evidence once it was taken in."""
    for folder, folders, names in os.walk(root, followlinks=False):
        inner = Path(folder).relative_to(root).parts
        delivered = len(inner) >= 2 and inner[0] == "evidence"
        folders[:] = sorted(name for name in folders if delivered or not name.startswith("."))
        if not inner and INBOX in folders:
            folders.remove(INBOX)
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
