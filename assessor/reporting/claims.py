"""What of a report is confidential business information (§791.314), and what is left of it for the public.

The claim is the client's: items of evidence, and texts, that engagement.toml lists or the register marks. What the report says on
the ground of such an item is confidential: every text of a record whose evidence names it, save for words that are the rule's or
the assessor's own (clauses, numbers of findings, outcomes, references). So is any other text in which one of these stands. What is
said in the same words on the ground of other evidence is no secret, save for names of persons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, SupportsIndex
from urllib.parse import unquote

import pandas as pd

from assessor.engagement import Terms
from assessor.errors import EngagementError
from assessor.reporting.words import NOT_STATED, NOTHING, Common, Reference
from assessor.results import ProcedureResult
from assessor.rule import Rule
from assessor.text import visible

WITHHELD = "[CBI withheld]"
WITHHOLDING = (
    f"Where {WITHHELD} stands, confidential business information was left out of this public version (§791.314(b))."
)
SHORTEST = 4
"""Characters of a confidential text that is looked for elsewhere; shorter ones, and numbers, stand everywhere."""
_OWN = frozenset(
    {
        "addresses",
        "clause",
        "clauses",
        "code",
        "conclusion",
        "determination",
        "digest",
        "evidence",
        "evidence_short",
        "finding",
        "findings",
        "id",
        "limb",
        "mark",
        "outcome",
        "prc_russia",
        "prior",
        "proposal",
        "severity",
        "sha256",
        "state",
        "work",
    }
)
"""Fields that hold words of the rule, of the assessor or of the register, whatever the evidence."""
_COMMON = frozenset(
    {
        "agrees", "alternative", "at", "authorised", "basis", "caption", "components", "confirmed", "connected", "control",
        "count", "country", "date", "deviations", "effective", "element", "elements", "exceptions", "exempt", "expected", "figure", "found", "gvwr", "held",
        "holder_country", "imports", "in_force", "in_scope", "inspected", "item", "items", "kind", "logged", "material", "medium", "missing",
        "model_year", "nature", "out_of_scope", "population", "read_for", "received", "record_type", "rests_on", "role", "sales",
        "sample", "scope", "share", "since", "size", "status", "system", "tested", "tests", "tier", "undetermined", "units", "version",
    }
)  # fmt: skip
"""Fields that are withheld and never looked for elsewhere: what they say (a number, a country, a kind) stands everywhere."""
_PUBLIC = ("report", "client", "period", "rule", "assessor")
"""Records that come from the terms of engagement."""
_FILED = ("conclusions", "authorizations", "scope")
"""Records of declarations, authorizations and vehicles."""
_NAMES = frozenset({"from", "holder", "name", "organisation", "person", "subject", "supplier", "to", "via"})
_COMMON_WORD = re.compile(r"[a-z]+")
"""One word in small letters ("none", "equipment") names nobody, and stands everywhere."""
_ITEM = re.compile(r"\bE-\d{4,}\b")
_CUT = re.compile(r"and [\d,]+ more items?\]")
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W_]+")
_KEPT = 40
"""Characters of a bookmark's name that Word keeps of a heading."""


Change = Callable[[str, str, bool], str]
"""What becomes of a text: from its key, itself and whether its record is confidential."""


class Confidential(str):
    """A text that is confidential business information, as its parts are."""

    __slots__ = ()

    def __getitem__(self, place: SupportsIndex | slice) -> Confidential:
        return Confidential(super().__getitem__(place))


def claimed(terms: Terms, register: pd.DataFrame) -> frozenset[str]:
    """Ids of the evidence for which confidential treatment is claimed: by the register, or by `confidential_evidence` of
    engagement.toml (ids, or paths with `*`), and of the members of archives and mails among it. Raises EngagementError for an
    entry that names no item."""
    found = set(register.loc[register["confidential"].fillna(False).astype(bool), "id"])
    for entry in terms.report.get("confidential_evidence") or ():
        named = {
            item
            for item, path in zip(register["id"], register["path"], strict=True)
            if item == entry or fnmatchcase(str(path), str(entry))
        }
        if not named:
            raise EngagementError(
                f"engagement.toml claims confidential treatment for {entry!r}, which is no item of the register; name an id such as "
                "E-0004, or a path as the register has it."
            )
        found |= named
    if "derived_from" in register.columns:  # the holder may stand anywhere in the register
        held = register.loc[register["derived_from"].notna(), ["id", "derived_from"]]
        pairs = list(zip(held["id"], held["derived_from"], strict=True))
        while more := {item for item, holder in pairs if holder in found} - found:
            found |= more
    return frozenset(map(str, found))


