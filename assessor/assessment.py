"""One assessment: from the register to tables, from tables through the procedures to results.

Notebooks and commands both come here, so that every number in a notebook can be had without one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

import pandas as pd

from assessor import engagement as engagements
from assessor import files, judged, judgements, requests, resources, rule
from assessor.engagement import Engagement, Terms
from assessor.errors import AssessorError, EngagementError, RuleError
from assessor.evidence import build, register, tables
from assessor.procedures import s315_recommendations
from assessor.procedures.facts import Facts
from assessor.results import Outcome, ProcedureResult, Question, canonical, from_json, to_json, worst

STAGES: dict[str, tuple[str, ...]] = {
    "01_evidence": ("s315_evidence", "s315_scope_of_work", "s315_methodology"),
    "02_scope": ("s301_scope", "s308_exemptions"),
    "03_suppliers": ("s315_suppliers",),
    "04_prohibitions": ("s302_hardware", "s303_software", "s304_manufacturer"),
    "05_declarations": (
        "s305_declarations",
        "s306_general_authorizations",
        "s307_specific_authorizations",
        "s315_authorizations",
        "s310_opinions",
        "s311_notices",
    ),
    "06_policies": ("s315_policies", "s312_records", "s315_populations", "s314_confidentiality", "s315_assessor"),
    "07_conclusions": (),
}
"""The notebooks in reading order, and the procedures that each one runs."""

TABLES = "tables"
"""The stage before them, in which the evidence is read."""
WITHOUT_NOTEBOOK = " without notebook"
"""What stands behind a stage's name in run.json where its procedures were run alone."""

LAST_STEP = "s315_recommendations"
"""What looks at the findings of all procedures, and so is none of them; its result stands beside theirs."""


class Procedure(Protocol):
    """What a module must offer to be a procedure."""

    CLAUSE: str
    TITLE: str

    def run(self, facts: Facts) -> ProcedureResult:
        """Test the facts against the clause."""


@cache
def procedures() -> dict[str, Procedure]:
    """All procedures by name, in the order of the work: ours, then those that firms add (entry point
    `assessor.procedures`)."""
    found = {
        name: cast(Procedure, importlib.import_module(f"assessor.procedures.{name}"))
        for names in STAGES.values()
        for name in names
    }
    for point in sorted(entry_points(group="assessor.procedures"), key=lambda point: point.name):
        if point.name in found:
            raise RuleError(
                f"The entry point `{point.name}` of {point.dist and point.dist.name} has the name of a procedure of ours; rename it."
            )
        found[point.name] = point.load()
    return found


def procedure(name: str) -> Procedure:
    """The procedure `name`. Raises RuleError naming those that exist."""
    if name not in procedures():
        raise RuleError(f"There is no procedure `{name}`; choose among {', '.join(procedures())}.")
    return procedures()[name]


class Assessment:
    """An engagement opened for work: its facts, its procedures, its results."""

    def __init__(self, engagement: Engagement) -> None:
        self.engagement = engagement
        self.terms: Terms = judged.with_responses(engagement.terms(), judgements.read(engagement.ledger))
        self.rule: rule.Rule = rule.load(self.terms.rule_version)

    @cached_property
    def facts(self) -> Facts:
        """The facts as they stand in tables/ and in the ledger."""
        return _handed_down(self.engagement) or facts(self.engagement, self.terms, self.rule)

    def problems(self) -> pd.DataFrame:
        """Problems met while reading the evidence: source, place, message."""
        return tables.read(self.engagement.tables / "problems.parquet")

    def perform(self, name: str, *, save: bool = True) -> ProcedureResult:
        """Run one procedure and keep its result in results/."""
        result = perform(name, self.facts)
        if save:
            files.write_text(self.engagement.results / f"{name}.json", to_json(result))
        return result

    def conclude(self) -> ProcedureResult:
        """Take the last step, over the findings that are there, and keep its result in results/."""
        target = self.engagement.results / f"{judged.DRAFTED}.json"
        if (own := judged.drafted(self.facts.ledger)) is None:
            target.unlink(missing_ok=True)
        else:
            files.write_text(target, to_json(own))
        result = conclude(self.facts, stored(self.engagement))
        files.write_text(self.engagement.results / f"{LAST_STEP}.json", to_json(result))
        return result

    def requests(self) -> list[requests.Request]:
        """The client's request list as it stands now; what is no longer asked comes last."""
        listed = register.read(self.engagement.register)
        return requests.of(self.engagement, self.terms, self.results(), judgements.read(self.engagement.ledger), listed)

    def results(self) -> list[ProcedureResult]:
        """The results that are there, in the order of the work, findings and requests numbered."""
        return numbered(stored(self.engagement), requests.known(self.engagement))


