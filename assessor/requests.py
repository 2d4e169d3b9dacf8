"""The client's request list: what all procedures ask for, each document once, with its state by the ledger.

Procedures ask each for itself. `listed` puts together what is the same document about the same subjects; `settled` adds what the ledger
says of each; `proposed` names files of later deliveries that may answer one. Nothing here decides that a request is answered: a person
does (`desk.request`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import pandas as pd

from assessor import files
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError
from assessor.judgements import Entry, Ledger
from assessor.procedures.deadlines import requests_due
from assessor.results import EvidenceRequest, ProcedureResult, canonical, to_json

KIND = "request"
"""The kind of entry of the ledger that gives a request its state."""
STATES = ("received", "insufficient", "withdrawn", "open")
"""What an entry can say of a request. Without one, and when what is asked has changed since, a request is open."""
OUTSTANDING = ("open", "insufficient")
"""States in which the client still has to furnish something."""
GONE = "gone"
"""State of a request that nothing asks any more and of which the ledger says nothing."""
NO_RESULT = "no_result"
"""State of a request of earlier whose procedures have no result now, so that nobody knows whether they would ask again."""
_IN_STATE = {GONE: "no longer asked", NO_RESULT: "not known, since its procedure has no result"}
MEMORY = "requests.json"
"""File of an engagement that holds every request that was ever made, and the evidence that there was then."""
SHOWN = 5
"""Files proposed for one request."""
_SHORTEST = 3
"""Letters of a word that tells something in the name of a file."""
_IN_WORDS = {"bom": "bill of materials", "ownership": "register extract"}


Name = tuple[str, str]
"""Code and subjects of a request: what the ledger and the memory know it by, whatever its number and words."""


@dataclass(frozen=True)
class Proposal:
    """An item of a later delivery that may answer a request, and what makes one think so."""

    item: str
    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.item} ({self.file})"


@dataclass(frozen=True)
class Request:
    """One entry of the list. `keys` are those of the procedures' own requests that it stands for; `names` (code and subjects) are
    what the ledger knows it by. `stale` is the state that it had before what is asked changed; `asked` is False when nothing asks for
    it any more."""

    id: str
    code: str
    what: str
    subjects: tuple[str, ...]
    clauses: tuple[str, ...]
    settles: str
    procedures: tuple[str, ...]
    keys: tuple[str, ...]
    names: tuple[Name, ...]
    due: date | None = None
    state: str = "open"
    stale: str = ""
    because: str = ""
    by: str = ""
    at: str = ""
    items: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    asked: bool = True

    @property
    def key(self) -> str:
        """Stable name: that of the first procedure's own request."""
        return self.keys[0]

    @property
    def outstanding(self) -> bool:
        """Whether the client still has to furnish something."""
        return self.asked and self.state in OUTSTANDING

    def overdue(self, day: date) -> bool:
        """Whether the client still has to furnish something and its day was before `day`."""
        return self.outstanding and self.due is not None and self.due < day

    @property
    def digest(self) -> str:
        """SHA-256 of what is asked, for whom, under which clauses and to settle what."""
        told = [self.what, sorted(self.subjects), sorted(self.clauses), self.settles]
        return hashlib.sha256(canonical(told)).hexdigest()

    @property
    def standing(self) -> str:
        """Its state in words."""
        told = _IN_STATE.get(self.state, self.state)
        if self.items:
            told += f": {', '.join(self.items)}"
        if not self.asked and self.state not in _IN_STATE:
            told += ", no longer asked"
        if self.stale:
            told += f" again: it was {self.stale}, and what is asked has changed since"
        return told


def numbers(asked: Sequence[EvidenceRequest]) -> list[int]:
    """For each request the number, from 1 and in the order of the work, of the entry of the list that it belongs to.

    Two are the same when they are about the same subjects and ask in the same words, or have the same code in two procedures. A code
    that one procedure gives twice to the same subjects names no document, and so joins nothing.
    """
    often = Counter((one.procedure, one.code, frozenset(one.subjects)) for one in asked)
    ambiguous = {(code, about) for (_, code, about), count in often.items() if count > 1}
    by_words: dict[tuple[str, frozenset[str]], int] = {}
    by_code: dict[tuple[str, frozenset[str]], int] = {}
    found, last = [], 0
    for one in asked:
        about = frozenset(one.subjects)
        words, code = (_plain(one.what), about), (one.code, about)
        number = by_words.get(words) or (None if code in ambiguous else by_code.get(code))
        if number is None:
            number = last = last + 1
        by_words.setdefault(words, number)
        by_code.setdefault(code, number)
        found.append(number)
    return found


