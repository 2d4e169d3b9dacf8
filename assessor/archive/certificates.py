"""Whether an authority vouches for who signed: the certificate's chain up to a root, its use, and whether it was revoked.

Roots and lists of revoked certificates are files, the certificates between lie in the receipt, and nothing is fetched. `cryptography`
builds and checks the chain (RFC 5280, section 6), by a policy for certificates that sign documents in place of its own for TLS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor.archive import receipt
from assessor.archive.contents import Problem, problem
from assessor.errors import ArchiveError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509.verification import ExtensionPolicy

_DEPTH = 6
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_EXPIRED_CERTS_ON_CRL = "2.5.29.60"  # ITU-T X.509, 9.5.2.8


@dataclass(frozen=True)
class Trust:
    """Roots that are trusted, certificates that may stand between, and lists of revoked ones by the names of their files."""

    roots: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...]
    lists: tuple[tuple[str, x509.CertificateRevocationList], ...] = ()


def load(roots: Path, lists: Sequence[Path] = ()) -> Trust:
    """What to trust: a PEM file with roots and what may stand between, and lists of revoked certificates (CRL, PEM or DER).

    Raises ArchiveError where a file cannot be read, or holds no root or no list.
    """
    receipt.needed()
    from cryptography import x509

    try:
        trusted, between = parted(x509.load_pem_x509_certificates(roots.read_bytes()))
        for held in (*trusted, *between):
            _ = held.subject.rfc4514_string(), held.issuer.rfc4514_string()  # read only when they are asked for
    except receipt.unreadable(OSError):
        raise ArchiveError(
            f"{roots} holds no certificates in PEM; name those of the authority behind the firm's."
        ) from None
    if not trusted:
        raise ArchiveError(f"Among the certificates in {roots} is no root, which issued itself; add it.")
    return Trust(tuple(trusted), tuple(between), tuple((path.name, each) for path in lists for each in _lists(path)))


def parted(listed: Iterable[x509.Certificate]) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
    """Roots, which issued themselves, and the others; each once, in order."""
    once = [*dict.fromkeys(listed)]
    return [each for each in once if each.issuer == each.subject], [
        each for each in once if each.issuer != each.subject
    ]


def check(
    content: bytes, place: str, trust: Trust, moment: str
) -> tuple[list[Problem], list[str], dict[str, Any] | None]:
    """Problems of the certificate that an envelope names, at `moment` (ISO 8601, UTC), and notes on what was not found out.

    Last the chain: `{"subject", "root", "chain", "at"}`, names after RFC 4514, the signer's first; None where there is none. The
    signature itself is for `receipt.check_signature`.
    """
    told = receipt.opened(content)
    at = datetime.strptime(moment, _TIME).replace(tzinfo=UTC)
    try:
        held = receipt.certificates_of(told)
    except ArchiveError as error:
        return [problem("certificate_damaged", place, str(error))], [], None
    if not held:
        text = (
            "It names a key and no certificate, so that nothing leads to the roots given; compare the key with --key."
        )
        return [problem("certificate_missing", place, text)], [], None
    leaf, *between = held
    name = leaf.subject.rfc4514_string()
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        ended = at > leaf.not_valid_after_utc
        until = (
            f"ended on {leaf.not_valid_after_utc:{_TIME}}" if ended else f"began on {leaf.not_valid_before_utc:{_TIME}}"
        )
        code = "certificate_expired" if ended else "certificate_not_yet_valid"
        return [problem(code, place, f"The certificate of {name} did not hold at {moment}: it {until}.")], [], None
    chain, code, why = _chain(leaf, [*between, *trust.between], trust, at)
    if chain is None:
        return [problem(code, place, f"The certificate of {name} {why}.")], [], None
    problems, notes = _revocation(chain, trust, at, place)
    names = [each.subject.rfc4514_string() for each in chain]
    return problems, notes, {"subject": name, "root": names[-1], "chain": names, "at": moment}


def _chain(
    leaf: x509.Certificate, between: list[x509.Certificate], trust: Trust, at: datetime
) -> tuple[list[x509.Certificate] | None, str, str]:
    """The chain from `leaf` to a root, both included; else a code, and why there is none as the end of a sentence."""
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    unfit: list[str] = []
    authority, signer = _policies(unfit)
    builder = PolicyBuilder().store(Store([*trust.roots])).time(at).max_chain_depth(_DEPTH)
    verifier = builder.extension_policies(ca_policy=authority, ee_policy=signer).build_client_verifier()
    try:
        return verifier.verify(leaf, between).chain, "", ""
    except receipt.unreadable(VerificationError) as error:
        if unfit:
            return None, "certificate_use", unfit[0]
        return None, "certificate_chain", f"leads to none of the roots given: {_why(str(error), leaf, between, trust)}"


def _policies(unfit: list[str]) -> tuple[ExtensionPolicy, ExtensionPolicy]:
    """What extensions of authorities and of the signer have to say; why the signer's do not is put into `unfit`."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def refuse(why: str) -> None:
        unfit.append(why)
        raise ValueError(why)

    def no_authority(_policy: Any, _certificate: Any, found: x509.BasicConstraints | None) -> None:
        if found is not None and found.ca:
            refuse("is that of an authority that issues others, and not of somebody who signs")

    def may_sign(_policy: Any, _certificate: Any, found: x509.KeyUsage | None) -> None:
        # those that may sign nothing but what binds their holder have contentCommitment alone (ETSI EN 319 412-2, 4.3.2)
        if found is None or not (found.digital_signature or found.content_commitment):
            refuse("is not for signing: its key usage has no digitalSignature")

    def for_documents(_policy: Any, _certificate: Any, found: x509.ExtendedKeyUsage | None) -> None:
        others = {Purpose.SERVER_AUTH, Purpose.TIME_STAMPING, Purpose.OCSP_SIGNING}
        if found is not None and set(found) <= others:
            refuse("is not for signing documents: its extended key usage names servers, time stamps or OCSP alone")

    def is_authority(_policy: Any, _certificate: Any, found: x509.BasicConstraints) -> None:
        if not found.ca:
            raise ValueError("a certificate between is not that of an authority")

    def may_issue(_policy: Any, _certificate: Any, found: x509.KeyUsage | None) -> None:
        if found is not None and not found.key_cert_sign:
            raise ValueError("a certificate between may not issue others")

    any_ = Criticality.AGNOSTIC
    authority = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, any_, is_authority)
    signer = ExtensionPolicy.permit_all().may_be_present(x509.BasicConstraints, any_, no_authority)
    return (
        authority.may_be_present(x509.KeyUsage, any_, may_issue),
        signer.may_be_present(x509.KeyUsage, any_, may_sign).may_be_present(x509.ExtendedKeyUsage, any_, for_documents),
    )