def open_assessment(folder: Path | str) -> Assessment:
    """Open the engagement in `folder`."""
    return Assessment(engagements.find(folder))


def build_tables(engagement: Engagement, the_rule: rule.Rule) -> build.Built:
    """Read all evidence into tables/ and note in the register what could be read.

    Raises EngagementError when nothing has been delivered yet.
    """
    if not engagement.register.exists():
        raise EngagementError(
            f"{engagement.root} has no evidence yet; take a delivery in with `assessor intake {engagement.root} PACKAGE`."
        )
    ledger = judgements.read(engagement.ledger)
    built = build.build_tables(engagement.root, register.read(engagement.register), the_rule, build.by_hand(ledger))
    engagement.tables.mkdir(exist_ok=True)
    for name, content in {**built.tables, "problems": built.problems}.items():
        with files.replacing(engagement.tables / f"{name}.parquet") as temporary:
            tables.write(content, temporary)
    register.write(engagement.register, built.register)
    return built


def facts(engagement: Engagement, terms: Terms, the_rule: rule.Rule) -> Facts:
    """The facts from tables/, the register and the ledger."""
    missing = [name for name in tables.SCHEMAS if not (engagement.tables / f"{name}.parquet").exists()]
    if missing:
        raise EngagementError(f"{engagement.tables} lacks {', '.join(missing)}; run `assessor run {engagement.root}`.")
    return Facts(
        terms=terms,
        rule=the_rule,
        tables={name: tables.read(engagement.tables / f"{name}.parquet") for name in tables.SCHEMAS},
        register=register.read(engagement.register),
        ledger=judgements.read(engagement.ledger),
    )


@dataclasses.dataclass(frozen=True)
class _Kept:
    """Facts that processes forked from `process` may take: those read from files with this digest in this folder."""

    process: int
    folder: Path
    digest: str
    facts: Facts


_kept: list[_Kept] = []


@contextmanager
def hold(engagement: Engagement) -> Iterator[Assessment]:
    """The assessment of an engagement whose tables stand. While the block runs, a process forked from this one that opens the same
    engagement has its facts at once, with what several stages derive from them, unless a file that they were read from has changed.

    What such a process does to them stays in it: memory is copied when it is written to.
    """
    before = facts_digest(engagement)
    assessment = Assessment(engagement)
    with suppress(AssessorError):  # whoever needs the facts will say what is wrong with them
        kept = _Kept(os.getpid(), engagement.root.resolve(), before, assessment.facts)
        if facts_digest(engagement) == before:
            _kept.append(kept)
    try:
        yield assessment
    finally:
        _kept.clear()


def prepare(the_facts: Facts) -> None:
    """Derive what more than one stage needs, before processes are forked that would each derive it."""
    from assessor.procedures import s307_specific_authorizations, s312_records, s315_populations

    for derive in (
        s307_specific_authorizations.covered,
        s312_records.indexed,
        s315_populations.tested,
    ):  # which go through all the rest
        with suppress(Exception):  # the procedure that needs it fails in its own place
            the_facts.of(derive)


