"""A diagram of a size that a page can show: small holders share a box, long rows of single holders are drawn by their ends.

Nothing is lost by it: the words beside the picture tell every step.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from assessor.ownership.figure.diagram import OWN, UNDISCLOSED, Arrow, Box, Diagram
from assessor.ownership.figure.lettering import ranges
from assessor.ownership.interval import ONE, ZERO, Interval

ACROSS = 4
"""Holders of one entity that are drawn, the box of the others included."""
TIERS = 9
"""Entities in a row of single holders that are drawn."""
ENDS = 3
"""Of a longer row, those drawn at each end."""
BOXES = 48
"""Boxes of one picture."""
_STRENGTH = ("established", "possible", "undisclosed", "excluded")
_NEAR = 200  # boxes above a holder that are looked at to see whether they hold anything else


def folded(diagram: Diagram) -> Diagram:
    """The diagram with at most `BOXES` boxes, the nearest to its subject."""
    for fold in (_across, _along, _nearest):
        diagram = fold(diagram)
    return diagram


def _across(diagram: Diagram) -> Diagram:
    """Of many holders of one entity that hold nothing else shown, the largest, and one box for the others.

    What stands above the others goes with them where it stands above nothing else; holders that have the same holders above
    them, who stand above others too, share a box under these.
    """
    holders, held = ends(diagram.arrows)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    above: dict[str, set[str]] = {}
    for box in diagram.boxes:
        if box.state == UNDISCLOSED or box.id == diagram.subject or len(held.get(box.id, ())) != 1:
            continue
        if len(holders[next(iter(held[box.id]))]) <= ACROSS:
            continue
        closure = _exclusive(box.id, holders, held)
        if diagram.subject in closure:
            continue
        above[box.id] = closure
        shared = () if closure else tuple(sorted(holders[box.id]))
        alike.setdefault((next(iter(held[box.id])), shared), []).append(box.id)
    arrows = _between(diagram.arrows)
    groups: dict[str, str] = {}
    gone: dict[str, str] = {}
    for (subject, _), listed in alike.items():
        if len(listed) <= ACROSS:
            continue
        listed.sort(key=lambda key: _size(arrows[key, subject]), reverse=True)
        small = listed[ACROSS - 1 :]
        group = f"+{small[0]}"
        for key in small:
            groups[key] = group
            gone.update((other, group) for other in above[key] if other != key)
    return _merged(diagram, groups, gone) if groups else diagram


def _exclusive(key: str, holders: Mapping[str, set[str]], held: Mapping[str, set[str]]) -> set[str]:
    """The box and all above it, if none of these holds anything outside; empty otherwise."""
    seen, queue = {key}, deque([key])
    while queue:
        for holder in sorted(holders.get(queue.popleft(), ())):
            if holder not in seen:
                seen.add(holder)
                queue.append(holder)
                if len(seen) > _NEAR:
                    return set()
    return seen if all(held[holder] <= seen for holder in seen - {key}) else set()


def _along(diagram: Diagram) -> Diagram:
    """Of long rows of single holders, both ends, and one box for those between."""
    holders, held = ends(diagram.arrows)
    passing = {
        box.id
        for box in diagram.boxes
        if box.id != diagram.subject
        and box.state not in (OWN, UNDISCLOSED)
        and box.count == 1
        and len(holders.get(box.id, ())) == len(held.get(box.id, ())) == 1
        and holders[box.id] != held[box.id]
    }
    groups: dict[str, str] = {}
    for box in diagram.boxes:
        if box.id not in passing or next(iter(held[box.id])) in passing:
            continue  # rows are walked from their lowest box
        row = [box.id]
        while (holder := next(iter(holders[row[-1]]))) in passing:
            row.append(holder)
        if len(row) > TIERS:
            groups.update((key, f"+{row[ENDS]}") for key in row[ENDS:-ENDS])
    return _merged(diagram, groups) if groups else diagram


def _nearest(diagram: Diagram) -> Diagram:
    """The boxes nearest to the subject, and a word on what is left out."""
    if len(diagram.boxes) <= BOXES:
        return diagram
    holders, _ = ends(diagram.arrows)
    seen, queue = {diagram.subject}, deque([diagram.subject])
    while queue and len(seen) < BOXES:
        for holder in sorted(holders.get(queue.popleft(), ())):
            if holder not in seen and len(seen) < BOXES:
                seen.add(holder)
                queue.append(holder)
    left = sum(box.count for box in diagram.boxes if box.id not in seen)
    note = f"{left:,} further entities above these are not drawn; the list of steps names them."
    return replace(
        diagram,
        boxes=tuple(box for box in diagram.boxes if box.id in seen),
        arrows=tuple(arrow for arrow in diagram.arrows if arrow.holder in seen and arrow.held in seen),
        note=f"{diagram.note} {note}".strip(),
    )


def ends(arrows: Iterable[Arrow]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Holders of each box, and what each box holds, itself left out."""
    holders: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    for arrow in arrows:
        if arrow.holder != arrow.held:
            holders.setdefault(arrow.held, set()).add(arrow.holder)
            held.setdefault(arrow.holder, set()).add(arrow.held)
    return holders, held


