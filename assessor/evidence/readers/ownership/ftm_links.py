"""Links between entities in FollowTheMoney: which of them are interests, of what kind, and who holds them.

Ownership is a shareholding; its percentage is free text, and what is only approximate, or a number up to 1 without a percent
sign (a percentage or a fraction), stays open with its text. A directorship is representation on the board. Whoever is
represented or employs directs (§791.301, person (1)). A link of unknown nature is read both ways. Family ties, associates,
successions and sanctions are no interests in the format either: they stand in the details of the entities that they name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Reading, Tell, listed, words
from assessor.evidence.readers.ownership import shares
from assessor.evidence.readers.ownership.columns import at_lines, table
from assessor.evidence.readers.rows import Rows

Texts = tuple[str, ...]


class Link(msgspec.Struct, gc=False, rename="camel"):
    """The properties of links."""

    owner: Texts = ()
    asset: Texts = ()
    percentage: Texts = ()
    shares_count: Texts = ()
    shares_type: Texts = ()
    ownership_type: Texts = ()
    legal_basis: Texts = ()
    role: Texts = ()
    status: Texts = ()
    summary: Texts = ()
    director: Texts = ()
    organization: Texts = ()
    member: Texts = ()
    controller: Texts = ()
    controlled: Texts = ()
    control_type: Texts = ()
    agent: Texts = ()
    client: Texts = ()
    employer: Texts = ()
    employee: Texts = ()
    subject: Texts = ()
    object: Texts = ()
    person: Texts = ()
    relative: Texts = ()
    associate: Texts = ()
    relationship: Texts = ()
    predecessor: Texts = ()
    successor: Texts = ()
    entity: Texts = ()
    authority: Texts = ()
    program: Texts = ()
    start_date: Texts = ()
    end_date: Texts = ()
    date: Texts = ()


# schema: who holds, in whom, kind of interest, what the details call it
_INTERESTS = {
    "Ownership": ("owner", "asset", "shareholding", ""),
    "Directorship": ("director", "organization", "board_appointment", "directorship"),
    "Membership": ("member", "organization", "other", "membership"),
    "Control": ("controller", "controlled", "other", "control"),
    "Representation": ("client", "agent", "direction", "the holder is represented"),
    "Employment": ("employer", "employee", "direction", "employment"),
    "UnknownLink": ("subject", "object", "other", "a link of unknown nature"),
}
# schema: the two sides, and what each is to the other
_TIES = {
    "Family": ("person", "relative", "relative", "relative"),
    "Associate": ("person", "associate", "associate", "associate"),
    "Succession": ("predecessor", "successor", "successor", "predecessor"),
}
SCHEMATA = frozenset({*_INTERESTS, *_TIES, "Sanction"})
_CONTROLS = {
    "voting": "voting_rights",
    "appointment": "board_appointment",
    "contractual": "contractual_control",
    "nominee": "nominee",
}
_INDIRECT = re.compile(r"\bindirect(?:ly)?\b", re.IGNORECASE)
_NOT_INDIRECT = re.compile(r"\bdirect(?:ly)?\b", re.IGNORECASE)
_BARE = re.compile(r"0*(?:[01]|0?[.,]\d+|1[.,]0+)")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?")
_MOST = 50
"""Parties of one link that are read: a link has one on either side, merged exports a few."""
_MANY = 20_000
"""Different terms and periods that are remembered."""


@dataclass(frozen=True)
class _Terms:
    """What the words of a link mean: kind, share, whether it is a declared chain, details, and what is wrong with them."""

    kind: str
    share: shares.Share
    direct: bool | None
    details: str | None
    wrong: str = ""


@dataclass(frozen=True)
class _Span:
    """First and last day; in words what is only a year or a month, and what is wrong."""

    start: date | None = None
    end: date | None = None
    details: str | None = None
    wrong: str = ""


class Links:
    """Turns links into rows of a reading: what repeats from one link to the next is understood once."""

    def __init__(self, source: str, reading: Reading, tell: Tell) -> None:
        self._source, self._reading, self._tell = source, reading, tell
        self._ties = Rows(reading, "entities")
        self._terms: dict[tuple[object, ...], tuple[int, _Terms]] = {}
        self._spans: dict[tuple[Texts, Texts], tuple[int, _Span]] = {}
        self._rows: list[tuple[int, str, str | None, str | None, int, int]] = []

    def add(self, id: str, schema: str, link: Link, number: int) -> None:
        """The rows of one link, which stands on line `number`."""
        if schema in _INTERESTS:
            self._interest(id, schema, link, number)
        elif schema in _TIES:
            one, other, is_one, is_other = _TIES[schema]
            told = _words(link.relationship + link.role)
            first, second = _parties(getattr(link, one)), _parties(getattr(link, other))
            for whom, to, what in ((first, second, is_one), (second, first, is_other)):
                for party in whom:
                    self._tie(party, listed((f"{what}: {listed(to) or 'not named'}", told)), number)
        else:
            told = listed((_words(link.authority + link.program + link.status), _period(link)))
            for party in _parties(link.entity):
                self._tie(party, f"sanction: {told or 'no particulars'}", number)

    def parents(self, id: str, parents: Texts, number: int) -> None:
        """The parents that an entity names itself."""
        terms = self._meant(("parent",), lambda: _Terms("other", shares.Share(), None, "named as its parent"))
        for count, parent in enumerate(_parties(parents), 1):
            self._rows.append(
                (number, f"{words(id)}/parent/{count}", parent, words(id), terms[0], self._days(Link())[0])
            )

    def flush(self) -> None:
        """Hand over the interests that are held."""
        if not self._rows:
            return
        numbers, ids, holders, subjects, terms, spans = zip(*self._rows, strict=True)
        text, flag, day = pa.string(), pa.bool_(), pa.date32()
        term, span = pa.array(terms, pa.int64()), pa.array(spans, pa.int64())
        meant = [each for _, each in self._terms.values()]
        lasted = [each for _, each in self._spans.values()]

        def of_terms(values: Iterable[object], type: pa.DataType) -> pa.Array:
            return pa.array(list(values), type).take(term)

        def of_spans(values: Iterable[object], type: pa.DataType) -> pa.Array:
            return pa.array(list(values), type).take(span)

        said = of_terms((each.details for each in meant), text), of_spans((each.details for each in lasted), text)
        columns = {
            "locator": at_lines(numbers),
            "interest": pa.array(ids, text),
            "holder": pa.array(holders, text),
            "subject": pa.array(subjects, text),
            "kind": of_terms((each.kind for each in meant), text),
            "min": of_terms((each.share.min for each in meant), text),
            "max": of_terms((each.share.max for each in meant), text),
            "min_open": of_terms((each.share.min_open for each in meant), flag),
            "max_open": of_terms((each.share.max_open for each in meant), flag),
            "direct": of_terms((each.direct for each in meant), flag),
            "details": pc.if_else(
                pc.and_(pc.is_valid(said[0]), pc.is_valid(said[1])),
                pc.binary_join_element_wise(*said, "; "),
                pc.coalesce(*said),
            ),
            "start": of_spans((each.start for each in lasted), day),
            "end": of_spans((each.end for each in lasted), day),
        }
        self._reading.add("interests", table("interests", self._source, len(numbers), columns))
        self._rows = []
        if len(self._terms) + len(self._spans) > _MANY:  # a file in which nothing repeats must not fill the memory
            self._terms, self._spans = {}, {}

    def close(self) -> None:
        """Hand over what is left."""
        self.flush()
        self._ties.close()

    def _interest(self, id: str, schema: str, link: Link, number: int) -> None:
        holding, held, _, _ = _INTERESTS[schema]
        holders, subjects = _parties(getattr(link, holding)), _parties(getattr(link, held))
        if len(holders) != 1 or len(subjects) != 1:
            self._odd(schema, holders, subjects, number)
        key = (schema, bool(holders), link.percentage, link.shares_count, *_worded(link))
        term, terms = self._meant(key, lambda: _terms(schema, bool(holders), link))
        span, lasted = self._days(link)
        for wrong in (terms.wrong, lasted.wrong):
            if wrong:
                self._tell(f"line {number}", wrong, "")
        name = words(id) or f"line {number}"
        if len(holders) == len(subjects) == 1 and schema != "UnknownLink":
            self._rows.append((number, name, holders[0], subjects[0], term, span))
            return
        pairs: list[tuple[str | None, str | None]] = [
            (holder, subject) for holder in (*holders,) or (None,) for subject in (*subjects,) or (None,)
        ]
        if schema == "UnknownLink":
            pairs += [(subject, holder) for holder, subject in pairs if holder != subject]
        for count, (one, other) in enumerate(pairs, 1):
            self._rows.append((number, name if len(pairs) == 1 else f"{name}/{count}", one, other, term, span))

    def _odd(self, schema: str, holders: list[str], subjects: list[str], number: int) -> None:
        """Tell of a link that has no party on one side, or several."""
        holding, held, _, _ = _INTERESTS[schema]
        if not subjects:
            self._tell(f"line {number}", f"the link does not say {held!r}, in whom the interest is", "")
        if not holders:
            self._tell(f"line {number}", f"the link does not say {holding!r}, who holds the interest", "")
        if max(len(holders), len(subjects)) > 1:
            several = "the link names several parties; each of them is taken to hold the interest in each"
            most = f", and of more than {_MOST} the first" if max(len(holders), len(subjects)) == _MOST else ""
            self._tell(f"line {number}", several + most, "")

    def _meant(self, key: tuple[object, ...], read: Callable[[], _Terms]) -> tuple[int, _Terms]:
        if key not in self._terms:
            self._terms[key] = (len(self._terms), read())
        return self._terms[key]

    def _days(self, link: Link) -> tuple[int, _Span]:
        key = (link.start_date, link.end_date)
        if key not in self._spans:
            self._spans[key] = (len(self._spans), _span(*key))
        return self._spans[key]

    def _tie(self, party: str, details: str | None, number: int) -> None:
        self._ties.add({"source": self._source, "locator": f"line {number}", "entity": party, "details": details})


def _terms(schema: str, held: bool, link: Link) -> _Terms:
    _, _, kind, what = _INTERESTS[schema]
    share = _share(link.percentage) if schema == "Ownership" else shares.Share()
    told = _words(tuple(text for texts in _worded(link) for text in texts))
    if schema == "Control" and len(link.control_type) == 1:
        kind = _CONTROLS.get(link.control_type[0].strip().casefold(), kind)
    direct = False if told and _INDIRECT.search(told) and not _NOT_INDIRECT.search(told) else None
    percentage = _words(link.percentage) if share.wrong else None
    count = _words(link.shares_count)
    nobody = None if held else "no holder is named"
    details = listed((what, told, percentage, count and f"{count} shares", nobody))
    return _Terms(kind, share, direct, details, share.wrong and f"percentage: {share.wrong}")


def _share(percentage: Texts) -> shares.Share:
    """The share of an ownership; several percentages that differ leave it open."""
    texts = list(dict.fromkeys(text for each in percentage if (text := words(each))))
    if not texts:
        return shares.Share()
    if len(texts) > 1:
        return shares.Share(wrong=f"several are stated ({', '.join(texts)[:80]}); the share is left open")
    if _BARE.fullmatch(texts[0]) and texts[0].strip("0.,"):
        wrong = f"{texts[0]!r} has no percent sign and may be a percentage or a fraction; the share is left open"
        return shares.Share(wrong=wrong)
    return shares.parse(texts[0], percent=True)


def _span(starts: Texts, ends: Texts) -> _Span:
    """The period of a link. A start that is only a year or a month is open, such an end is its last day; of several the widest."""
    told, wrong, first, last = list[str](), list[str](), list[date](), list[date]()
    vague = False
    for text in filter(None, map(words, starts)):
        if _PARTIAL.fullmatch(text):
            vague = True
            told.append(f"since {text}")
        elif day := _day("startDate", text, wrong):
            first.append(day)
    for text in filter(None, map(words, ends)):
        if partial := _PARTIAL.fullmatch(text):
            told.append(f"until {text}, day not stated")
            if day := _last_day(int(partial[1]), int(partial[2] or 12)):
                last.append(day)
            else:
                wrong.append(f"endDate: {text!r} is no month of the calendar")
        elif day := _day("endDate", text, wrong):
            last.append(day)
    if len(set(last)) > 1:
        wrong.append(f"several ends are stated ({', '.join(ends)[:80]}); the last counts")
    start = None if vague else min(first, default=None)
    return _Span(start, max(last, default=None), listed(told), "; ".join(wrong))


def _day(name: str, text: str, wrong: list[str]) -> date | None:
    try:
        if len(text) == 10 or text[10:11] == "T":
            return date.fromisoformat(text[:10])
    except ValueError:
        pass
    found, message = dates.parse(text)
    if message:
        wrong.append(f"{name}: {message}")
    return found


def _worded(link: Link) -> tuple[Texts, ...]:
    """The fields that say in words what an interest is."""
    return (
        link.role,
        link.ownership_type,
        link.legal_basis,
        link.shares_type,
        link.control_type,
        link.status,
        link.summary,
    )


def _parties(texts: Texts) -> list[str]:
    return [text for each in texts[:_MOST] if (text := words(each))]


def _words(texts: Texts) -> str | None:
    return listed(dict.fromkeys(map(words, texts)))


def _period(link: Link) -> str | None:
    since, until = listed(map(words, link.start_date)), listed(map(words, link.end_date))
    return listed((since and f"since {since}", until and f"until {until}"))


def _last_day(year: int, month: int) -> date | None:
    if not 1 <= month <= 12:
        return None
    try:
        following = date(year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)
    except ValueError:
        return None
