"""Who is meant by a name: identifiers first, then exact names and listed aliases, then proposals for a person to decide.

Nothing is merged on similarity. The legal form belongs to the name ("Brightwater Connect LLC" is not "Brightwater Connect
Ltd"), and a name that agrees in another country is a proposal that says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from assessor.ownership.identifiers import Identifier, identifiers

BASES = ("identifier", "exact name", "alias", "judgement", "proposed", "unmatched")
PROPOSAL_SCORE = 85  # of 100; proposals only, so it costs a question and never a wrong merge
PROPOSALS = 5

# Longest first; a form is recognised at the end of a normalised name.
LEGAL_FORMS = tuple(
    sorted(
        (
            "股份有限公司",
            "有限责任公司",
            "有限公司",
            "co ltd",
            "company limited",
            "pte ltd",
            "pty ltd",
            "sdn bhd",
            "private limited",
            "pvt ltd",
            "llc",
            "llp",
            "lp",
            "inc",
            "incorporated",
            "corp",
            "corporation",
            "ltd",
            "limited",
            "plc",
            "company",
            "co",
            "gmbh",
            "gmbh co kg",
            "ag",
            "kg",
            "ug",
            "ev",
            "bv",
            "nv",
            "sa",
            "sas",
            "sarl",
            "spa",
            "srl",
            "se",
            "oy",
            "oyj",
            "ou",
            "oü",
            "ab",
            "as",
            "asa",
            "aps",
            "kk",
            "ooo",
            "ооо",
            "оао",
            "зао",
            "пао",
            "ао",
            "pjsc",
            "jsc",
            "trust",
            "foundation",
        ),
        key=lambda f: (-len(f), f),
    )
)


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
    by_identifier: dict[Identifier, list[str]] = field(default_factory=dict)
    by_name: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)  # key, and whether the name is an alias
    doubts: list[str] = field(default_factory=list)


def directory(parties: Iterable[Party]) -> Directory:
    """Index the parties; identifiers that fail their check digits are named in `doubts` and left out."""
    index = Directory()
    for party in parties:
        index.parties[party.key] = party
        proven, doubts = identifiers(party.lei, party.registration, party.registered_in)
        index.doubts += [f"{party.name}: {doubt}" for doubt in doubts]
        for identifier in proven:
            index.by_identifier.setdefault(identifier, []).append(party.key)
        for place, name in enumerate((party.name, *party.aliases)):
            entries = index.by_name.setdefault(normalise(name), []) if normalise(name) else []
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

    Order: identifier, exact name, listed alias of either side, proposal. A hit must be unique, and its countries must not
    be known to differ; otherwise it is only proposed, with the reason.
    """
    proven, _ = identifiers(lei, registration, registered_in)
    for identifier in proven:
        if len(keys := index.by_identifier.get(identifier, [])) == 1:
            kind = "registration number" if identifier.kind == "registration" else identifier.kind.upper()
            return Match(name, keys[0], "identifier", f"same {kind} {identifier.value}")
    refused: list[Candidate] = []
    for sought in (name, *aliases):
        hits = index.by_name.get(normalise(sought), [])
        agreeing = [(key, alias) for key, alias in hits if _countries_agree(countries, index.parties[key].countries)]
        contradicted = [hit for hit in agreeing if _identified_otherwise(proven, index.parties[hit[0]])]
        agreeing = [hit for hit in agreeing if hit not in contradicted]
        named = [hit for hit in agreeing if not hit[1]] or agreeing  # a name proper outweighs somebody else's alias
        if len(named) == 1:
            key, alias = named[0]
            if alias or sought != name:
                return Match(name, key, "alias", f"listed as another name of {index.parties[key].name}")
            return Match(name, key, "exact name", f"same name as {index.parties[key].name}")
        refused += [
            Candidate(
                key,
                index.parties[key].name,
                100,
                _why(sought, countries, index.parties[key], key in dict(contradicted)),
            )
            for key, _ in hits
        ]
    found = propose(index, name, countries)
    candidates = tuple({c.key: c for c in (*found, *refused)}.values())
    if candidates:
        return Match(
            name,
            None,
            "proposed",
            "no identifier and no unique exact name; similar names are proposed only",
            candidates[:PROPOSALS],
        )
    return Match(name, None, "unmatched", "no identifier, name or alias agrees, and no name is similar")


