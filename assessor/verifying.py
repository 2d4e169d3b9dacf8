"""Verifying a bag, an archive of one or a sealed file, now or in ten years, and the results in it by running the assessment again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import assessor
from assessor import files, issuing, judgements, requests, run
from assessor.archive import additions, bag, certificates, encryption, fixity, receipt, stamp
from assessor.archive.contents import File, Problem, contents, damaged, problem
from assessor.archive.retention import retention
from assessor.assessment import Assessment
from assessor.comparison import recorded
from assessor.engagement import Engagement
from assessor.errors import ArchiveError, EngagementError
from assessor.evidence import register
from assessor.sealing import CHAIN, RECEIPT, STAMP, TAG_MANIFESTS, now
from assessor.workplace import workplace

_WORK = "assessor-verify-"


def verify(
    path: Path,
    *,
    key: Path | None = None,
    chain: bytes | None = None,
    trust: certificates.Trust | None = None,
    kept: Sequence[Path] = (),
    identity: Path | None = None,
    reproduce: bool = False,
    by: str = "",
    at: str = "",
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Check a bag, an archive of one or a sealed file, or a report that was edited in Word (as `issuing.verify`).

    `{"ok", "problems", "notes", "path", …}`: `notes` say what a check could not prove, `receipt` what was sealed, `retention` until when
    it is kept, `additions` what came later, `reproduced` whether the results came out the same, `certificate` how the signer's leads to a
    root (`certificates.check`). `key` is the firm's public key or certificate, `trust` the roots of its certificate, `chain` the
    time-stamping service's, `kept` copies of the receipt or of additions' statements that must be there, `identity` the key file of an .age
    file. One line goes into fixity.jsonl beside `path` (not for a report). Raises ArchiveError when it cannot be looked at; nothing is
    written within `path`.
    """
    if path.suffix.lower() == ".docx":
        return _told([*issuing.verify(path)], path=path)
    public = receipt.load_public(key) if key else None
    copies = fixity.statements(kept)
    if not path.exists():
        raise ArchiveError(f"There is no {path}; name a bag, an archive of one, a sealed file or a report.")
    if path.is_dir() and not _like_a_bag(path):
        raise ArchiveError(
            f"{path} is no bag; `assessor seal` makes one of an engagement, and `assessor check` looks at one that is open."
        )
    with workplace(_WORK) as work:
        source, broken = _decrypted(path, work, identity)
        if broken:
            result = _told(broken, path=path, notes=[], files=0)
        else:
            progress("reading every file")
            with contents(source) as (found, problems):
                result = _verified(path, found, problems, work, public, chain, trust, copies, reproduce, progress)
    result["log"] = fixity.log(path, result, by, at or now())
    return result


def _verified(
    path: Path,
    found: dict[str, File],
    problems: list[Problem],
    work: Path,
    public: Any | None,
    chain: bytes | None,
    trust: certificates.Trust | None,
    copies: Mapping[str, str],
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
        if (
            public is not None
            or trust is not None
            or copies
            or b"Assessor-Receipt:" in (found["bag-info.txt"].read() if "bag-info.txt" in found else b"")
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
    stamped = _stamped(found, chain, more)
    sure = "timestamp" in more and chain is not None and not stamped[0]
    signed = _signed(found[RECEIPT].read(), told, public, trust, more["timestamp"] if sure else "", more)
    wrong, noted, more["additions"] = additions.check(found, public or receipt.own_key(told), trust)
    for one, other in (signed, stamped, (wrong, noted)):
        problems += one
        notes += other
    more["receipt_sha256"] = found[RECEIPT].digest("sha256")
    problems += fixity.gone(path, more["receipt_sha256"], more["additions"], copies)
    if trust is not None and more["additions"]:
        notes.append("When each addition was made, and its certificate therefore had to hold, is the firm's own word.")
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
    if told["predicateType"] != receipt.SEALED or set(subjects) != set(TAG_MANIFESTS):
        problems.append(
            problem("receipt_damaged", RECEIPT, "It is no receipt of a sealed file, or not of both tag manifests.")
        )
    for name in TAG_MANIFESTS:
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


def _signed(
    content: bytes,
    told: Mapping[str, Any],
    public: Any | None,
    trust: certificates.Trust | None,
    stamped: str,
    more: dict[str, Any],
) -> tuple[list[Problem], list[str]]:
    """Whether the receipt is signed, and by whom. `stamped` is the time of a stamp by a service that is trusted, empty where there is none."""
    problems, notes = receipt.check_signature(content, RECEIPT, public, vouched=trust is not None)
    signer = told["predicate"].get("signer")
    if trust is None:
        if isinstance(signer, dict) and "certificate" in signer:
            notes.append(
                f"{RECEIPT}: the certificate was taken by itself and no chain was looked at; give its authority's root with --ca."
            )
        return problems, notes
    if problems:
        return problems, notes
    problems, noted, chain = certificates.check(content, RECEIPT, trust, stamped or told["predicate"]["at"])
    if chain is not None:
        more["certificate"] = {**chain, "at_by": "timestamp" if stamped else "receipt"}
        if not problems:
            notes.append(f"{RECEIPT}: it is signed by {chain['subject']}, for whom {chain['root']} vouches.")
    if not stamped:
        notes.append(
            f"{RECEIPT}: the certificate was looked at for {told['predicate']['at']}, which is the firm's own word, since no time stamp was "
            "checked with the service's published certificates (--timestamp-ca)."
        )
    return problems, [*notes, *noted]


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
        if (sealed.results / recorded.NAME).exists():
            notes.append(
                f"results/{recorded.NAME} compares with an earlier engagement, which is not in the file; it was not made again."
            )
        problems += different
        if told.get("assessor") != assessor.__version__:
            notes.append(f"It was made by assessor {told.get('assessor')} and reproduced by {assessor.__version__}.")
    return problems


def _reproduced(sealed: Engagement, root: Path, progress: Callable[[str], None]) -> list[Problem]:
    """Run the assessment again from the evidence alone; what came out otherwise, by its place."""
    again = Engagement(root)
    root.mkdir()
    # the numbers that requests had before are given once: what a client was told is R-07 stays so
    for path in (sealed.terms_file, sealed.ledger, sealed.prior_file, sealed.root / requests.MEMORY):
        if path.exists():
            shutil.copyfile(path, root / path.name)
    sealed.evidence.rename(again.evidence)
    for rows in sorted(again.evidence.glob("*/metadata/evidence.jsonl")):
        register.append(again.register, register.read_rows(rows))
    try:
        failed = run.run(again, notebooks=False, progress=progress).failed
    except Exception as error:  # as above
        return [problem("not_reproduced", "data/results", f"The assessment cannot be run again: {error}")]
    problems = [problem("not_reproduced", "data/results", f"A stage failed: {text}") for text in failed]
    places = {f"results/{path.name}" for each in (sealed, again) for path in each.results.glob("*.json")}
    places |= {f"tables/{path.name}" for each in (sealed, again) for path in each.tables.glob("*.parquet")}
    kept = f"results/{recorded.NAME}"
    places.discard(kept)  # it follows from an earlier engagement too, which is not in the file
    made_later = {
        place for place in places if not (root / place).exists() and place.startswith("results/oscal")
    }  # by the report
    try:
        content = recorded.read(sealed)
    except EngagementError as error:
        problems.append(problem("not_reproduced", f"data/{kept}", str(error)))
    else:
        if content is not None and content["outdated"]:
            text = f"It was made from other results than those that are sealed: {content['outdated']}."
            problems.append(problem("not_reproduced", f"data/{kept}", text))
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
