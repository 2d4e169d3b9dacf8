"""Time stamps (RFC 3161) on a receipt: the request, the reply, and whether the reply is about this receipt and by whom.

The stamp is on the bytes of `receipt.dsse.json`, signature included. Nothing is fetched unless an address is given.
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from datetime import UTC
from pathlib import Path

from assessor.archive import certificates
from assessor.archive.contents import Problem, problem
from assessor.archive.receipt import needed, unreadable
from assessor.errors import ArchiveError

_SECONDS = 30
_MOST = 1 << 20
_HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}


def request(content: bytes) -> bytes:
    """The request for a stamp on `content` (DER; SHA-512, certificate asked for, no nonce, so that the same content gives the same
    request): what a service takes as `application/timestamp-query`."""
    needed()
    from rfc3161_client import TimestampRequestBuilder

    return TimestampRequestBuilder(content).nonce(nonce=False).build().as_bytes()


def fetch(url: str, content: bytes) -> bytes:
    """A stamp on `content` from the service at `url`. Raises ArchiveError where it cannot be had."""
    if not url.startswith(("http://", "https://")):
        raise ArchiveError(f"{url} is no http or https address of a time-stamping service.")
    asked = urllib.request.Request(url, request(content), {"Content-Type": "application/timestamp-query"})  # noqa: S310 (looked at above)
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as reply:  # noqa: S310 (looked at above)  # nosec B310
            return bytes(reply.read(_MOST))
    except (OSError, ValueError) as error:
        raise ArchiveError(
            f"{url} gave no time stamp: {error}. Use --timestamp-request and --timestamp instead."
        ) from None


def check(reply: bytes, content: bytes, place: str, chain: bytes | None) -> tuple[list[Problem], str]:
    """What is wrong with a stamp on `content`, and its time in ISO 8601 (empty where it tells none).

    `chain` is PEM: the service's root and what is between. Without it only what the stamp is on is looked at, not who gave it. The
    service's certificate must hold at the time of the stamp, as rfc3161-client tests it.
    """
    needed()
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        stamp = decode_timestamp_response(reply)
        imprint = stamp.tst_info.message_imprint
        algorithm = _HASHES.get(imprint.hash_algorithm.dotted_string)
        time = stamp.tst_info.gen_time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if stamp.status not in (0, 1):
            raise ValueError
    except (ValueError, AttributeError):
        text = "It is no time stamp that was granted and can be read (RFC 3161; replies made by `openssl ts -chain` cannot)."
        return [problem("timestamp", place, text)], ""
    if algorithm is None or hashlib.new(algorithm, content).digest() != imprint.message:
        return [problem("timestamp", place, "The time stamp is on something else.")], time
    if chain is None:
        return [], time
    try:
        listed = x509.load_pem_x509_certificates(chain)
    except unreadable():
        raise ArchiveError("The certificates of the time-stamping service cannot be read; give them in PEM.") from None
    roots, between = certificates.parted(listed)
    builder = VerifierBuilder(roots=roots, intermediates=between)
    if not roots:
        raise ArchiveError(
            "Among the certificates of the time-stamping service is no root, which issued itself; add it."
        )
    try:
        builder.build().verify_message(stamp, content)
    except (VerificationError, ValueError) as error:
        why = str(error).rstrip(".")
        return [
            problem(
                "timestamp",
                place,
                f"The time stamp is not by a service that these certificates vouch for, or they did not hold then ({why}).",
            )
        ], time
    return [], time


def chain_of(path: Path) -> bytes:
    """The certificates of a time-stamping service, PEM. Raises ArchiveError where the file cannot be read or holds none."""
    needed()
    from cryptography import x509

    try:
        content = path.read_bytes()
        x509.load_pem_x509_certificates(content)
    except unreadable(OSError):
        raise ArchiveError(f"{path} holds no certificates in PEM; name those of the time-stamping service.") from None
    return content
