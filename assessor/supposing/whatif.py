"""What would be concluded of an engagement if something were otherwise, beside what is concluded now. The engagement is only read.

Facts come from tables/ where these stand, and else from the evidence, read into memory. No lock is taken and no file is written, so that
another command may be at work: what it changes meanwhile is seen by digests, and everything is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor import assessment, attention, judgements, run
from assessor import engagement as engagements
from assessor.assessment import Assessment
from assessor.comparison.conclusions import Change, difference
from assessor.engagement import Engagement, Terms
from assessor.errors import EngagementError, SuppositionError
from assessor.evidence import build, register
from assessor.procedures.facts import Facts
from assessor.results import ProcedureResult, Question, worst
from assessor.supposing import owners, supply, terms, vocabulary
from assessor.supposing.known import Entities, NotKnown, Suppliers
from assessor.supposing.vocabulary import Scenario, Supposition
from assessor.supposing.world import Told, World

if TYPE_CHECKING:
    import pandas as pd

_TURNS = 3
"""How often an engagement is read again that another command is changing."""
_ABOUT_JUDGEMENTS = ("judgement_stale", "judgement_ended", "judgement_orphaned")


@dataclass(frozen=True)
class Judgement:
    """A judgement of the ledger whose standing changes. `change`: "arises" or "settled"; `code`, `place` and `message` as `assessor check`
    tells them."""

    change: str
    code: str
    place: str
    message: str


@dataclass(frozen=True)
class Conclusion:
    """What a procedure concludes before and after, whether that differs or not; "" where it is not there."""

    procedure: str
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Outlook:
    """One scenario: what is supposed (`told`), what to know of it (`notes`), and what that changes."""

    title: str
    because: str
    source: str
    told: tuple[Told, ...]
    notes: tuple[str, ...]
    before: str  # the conclusion of all procedures together
    after: str
    conclusions: tuple[Conclusion, ...]
    changes: tuple[Change, ...]
    judgements: tuple[Judgement, ...]

    @property
    def changed(self) -> bool:
        """Whether anything but the wording of a reason would be otherwise."""
        return any(change.weighs for change in self.changes) or bool(self.judgements)


@dataclass(frozen=True)
class WhatIf:
    """Scenarios beside each other, in the order in which they were given."""

    engagement: str
    client: str
    outlooks: tuple[Outlook, ...]

    def _repr_html_(self) -> str:
        from assessor.supposing import showing

        return showing.html(self)

    def conclusions(self) -> pd.DataFrame:
        """One row a procedure: procedure, title, now, and a column for each scenario by its title."""
        import pandas as pd

        frame = pd.DataFrame(
            [{"procedure": c.procedure, "title": c.title, "now": c.before} for c in self.outlooks[0].conclusions]
        ).astype("string[pyarrow]")
        for number, outlook in enumerate(self.outlooks, 1):
            after = {c.procedure: c.after for c in outlook.conclusions}
            name = outlook.title if outlook.title not in frame else f"{outlook.title} ({number})"
            frame[name] = frame["procedure"].map(after).astype("string[pyarrow]")
        return frame

    def changes(self) -> pd.DataFrame:
        """One row a change that weighs: scenario, kind, change, procedure, clause, subject, what, before, after, and the words and the
        evidence of both sides."""
        import pandas as pd

        columns = ["scenario", "kind", "change", "procedure", "clause", "subject", "what"]
        columns += [f"{side}{name}" for side in ("before", "after") for name in ("", "_words", "_evidence")]
        listed = [
            {
                **{"scenario": outlook.title, "kind": c.kind, "change": c.change, "procedure": c.procedure},
                **{"clause": c.clause, "subject": c.subject, "what": c.what},
                **{
                    f"{name}{suffix}": value
                    for name, side in (("before", c.before), ("after", c.after))
                    if side is not None
                    for suffix, value in (
                        ("", side.outcome),
                        ("_words", side.words),
                        ("_evidence", "; ".join(side.evidence)),
                    )
                },
            }
            for outlook in self.outlooks
            for c in outlook.changes
            if c.weighs
        ]
        return pd.DataFrame(listed, columns=columns).astype("string[pyarrow]")


@dataclass(frozen=True)
class _Now:
    """An engagement as it stands: its facts and what is concluded of them."""

    facts: Facts
    results: list[ProcedureResult]
    questions: list[Question]


def what_if(
    engagement: Engagement | Assessment | Path | str,
    *supposed: Path | str | Mapping[str, Any],
    progress: Callable[[str], None] = lambda text: None,
) -> WhatIf:
    """What would be concluded if something were otherwise: one outlook for each scenario in files or mappings like them (see
    `assessor.supposing.vocabulary`). Writes nothing.

    Raises SuppositionError with everything that is wrong in what is supposed, and EngagementError where there is no evidence yet.
    """
    opened = engagement.engagement if isinstance(engagement, Assessment) else engagement
    opened = opened if isinstance(opened, Engagement) else engagements.find(opened)
    the_assessment = Assessment(opened)
    if not supposed:
        raise SuppositionError("What-if", ["Nothing is supposed; name a file or give a mapping."])
    sources = [each if isinstance(each, Mapping) else Path(each) for each in supposed]
    scenarios = _all(sources, lambda source: vocabulary.read(source, the_assessment.rule))
    progress("reading the facts, and what is concluded of them")
    now = _read(opened)
    worlds = _all(scenarios, lambda scenario: [_suppose(now, scenario)])
    outlooks = []
    for number, (scenario, world) in enumerate(zip(scenarios, worlds, strict=True), 1):
        progress(f"[{number}/{len(scenarios)}] {scenario.title}")
        outlooks.append(_outlook(now, scenario, world))
    return WhatIf(now.facts.terms.id, now.facts.terms.client_name, tuple(outlooks))


def _all(each: Sequence[Any], do: Callable[[Any], list[Any]]) -> list[Any]:
    """What is made of each, or one error with everything that is wrong in all of them."""
    made: list[Any] = []
    wrong: list[SuppositionError] = []
    for one in each:
        try:
            made += do(one)
        except SuppositionError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise SuppositionError("What-if", [str(error) for error in wrong])
    return made


def _read(engagement: Engagement) -> _Now:
    """Facts and results that belong together, although another command may be writing them."""
    for _ in range(_TURNS):
        before = assessment.facts_digest(engagement)
        opened = Assessment(engagement)
        facts, results = _facts(opened), _stored(engagement)
        if assessment.facts_digest(engagement) != before or (results and not run.results_stand(engagement)):
            continue
        results = results or assessment.conclusions(facts)
        return _Now(facts, results, assessment.questions(results))
    raise EngagementError(f"Another command is changing {engagement.root}; wait until it has ended.")


def _facts(opened: Assessment) -> Facts:
    """The facts from the tables, or from the evidence where the tables are not of it as it is."""
    engagement = opened.engagement
    if not engagement.register.exists() or run.tables_stand(engagement):
        return opened.facts
    listed, ledger = register.read(engagement.register), judgements.read(engagement.ledger)
    built = build.build_tables(engagement.root, listed, opened.rule, build.by_hand(ledger))
    return Facts(opened.terms, opened.rule, built.tables, built.register, ledger)


def _stored(engagement: Engagement) -> list[ProcedureResult]:
    """The results of the last run where they are what a run would give now; else none."""
    return assessment.stored(engagement) if run.results_stand(engagement) else []


def _suppose(now: _Now, scenario: Scenario) -> World:
    """The facts with what a scenario supposes. Raises SuppositionError with everything that is wrong."""
    world = World.of(now.facts, scenario.from_model_year)
    known, suppliers = Entities.of(now.facts), Suppliers.of(now.facts)
    touched: dict[str, Supposition] = {}
    for s in scenario.suppositions:
        try:
            _apply(world, known, suppliers, now.questions, s)
            if s.part == "owner":
                touched.setdefault(known.find(s.told["subject"]), s)
        except NotKnown as error:
            world.wrong(s, str(error))
    if touched and not world.problems:
        owners.beyond_the_whole(world, known, world.supposed(), touched)
    if world.from_model_year is not None:
        world.restrict()
        if not any(
            (world.tables[t]["model_year"] >= world.from_model_year).any() for t in ("transactions", "vehicles")
        ):
            world.problems.append(
                f"`from_model_year`: nothing in evidence is of model year {world.from_model_year} or later; suppose a vehicle line or "
                "transactions ([[fact]] with add), or leave it out."
            )
    if world.problems:
        raise SuppositionError(scenario.source, world.problems)
    return world


def _apply(world: World, known: Entities, suppliers: Suppliers, asked: list[Question], s: Supposition) -> None:
    match s.part:
        case "rule":
            terms.of_the_rule(world, s)
        case "date":
            terms.days(world, s)
        case "criteria":
            terms.criteria(world, s)
        case "entity":
            owners.entity(world, known, s)
        case "owner":
            owners.owner(world, known, s)
        case "authorization":
            terms.authorization(world, s)
        case "declaration":
            terms.declaration(world, s)
        case "fact":
            terms.fact(world, s)
        case "supplier":
            supply.replaced(world, known, suppliers, s)
        case "answer":
            terms.answer(world, s, known, asked)


def _outlook(now: _Now, scenario: Scenario, world: World) -> Outlook:
    if scenario.from_model_year is not None:
        now = _part(now, world)
    facts = world.supposed()
    results = assessment.conclusions(facts)
    asked = assessment.questions(results)
    for s in scenario.suppositions:
        if s.part == "answer":
            terms.unasked(world, s, now.questions, asked)
    if world.problems:
        raise SuppositionError(scenario.source, world.problems)
    return Outlook(
        scenario.title,
        scenario.because,
        scenario.source,
        tuple(world.told),
        tuple(world.notes),
        str(worst(result.conclusion for result in now.results)),
        str(worst(result.conclusion for result in results)),
        _side_by_side(now.results, results),
        difference(now.results, results),
        _judgements(_standing(now.facts.terms, now.results, now.facts), _standing(facts.terms, results, facts)),
    )


def _part(now: _Now, world: World) -> _Now:
    """The engagement as it stands with vehicles and transactions from a model year on alone, to which what is supposed is compared."""
    part = World.of(now.facts, world.from_model_year)
    part.part_of = frozenset(question.key for question in now.questions if question.state == "answered")
    part.restrict()
    t = world.tables["transactions"]
    unknown = int(t["model_year"].isna().sum())
    left = f", {unknown} of them of a model year that is not stated" if unknown else ""
    world.notes.append(
        f"Looked at, before and after, are the {len(world.tables['vehicles'])} vehicle lines, {len(world.tables['declarations'])} declarations "
        f"and {len(t)} transactions of model year {world.from_model_year} and later{left}; what is concluded of earlier ones stays as it is."
    )
    facts = part.supposed()
    results = assessment.conclusions(facts)
    asked = assessment.questions(results)
    world.part_of, world.digests = part.part_of, {question.key: question.facts_digest for question in asked}
    return _Now(facts, results, asked)


def _side_by_side(before: list[ProcedureResult], after: list[ProcedureResult]) -> tuple[Conclusion, ...]:
    was, now = ({result.procedure: result for result in results} for results in (before, after))
    return tuple(
        Conclusion(
            name,
            (was.get(name) or now[name]).title,
            str(was[name].conclusion) if name in was else "",
            str(now[name].conclusion) if name in now else "",
        )
        for name in dict.fromkeys([*was, *now])
    )


def _standing(the_terms: Terms, results: list[ProcedureResult], facts: Facts) -> dict[tuple[str, str], str]:
    """What stands against judgements of the ledger: code and place -> message."""
    told = attention.in_judgements(the_terms, results, facts.ledger)
    told += [attention.in_question(q) for q in assessment.questions(results) if q.state == "stale"]
    return {(p["code"], p["place"]): p["message"] for p in told if p["code"] in _ABOUT_JUDGEMENTS}


def _judgements(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> tuple[Judgement, ...]:
    arising = [Judgement("arises", *key, after[key]) for key in sorted(after.keys() - before.keys())]
    return tuple(arising + [Judgement("settled", *key, before[key]) for key in sorted(before.keys() - after.keys())])