class Secrets:
    """Confidential texts that can be looked for in others."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = sorted(
            {t for text in texts if len(t := " ".join(visible(text).split())) >= SHORTEST and any(map(str.isalpha, t))}
        )
        self._begins: dict[str, list[str]] = {}
        for text in self.texts:
            word = _WORD.search(text.casefold())
            self._begins.setdefault(word.group() if word else "", []).append(text.casefold())

    def __len__(self) -> int:
        return len(self.texts)

    def without(self, texts: Iterable[str]) -> Secrets:
        """These, save for those that stand in texts which everybody is told anyway."""
        left = self
        for text in texts:
            while found := left.inside(text):
                left = Secrets(each for each in left.texts if each.casefold() != found)
        return left

    def named(self, name: str) -> str:
        """One that stands in a name or an address, where other signs stand for spaces (`Lumen_Bridge`, `Lumen%20Bridge`), or that such
        a name begins, as far as Word keeps it; in small letters and without signs, empty without any."""
        told = _spelt(unquote(name))
        if found := self._spelt.inside(told):
            return found
        cut = len(name) >= _KEPT and len(told) >= SHORTEST
        return next((t for t in self._spelt.texts if cut and t.startswith(told)), "")

    @cached_property
    def _spelt(self) -> Secrets:
        return Secrets(map(_spelt, self.texts))

    def inside(self, text: str) -> str:
        """A confidential text that stands in this one, whatever case and spaces; empty without any."""
        told = " ".join(visible(text).casefold().split())
        for word in dict.fromkeys(["", *_WORD.findall(told)]):
            for secret in self._begins.get(word, ()):
                if _stands(secret, told):
                    return secret
        return ""


def _spelt(text: str) -> str:
    return " ".join(_LETTERS.findall(text.casefold()))


def _stands(secret: str, text: str) -> bool:
    """Whether it stands there as words of its own and not as a part of a longer one."""
    at = text.find(secret)
    while at >= 0:
        end = at + len(secret)
        before = at > 0 and text[at - 1].isalnum() and secret[0].isalnum()
        after = end < len(text) and text[end].isalnum() and secret[-1].isalnum()
        if not before and not after:
            return True
        at = text.find(secret, at + 1)
    return False


@dataclass(frozen=True)
class Claim:
    """What is claimed to be confidential in a report: its data, in which such texts are `Confidential`, and these texts."""

    data: dict[str, Any]
    secrets: Secrets

    @property
    def known(self) -> frozenset[str]:
        """Texts of the data in which nothing confidential stands."""
        return frozenset(str(text) for _, text in texts(self.data) if not isinstance(text, Confidential))


def claim(data: Mapping[str, Any], items: frozenset[str], more: Iterable[str] = (), own: Iterable[str] = ()) -> Claim:
    """What of the report's data is confidential. `items`: the evidence claimed; `more`: further texts that the client claims;
    `own`: texts that are the assessor's own, whatever they rest on."""
    words = frozenset(own)
    told = _mapped(data, _by_evidence(items, words), False)
    public = words | _public(data, items)
    found = {
        str(text)
        for (key, before), (_, text) in zip(texts(data), texts(told), strict=True)
        if isinstance(text, Confidential) and not (key in _COMMON or isinstance(before, Common) or str(text) in public)
    }
    terms = [text for key in _PUBLIC for _, text in texts(data.get(key, {}))]
    secrets = Secrets([*more, *(text for text in found if not _COMMON_WORD.fullmatch(text))]).without(terms)
    stated = {str(text) for _, text in texts(told) if not isinstance(text, Confidential)}
    standing = {text for text in stated if secrets.inside(text)}

    def spread(key: str, text: str, confidential: bool) -> str:
        return Confidential(text) if text in standing else text

    return Claim(_mapped(told, lambda record, inherited: (inherited, spread), False), secrets)


def withheld(data: Any) -> Any:
    """The data for the public: in the place of each confidential text the words that say so; confidential figures are left out."""
    if isinstance(data, Mapping):
        kept = {key: withheld(value) for key, value in data.items()}
        if isinstance(data.get("figure"), Confidential):
            kept |= {"figure": "", "caption": ""}
        return kept
    if isinstance(data, list):
        return [withheld(each) for each in data if not _is_confidential_figure(each)]
    return WITHHELD if isinstance(data, Confidential) else data


def _is_confidential_figure(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("alternative"), Confidential)