def listed(results: Iterable[ProcedureResult], known: Mapping[Name, str] = MappingProxyType({})) -> list[Request]:
    """The list, in the order of the work: each document about the same subjects once, with all clauses and all that it settles.

    A request that has a number keeps it, or gets back that by which it is `known` from earlier; new ones are numbered on.
    """
    asked = [dataclasses.replace(one, procedure=one.procedure or r.procedure) for r in results for one in r.requests]
    groups: dict[int, list[EvidenceRequest]] = {}
    for number, one in zip(numbers(asked), asked, strict=True):
        groups.setdefault(number, []).append(one)
    seen: Counter[Name] = Counter()
    made, used = [], set(known.values())
    given: set[str] = set()
    for group in groups.values():
        first = group[0]
        plain = list(dict.fromkeys((one.code, "; ".join(sorted(one.subjects))) for one in group))
        seen.update(plain)
        names = tuple(
            (code, f"{about} ({seen[code, about]})" if seen[code, about] > 1 else about) for code, about in plain
        )
        earlier = [known[name] for name in names if name in known and known[name] not in given]
        id = first.id or (earlier[0] if earlier else _next(used))
        used.add(id)
        given.add(id)
        made.append(
            Request(
                id=id,
                code=first.code,
                what=_joined(one.what for one in group),
                subjects=first.subjects,
                clauses=tuple(dict.fromkeys(one.clause for one in group)),
                settles=_joined(one.settles for one in group),
                procedures=tuple(dict.fromkeys(one.procedure for one in group)),
                keys=tuple(dict.fromkeys(one.key for one in group)),
                names=names,
            )
        )
    return made


def _next(used: set[str]) -> str:
    """The number after the highest that was given."""
    given = [int(id.removeprefix("R-")) for id in used if re.fullmatch(r"R-\d{1,9}", id)]
    return f"R-{max(given, default=0) + 1:02d}"


def settled(asked: Iterable[Request], ledger: Ledger, terms: Terms) -> list[Request]:
    """The requests with due date and state: the day is that of the terms unless an entry sets one, the state that of the entry in force.
    An entry on what was asked in other words leaves the request open, and is told."""
    days: dict[Name, str] = {}
    latest: dict[Name, Entry] = {}
    for entry in ledger.of(KIND):
        latest[entry.question, entry.subject] = entry
        if entry.details.get("due"):
            days[entry.question, entry.subject] = str(entry.details["due"])
    return [_settle(one, latest, days, requests_due(terms)) for one in asked]


def entries(one: Request, ledger: Ledger) -> list[Entry]:
    """What the ledger says of a request, under any of its names, oldest first."""
    return [entry for entry in ledger.of(KIND) if (entry.question, entry.subject) in one.names]


def _settle(one: Request, latest: Mapping[Name, Entry], days: Mapping[Name, str], due: date | None) -> Request:
    own = [latest[name] for name in one.names if name in latest]
    entry = max(own, key=lambda each: each.seq, default=None)
    day = next((days[name] for name in one.names if name in days), "")
    one = dataclasses.replace(one, due=date.fromisoformat(day) if day else due)
    if entry is None:
        return one
    told = dataclasses.replace(one, because=entry.because, by=entry.by, at=entry.at)
    if one.asked and entry.facts_digest != one.digest:
        return dataclasses.replace(told, stale=entry.answer) if entry.answer != "open" else told
    return dataclasses.replace(told, state=entry.answer, items=tuple(map(str, entry.details.get("items", ()))))


def of(
    engagement: Engagement,
    terms: Terms,
    results: Iterable[ProcedureResult],
    ledger: Ledger,
    register: pd.DataFrame,
) -> list[Request]:
    """The list as it stands, with what later deliveries may answer, and after it what is no longer asked."""
    now, memory = listed(results), read(engagement)
    known = {name for one in now for name in one.names}
    done = {result.procedure for result in results}
    gone = [
        _remembered(told) for told in memory if not {(str(code), str(about)) for code, about in told["names"]} & known
    ]
    gone = [one if set(one.procedures) & done else dataclasses.replace(one, state=NO_RESULT) for one in gone]
    return [*proposed(settled(now, ledger, terms), register, memory), *settled(gone, ledger, terms)]


def from_row(told: Mapping[str, Any]) -> Request:
    """The request that results.json holds, without what the ledger says of it."""
    return dataclasses.replace(_remembered(told), state="open", asked=True)


def _remembered(told: Mapping[str, Any]) -> Request:
    return Request(
        id=str(told["id"]),
        code=str(told["code"]),
        what=str(told["what"]),
        subjects=tuple(told["subjects"]),
        clauses=tuple(told["clauses"]),
        settles=str(told["settles"]),
        procedures=tuple(told["procedures"]),
        keys=tuple(told["keys"]),
        names=tuple((str(code), str(about)) for code, about in told["names"]),
        state=GONE,
        asked=False,
    )