def propose(index: Directory, name: str, countries: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
    """Similar names, best first, each with what differs. A proposal is never a match."""
    sought = normalise(name)
    if len(sought) < 2:
        return ()
    best: dict[str, Candidate] = {}
    # a quick sieve over all names first; then a likeness in which a common part alone ("… Technology Co Ltd") does not suffice
    sieve = process.extract(sought, list(index.by_name), scorer=fuzz.WRatio, score_cutoff=60, limit=20 * PROPOSALS)
    for near, _, _ in sieve:
        score = round(_likeness(sought, near))
        for key, _ in index.by_name[near] if score >= PROPOSAL_SCORE else ():
            party = index.parties[key]
            if key not in best or best[key].score < score:
                best[key] = Candidate(key, party.name, score, _why(name, countries, party, False))
    return tuple(sorted(best.values(), key=lambda c: (-c.score, c.name, c.key))[:PROPOSALS])


def normalise(name: str) -> str:
    """A name for comparison: full-width forms, case, punctuation and spaces are levelled, the legal form stays.

    `Co.,Ltd.` is `co ltd`, `B.V.` is `bv`, `（深圳）` is `(深圳)` without its brackets.
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    text = re.sub(r"(?<=\w\w)\.(?=\w\w)", " ", text)
    text = re.sub(r"[.'’`´]", "", text)
    text = re.sub(r"[\W_]+", " ", text).strip()
    return re.sub(r"(?<=[\u3040-\u30ff\u3400-\u9fff]) (?=[\u3040-\u30ff\u3400-\u9fff])", "", text)


def legal_form(name: str) -> str:
    """The legal form that the name ends with (`co ltd`), or nothing."""
    text = normalise(name)
    for form in LEGAL_FORMS:
        if text.endswith(form) and (
            (not form.isascii() and len(form) > 3) or text == form or text[-len(form) - 1] == " "
        ):
            return form
    return ""


def _likeness(one: str, other: str) -> float:
    """0 to 100: the words in any order, the legal form set aside so that it neither makes nor hides a likeness."""
    a, b = _core(one), _core(other)
    if not a or not b:
        return 0.0
    short, long = sorted((set(a.split()), set(b.split())), key=len)
    contained = 90.0 if len(short) > 1 and short < long else 0.0
    return max(
        fuzz.token_sort_ratio(a, b),
        fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")),
        contained,
        _abbreviated(a.split(), b.split()),
    )


def _abbreviated(one: list[str], other: list[str]) -> float:
    """88 when every word of the shorter name is a word of the other or begins one ("Halcyon Taipei Semi")."""
    short, long = sorted((one, other), key=len)
    if len(short) < 2 or len(short) != len(long):
        return 0.0
    left = list(long)
    for word in short:
        hit = next(
            (
                w
                for w in left
                if w == word or (len(word) > 3 and w.startswith(word)) or (len(w) > 3 and word.startswith(w))
            ),
            None,
        )
        if hit is None:
            return 0.0
        left.remove(hit)
    return 88.0


def _core(text: str) -> str:
    form = legal_form(text)
    return text[: len(text) - len(form)].strip() if form and len(text) > len(form) else text


def _countries_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)


def _identified_otherwise(proven: tuple[Identifier, ...], party: Party) -> bool:
    """Both carry an identifier of one kind, and the two differ: they are two parties, whatever their names."""
    theirs, _ = identifiers(party.lei, party.registration, party.registered_in)
    return any(a.kind == b.kind and a != b and a.country == b.country for a in proven for b in theirs)


def _why(name: str, countries: frozenset[str], party: Party, identified_otherwise: bool) -> tuple[str, ...]:
    reasons = []
    mine, theirs = legal_form(name), legal_form(party.name)
    if mine != theirs:
        reasons.append(f"legal form differs: {mine or 'none'} / {theirs or 'none'}")
    if not _countries_agree(countries, party.countries):
        reasons.append(f"country differs: {', '.join(sorted(countries))} / {', '.join(sorted(party.countries))}")
    if identified_otherwise:
        reasons.append("identifiers differ")
    return tuple(reasons) or ("similar name",)