def of_report(
    data: Mapping[str, Any],
    terms: Terms,
    register: pd.DataFrame,
    results: Iterable[ProcedureResult],
    tables: Mapping[str, pd.DataFrame],
) -> Claim | None:
    """What is claimed in the data of a document of an engagement; None where nothing is.

    Titles of procedures, the items assessed and the names of client and firm are no secrets whatever evidence they stand on, nor are the
    numbers of declarations and authorizations that are not claimed themselves: the report concludes on each of them (§791.315(c)(2)).
    """
    items = claimed(terms, register)
    more = [str(text) for text in terms.report.get("confidential_texts") or ()]
    if not items and not more:
        return None
    own = [*(result.title for result in results), *(str(item.get("name")) for item in terms.items)]
    own += [terms.client_name, str(terms.firm["name"])]
    filed = {
        str(number)
        for table, column in (("declarations", "declaration"), ("authorizations", "authorization"))
        if table in tables
        for number, source in zip(tables[table][column], tables[table]["source"], strict=True)
        if str(source) not in items and pd.notna(number)
    }
    own += [row[key] for row in data["conclusions"] if row["name"] in filed for key in ("name", "kind")]
    return claim(data, items, more, own)


def marked(terms: Terms, rule: Rule, register: pd.DataFrame, name: str) -> str:
    """The name of a file of an engagement: it begins as the rule says where confidential treatment is claimed (§791.314(b))."""
    claimed_at_all = claimed(terms, register) or terms.report.get("confidential_texts")
    return f"{rule.constant('cbi_file_prefix', terms.dated)}-{name}" if claimed_at_all else name


def _by_evidence(
    items: frozenset[str], own: frozenset[str]
) -> Callable[[Mapping[str, Any], bool], tuple[bool, Change]]:
    def change(key: str, text: str, confidential: bool) -> str:
        if not confidential or key in _OWN or text in ("", NOTHING, NOT_STATED) or text in own:
            return text
        return Confidential(text)

    def of(record: Mapping[str, Any], inherited: bool) -> tuple[bool, Change]:
        found = resting(record, items)
        return inherited if found is None else found, change

    return of


def resting(record: Mapping[str, Any], items: frozenset[str]) -> bool | None:
    """Whether a record rests on claimed evidence; None where it names none. A reference that is cut, of which it is not known what
    it stands for, may name some."""
    cited = [value for key, value in record.items() if key.startswith("evidence") and isinstance(value, str)]
    cited += [record["id"]] if _ITEM.fullmatch(str(record.get("id"))) else []
    named = {item for text in cited for item in (text.items if isinstance(text, Reference) else _ITEM.findall(text))}
    if not named:
        return None
    return bool(named & items) or any(_CUT.search(text) for text in cited if not isinstance(text, Reference))


def _mapped(data: Any, rule: Callable[[Mapping[str, Any], bool], tuple[bool, Change]], inherited: bool) -> Any:
    confidential, change = rule(data, inherited)
    return {key: _value(key, value, rule, change, confidential) for key, value in data.items()}


def _value(key: str, value: Any, rule: Any, change: Change, confidential: bool) -> Any:
    if isinstance(value, Mapping):
        return _mapped(value, rule, confidential)
    if isinstance(value, list):
        return [_value(key, each, rule, change, confidential) for each in value]
    return change(key, value, confidential) if isinstance(value, str) else value


def texts(data: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each text with the key under which it stands."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from texts(value, name)
    elif isinstance(data, list):
        for each in data:
            yield from texts(each, key)
    elif isinstance(data, str):
        yield key, data


def _public(data: Mapping[str, Any], items: frozenset[str]) -> frozenset[str]:
    """Texts that are no secrets: of the terms, and of records that rest on evidence without a claim. The name of a person is none
    only where the record is one of the filings and vehicles themselves: others may name it on the ground of what is claimed."""
    return frozenset(
        text
        for top, value in data.items()
        for key, text, is_public in _sourced(value, items, top, public=top in _PUBLIC)
        if is_public and (key not in _NAMES or top in _PUBLIC or top in _FILED)
    )


def _sourced(data: Any, items: frozenset[str], key: str, *, public: bool) -> Iterator[tuple[str, str, bool]]:
    """Each text with its key, and whether its record rests on evidence without a claim."""
    if isinstance(data, Mapping):
        found = resting(data, items)
        for name, value in data.items():
            yield from _sourced(value, items, name, public=public if found is None else not found)
    elif isinstance(data, list):
        for each in data:
            yield from _sourced(each, items, key, public=public)
    elif isinstance(data, str):
        yield key, data, public
