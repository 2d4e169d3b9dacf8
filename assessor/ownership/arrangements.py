"""What the details of shares and votes tell beyond their kind: that holders act together, that a share carries a veto, that a
holder acts for somebody else.

Registers have no field for these, only words. The words prove nothing; they raise the question. Each is read as an interest of
its own beside the one whose details hold the words: `concert` or `veto` of a holder in the same subject, `nominee` of the one
named for whom the holder has its stake (§791.301 person (4)), or `direction` of the one named over the holder (person (1)).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from assessor.ownership.graph import Graph, Interest
from assessor.ownership.interval import Interval
from assessor.ownership.spelling import normalise

Key = TypeVar("Key", str, int)

CONCERT, VETO, DIRECTION, NOMINEE = "concert", "veto", "direction", "nominee"

_TOGETHER = re.compile(
    r"\b(?:in concert|concert(?:ed)? (?:party|parties|action)|act(?:s|ing)? (?:together|jointly)|voting (?:agreement|pact|pool)"
    r"|pooling agreement|(?:joint|common) representative|parallel voting"
    r"|(?:spouse|wife|husband|brother|sister|son|daughter|parent|father|mother) of|family (?:member|ties?)\b)",
    re.IGNORECASE,
)
_VETO = re.compile(
    r"\b(?:veto(?:es)?|reserved matters?|(?:consent|approval|blocking) rights?|casting vote|right to (?:approve|veto|block))\b",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:on behalf of|for the account of|(?:agent|representative|employee|officer|official|delegate) of|represent(?:s|ing)"
    r"|at the (?:order|request|direction) of|under the (?:direction|control|supervision) of)\s+(?:the\s+)?(?P<whom>.+)",
    re.IGNORECASE | re.DOTALL,
)
_HELD_FOR = re.compile(
    r"\b(?:nominees?|bare trustees?) (?:of|for)\s+(?:the\s+)?(?P<whom>.+)", re.IGNORECASE | re.DOTALL
)
_MARK = re.compile(r"[;,.(\n]")
_DENIED = re.compile(r"\b(?:no|not|nor|without|never|neither)\b[^;.]*$", re.IGNORECASE)


def together(details: str) -> bool:
    """Whether words tell of holders who act in concert: an agreement, a common representative, family."""
    return _tells(_TOGETHER, details)


def veto(details: str) -> bool:
    """Whether words tell of a veto, or of matters that need somebody's consent."""
    return _tells(_VETO, details)


def add(graph: Graph) -> None:
    """Add to the powers of the graph what the details of its shares and votes tell.

    Whoever else holds in the same subject and is named in words of concert acts in concert too. Somebody acts for another only
    where that other is an entity of the evidence: words that name nobody known tell nothing.
    """
    found: list[Interest] = []
    known: dict[str, str] = {}

    def whom(words: str) -> str | None:
        if not known:
            known.update(_names(graph))
        return named(words, known)

    for interest in _telling(graph):
        holder, subject = str(interest.holder), interest.subject
        others = {one.holder: graph.name(one.holder) for one in graph.votes.of.get(subject, ()) if one.holder != holder}
        found += [
            _of(interest, kind, one, over)
            for kind, one, over in powers(interest.details, holder, subject, others, whom)
        ]
    for interest in dict.fromkeys(found):
        graph.powers_in.setdefault(interest.subject, []).append(interest)
        graph.powers_of.setdefault(str(interest.holder), []).append(interest)


def tells(details: str) -> bool:
    """Whether the words may tell of anything that `powers` finds."""
    return any(pattern.search(details) for pattern in (_TOGETHER, _VETO, _FOR, _HELD_FOR))


def powers(
    details: str, holder: Key, subject: Key, others: Mapping[Key, str], whom: Callable[[str], Key | None]
) -> Iterator[tuple[str, Key, Key]]:
    """What the details of a holder's share tell: kind of power, who has it, over whom. `others`: names of those who hold votes
    beside it; `whom` finds the entity with whose name words begin."""
    if together(details):
        words = f" {normalise(details)} "
        yield CONCERT, holder, subject
        for one in sorted(others):
            if f" {normalise(others[one])} " in words:
                yield CONCERT, one, subject
    if veto(details):
        yield VETO, holder, subject
    if _tells(_FOR, details) and (match := _FOR.search(details)):
        found = whom(match["whom"])
        if found is not None and found != holder:
            yield DIRECTION, found, holder
    if _tells(_HELD_FOR, details) and (match := _HELD_FOR.search(details)):
        found = whom(match["whom"])
        if found is not None and found != holder:
            yield NOMINEE, found, subject


def _telling(graph: Graph) -> list[Interest]:
    """The interests behind shares and votes whose details hold words of one of these, each once. Registers repeat their words,
    so that each distinct text is looked at once."""
    told: dict[str, bool] = {"": False}
    found: dict[int, Interest] = {}
    for layer in (graph.votes,) if graph.equity is graph.votes else (graph.votes, graph.equity):
        for stakes in layer.of.values():
            for interest in (interest for stake in stakes for interest in stake.interests):
                if interest.details not in told:
                    told[interest.details] = tells(interest.details)
                if told[interest.details]:
                    found[id(interest)] = interest
    return list(found.values())


def _tells(pattern: re.Pattern[str], details: str) -> bool:
    """Whether the words are there and nothing before them in their clause denies them."""
    return any(not _DENIED.search(details[: match.start()]) for match in pattern.finditer(details))


def _names(graph: Graph) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, entity in graph.entities.items():
        for name in (entity.name, *entity.names):
            found.setdefault(normalise(name), key)
    return found


def named(words: str, known: Mapping[str, Key]) -> Key | None:
    """The entity with whose name the words begin: the longest name that ends with the words or at a mark."""
    ends = [len(words), *(match.start() for match in _MARK.finditer(words))]
    return next(
        (known[name] for end in sorted(ends, reverse=True) if (name := normalise(words[:end])) and name in known), None
    )


def _of(interest: Interest, kind: str, holder: str, subject: str) -> Interest:
    told = (interest.details, interest.start, interest.source, interest.locator)
    through = interest.holder if kind == NOMINEE else None
    return Interest(interest.id, holder, subject, kind, Interval(), *told, implied=True, through=through)
