"""Paragraph by paragraph: which procedures test it, which questions ask about it, which cases hold it.

Nothing of this is listed by hand. A procedure covers the clauses that its code names (its own module and the helper modules
that it imports), a question the clause that its wording stands under, a case the clauses that it names or, when it names
none, the section of its procedure. A paragraph is accounted for when something covers it or a paragraph that it stands in
or that stands in it, or when it is background: for BIS or the client, not for an assessor.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessor import resources
from assessor.assessment import LAST_STEP, procedures
from assessor.errors import AssessorError
from assessor.procedures import s315_recommendations
from assessor.results import ProcedureResult
from assessor.rule import GeneralAuthorization, Lead, Rule

_HERE = Path(__file__).parent / "procedures"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECTION = re.compile(r"791\.3\d\d")


@dataclass(frozen=True)
class Covered:
    """One clause with what covers it; `cases` are (file, name)."""

    clause: str
    title: str
    assessment: str
    procedures: tuple[str, ...]
    questions: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]

    @property
    def accounted(self) -> bool:
        """Whether something tests it or asks about it, or nothing has to."""
        return bool(self.procedures or self.questions) or self.assessment == "background"


def coverage(rule: Rule) -> list[Covered]:
    """Every clause of the rule, in its order, with what covers it."""
    ids = tuple(rule.clauses)
    tested = {name: named(name, ids) for name in procedures()}
    tested[LAST_STEP] = named(LAST_STEP, ids, helpers=False)  # it looks through them at what others have tested
    asked = {question.id: question.clause for question in rule.questions.values()}
    cases = [(file, name, set(clauses)) for file, name, clauses in _cases(ids)]
    return [
        Covered(
            clause=id,
            title=clause.title,
            assessment=clause.assessment,
            procedures=tuple(name for name, clauses in tested.items() if _touches(id, clauses)),
            questions=tuple(sorted(name for name, clause_id in asked.items() if _touches(id, [clause_id]))),
            cases=tuple((file, name) for file, name, clauses in cases if _touches(id, clauses)),
        )
        for id, clause in rule.clauses.items()
    ]


def covered(rule: Rule, clause: str) -> Covered:
    """The coverage of one clause. Raises RuleError when the rule has none of that id."""
    wanted = rule.clause(clause).id
    return next(entry for entry in coverage(rule) if entry.clause == wanted)


def touched(rule: Rule, matrix: list[Covered], paragraph: str) -> dict[str, list[Any]]:
    """What a change of a paragraph touches, by the `coverage` of all: `constants`, `procedures`, `questions` and `cases` of the clauses in it; where these
    have none, those of the paragraph or section that it stands in. Empty lists for a paragraph that the rule data do not know."""
    own = [entry for entry in matrix if rule.paragraph_of(entry.clause) == paragraph]
    around = paragraph
    while not any(entry.procedures or entry.questions or entry.cases for entry in own) and "(" in around:
        around = around.rpartition("(")[0]
        own = [*own, *(entry for entry in matrix if entry.clause == around)]
    names = {name for entry in own for name in rule.clause(entry.clause).dates}
    return {
        "constants": sorted(names),
        "procedures": sorted({name for entry in own for name in entry.procedures}),
        "questions": sorted({name for entry in own for name in entry.questions}),
        "cases": sorted({case for entry in own for case in entry.cases}),
    }


def led_to(results: Iterable[ProcedureResult], clause: str) -> dict[str, list[Any]]:
    """What a clause led to in an engagement: tests, findings, requests, questions and entries of the calendar under it."""
    found: dict[str, list[Any]] = {"tests": [], "findings": [], "requests": [], "questions": [], "deadlines": []}
    for result in results:
        found["tests"] += [test for test in result.tests if _within(test.clause, clause)]
        found["findings"] += [f for f in result.findings if any(_within(c, clause) for c in f.clauses)]
        found["requests"] += [request for request in result.requests if _within(request.clause, clause)]
        found["questions"] += [question for question in result.questions if _within(question.clause, clause)]
        found["deadlines"] += [row for row in result.tables.get("deadlines", ()) if _within(row["clause"], clause)]
    return found


def shown_clause(rule: Rule, clause: str, results: Iterable[ProcedureResult] | None) -> dict[str, Any]:
    """All there is on one clause: `clause`, its `coverage`, what it led to in an `engagement` (empty without results) and, for
    §791.306(b), the `authorizations` known and what is `reported` of their conditions. Raises RuleError for an unknown clause."""
    told = rule.clause(clause)
    known = _within("791.306(b)", told.id)
    return {
        "clause": told,
        "coverage": covered(rule, told.id),
        "engagement": {} if results is None else led_to(results, told.id),
        "authorizations": list(rule.authorizations.values()) if known else [],
        "reported": list(rule.reported_conditions) if known else [],
    }


def clause_lines(rule: Rule, shown: Mapping[str, Any]) -> list[str]:
    """What `shown_clause` gave as lines for people."""
    told, entry = shown["clause"], shown["coverage"]
    lines = [f"§{told.id}  {told.title}  [{told.assessment}]", told.statement]
    lines += [f"Note: {told.note}"] if told.note else []
    lines += [f"Defect of the text {d.id}: {d.wrong} {d.handling}" for d in rule.defects(told.id)]
    lines += [f"{name}: {rule.constant(name)} ({rule.constant_source(name)})" for name in told.dates]
    lines += ["See also: " + ", ".join(f"§{other}" for other in told.related)] if told.related else []
    lines += _authorization_lines(shown["authorizations"], shown["reported"])
    lines.append("Procedures: " + (", ".join(entry.procedures) or "none"))
    lines += [f"Question {name}: {rule.question(name).asked}" for name in entry.questions]
    lines += [f"Cases ({len(entry.cases)}):", *(f"  {file}: {name}" for file, name in entry.cases)]
    for kind, found in shown["engagement"].items():
        lines += [f"{kind.capitalize()} in this engagement ({len(found)}):", *(f"  {_led(kind, one)}" for one in found)]
    return lines


def _authorization_lines(known: Iterable[GeneralAuthorization], reported: Iterable[Lead]) -> list[str]:
    lines = []
    for authorization in known:
        lines.append(f"General Authorization No. {authorization.number}, {authorization.title}")
        for version in authorization.versions:
            digest = f"SHA-256 {version.letter_sha256}" if version.letter_sha256 else "letter's digest not known"
            places = "; ".join(f"{p.where.replace('_', ' ')}: {p.place} ({p.grade})" for p in version.published)
            lines.append(f"  version {version.event} {version.known} ({version.grade}: {version.source}); {digest}")
            lines.append(f"    published: {places or 'place not known'}")
            for lead in reported:
                if (lead.number, lead.version) == (authorization.number, version.known):
                    doubt = "unconfirmed, " if lead.unconfirmed else ""
                    lines.append(f"    reported ({doubt}{lead.grade}), the letter decides: {lead.statement}")
        lines += [f"  asked: {point.asks} ({point.grade}: {point.source})" for point in authorization.eligibility]
    return lines


def _led(kind: str, one: Any) -> str:
    if kind == "tests":
        return f"{one.outcome}: {one.subject}: {one.reason}"
    if kind == "findings":
        return f"{one.id} {one.title}"
    if kind == "deadlines":
        return f"{one['date'] or one['state']}: {one['what']}"
    return f"{one.id} {one.what}" if kind == "requests" else f"{one.state}: {one.asked}"


@cache
def named(procedure: str, ids: tuple[str, ...], *, helpers: bool = True) -> frozenset[str]:
    """The clauses that a procedure's code names, its helper modules included."""
    found: set[str] = set()
    for path in _modules(procedure) if helpers else [_HERE / f"{procedure}.py"]:
        found |= _cited(ast.parse(path.read_text("utf-8")), ids)
    return frozenset(found)


