"""What is known of suppliers in words fit for a report: foreign interests, chains, what a verdict rests on, limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessor.ownership import ForeignInterest, Step, Verdict, percent
from assessor.ownership.figure import arrows_of
from assessor.procedures import supplier_ownership
from assessor.procedures.facts import Facts
from assessor.procedures.working import counted, named
from assessor.results import Determination, EvidenceRef

KINDS = {
    "shareholding": "shares",
    "voting_rights": "votes",
    "board_appointment": "right to appoint board members",
    "special_share": "special share",
    "contractual_control": "rights by contract",
    "proxy": "proxy votes",
    "nominee": "nominee holding",
    "financing": "financing",
    "direction": "direction",
    "veto": "veto or reserved matters",
    "concert": "arrangement to act in concert",
    "other": "another interest",
    "undisclosed": "not disclosed",
}
ASKED = 12  # facts named in one request; the rest is counted
_SHARES = ("shareholding", "voting_rights")


def nature(interest: ForeignInterest) -> str:
    """The nature of a foreign interest: `indirect, 60 % of the shares through Harbour Lantern Holdings Limited, since 2026-05-02`."""
    parts = ["declared as indirect" if interest.declared_only else "indirect" if interest.via else "direct"]
    through = f" through {', then '.join(interest.via)}" if interest.via and not interest.declared_only else ""
    if interest.kind in _SHARES:
        held = interest.share if interest.share and interest.share != "not stated" else "a part, not stated,"
        parts.append(f"{held} of the {KINDS[interest.kind]}{through}")
    else:
        told = f" ({interest.details})" if interest.details else ""
        parts.append(f"{KINDS.get(interest.kind, KINDS['other'])}{told}{through}")
    if not interest.certain:
        parts.append("U.S. status of the holder not stated")
    if interest.start:
        parts.append(f"since {interest.start}")
    return ", ".join(parts)


def foreign(facts: Facts, verdict: Verdict | None, why_not: str, organised: Iterable[str], limit: int = 4) -> str:
    """The nature of any foreign interest in a supplier in one sentence; `why_not`: why nothing is known of it."""
    if verdict is None:
        return f"Not known: {why_not}"
    foreign_homes = [facts.rule.country_name(code) for code in organised]
    itself = f"It is itself a foreign person, of {' and '.join(foreign_homes)}" if foreign_homes else ""
    listed = [
        f"{interest.holder_name}{_home(facts, interest)}: {nature(interest)}"
        for interest in verdict.foreign_interests[:limit]
    ]
    more = len(verdict.foreign_interests) - limit
    if more > 0:
        listed.append(f"and {counted(more, 'further interest')} (see the schedule of interests)")
    told = "; ".join(part for part in (itself, *listed) if part)
    if told:
        return told
    return (
        "None: its ownership is disclosed up to U.S. persons"
        if verdict.foreign is False
        else "Not known: not all of its holders are disclosed"
    )


def interest_rows(
    facts: Facts, supplier: str, verdict: Verdict, organised: Iterable[str], place: str
) -> list[dict[str, Any]]:
    """Rows of the schedule of foreign interests in one supplier."""
    told = [
        {
            "supplier": supplier,
            "holder": supplier,
            "holder_country": facts.rule.country_name(code),
            "nature": "the supplier is itself a foreign person",
            "share": "",
            "via": "",
            "since": "",
            "evidence": place,
        }
        for code in organised
    ]
    return told + [
        {
            "supplier": supplier,
            "holder": interest.holder_name,
            "holder_country": _countries(facts, interest.holder_country),
            "nature": nature(interest),
            "share": interest.share if interest.kind in _SHARES else "",
            "via": ", then ".join(interest.via),
            "since": str(interest.start or "not stated"),
            "evidence": f"{interest.source} {interest.locator}".strip(),
        }
        for interest in verdict.foreign_interests
    ]


def chain_rows(facts: Facts, supplier: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Rows of the chain on which an established or possible verdict stands, from the far end to the supplier. `control`: what
    the step does to it (established, possible, undisclosed, or excluded where it does not decide)."""
    listed = tuple(steps)
    arrows = arrows_of(facts.of(supplier_ownership.ownership).control, listed)
    return [
        {
            "supplier": supplier,
            "step": number,
            "from": step.from_name,
            "to": step.to_name,
            "kind": KINDS.get(step.kind, KINDS["other"]),
            "share": step.share,
            "control": arrow.state,
            "evidence": f"{step.source} {step.locator}".strip(),
        }
        for number, (step, arrow) in enumerate(zip(listed, arrows, strict=True), 1)
    ]


