"""Who is meant by a name: identifiers first, then exact names and listed aliases, then proposals for a person to decide.

Nothing is merged on similarity. The legal form belongs to the name ("Brightwater Connect LLC" is not "Brightwater Connect
Ltd"), and a name that agrees in another country is a proposal that says so. A name alone identifies no natural person: the
country must be known to agree as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assessor.ownership.aliases import Alias, Aliases, shipped
from assessor.ownership.identifiers import Identifier, contradict, identifiers
from assessor.ownership.likeness import PROPOSAL_SCORE, Read, Sieve, apart, likeness, read
from assessor.ownership.spelling import form_words, legal_form, normalise

BASES = ("identifier", "exact name", "alias", "judgement", "proposed", "unmatched")
PROPOSALS = 5


@dataclass(frozen=True)
class Party:
    """Someone who can be found: `key` is the row's own id, `countries` every country that the row ties it to."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    countries: frozenset[str] = frozenset()
    lei: str | None = None
    registration: str | None = None
    registered_in: str | None = None  # country in which `registration` is unique
    person: bool = False  # a natural person


@dataclass(frozen=True)
class Candidate:
    """A proposal: how near the name is (0 to 100) and what speaks for and against it."""

    key: str
    name: str
    score: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """What a name was found to mean: `key` is empty unless `basis` is an identifier, an exact name, an alias or a judgement."""

    sought: str
    key: str | None
    basis: str
    reason: str
    candidates: tuple[Candidate, ...] = ()


@dataclass
class Directory:
    """Parties indexed by identifier and by normalised name. Build it with `directory`."""

    parties: dict[str, Party] = field(default_factory=dict)
    numbers: dict[str, tuple[Identifier, ...]] = field(default_factory=dict)
    by_identifier: dict[Identifier, list[str]] = field(default_factory=dict)
    by_name: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)  # key, and whether the name is an alias
    doubts: list[str] = field(default_factory=list)
    table: Aliases = field(default_factory=shipped)
    _sieve: tuple[list[str], list[Read], Sieve] | None = None

    def sieve(self) -> tuple[list[str], list[Read], Sieve]:
        """The names, how they read, and the sieve over them; made when something is first proposed."""
        if self._sieve is None:
            names = list(self.by_name)
            listed = [read(name, self.table.words) for name in names]
            self._sieve = names, listed, Sieve(listed)
        return self._sieve


@dataclass(frozen=True)
class _Sought:
    """Whoever is looked for."""

    name: str
    countries: frozenset[str]
    numbers: tuple[Identifier, ...]


def directory(parties: Iterable[Party], table: Aliases | None = None) -> Directory:
    """Index the parties; identifiers that fail their check digits are named in `doubts` and left out.

    `table`: sourced aliases (`aliases.with_own`); the shipped ones when not given.
    """
    index = Directory(table=table or shipped())
    for party in parties:
        index.parties[party.key] = party
        proven, doubts = identifiers(party.lei, party.registration, party.registered_in)
        index.numbers[party.key] = proven
        index.doubts += [f"{party.name}: {doubt}" for doubt in doubts]
        for identifier in proven:
            index.by_identifier.setdefault(identifier, []).append(party.key)
        for place, name in enumerate((party.name, *party.aliases)):
            entries = index.by_name.setdefault(normalised, []) if (normalised := normalise(name)) else []
            if party.key not in (key for key, _ in entries):
                entries.append((party.key, place > 0))
    return index


def find(
    index: Directory,
    name: str,
    *,
    countries: frozenset[str] = frozenset(),
    aliases: tuple[str, ...] = (),
    lei: str | None = None,
    registration: str | None = None,
    registered_in: str | None = None,
) -> Match:
    """Who in `index` is meant by `name` and what else is known of it (§791.315(d)(1) asks to identify the suppliers).

    Order: identifier, exact name, listed alias of either side, alias with a source, proposal. A hit must be unique, and
    neither its countries nor its numbers may be known to differ; otherwise it is only proposed, with the reason.
    """
    proven, _ = identifiers(lei, registration, registered_in)
    sought = _Sought(name, countries, proven)
    match, refused = _by_number(index, sought)
    if match:
        return match
    for written in (name, *aliases):
        hits = index.by_name.get(normalise(written), [])
        named, doubted = _agreeing(index, sought, hits)
        if len(named) == 1:
            key, alias = named[0]
            if alias or written != name:
                return Match(name, key, "alias", f"listed as another name of {index.parties[key].name}")
            return Match(name, key, "exact name", f"same name as {index.parties[key].name}")
        refused += doubted
    for written in (name, *aliases):
        if (entry := index.table.of(written)) is None:
            continue
        hits = [hit for other in entry.legal for hit in index.by_name.get(normalise(other), [])]
        named, doubted = _agreeing(index, sought, list(dict.fromkeys(hits)), entry)
        if len({key for key, _ in named}) == 1:
            key = named[0][0]
            why = f"{written} and {index.parties[key].name} are names of one company ({entry.source})"
            return Match(name, key, "alias", why)
        refused += doubted
    return _proposed(index, sought, aliases, refused)