def _why(said: str, leaf: x509.Certificate, between: Sequence[x509.Certificate], trust: Trust) -> str:
    """Why no chain was found, from what the verifier said and from who is not there."""
    if "no interior errors" in said:  # for some certificate on the way there is none that could have issued it
        if leaf.issuer == leaf.subject:
            return "it issued itself and is none of them"
        current, seen = leaf, {leaf.subject}
        by_name = {each.subject: each for each in [*between, *trust.roots]}
        while (issuer := by_name.get(current.issuer)) is not None and issuer.subject not in seen:
            current = issuer
            seen.add(current.subject)
        return f"no certificate of {current.issuer.rfc4514_string()} is among them or in the receipt"
    if "Forbidden" in said:
        return "a certificate on the way has a kind of key or signature that is not taken (taken are RSA from 2048 bits and ECDSA, with SHA-2)"
    if "not valid at validation time" in said:
        return "a certificate on the way did not hold at that time"
    if "unaccounted-for critical" in said:
        return f"a certificate on the way has a critical extension that is not known here ({said.partition('extension: ')[2].partition(':')[0]})"
    said = re.sub(
        r"validation failed: |candidates exhausted: |fatal error: |Python extension validator failed: \w+: ", "", said
    )
    return said.partition(" (encountered")[0].rstrip(".")


def _revocation(
    chain: Sequence[x509.Certificate], trust: Trust, at: datetime, place: str
) -> tuple[list[Problem], list[str]]:
    """What lists of revoked certificates say of a chain at a time: revoked by then, later, or nothing that proves anything."""
    if not trust.lists:
        return [], [
            f"{place}: whether a certificate was revoked was not looked at; give the authorities' lists with --crl."
        ]
    problems: list[Problem] = []
    notes: list[str] = []
    if len(chain) == 1:
        problems.append(
            problem(
                "revocation_unknown", place, "The certificate is itself one of the roots given; no list tells of it."
            )
        )
    for certificate, issuer in pairwise(chain):
        name = certificate.subject.rfc4514_string()
        days, clear, silent = _told(certificate, issuer, trust, at)
        if days and min(days) <= at:
            text = (
                f"The certificate of {name} was revoked from {min(days):{_TIME}} on, and it was used at {at:{_TIME}}."
            )
            problems.append(problem("certificate_revoked", place, text))
        elif days:
            notes.append(
                f"{place}: the certificate of {name} was revoked from {min(days):{_TIME}} on, after it was used."
            )
        elif not clear:
            why = "; ".join(silent) or f"no list that was given is by {issuer.subject.rfc4514_string()}"
            text = f"whether the certificate of {name} was revoked by {at:{_TIME}} is not known: {why}."
            if certificate is chain[0]:
                problems.append(problem("revocation_unknown", place, text[0].upper() + text[1:]))
            else:
                notes.append(f"{place}: {text}")
    return problems, notes