def _between(arrows: Iterable[Arrow]) -> dict[tuple[str, str], list[Arrow]]:
    found: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in arrows:
        found.setdefault((arrow.holder, arrow.held), []).append(arrow)
    return found


def _size(arrows: list[Arrow]) -> tuple[Fraction, Fraction]:
    return max((arrow.min or ZERO, arrow.max or ZERO) for arrow in arrows)


def _merged(diagram: Diagram, groups: Mapping[str, str], gone: Mapping[str, str] | None = None) -> Diagram:
    """The diagram with boxes put together. `groups`: the group of each box that joins one; `gone`: the group of each box that
    stands above nothing but that group, and goes with it."""
    gone = gone or {}
    members: dict[str, list[Box]] = {}
    boxes: dict[str, Box | None] = {}
    for box in diagram.boxes:
        if box.id in gone:
            continue
        if group := groups.get(box.id):
            members.setdefault(group, []).append(box)
            boxes.setdefault(group, None)
        else:
            boxes[box.id] = box
    arrows: dict[tuple[str, str], list[Arrow]] = {}
    inside: dict[str, list[Arrow]] = {}
    for arrow in diagram.arrows:
        if arrow.holder in gone or arrow.held in gone:
            continue
        holder, held = groups.get(arrow.holder, arrow.holder), groups.get(arrow.held, arrow.held)
        if holder == held and holder in members:
            inside.setdefault(holder, []).append(arrow)
        else:
            arrows.setdefault((holder, held), []).append(arrow)
    told = [
        listed
        if not ({holder, held} & set(members)) or len(listed) == 1
        else [_together(holder, held, listed, held in members)]
        for (holder, held), listed in arrows.items()
    ]
    told = [
        [replace(a, holder=holder, held=held) for a in listed]
        for (holder, held), listed in zip(arrows, told, strict=True)
    ]
    caught = {box.id: box for box in diagram.boxes if box.state == OWN}
    drawn = [
        box or _group(key, members[key], [caught[k] for k in caught if gone.get(k) == key], inside.get(key, []), gone)
        for key, box in boxes.items()
    ]
    return replace(diagram, boxes=tuple(drawn), arrows=tuple(arrow for listed in told for arrow in listed))


def _group(key: str, boxes: list[Box], above: list[Box], inside: list[Arrow], gone: Mapping[str, str]) -> Box:
    """The box of a group: a part of a row (`inside`: the interests in it), or holders side by side and all `above` them."""
    states = Counter(box.state for box in boxes)
    caught = Counter(box.where for box in [*boxes, *above] if box.state == OWN)
    count = sum(box.count for box in boxes)
    notes = []
    if inside:
        name = f"{count:,} entities between, each held by the one above"
        notes.append(f"steps {ranges(n for arrow in inside for n in arrow.numbers)}")
        known = [(a.min, a.max) for a in inside if a.min is not None and a.max is not None]
        if len(known) == len(inside) and (share := _words(known, min, max)):
            notes.append(f"{share} in each")
    else:
        name = f"{count:,} further holders"
        if higher := sum(group == key for group in gone.values()):
            name += f" and {higher:,} above them"
    notes += [f"{number:,} of them: {where}" for where, number in caught.most_common(4)]
    return Box(key, name, "", OWN if caught else states.most_common(1)[0][0], (), tuple(notes), False, count)


def _together(holder: str, held: str, listed: list[Arrow], below: bool) -> Arrow:
    """One arrow for many: what they come to together where they lead into one entity, the range where they lead into many."""
    state = min((arrow.state for arrow in listed), key=_STRENGTH.index)
    steps = tuple(sorted(number for arrow in listed for number in arrow.numbers))
    kinds: dict[str, list[Arrow]] = {}
    for arrow in listed:
        kinds.setdefault(arrow.what, []).append(arrow)
    told = []
    for what, alike in kinds.items():
        known = [(a.min, a.max) for a in alike if a.min is not None and a.max is not None]
        share = ""
        if len(known) == len(alike):
            share = _words(known, min if below else sum, max if below else sum)
        told.append((f"{share} of {what}" if share else what) + ("" if below else " together"))
    one = next(iter(kinds.values())) if len(kinds) == 1 else []
    known = [(a.min, a.max) for a in one if a.min is not None and a.max is not None]
    return Arrow(
        holder,
        held,
        steps,
        "; ".join(told),
        "",
        state,
        sum((low for low, _ in known), ZERO) if known and not below else None,
        sum((high for _, high in known), ZERO) if known and not below else None,
    )


def _words(
    known: list[tuple[Fraction, Fraction]],
    low: Callable[[Iterable[Fraction]], Fraction | int],
    high: Callable[[Iterable[Fraction]], Fraction | int],
) -> str:
    least, most = Fraction(low(a for a, _ in known)), Fraction(high(b for _, b in known))
    interval = Interval(least, max(least, min(most, ONE)))
    return interval.words() if interval.stated else ""
