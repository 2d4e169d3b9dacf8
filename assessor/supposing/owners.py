"""Suppositions about who somebody is and who owns and controls whom (§791.301, person (1) to (4))."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from assessor.evidence.readers.ownership.shares import Share
from assessor.ownership.describing import KINDS
from assessor.ownership.graph import EQUITY, SHARES
from assessor.ownership.interval import parse, percent
from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts
from assessor.supposing.known import Entities, NotKnown
from assessor.supposing.vocabulary import Supposition
from assessor.supposing.world import Told, World, places
from assessor.text import exact_text

_SEATS = ("incorporated", "headquarters", "principal_place")
_PERSON = ("residence", "citizenship")


def entity(world: World, known: Entities, s: Supposition) -> None:
    """Somebody new, or other facts of somebody known."""
    name, said = s.told["name"], {key: value for key, value in s.told.items() if key not in ("name", "country")}
    is_known = known.known(name)
    key = known.find(name) if is_known else name
    table = world.tables["entities"]
    own = table["entity"].map(known.alias).eq(key) if is_known else pd.Series(False, index=table.index)
    kinds = table.loc[own.fillna(False), "kind"].dropna()
    kind = said.get("kind") or (kinds.iloc[0] if len(kinds) else "organisation")
    if country := s.told.get("country"):
        said = dict.fromkeys(_PERSON if kind == "person" else _SEATS, country) | said
    facts = ", ".join(f"{column.replace('_', ' ')} {value}" for column, value in said.items())
    if is_known and own.any():
        if not said:
            world.wrong(s, f"“{name}” is known, and nothing else is supposed of it.")
            return
        world.told.append(Told(s.place, f"{known.name(key)}: {facts}.", places(table[own.fillna(False)])))
        world.change("entities", own, said, s.place)
        return
    _new(world, known, key, {"kind": kind, **said}, s.place, name=known.name(key) if is_known else name)
    world.told.append(Told(s.place, f"{name} is somebody new: {facts or 'nothing else is said of it'}."))


def _new(world: World, known: Entities, key: str, said: dict[str, Any], place: str, *, name: str) -> str:
    world.add("entities", [{"entity": key, "name": name, **said}], place)
    known.know(key, name)
    return key


def newcomer(world: World, known: Entities, name: str, country: str, kind: str, place: str) -> str:
    """An entity that only a supposition knows, of a country."""
    columns = _PERSON if kind == "person" else _SEATS
    said = {"kind": kind, **dict.fromkeys(columns, country)}
    if kind == "state":
        said = {"kind": kind, "incorporated": country}
    return _new(world, known, name, said, place, name=name)


def owner(world: World, known: Entities, s: Supposition) -> None:
    """An interest that begins, changes or ends."""
    told, subject = s.told, known.find(s.told["subject"])
    holder = _holder(world, known, s)
    if holder == subject:
        raise NotKnown(f"{known.name(subject)} cannot be its own holder.")
    since = told.get("from")
    if since and since > world.terms.period_to:
        world.notes.append(
            f"{s.place}: it begins on {since}, after the period ({world.terms.period_to}), at whose end ownership is looked at; suppose a "
            "later end too ([date] period_to) for it to count."
        )
    elif since and since > world.terms.period_from:
        world.notes.append(
            f"{s.place}: ownership is looked at once, at the end of the period ({world.terms.period_to}); the conclusions on transactions "
            f"before {since} count with it too."
        )
    held = _held(world, known, holder, subject)
    kinds = [told["kind"]] if "kind" in told else [kind for kind in SHARES if held["kind"].eq(kind).any()]
    share: Share | None = told.get("share")
    ends = bool(told.get("ended")) or (share is not None and share.min == share.max == "0")
    if ends and "kind" not in told:
        kinds = sorted(set(held["kind"]))
    if ends and not held["kind"].isin(kinds).any():
        what = f" of the kind {told['kind']}" if "kind" in told else ""
        holders = sorted({known.name(h) for h in _holders(world, known, subject)})
        raise NotKnown(
            f"{known.name(holder)} holds nothing{what} in {known.name(subject)} that could end; it is held by {', '.join(holders) or 'nobody named'}."
        )
    for kind in kinds or [EQUITY]:
        own = held[held["kind"].eq(kind)]
        _exchange(world, known, s, holder, subject, kind, own, None if ends else share, ends=ends)
        if "counterpart" in told:
            _counterpart(world, known, s, holder, subject, kind, own, Share("0", "0", False, False) if ends else share)
    _claims(world, known, s, holder, subject)


def _holder(world: World, known: Entities, s: Supposition) -> str:
    name, country = s.told["holder"], s.told.get("country")
    if not known.known(name) and country:
        return newcomer(world, known, name, country, s.told.get("holder_kind", "organisation"), s.place)
    try:
        key = known.find(name)
    except NotKnown as error:
        raise NotKnown(f"{str(error).rstrip('.')}; for somebody new write `country` too.") from None
    if country or "holder_kind" in s.told:
        raise NotKnown(
            f"{known.name(key)} is known to the evidence, so that `country` and `holder_kind` are left out; other facts of it are supposed "
            "as [[entity]]."
        )
    return key


def _held(world: World, known: Entities, holder: str, subject: str) -> pd.DataFrame:
    """The direct interests of a holder in a subject that count at the end of the period."""
    i = world.tables["interests"]
    mine = i["holder"].map(known.alias).eq(holder) & i["subject"].map(known.alias).eq(subject)
    return i[mine.fillna(False) & ~i["direct"].eq(False).fillna(False) & _counting(i, world.terms.period_to)]


def _counting(i: pd.DataFrame, day: date) -> pd.Series:
    begun, ended = i["start"].isna() | (i["start"] <= day), i["end"].notna() & (i["end"] < day)
    return begun.fillna(True).astype(bool) & ~ended.fillna(False).astype(bool)


def _holders(world: World, known: Entities, subject: str) -> list[str]:
    i = world.tables["interests"]
    own = i[i["subject"].map(known.alias).eq(subject).fillna(False) & _counting(i, world.terms.period_to)]
    return [str(known.alias[holder]) for holder in own["holder"].dropna()]


def _exchange(
    world: World,
    known: Entities,
    s: Supposition,
    holder: str,
    subject: str,
    kind: str,
    own: pd.DataFrame,
    share: Share | None,
    *,
    ends: bool,
) -> None:
    """Put a supposed interest in the place of what is held."""
    since: date | None = s.told.get("from")
    i = world.tables["interests"]
    mine = i.index.to_series().isin(own.index)
    if since:
        world.change("interests", mine, {"end": since - timedelta(days=1)}, s.place)
    else:
        world.drop("interests", mine)
    if not ends:
        starts = own["start"].dropna()
        row = {
            "interest": f"supposed {s.place} {kind}",
            **{"holder": holder, "subject": subject, "kind": kind, "direct": True, "details": f"supposed ({s.place})"},
            "start": since or (min(starts) if len(starts) else None),
        }
        if share is not None:
            row |= {"min": share.min, "max": share.max, "min_open": share.min_open, "max_open": share.max_open}
        world.add("interests", [row], s.place)
    ends_of = [(r["min"], r["max"], r["min_open"], r["max_open"]) for _, r in own.iterrows()]
    before = "; ".join(dict.fromkeys(_words(kind, *each) for each in ends_of)) or "nothing"
    now = "nothing of that kind" if ends else _words(kind, None, None)
    if share is not None and not ends:
        now = _words(kind, share.min, share.max, share.min_open, share.max_open)
    day = f" from {since} on" if since else ""
    held = f"{known.name(holder)} holds {now} in {known.name(subject)}{day}; before: {before}."
    world.told.append(Told(s.place, held, places(own)))


def _words(kind: str, low: Any, high: Any, low_open: Any = False, high_open: Any = False) -> str:
    """An interest in words: `9 % of the shares`, `special share`."""
    named = KINDS.get(kind, KINDS["other"])
    if kind not in SHARES:
        return named
    ends = [None if pd.isna(end) else str(end) for end in (low, high)]
    if ends == [None, None]:
        return f"a part, not stated, of the {named}"
    opens = [not pd.isna(each) and bool(each) for each in (low_open, high_open)]
    return f"{parse(*ends, *opens).words()} of the {named}"


def _counterpart(
    world: World,
    known: Entities,
    s: Supposition,
    holder: str,
    subject: str,
    kind: str,
    own: pd.DataFrame,
    share: Share | None,
) -> None:
    """Give what a holder gives up to somebody, or take from somebody what the holder takes."""
    try:
        other = known.find(s.told["counterpart"])
    except NotKnown as error:
        raise NotKnown(f"{str(error).rstrip('.')}; somebody new is supposed as [[entity]].") from None
    before, after = _exact(own), _exact_of(share)
    theirs = _held(world, known, other, subject)
    theirs = theirs[theirs["kind"].eq(kind)]
    had = _exact(theirs)
    if other == holder or before is None or after is None or had is None:
        raise NotKnown(
            "`counterpart` needs exact shares before and after, of somebody other than the holder; suppose both by themselves."
        )
    left = had + before - after
    if left < 0:
        raise NotKnown(
            f"{known.name(other)} has {percent(had)} of {known.name(subject)} and cannot give up {percent(after - before)}."
        )
    exact = exact_text(left)
    _exchange(*(world, known, s, other, subject, kind, theirs, Share(exact, exact, False, False)), ends=left == 0)


def _exact(own: pd.DataFrame) -> Fraction | None:
    """The one exact share that rows state; 0 without rows."""
    if own.empty:
        return Fraction(0)
    told = {(r["min"], r["max"]) for _, r in own.iterrows() if not pd.isna(r["min"]) and not pd.isna(r["max"])}
    ends = next(iter(told)) if len(told) == 1 else (None, "")
    return Fraction(ends[0]) if ends[0] == ends[1] and ends[0] is not None else None


def _exact_of(share: Share | None) -> Fraction | None:
    return Fraction(share.min) if share and share.min is not None and share.min == share.max else None


def _claims(world: World, known: Entities, s: Supposition, holder: str, subject: str) -> None:
    """Say that the evidence declares chains of the holder besides, which stay as they are."""
    i = world.tables["interests"]
    mine = i["holder"].map(known.alias).eq(holder) & i["direct"].eq(False)
    if (declared := i[mine.fillna(False)]).empty:
        return
    names = sorted({known.name(known.alias.get(x, x)) for x in declared["subject"].dropna()})
    world.notes.append(
        f"{s.place}: the evidence also declares that {known.name(holder)} stands behind {', '.join(names)} through others "
        f"({'; '.join(places(declared))}); that is left as it is."
    )


def beyond_the_whole(world: World, known: Entities, supposed: Facts, touched: dict[str, Supposition]) -> None:
    """Refuse shares that come to more than the whole where they did not before, and say where a part is left to nobody named."""
    was, now = world.facts.of(supplier_ownership.ownership).graph, supposed.of(supplier_ownership.ownership).graph
    for name, s in touched.items():
        before, after = was.alias.get(name, name), now.alias.get(name, name)
        for words, layer, earlier in (("votes", now.votes, was.votes), ("shares", now.equity, was.equity)):
            newly = after in layer.contradictory and before not in earlier.contradictory
            if newly or layer.excess(after) > earlier.excess(before):
                parts = ", ".join(
                    f"{now.name(stake.holder)} {percent(stake.share.min)}{' and more' if stake.share.min_open else ''}"
                    for stake in layer.of.get(after, [])
                )
                whole = layer.lower.get(after, Fraction(0))
                total = f"{'more than ' if whole == 1 else ''}{percent(whole)}"
                world.wrong(
                    s,
                    f"the {words} in {known.name(name)} add up to {total}, more than the whole ({parts}); suppose who gives up what, or a `counterpart`.",
                )
                break
        else:
            left, earlier_left = now.votes.undisclosed(after).min, was.votes.undisclosed(before).min
            if now.has_votes(after) and left > earlier_left:
                world.notes.append(
                    f"{s.place}: at least {percent(left)} of the votes in {known.name(name)} are then held by nobody who is named, and who is not "
                    "named may be anybody; write `counterpart` for who takes them."
                )