def read(engagement: Engagement) -> list[dict[str, Any]]:
    """Every request that was ever made, with `after`, the last item of evidence that there was then. Raises EngagementError for a
    damaged file."""
    path = engagement.root / MEMORY
    if not path.exists():
        return []
    try:
        told = json.loads(path.read_bytes())["requests"]
        for each in told:
            _remembered(each), str(each["after"])
    except (ValueError, KeyError, TypeError) as error:
        raise EngagementError(
            f"{path} is damaged ({error}); delete it, and the list of earlier requests begins anew with the next run."
        ) from None
    return list(told)


def known(engagement: Engagement) -> dict[Name, str]:
    """The numbers that requests had in the last list, by their names: a client that answers R-07 means what it was asked then."""
    return {(str(code), str(about)): str(told["id"]) for told in read(engagement) for code, about in told["names"]}


def remember(engagement: Engagement, results: Iterable[ProcedureResult], register: pd.DataFrame) -> None:
    """Note the requests that are made now (numbered results) beside those that were made before."""
    memory = read(engagement)
    after = {(code, about): told["after"] for told in memory for code, about in told["names"]}
    last = str(register["id"].iloc[-1]) if len(register) else ""
    fields = ("id", "code", "what", "subjects", "clauses", "settles", "procedures", "keys", "names")
    now = [
        {name: getattr(one, name) for name in fields}
        | {"after": next((after[name] for name in one.names if name in after), last)}
        for one in listed(results)
    ]
    made = {name for told in now for name in told["names"]}
    gone = [told for told in memory if not {(code, about) for code, about in told["names"]} & made]
    if memory or now:
        ordered = sorted([*now, *gone], key=lambda told: (len(told["id"]), told["id"], canonical(told["names"])))
        files.write_text(engagement.root / MEMORY, to_json({"requests": ordered}))


def proposed(asked: Iterable[Request], register: pd.DataFrame, memory: Iterable[Mapping[str, Any]]) -> list[Request]:
    """The outstanding requests with the items that may answer them, of those that came after the request was first made."""
    after = {(str(code), str(about)): str(told["after"]) for told in memory for code, about in told["names"]}
    ids = [str(item) for item in register["id"]]
    place = {item: number for number, item in enumerate(ids)}
    rows = [
        (str(row["id"]), str(row["path"]), row["kind"] if isinstance(row["kind"], str) else "")
        for row in register.to_dict("records")
        if row["status"] not in ("missing", "duplicate")
    ]
    told = []
    for one in asked:
        since = next((after[name] for name in one.names if name in after), "")
        later = [row for row in rows if since in place and place[row[0]] > place[since] and row[0] not in one.items]
        found = [(rank, each) for row in later for rank, each in _likely(one, *row)] if one.outstanding else []
        found.sort(key=lambda each: (each[0], place[each[1].item]))
        told.append(dataclasses.replace(one, proposals=tuple(each for _, each in found[:SHOWN])))
    return told


def _likely(one: Request, item: str, path: str, kind: str) -> list[tuple[int, Proposal]]:
    """The item as a proposal with its rank, best first; nothing where neither name, subject nor kind speak for it."""
    file = PurePosixPath(path).name
    words = set(_plain(path).split())
    number = re.match(r"r[\s_-]*0*(\d+)(?!\d)", file.casefold())
    if number and f"R-{int(number[1]):02d}" == one.id:
        return [(0, Proposal(item, file, "its name begins with the number of the request"))]
    for subject in one.subjects:
        telling = {word for word in _plain(PurePosixPath(subject).name).split() if len(word) >= _SHORTEST}
        if telling and telling <= words:
            return [(1, Proposal(item, file, f"its name speaks of {subject}"))]
    family = kind.partition(".")[0]
    named = _IN_WORDS.get(family, family.replace("_", " "))
    if family not in ("", "unknown") and re.search(rf"\b{re.escape(named)}s?\b", f"{one.what} {one.code}".casefold()):
        return [(2, Proposal(item, file, f"it is of the kind asked for ({named})"))]
    return []


def row(one: Request) -> dict[str, Any]:
    """A request as plain data; `clause` and `procedure` are the first of several."""
    told = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    return told | {
        "clause": one.clauses[0],
        "procedure": one.procedures[0],
        "key": one.key,
        "digest": one.digest,
        "standing": one.standing,
    }


def _joined(texts: Iterable[str]) -> str:
    """Texts that differ by more than their spelling, one after another."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(_plain(text), text)
    several = list(found.values())
    return "; ".join([*(text.rstrip(". ") for text in several[:-1]), several[-1]])


def _plain(text: str) -> str:
    """Words without their spelling: small letters, without signs."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