def propose(index: Directory, name: str, countries: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
    """Similar names, best first, each with what differs. A proposal is never a match."""
    return _ranked(_similar(index, _Sought(name, countries, ()), ()))[:PROPOSALS]


def _by_number(index: Directory, sought: _Sought) -> tuple[Match | None, list[Candidate]]:
    """The party with the same number; where that is no proof (the number is shared or unchecked, others differ), the candidates."""
    found: dict[str, Identifier] = {}
    for identifier in sought.numbers:
        for key in index.by_identifier.get(identifier, ()):
            found.setdefault(key, identifier)
    sure = [key for key, identifier in found.items() if identifier.identifies]
    if len(sure) == 1:
        (key,), party = sure, index.parties[sure[0]]
        identifier = found[key]
        known = max(_score(index, sought.name, other) for other in (party.name, *party.aliases))
        if not contradict(sought.numbers, index.numbers[key]) and (identifier.proves or known >= PROPOSAL_SCORE):
            told = "" if known >= PROPOSAL_SCORE else f", under the name {party.name}"
            return Match(sought.name, key, "identifier", f"same {identifier.words}{told}"), []
    return None, [
        Candidate(
            key,
            index.parties[key].name,
            _score(index, sought.name, index.parties[key].name),
            (f"same {identifier.words}", *_why(index, sought, index.parties[key])),
        )
        for key, identifier in found.items()
    ]


def _agreeing(
    index: Directory, sought: _Sought, hits: list[tuple[str, bool]], entry: Alias | None = None
) -> tuple[list[tuple[str, bool]], list[Candidate]]:
    """Of the parties of a name, those that nothing known speaks against; and the candidates that they all are otherwise."""
    named = []
    for hit in hits:
        party = index.parties[hit[0]]
        home = frozenset({entry.country} - {""}) if entry else frozenset()
        if (
            (not party.person or (sought.countries & party.countries and hit == (party.key, False)))
            and _countries_agree(sought.countries, party.countries | home if party.countries else home)
            and _countries_agree(home, party.countries)
            and not contradict(sought.numbers, index.numbers[hit[0]])
        ):
            named.append(hit)
    named = [hit for hit in named if not hit[1]] or named  # a name proper outweighs somebody else's alias
    same = () if entry is None else (_of_one(entry),)
    candidates = [
        Candidate(
            key,
            index.parties[key].name,
            100,
            (*same, *_why(index, sought, index.parties[key])) or ("same name, which several bear",),
        )
        for key, _ in hits
    ]
    return named, candidates


def _proposed(index: Directory, sought: _Sought, aliases: tuple[str, ...], refused: list[Candidate]) -> Match:
    best = {c.key: c for c in reversed((*refused, *_ranked(_similar(index, sought, aliases))))}
    candidates = _ranked(best)
    if not candidates:
        return Match(sought.name, None, "unmatched", "no identifier, name or alias agrees, and no name is similar")
    more = f"; {len(candidates) - PROPOSALS} more are similar" if len(candidates) > PROPOSALS else ""
    why = f"no identifier and no unique exact name; similar names are proposed only{more}"
    return Match(sought.name, None, "proposed", why, candidates[:PROPOSALS])


def _similar(index: Directory, sought: _Sought, aliases: tuple[str, ...]) -> dict[str, Candidate]:
    """Every party with a name like the one sought, or like another name of a company that it may mean."""
    best: dict[str, Candidate] = {}
    written = [(name, "") for name in (sought.name, *aliases)]
    for entry in dict.fromkeys(entry for name, _ in tuple(written) for entry in index.table.meant(name)):
        written += [(name, _of_one(entry)) for name in (*entry.legal, *entry.short)]
    names, listed, sieve = index.sieve()
    for name, told in {normalise(n): (n, t) for n, t in reversed(written)}.values():
        mine = read(normalise(name), index.table.words)
        for place in sieve.near(mine):
            score = likeness(mine, listed[place])
            for key, _ in index.by_name[names[place]] if score >= PROPOSAL_SCORE else ():
                if key not in best or best[key].score < score:
                    why = _why(index, sought, index.parties[key], told)
                    best[key] = Candidate(key, index.parties[key].name, score, why or ("similar name",))
    return best


def _ranked(found: dict[str, Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(found.values(), key=lambda c: (-c.score, c.name, c.key)))


def _of_one(entry: Alias) -> str:
    return f"names of {entry.legal[0] if entry.legal else entry.short[0]} or its group ({entry.source})"


def _score(index: Directory, one: str, other: str) -> int:
    a, b = normalise(one), normalise(other)
    return 100 if a == b else likeness(read(a, index.table.words), read(b, index.table.words))


def _countries_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)


def _why(index: Directory, sought: _Sought, party: Party, told: str = "") -> tuple[str, ...]:
    """What speaks against the party, and what a reader must know of the likeness."""
    reasons = [told] if told else []
    if party.person and not sought.countries & party.countries:
        reasons.append("a natural person; a name alone identifies none")
    if forms := form_words(legal_form(sought.name), legal_form(party.name)):
        reasons.append(forms)
    if not _countries_agree(sought.countries, party.countries):
        reasons.append(f"country differs: {', '.join(sorted(sought.countries))} / {', '.join(sorted(party.countries))}")
    if contradict(sought.numbers, index.numbers[party.key]):
        reasons.append("identifiers differ")
    mine, theirs = (read(normalise(name), index.table.words) for name in (sought.name, party.name))
    if mine.foreign != theirs.foreign:
        read_as = " ".join(mine.words if mine.foreign else theirs.words)
        reasons.append(f"written in another script, read as {read_as}")
    if not told and (words := apart(mine, theirs)):
        reasons.append(f"in one name only: {', '.join(words)}")
    return tuple(reasons)
