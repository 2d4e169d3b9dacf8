"""What is said of a sealed file and of additions to it, and the firm's signature on that.

An in-toto Statement v1 (https://in-toto.io/Statement/v1) whose subjects are digests of files, in a DSSE envelope
(https://github.com/secure-systems-lab/dsse): readable and checkable without this toolkit. Signatures are Ed25519, ECDSA (SHA-256,
SHA-384 for P-384, SHA-512 for P-521) or RSA-PSS (SHA-256, salt of 32 bytes).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor.archive.contents import Problem, problem
from assessor.errors import ArchiveError
from assessor.results import canonical

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
SEALED = "urn:assessor:sealed-assessment-file:1"
"""The predicate type of a receipt."""
ADDED = "urn:assessor:addition-to-sealed-file:1"
"""The predicate type of an addition."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_MOST = 8  # certificates of a signer: more would be no chain


@dataclass(frozen=True)
class Signer:
    """A private key with the certificate that names its holder, if there is one, and those between that and its root."""

    key: Any
    certificate: x509.Certificate | None = None
    chain: tuple[x509.Certificate, ...] = ()

    def described(self) -> dict[str, Any]:
        """How a statement names the signer: the public key, the certificate, and the chain above it."""
        told: dict[str, Any] = {"keyid": key_id(self.key.public_key()), "public_key": _pem(self.key.public_key())}
        if self.certificate is not None:
            told["certificate"] = _pem(self.certificate)
            told["subject"] = self.certificate.subject.rfc4514_string()
        if self.chain:
            told["chain"] = [_pem(each) for each in self.chain]
        return told


def load_signer(path: Path, passphrase: Callable[[], str], certificate: Path | None = None) -> Signer:
    """The firm's key, PEM, with a certificate in the same file or in another, and with that those between it and its root.

    `passphrase` is asked where the key is encrypted. Raises ArchiveError where the file holds no key that can sign, the passphrase is
    wrong, or certificates and key do not belong together.
    """
    needed()
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = _text(path)
    block = re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", text, re.DOTALL)
    if block is None:
        raise ArchiveError(f"{path} holds no private key in PEM; name the file of the firm's key.")
    pem = block[0].encode() + b"\n"
    try:
        if "ENCRYPTED" in block[0]:
            key = load_pem_private_key(pem, passphrase().encode())
        else:
            key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ArchiveError(
            f"The key in {path} cannot be opened: it is damaged, or the passphrase is another."
        ) from None
    _scheme(key.public_key(), path)
    signed = _text(certificate) if certificate else text
    if "BEGIN CERTIFICATE" not in signed and not certificate:
        return Signer(key)
    place = certificate or path
    try:
        listed = [*dict.fromkeys(x509.load_pem_x509_certificates(signed.encode()))]
        own = [each for each in listed if key_id(each.public_key()) == key_id(key.public_key())]
    except unreadable():
        raise ArchiveError(f"{place} holds no certificate in PEM that can be read.") from None
    if not own:
        raise ArchiveError(f"The certificate in {place} is for another key than that in {path}; name its own.")
    held, chain = own[0], tuple(each for each in listed if each not in own)
    if chain and held.issuer not in {each.subject for each in chain}:
        raise ArchiveError(
            f"Among the certificates in {place} is none of {held.issuer.rfc4514_string()}, who issued that of the key; add it."
        )
    if len(chain) >= _MOST:
        raise ArchiveError(
            f"{place} holds {len(listed)} certificates; leave the key's and those between it and its root."
        )
    return Signer(key, held, chain)


def load_public(path: Path) -> Any:
    """The public key in a PEM file: of a certificate, or a key itself. Raises ArchiveError where there is none."""
    needed()
    return _public(_text(path), str(path))