def _handed_down(engagement: Engagement) -> Facts | None:
    """The facts that the process from which this one was forked holds of an engagement. They are given once: who opens the engagement
    again gets facts of its own, as everywhere."""
    if not _kept or _kept[0].process == os.getpid():
        return None
    kept = _kept.pop()
    fits = engagement.root.resolve() == kept.folder and facts_digest(engagement) == kept.digest
    return kept.facts if fits else None


def facts_digest(engagement: Engagement) -> str:
    """SHA-256 of all files that facts are read from, by their content."""
    read = [engagement.terms_file, engagement.register, engagement.ledger, *sorted(engagement.tables.glob("*.parquet"))]
    digests = [(path.name, files.sha256(path)) for path in read if path.is_file()]
    return hashlib.sha256(canonical(digests)).hexdigest()


def perform(name: str, the_facts: Facts) -> ProcedureResult:
    """Run one procedure on facts, and hold it to the words for results: a pass has evidence, anything else a reason. Outcomes that the
    assessor set stand in the place of the procedure's, and judgements that no longer count are told among its limitations.

    Raises RuleError when the procedure breaks that contract, which is an error of the procedure.
    """
    return _judged(name, the_facts, procedure(name).run)


def conclude(the_facts: Facts, results: Iterable[ProcedureResult]) -> ProcedureResult:
    """The last step: each finding's recommendations as applicable to each transaction, held to the same contract and judged likewise."""
    findings = [finding for result in results if result.procedure != LAST_STEP for finding in result.findings]
    return _judged(LAST_STEP, the_facts, lambda facts: s315_recommendations.run(facts, findings))


def _judged(name: str, the_facts: Facts, run: Callable[[Facts], ProcedureResult]) -> ProcedureResult:
    with the_facts.stale_answers() as stale:
        found = _held(name, the_facts, run(the_facts))
    found = judged.overridden(found, the_facts.ledger, the_facts.terms.dated)
    told = [judged.stale_words(question) for _, question in sorted(stale.items())]
    return dataclasses.replace(found, limitations=(*found.limitations, *told)) if told else found


def conclusions(the_facts: Facts) -> list[ProcedureResult]:
    """The results of all procedures on facts, with what the assessor drafted and the last step, in the order of the work. Nothing is
    written."""
    found = [perform(name, the_facts) for name in procedures()]
    drafted = judged.drafted(the_facts.ledger)
    found += [drafted] if drafted else []
    return [*found, conclude(the_facts, found)]


def _held(name: str, the_facts: Facts, result: ProcedureResult) -> ProcedureResult:
    for test in result.tests:
        if test.outcome is Outcome.CONFORMS and not test.evidence:
            raise RuleError(
                f"Procedure {name} passes {test.clause} for {test.subject} without evidence; that is an error in the procedure."
            )
        if not test.reason:
            raise RuleError(
                f"Procedure {name} gives no reason for {test.clause}, {test.subject}; that is an error in the procedure."
            )
    if not result.reason:
        raise RuleError(f"Procedure {name} gives no reason for its conclusion; that is an error in the procedure.")
    return dataclasses.replace(
        result,
        procedure=name,
        findings=tuple(dataclasses.replace(finding, procedure=name) for finding in result.findings),
        requests=tuple(dataclasses.replace(request, procedure=name) for request in result.requests),
        questions=tuple(dataclasses.replace(question, procedure=name) for question in result.questions),
        text_defects=tuple(defect.words for defect in the_facts.rule.defects_in(result.clauses)),
    )


def stored(engagement: Engagement) -> list[ProcedureResult]:
    """The results in results/, in the order of the work."""
    found = {path.stem: path for path in engagement.results.glob("*.json") if path.stem != "results"}
    order = [name for name in (*procedures(), judged.DRAFTED, LAST_STEP) if name in found]
    return [from_json(found[name].read_text("utf-8")) for name in order]


