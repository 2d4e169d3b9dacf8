"""Links between entities in FollowTheMoney: which of them are interests, of what kind, and who holds them.

Ownership is a shareholding; its percentage is free text, and what is only approximate, or a number up to 1 without a percent
sign (a percentage or a fraction), stays open with its text. A directorship is representation on the board. Whoever is
represented or employs directs (§791.301, person (1)). A link of unknown nature is read both ways. Family ties, associates,
successions and sanctions are no interests in the format either: they stand in the details of the entities that they name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from assessor.evidence.readers import dates
from assessor.evidence.readers.base import Reading, Row, Tell, listed, words
from assessor.evidence.readers.ownership import shares
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
_WORDED = ("role", "ownership_type", "legal_basis", "shares_type", "control_type", "status", "summary")
_MOST = 50
"""Parties of one link that are read: a link has one on either side, merged exports a few."""


class Links:
    """Turns links into rows of a reading."""

    def __init__(self, source: str, reading: Reading, tell: Tell) -> None:
        self._source, self._tell = source, tell
        self._interests, self._entities = Rows(reading, "interests"), Rows(reading, "entities")
        self._known: dict[str, shares.Share] = {}

    def add(self, id: str, schema: str, link: Link, place: str) -> None:
        """The rows of one link."""
        if schema in _INTERESTS:
            self._interest(id, schema, link, place)
        elif schema in _TIES:
            one, other, is_one, is_other = _TIES[schema]
            told = _words(link, ("relationship", "role"))
            first, second = _parties(link, one), _parties(link, other)
            for whom, to, what in ((first, second, is_one), (second, first, is_other)):
                for party in whom:
                    self._tie(party, listed((f"{what}: {listed(to) or 'not named'}", told)), place)
        else:
            told = listed((_words(link, ("authority", "program", "status")), _period(link)))
            for party in _parties(link, "entity"):
                self._tie(party, f"sanction: {told or 'no particulars'}", place)

    def parents(self, id: str, parents: Texts, place: str) -> None:
        """The parents that an entity names itself."""
        for number, parent in enumerate(map(words, parents[:_MOST]), 1):
            if parent:
                row = {"interest": f"{words(id)}/parent/{number}", "holder": parent, "subject": words(id)}
                self._put(place, row | {"kind": "other", "details": "named as its parent"})

    def close(self) -> None:
        """Hand over what is left."""
        self._interests.close()
        self._entities.close()

    def _interest(self, id: str, schema: str, link: Link, place: str) -> None:
        holding, held, kind, what = _INTERESTS[schema]
        holders, subjects = _parties(link, holding), _parties(link, held)
        if len(holders) == _MOST or len(subjects) == _MOST:
            self._tell(place, f"only the first {_MOST} parties of this link are read", "")
        if not subjects:
            self._tell(place, f"the link does not say {held!r}, in whom the interest is", "")
        if not holders:
            self._tell(place, f"the link does not say {holding!r}, who holds the interest", "")
        share = self._share(link, place) if schema == "Ownership" else shares.Share()
        told = _words(link, _WORDED)
        if schema == "Control" and len(link.control_type) == 1:
            kind = _CONTROLS.get(link.control_type[0].strip().casefold(), kind)
        direct = False if told and _INDIRECT.search(told) and not _NOT_INDIRECT.search(told) else None
        start, end, dated = self._dates(link, place)
        percentage = listed(map(words, link.percentage)) if share.wrong else None
        row = {
            "kind": kind,
            "min": share.min,
            "max": share.max,
            "min_open": share.min_open,
            "max_open": share.max_open,
            "direct": direct,
            "start": start,
            "end": end,
            "details": listed(
                (what, told, percentage, _counted(link), None if holders else "no holder is named", dated)
            ),
        }
        pairs: list[tuple[str | None, str | None]] = [
            (holder, subject) for holder in (*holders,) or (None,) for subject in (*subjects,) or (None,)
        ]
        if schema == "UnknownLink":
            pairs += [(subject, holder) for holder, subject in pairs if holder != subject]
        if len(pairs) > 1 and schema == "Ownership":
            self._tell(place, "the link names several parties; each of them is taken to hold the share", "")
        name = words(id) or place
        for number, (holder, subject) in enumerate(pairs, 1):
            interest = name if len(pairs) == 1 else f"{name}/{number}"
            self._put(place, row | {"interest": interest, "holder": holder, "subject": subject})

    def _put(self, place: str, row: Row) -> None:
        self._interests.add({"source": self._source, "locator": place, **row})

    def _tie(self, party: str, details: str | None, place: str) -> None:
        self._entities.add({"source": self._source, "locator": place, "entity": party, "details": details})

    def _share(self, link: Link, place: str) -> shares.Share:
        """The share of an ownership; several percentages that differ leave it open."""
        texts = list(dict.fromkeys(text for each in link.percentage if (text := words(each))))
        if not texts:
            return shares.Share()
        if len(texts) > 1:
            share = shares.Share(wrong=f"several percentages are stated ({listed(texts)[:80]}); the share is left open")  # type: ignore[index]
        elif texts[0] in self._known:
            share = self._known[texts[0]]
        else:
            if _BARE.fullmatch(texts[0]):
                share = shares.Share(
                    wrong=f"{texts[0]!r} has no percent sign and may be a percentage or a fraction; the share is left open"
                )
                if not texts[0].strip("0.,"):
                    share = shares.parse(texts[0], percent=True)
            else:
                share = shares.parse(texts[0], percent=True)
            if len(self._known) < 10_000:
                self._known[texts[0]] = share
        if share.wrong:
            self._tell(place, f"percentage: {share.wrong}", "")
        return share

    def _dates(self, link: Link, place: str) -> tuple[date | None, date | None, str | None]:
        """First and last day, and in words what is only a year or a month: such a start is open, such an end is its last day."""
        starts, ends, told = [], [], []
        for text in filter(None, map(words, link.start_date)):
            if _PARTIAL.fullmatch(text):
                told.append(f"since {text}")
                continue
            starts.append(self._day("startDate", text, place))
        for text in filter(None, map(words, link.end_date)):
            if partial := _PARTIAL.fullmatch(text):
                told.append(f"until {text}, day not stated")
                ends.append(_last_day(int(partial[1]), int(partial[2] or 12)))
                continue
            ends.append(self._day("endDate", text, place))
        if len(set(ends)) > 1:
            self._tell(place, f"several ends are stated ({listed(link.end_date)}); the last counts", "")
        start = None if told and told[0].startswith("since") else min(filter(None, starts), default=None)
        return start, max(filter(None, ends), default=None), listed(told)

    def _day(self, name: str, text: str, place: str) -> date | None:
        try:
            return date.fromisoformat(text[:10]) if len(text) == 10 or text[10:11] == "T" else dates.parse(text)[0]
        except ValueError:
            self._tell(place, f"{name}: {dates.parse(text)[1] or f'{text[:60]!r} is not read as a date'}", "")
            return None


def _parties(link: Link, name: str) -> list[str]:
    return [text for each in getattr(link, name)[:_MOST] if (text := words(each))]


def _words(link: Link, names: Sequence[str]) -> str | None:
    return listed(dict.fromkeys(words(text) for name in names for text in getattr(link, name)))


def _counted(link: Link) -> str | None:
    count = listed(map(words, link.shares_count))
    return count and f"{count} shares"


def _period(link: Link) -> str | None:
    since, until = listed(map(words, link.start_date)), listed(map(words, link.end_date))
    return listed((since and f"since {since}", until and f"until {until}"))


def _last_day(year: int, month: int) -> date | None:
    try:
        following = date(year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)
    except ValueError:
        return None
