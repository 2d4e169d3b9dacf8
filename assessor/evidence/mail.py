"""Mail files (.eml, RFC 5322): headers, texts, attachments and mails within mails as members. Nothing is fetched or run.

What is extracted is inert bytes; a mail within a mail is a member that is opened in its turn, within the limit of depth.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from contextlib import suppress
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import NamedTuple, cast

MAX_MAIL = 128 << 20
"""Bytes of a mail that is opened; it is held in memory several times over."""
_MAX_PARTS = 10_000
_MAX_HEADER = 4 << 10  # a longer one is shown as it stands: parsing takes time by the square of it
_HEADERS = ("From", "Sender", "To", "Cc", "Bcc", "Date", "Subject", "Message-ID", "In-Reply-To")
_FIRST = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+")
_FAULTS = (MessageError, LookupError, AttributeError, TypeError, ValueError, RecursionError)
"""What the parsers of the standard library raise for headers that are none."""


class Part(NamedTuple):
    """A part of a mail: its name as the mail gives it, its bytes, and the kind of what is no file that somebody attached."""

    name: str
    content: bytes
    kind: str = ""


def recognised(head: bytes, name: str) -> bool:
    """Whether the first bytes of a file are the headers of a mail; a file named .eml needs to show fewer of them."""
    match = _FIRST.match(head)
    if match is None:
        return False
    found = {line.split(b":")[0].lower() for line in re.findall(rb"^[!-9;-~]+:", match[0], re.MULTILINE)}
    if name.lower().endswith(".eml"):
        return bool(found & {b"from", b"subject", b"received", b"date"})
    return {b"from", b"date"} <= found and bool(found & {b"message-id", b"mime-version", b"received"})


def parts(content: bytes) -> list[Part]:
    """The headers as a small text, then the parts in their order. Raises ValueError for what cannot be taken apart."""
    try:
        # the plain policy takes a message apart without parsing its headers by their grammar
        message = email.message_from_bytes(content, policy=policy.compat32)
        return [Part("headers.txt", _headers(message), "mail.headers"), *_leaves(message)]
    except _FAULTS as error:
        raise ValueError(f"its parts cannot be told ({type(error).__name__}: {str(error)[:80]})") from None


def _headers(message: Message) -> bytes:
    raw = list(message.raw_items())
    told = [
        f"{name}: {_header(name, str(value))}\n"
        for name in _HEADERS
        for given, value in raw
        if given.lower() == name.lower()
    ]
    return "".join(told).encode("utf-8", "replace")


def _header(name: str, value: str) -> str:
    """A header in words: encoded words decoded, on one line; as it stands where that cannot be done."""
    if len(value) <= _MAX_HEADER:
        with suppress(*_FAULTS):
            value = str(policy.default.header_fetch_parse(name, value))
    return " ".join(value.split())


def _leaves(message: Message) -> Iterator[Part]:
    """Every part that holds no other, with a number in the name where the mail names none."""
    waiting, count = [message], 0
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if kind != "message/rfc822" and part.is_multipart():
            waiting += reversed(cast(list[Message], part.get_payload()))
            continue
        count += 1
        if count > _MAX_PARTS:
            raise ValueError(f"it has more than {_MAX_PARTS} parts")
        yield _leaf(part, kind, count)


def _leaf(part: Message, kind: str, number: int) -> Part:
    name = _name(part)
    if kind == "message/rfc822":
        held = part.get_payload()
        content = cast(list[Message], held)[0].as_bytes() if part.is_multipart() and held else b""
        return Part(name or f"message-{number}.eml", content)
    content = cast(bytes, part.get_payload(decode=True) or b"")
    if name:
        return Part(name, content)
    ending = {"text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics"}.get(kind, ".bin")
    shown = part.get_content_disposition() != "attachment" and kind in ("text/plain", "text/html")
    return Part(f"{'text' if shown else 'part'}-{number}{ending}", content, "mail.text" if shown else "")


def _name(part: Message) -> str:
    """The name of an attachment, of which separators are no part."""
    name = str(part.get_filename() or "")
    if "=?" in name and len(name) <= _MAX_HEADER:
        with suppress(*_FAULTS):
            name = str(make_header(decode_header(name)))
    name = name.replace("/", "_").replace("\\", "_").strip()
    return "" if name in (".", "..") else name