def numbered(
    results: Iterable[ProcedureResult], known: Mapping[requests.Name, str] = MappingProxyType({})
) -> list[ProcedureResult]:
    """The results with findings (F-01 …) and requests (R-01 …) numbered through, in the order given.

    Requests of several procedures that are one entry of the client's list have its number, and those `known` from an earlier list
    the number that they had there.
    """
    results = list(results)
    listed = requests.listed(results, known)
    places = iter(requests.numbers([asked for result in results for asked in result.requests]))
    finding, out = 0, []
    for result in results:
        findings = []
        for found in result.findings:
            finding += 1
            findings.append(dataclasses.replace(found, id=f"F-{finding:02d}"))
        asked = tuple(dataclasses.replace(each, id=listed[next(places) - 1].id) for each in result.requests)
        out.append(dataclasses.replace(result, findings=tuple(findings), requests=asked))
    return out


def questions(results: Iterable[ProcedureResult]) -> list[Question]:
    """Every question asked, once each, sorted by id and subject."""
    return sorted({q.key: q for result in results for q in result.questions}.values(), key=lambda q: q.key)


_OF_THE_LEDGER = ("due", "state", "stale", "because", "by", "at", "items", "proposals", "asked", "standing")
"""What the ledger says of a request, which is no part of the results."""


def collect(assessment: Assessment) -> dict[str, object]:
    """Take the last step, write results/results.json from the single results and return its content."""
    assessment.conclude()
    results = assessment.results()
    content: dict[str, object] = {
        "engagement": assessment.terms.id,
        "client": assessment.terms.client_name,
        "dated": assessment.terms.dated,
        "rule_version": assessment.terms.rule_version,
        "conclusion": worst(result.conclusion for result in results),
        "procedures": [
            {
                "procedure": r.procedure,
                "clause": r.clause,
                "title": r.title,
                "conclusion": r.conclusion,
                "reason": r.reason,
            }
            for r in results
        ],
        "findings": [{**dataclasses.asdict(f), "key": f.key} for r in results for f in r.findings],
        "requests": [
            {name: told for name, told in requests.row(q).items() if name not in _OF_THE_LEDGER}
            for q in requests.listed(results)
        ],
        "questions": [
            {**dataclasses.asdict(q), "key": q.key, "facts_digest": q.facts_digest} for q in questions(results)
        ],
    }
    files.write_text(assessment.engagement.results / "results.json", to_json(content))
    requests.remember(assessment.engagement, results, assessment.facts.register)
    return content


def evidence_digest(engagement: Engagement) -> str:
    """SHA-256 of everything that the tables follow from: what was delivered, what people read from pictures, the rule's version and
    the toolkit's code.

    The register counts by its immutable part (item, digest), since reading the evidence fills in the rest.
    """
    rows = register.read_rows(engagement.register)
    parts = {
        "evidence": sorted((row.id, row.path, str(row.sha256)) for row in rows),
        "readings": [entry.hash for entry in judgements.read(engagement.ledger).in_force("reading")],
        "rule_version": engagement.terms().rule_version,
        "toolkit": toolkit_digest(),
    }
    return hashlib.sha256(canonical(parts)).hexdigest()


def inputs_digest(engagement: Engagement) -> str:
    """SHA-256 of everything that results follow from: the tables' inputs, terms and judgements."""
    parts = {
        "evidence": evidence_digest(engagement),
        "terms": files.sha256(engagement.terms_file),
        "ledger": judgements.read(engagement.ledger).digest,
    }
    return hashlib.sha256(canonical(parts)).hexdigest()


@cache
def toolkit_digest() -> str:
    """SHA-256 over the toolkit's own code, rule data and notebooks."""
    package, notebooks = Path(__file__).parent, resources.folder("notebooks")
    listed = [(p, package) for p in package.rglob("*") if p.suffix in (".py", ".yaml") and "_resources" not in p.parts]
    listed += [(p, notebooks) for p in notebooks.rglob("*") if p.suffix in (".ipynb", ".j2")]
    return hashlib.sha256(
        canonical(sorted((p.relative_to(root).as_posix(), files.sha256(p)) for p, root in listed))
    ).hexdigest()