def rests_on(verdict: Verdict | None) -> str:
    """What a determination rests on: evidence, a judgement of the assessor, or nothing known."""
    if verdict is None:
        return "no ownership evidence"
    if not verdict.rests_on_judgement:
        return "evidence"
    judged = sorted({question.replace("_", " ") for question, _, _ in verdict.questions})
    return f"the assessor's judgement on {named(judged)}"


def determination(verdict: Verdict) -> str:
    """The verdict with its reason; for a possible one also the range of votes that is at issue, and what the other reading says
    where it differs."""
    low, high = verdict.controlled_share
    told = f"{verdict.prc_russia}: {verdict.reason}"
    if verdict.prc_russia is Determination.POSSIBLE and low < high:
        told += f" (between {percent(low)} and {percent(high)} of the votes are at issue)"
    return told + (f"; {other}" if (other := readings(verdict)) else "")


def readings(verdict: Verdict) -> str:
    """What both readings say, where they differ."""
    together, alone = verdict.reading["aggregate"].prc_russia, verdict.reading["single"].prc_russia
    if together is alone:
        return ""
    return f"{together} where such persons are counted together, {alone} where each is counted alone"


def missing(verdict: Verdict) -> list[str]:
    """What the client is asked for to settle a possible verdict, each fact with the document that shows it; judgements, which
    only the assessor gives, are not among it."""
    told = [fact.request for fact in verdict.settled_by if not fact.question]
    more = len(told) - ASKED
    return told if more <= 1 else [*told[:ASKED], f"{more} further facts about holders above them"]


def limits(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The limits of all verdicts, those of one kind told once with their number."""
    places = stand_in = 0
    others: dict[str, None] = {}
    for verdict in verdicts:
        places += any(
            "principal place of business" in limit or limit.startswith("headquarters") for limit in verdict.limits
        )
        stand_in += any("stand for votes" in limit for limit in verdict.limits)
        others.update(
            (f"{limit[0].upper()}{limit[1:]}.", None)
            for limit in verdict.limits
            if "stand for votes" not in limit and "headquarters" not in limit and "principal place" not in limit
        )
    told = []
    if places:
        told.append(
            f"Headquarters or principal place of business of {counted(places, 'supplier')} are not stated in the evidence; person limb (3) was decided "
            "on the country of organisation."
        )
    if stand_in:
        told.append(f"Voting rights in {counted(stand_in, 'supplier')} are not stated; shareholdings stand for votes.")
    return (*told, *others)


def places(facts: Facts, verdict: Verdict | None) -> tuple[EvidenceRef, ...]:
    """Where an entity is described and where the steps of its chain stand."""
    if verdict is None:
        return ()
    told = facts.of(supplier_ownership.ownership).graph.entities[verdict.entity]
    chain = (EvidenceRef(step.source, step.locator) for step in verdict.chain if step.source)
    return tuple(dict.fromkeys((*(EvidenceRef(*place) for place in told.places[:2]), *chain)))


def sentence(text: str) -> str:
    """The text with one full stop at its end, also after a name such as "Inc."."""
    return f"{text.rstrip('.')}."


def _home(facts: Facts, interest: ForeignInterest) -> str:
    return f" ({_countries(facts, interest.holder_country)})" if interest.holder_country else ""


def _countries(facts: Facts, codes: str) -> str:
    return "; ".join(facts.rule.country_name(code.strip()) for code in codes.split(";") if code.strip()) or "not stated"