def statement(subjects: Mapping[str, Mapping[str, str]], kind: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """An in-toto Statement v1 about files, by their names and digests."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": dict(subjects[name])} for name in sorted(subjects)],
        "predicateType": kind,
        "predicate": predicate,
    }


def envelope(content: Mapping[str, Any], signer: Signer | None) -> bytes:
    """The statement in a DSSE envelope, signed where there is a signer.

    Raises ArchiveError when the signer's certificate does not hold at the statement's time `at`.
    """
    payload = canonical(content)
    signatures = []
    if signer is not None:
        if signer.certificate is not None and not _holds(signer.certificate, content["predicate"]["at"]):
            raise ArchiveError(
                f"The certificate of {signer.certificate.subject.rfc4514_string()} does not hold on {content['predicate']['at']}; sign with one that does."
            )
        signature = _sign(signer.key, _encoding(payload))
        signatures = [{"keyid": key_id(signer.key.public_key()), "sig": base64.b64encode(signature).decode()}]
    return _written(payload, signatures)


def _written(payload: bytes, signatures: list[dict[str, str]]) -> bytes:
    told = {"payloadType": PAYLOAD, "payload": base64.b64encode(payload).decode(), "signatures": signatures}
    return (json.dumps(told, indent=1) + "\n").encode()


def opened(content: bytes) -> dict[str, Any]:
    """The statement in an envelope, whoever signed it. Raises ArchiveError when there is none, or it is written otherwise than by
    `envelope`, so that no byte of it can change unseen."""
    try:
        told = json.loads(content)
        payload = base64.b64decode(told["payload"], validate=True)
        found = json.loads(payload)
        digests = [(each["name"], each["digest"]["sha256"], each["digest"]["sha512"]) for each in found["subject"]]
        fine = told["payloadType"] == PAYLOAD and found["_type"] == STATEMENT and isinstance(told["signatures"], list)
        fine &= content == _written(
            payload, [{name: each[name] for name in ("keyid", "sig")} for each in told["signatures"]]
        )
        fine &= isinstance(found["predicateType"], str) and isinstance(found["predicate"], dict)
        fine &= all(isinstance(text, str) for each in digests for text in each)
        datetime.strptime(found["predicate"]["at"], _TIME).replace(tzinfo=UTC)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        fine = False
    if not fine:
        raise ArchiveError("It holds no in-toto statement in a DSSE envelope as it was written.")
    return dict(found)


def check_signature(
    content: bytes, place: str, key: Any | None, *, vouched: bool = False
) -> tuple[list[Problem], list[str]]:
    """Problems of the signature on an envelope, and notes on what it proves.

    With a `key` the envelope must be signed by that; without, by the one that it holds itself, which a note says is only self-attested.
    `vouched`: whoever calls looks at the certificate by `certificates.check`, so that it must be that of the key that signed, and
    nothing else is said of it here.
    """
    told, signer = json.loads(content), opened(content)["predicate"].get("signer")
    at = opened(content)["predicate"]["at"]
    if not told["signatures"]:
        text = "It is not signed; whoever could replace all of it could have made it."
        return ([problem("unsigned", place, text)], []) if key or signer or vouched else ([], [f"{place}: {text}"])
    problems, notes = [], []
    needed()
    public = key
    certificate = None
    own = own_key(opened(content))
    try:
        certificate = next(iter(certificates_of(opened(content))), None)
    except ArchiveError as error:
        problems.append(problem("certificate_damaged", place, str(error)))
    if public is None:
        public = own
        if not vouched:
            notes.append(
                f"{place}: the signature is only self-attested: it was checked with the key that lies beside it"
                f"{'' if certificate is None else f' ({certificate.subject.rfc4514_string()})'}; give the firm's published key with --key."
            )
    if public is None:
        return [problem("signature", place, "It names no key, and none was given; give the firm's key with --key.")], []
    payload = _encoding(base64.b64decode(told["payload"]))
    if any(key_id(public) != each["keyid"] or not _signs(public, each, payload) for each in told["signatures"]):
        other = own is not None and key is not None and key_id(own) != key_id(key)
        text = (
            "It was signed with another key than the one given."
            if other
            else "The signature is not that of this content."
        )
        problems.append(problem("signature", place, text))
    elif vouched:
        if certificate is not None and own is not None and key_id(own) != key_id(public):
            text = "It names the certificate of another key than the one that signed it."
            problems.append(problem("signature", place, text))
    elif certificate is not None and own is not None and key_id(own) == key_id(public) and not _holds(certificate, at):
        text = f"The certificate of {certificate.subject.rfc4514_string()} does not hold on {at}, when this was signed by its own account."
        problems.append(problem("certificate_expired", place, text))
    return problems, notes


def own_key(told: Mapping[str, Any]) -> Any | None:
    """The public key that a statement names as its signer's; None where it names none that can be read."""
    signer = told["predicate"].get("signer")
    if not isinstance(signer, dict):
        return None
    needed()
    try:
        return _public(str(signer.get("certificate") or signer.get("public_key")), "it")
    except ArchiveError:
        return None


def certificates_of(told: Mapping[str, Any]) -> list[x509.Certificate]:
    """The certificates that a statement names for its signer, its own first; empty where it names none.

    Raises ArchiveError where they cannot be read, or there are more than a chain has.
    """
    from cryptography import x509

    signer = told["predicate"].get("signer")
    if not isinstance(signer, dict) or "certificate" not in signer:
        return []
    try:
        texts = [signer["certificate"], *signer.get("chain", [])]
        held = [x509.load_pem_x509_certificate(each.encode()) for each in texts[: _MOST + 1]]
        for each in held:
            _ = each.subject.rfc4514_string(), each.issuer.rfc4514_string()  # read only when they are asked for
        if len(held) <= _MOST:
            return held
    except unreadable(AttributeError):
        pass
    raise ArchiveError(f"The certificates of its signer cannot be read, or are more than {_MOST}.")


def unreadable(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What `cryptography` raises for a key, a certificate or a list that is damaged, and `more`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion

    return ValueError, TypeError, UnsupportedAlgorithm, InvalidVersion, *more


def key_id(public: Any) -> str:
    """SHA-256 of a public key (DER of its SubjectPublicKeyInfo), hex."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def needed() -> None:
    """Raises ArchiveError where what signs and encrypts is not installed."""
    try:
        import cryptography
        import rfc3161_client  # noqa: F401
    except ImportError:
        raise ArchiveError("Signatures and time stamps need more: pip install 'assessor[seal]'.") from None
    del cryptography


def _encoding(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _scheme(public: Any, place: object) -> tuple[Any, ...]:
    """What the key signs with, as arguments after the data. Raises ArchiveError for a kind of key that is not used."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    if isinstance(public, ed25519.Ed25519PublicKey):
        return ()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return (ec.ECDSA(_hash_for(public.curve)),)
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        return padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
    raise ArchiveError(
        f"The key in {place} is of a kind that is not used; use Ed25519, ECDSA, or RSA of at least 2048 bits."
    )


def _hash_for(curve: EllipticCurve) -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256() if curve.key_size <= 256 else hashes.SHA384() if curve.key_size <= 384 else hashes.SHA512()


def _sign(key: Any, data: bytes) -> bytes:
    return bytes(key.sign(data, *_scheme(key.public_key(), "use")))


def _signs(public: Any, signature: object, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(base64.b64decode(signature["sig"], validate=True), data, *_scheme(public, "use"))  # type: ignore[index]
    except (InvalidSignature, KeyError, TypeError, ValueError, ArchiveError):
        return False
    return True


def _holds(certificate: x509.Certificate, at: str) -> bool:
    moment = datetime.strptime(at, _TIME).replace(tzinfo=UTC)
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _public(text: str, place: str) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        if "BEGIN CERTIFICATE" in text:
            public: Any = x509.load_pem_x509_certificate(text.encode()).public_key()
        else:
            public = load_pem_public_key(text.encode())
    except unreadable():
        raise ArchiveError(f"{place} holds no public key and no certificate in PEM; name a file that does.") from None
    _scheme(public, place)
    return public


def _pem(held: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if hasattr(held, "subject"):
        return str(held.public_bytes(Encoding.PEM).decode())
    return str(held.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}; name the file of a key or certificate.") from None
