"""What a newer text of subpart D changes: its paragraphs' digests against those of the rule data."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from assessor.errors import RuleError
from assessor.rule.reader import Rule
from assessor.rule.text import digest, paragraphs, paragraphs_of_xml


@dataclass(frozen=True)
class Difference:
    """Ids of paragraphs: with another text, only in the newer text, only in the rule data; and how many are as before."""

    changed: list[str]
    appeared: list[str]
    gone: list[str]
    unchanged_count: int


def difference(rule: Rule, data: bytes | str) -> Difference:
    """How a text, plain or eCFR XML as its content shows, differs from the rule's; ids in the order of their text.

    RuleError when it cannot be read or holds no section of subpart D.
    """
    newer = {id: digest(text) for id, text in _read(data).items()}
    if not newer:
        raise RuleError(
            "The file holds no section of 15 CFR part 791 subpart D (791.300 onwards); give its eCFR XML or plain text."
        )
    known = rule.paragraphs
    changed = [id for id in newer if id in known and newer[id] != known[id]]
    appeared = [id for id in newer if id not in known]
    gone = [id for id in known if id not in newer]
    return Difference(changed, appeared, gone, len(newer) - len(changed) - len(appeared))


def _read(data: bytes | str) -> dict[str, str]:
    if isinstance(data, bytes):
        if data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
            return paragraphs_of_xml(data.removeprefix(codecs.BOM_UTF8).lstrip())
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        try:
            data = data.decode("utf-16" if utf16 else "utf-8-sig")
        except UnicodeDecodeError:
            raise RuleError("The file is neither UTF-8 text nor XML; save it as UTF-8.") from None
    text = data.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return paragraphs_of_xml(re.sub(r"\A<\?xml[^>]*\?>", "", text).encode("utf-8", "surrogatepass"))
    return paragraphs(text)