def _told(
    certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust, at: datetime
) -> tuple[list[datetime], bool, list[str]]:
    """From when on lists say that a certificate was revoked, whether one shows that it was not, and why others show nothing."""
    days: list[datetime] = []
    silent: list[str] = []
    clear = False
    for name, each in trust.lists:
        if each.issuer != issuer.subject:
            continue
        if why := _not_by(each, issuer):
            silent.append(f"{name} {why}")
        elif (since := _since(each, certificate)) is not None:
            days.append(since)
        elif why := _no_proof(each, certificate, at):
            silent.append(f"{name} {why}")
        else:
            clear = True
    return days, clear, silent


def _not_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> str:
    """Why a list is not that of `issuer`, as the end of a sentence; empty where it is."""
    from cryptography import x509

    try:
        signed = listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except receipt.unreadable():
        signed = False
    if not signed:
        return "has the issuer's name and is not signed with its key"
    usage = _extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        return "is signed with a key that may not sign lists"
    scope = _extension(listed, x509.IssuingDistributionPoint)
    return "is an indirect list, which is not read" if scope is not None and scope.indirect_crl else ""


def _since(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> datetime | None:
    """From when on a list says that a certificate was revoked: the day since when its key may have been known, where it tells that."""
    from cryptography import x509

    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return None
    reason, known = _extension(entry, x509.CRLReason), _extension(entry, x509.InvalidityDate)
    if reason is not None and reason.reason is x509.ReasonFlags.remove_from_crl:
        return None
    since: datetime = entry.revocation_date_utc
    return min(since, known.invalidity_date_utc) if known is not None else since


def _no_proof(listed: x509.CertificateRevocationList, certificate: x509.Certificate, at: datetime) -> str:
    """Why it proves nothing that a list does not name a certificate, as the end of a sentence; empty where it does."""
    from cryptography import x509

    known = {x509.IssuingDistributionPoint.oid, x509.DeltaCRLIndicator.oid}
    if _extension(listed, x509.DeltaCRLIndicator) is not None:
        return "tells changes alone"
    if any(each.critical and each.oid not in known for each in listed.extensions):
        return "has a critical extension that is not known here"
    scope = _extension(listed, x509.IssuingDistributionPoint)
    constraints = _extension(certificate, x509.BasicConstraints)
    authority = constraints is not None and constraints.ca
    if scope is not None and (
        scope.only_some_reasons
        or scope.only_contains_attribute_certs
        or (scope.only_contains_user_certs if authority else scope.only_contains_ca_certs)
        or not _same_part(scope, certificate)
    ):
        return "is about other certificates of the same issuer, or not about every reason"
    if max(listed.last_update_utc, listed.next_update_utc or listed.last_update_utc) < at:
        return f"is older (of {listed.last_update_utc:{_TIME}})"
    if listed.last_update_utc > certificate.not_valid_after_utc and not _keeps(listed, certificate):
        return "was made after the certificate had ended, when lists may no longer name it"
    return ""


def _same_part(scope: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    """Whether a list that is one of several parts is the one for a certificate."""
    from cryptography import x509

    if scope.relative_name is not None:
        return False
    if scope.full_name is None:
        return True
    points = _extension(certificate, x509.CRLDistributionPoints) or []
    return any(name in scope.full_name for point in points for name in point.full_name or [])


def _keeps(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether a list says that it goes on to name certificates that have ended, and from before this one ended."""
    for each in listed.extensions:
        if each.oid.dotted_string == _EXPIRED_CERTS_ON_CRL:
            match = re.fullmatch(rb"\x18\x0f(\d{14})Z", getattr(each.value, "value", b""))
            since = match and datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            return bool(since and since <= certificate.not_valid_after_utc)
    return False


def _extension(held: Any, kind: type[Any]) -> Any | None:
    """The value of an extension; None where there is none, or it cannot be read, which `cryptography` has then refused where it matters."""
    from cryptography.x509 import ExtensionNotFound

    try:
        return held.extensions.get_extension_for_class(kind).value
    except receipt.unreadable(ExtensionNotFound):
        return None


def _lists(path: Path) -> Iterator[x509.CertificateRevocationList]:
    """The lists in a file, DER or PEM. Raises ArchiveError where there is none that can be read."""
    from cryptography import x509

    try:
        content = path.read_bytes()
        blocks = re.findall(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", content, re.DOTALL)
        read = [x509.load_pem_x509_crl(each) for each in blocks] or [x509.load_der_x509_crl(content)]
        for each in read:
            _ = each.extensions, each.issuer.rfc4514_string()  # read only when they are asked for
    except receipt.unreadable(OSError):
        raise ArchiveError(
            f"{path} holds no list of revoked certificates (CRL) that can be read; name one in PEM or DER."
        ) from None
    yield from read