def _modules(procedure: str) -> list[Path]:
    """The file of a procedure of ours and of the helpers it imports; those of other procedures are theirs. A procedure that a
    firm added has none here."""
    start = _HERE / f"{procedure}.py"
    queue, seen = [start] if start.exists() else [], set[Path]()
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("assessor.procedures"):
                continue
            last = str(node.module).rpartition(".")[2]
            names = [alias.name for alias in node.names] if last == "procedures" else [last]
            helpers = [_HERE / f"{name}.py" for name in names if not re.match(r"s\d{3}_", name)]
            queue += [helper for helper in helpers if helper.exists()]
    return sorted(seen)


def _cited(tree: ast.Module, ids: tuple[str, ...]) -> set[str]:
    """Clause ids in the texts of a module, its docstrings left out. A text that is put together stands for every clause that
    begins like its written part."""
    docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    pattern = _pattern(ids)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values]
            for start in re.findall(r"791\.3\d\d[^\0§;.]*(?=\0)", "".join(parts)):
                if not pattern.fullmatch(start.strip(" (")) or start.endswith("("):
                    found |= {clause for clause in ids if clause.startswith(start) and clause != start}
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found |= set(pattern.findall(node.value))
    return found


@cache
def _pattern(ids: tuple[str, ...]) -> re.Pattern[str]:
    listed = sorted(ids, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, listed)) + r")(?![\w(])")


@cache
def _cases(ids: tuple[str, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every YAML case: its file, its name, and the clauses it stands for. None where an installation has no cases."""
    try:
        folder = resources.folder("cases")
    except AssessorError:
        return []
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for path in sorted(folder.glob("*.yaml")):
        told = yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 (both are safe loaders)  # nosec B506
        if not isinstance(told, Mapping) or "procedure" not in told:
            continue
        modules: dict[str, Any] = {**procedures(), LAST_STEP: s315_recommendations}
        section = getattr(modules.get(str(told["procedure"])), "CLAUSE", "")
        for case in told["cases"]:
            clauses = _pattern(ids).findall(yaml.safe_dump(case, allow_unicode=True, width=10_000))
            found.append((path.name, str(case["name"]), tuple(clauses) or (section,)))
    return found


def _touches(clause: str, others: Iterable[str]) -> bool:
    """Whether one of the clauses is this one, stands in it, or is the paragraph that it stands in (not the whole section)."""
    return any(_within(other, clause) or (_within(clause, other) and not _SECTION.fullmatch(other)) for other in others)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or (inner.startswith(outer) and inner[len(outer)] in "( ,")
