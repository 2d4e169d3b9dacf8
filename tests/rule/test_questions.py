"""Every point that the rule leaves to a person has its question, worded so that it suggests no answer."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from assessor import procedures
from assessor.comparison import asking, firms
from assessor.evidence.tables import SCHEMAS
from assessor.rule import QuestionText, load
from tests.ownership.tables import company, judge, person, stake

RULE = load()

POINTS = {
    "knowingly": "knowingly",
    "wilful avoidance": "wilful_avoidance",
    "dominant minority": "dominant_minority",
    "power to determine, direct or decide important matters": "important_matters",
    "acting in concert": "acting_in_concert",
    "other means": "other_means",
    "financed or subsidised in majority part": "majority_financing",
    "principal place of business": "principal_place",
    "supervised or directed": "supervised_or_directed",
    "residence": "residence",
    "directly enables": "directly_enables",
    "directly connected": "directly_connected",
    "exclusively": "exclusively",
    "primary processing unit": "primary_processing_unit",
    "primary purpose of firmware": "firmware_primary_purpose",
    "modified for proprietary purposes and not redistributed": "modified_not_shared",
    "whether maintenance happened": "maintenance_happened",
    "maintenance, by whom": "maintainer",
    "maintenance by an entity of a foreign adversary": "legacy_maintenance",
    "material change that could reasonably mislead": "material_change",
    "all possible measures": "all_possible_measures",
    "adequacy of diligence": "diligence_adequate",
    "effectiveness of policies": "policy_effectiveness",
    "independence": "independence",
    "competence": "competence",
    "authorised signer": "authorised_signer",
    "as applicable to each transaction": "applicable_to_transaction",
    "passive antenna": "passive_antenna",
    "aftermarket device": "aftermarket_device",
    "status as confidential business information": "cbi_status",
    "legal ground of confidential treatment": "cbi_legal_ground",
}
"""Points that must be asked and never decided, each with the question that stands for it."""

OPENINGS = ("Does", "Do", "Did", "Is", "Are", "Was", "Were", "Has", "Have", "May")
LEADING = re.compile(
    r"should answer|the answer is|answer (?:yes|no)\b|[\"“'](?:yes|no|partly)[\"”']|n't\b"
    r"|\b(?:surely|obviously|clearly|of course|not true|right\?)",
    re.IGNORECASE,
)


def biases(question: QuestionText) -> list[str]:
    """What in a question's wording suggests an answer; empty when nothing does."""
    found = [f"“{match}”" for match in LEADING.findall(f"{question.asked} {question.guidance}")]
    if not question.asked.endswith("?") or "?" in question.asked[:-1]:
        found.append("it is not one question")
    if not question.asked.startswith(tuple(f"{word} " for word in OPENINGS)):
        found.append("it does not ask whether")
    if len(set(question.answers)) < 2:
        found.append("there is nothing to choose from")
    return found


@pytest.mark.parametrize(("point", "id"), POINTS.items(), ids=POINTS)
def test_every_point_that_must_be_asked_has_a_question(point: str, id: str) -> None:
    assert id in RULE.questions, f"nothing asks about: {point}"


def test_no_question_stands_for_two_points() -> None:
    assert len(set(POINTS.values())) == len(POINTS)


@pytest.mark.parametrize("question", RULE.questions.values(), ids=RULE.questions)
def test_a_question_is_neutral_and_names_the_material_to_show(question: QuestionText) -> None:
    assert biases(question) == []
    assert question.clause in RULE.clauses
    assert "{subject}" in question.asked
    assert question.guidance.strip().endswith(".")
    assert len(question.shows) >= 2 and len(set(question.shows)) == len(question.shows)
    assert all(isinstance(word, str) and word.strip() for word in question.shows)


@pytest.mark.parametrize(
    ("asked", "guidance"),
    [
        ("Is {subject} clearly independent?", "Consider fees."),
        ("Isn't {subject} independent?", "Consider fees."),
        ("{subject} is independent.", "Consider fees."),
        ("Is {subject} independent?", "The assessor should answer yes."),
        ("Is {subject} independent?", 'Both are needed for "no".'),
        ("Is {subject} independent? Is it paid?", "Consider fees."),
    ],
)
def test_a_wording_that_suggests_an_answer_is_found(asked: str, guidance: str) -> None:
    assert biases(QuestionText("x", "791.315(b)(2)", asked, guidance, ("yes", "no")))


def test_material_to_show_is_empty_where_none_is_named() -> None:
    assert QuestionText("x", "791.301", "Is {subject}?", "Look.", ("yes", "no")).shows == ()


# every question is put somewhere: the procedures name it where they ask, the rule's data name it, or the evidence raises it

PROCEDURES = Path(procedures.__file__).parent
PRC = company("cn", "CN")


def named_where_asked(source: str) -> set[str]:
    """The question ids that the code of a module hands to a call of `ask`, itself or through functions that pass them on."""
    tree = ast.parse(source)
    passing = {"ask": 0}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        parameters = [argument.arg for argument in function.args.args]
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            first = call.args[0] if call.args and _called(call) == "ask" else None
            if isinstance(first, ast.Name) and first.id in parameters:
                passing.setdefault(function.name, parameters.index(first.id))
    found: set[str] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        place = passing.get(_called(call))
        if place is not None and len(call.args) > place:
            found |= {
                node.value
                for node in ast.walk(call.args[place])
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def raised_by_ownership() -> set[str]:
    """The question ids that some ownership evidence raises, each by evidence that is about that point."""
    kinds = SCHEMAS["interests"]["kind"].allowed
    x, us, ru = company("x", principal_place="US"), person("us"), company("ru", "RU")
    p = person("p", "DE", us_status="none")
    evidence: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
        *(([PRC, x, us], [stake("us", "x", 1), stake("cn", "x", kind=kind)]) for kind in kinds),
        ([PRC, x], [stake("cn", "x", "0.3")]),
        ([PRC, ru, x, us], [stake("cn", "x", "0.3"), stake("ru", "x", "0.3"), stake("us", "x", "0.4")]),
        ([PRC, x, us], [stake("us", "x", "0.9"), stake("cn", "x", "0.1", details="veto over reserved matters")]),
        ([x, x | {"source": "E-0002", "principal_place": "RU"}], []),
        ([p, p | {"source": "E-0002", "residence": "CN"}], []),
    ]
    return {id for told in evidence for id, _, _ in judge(*told, aggregate=False).questions()}


@pytest.fixture(scope="module")
def asked() -> set[str]:
    found = raised_by_ownership() | {group.get("question", "") for group in RULE.data("hardware_parts")}
    for path in sorted(PROCEDURES.glob("*.py")):
        found |= named_where_asked(path.read_text("utf-8"))
    return found | {asking.MATERIAL, firms.RENAMED}  # put by a comparison; tests/comparison holds that


@pytest.mark.parametrize("id", RULE.questions)
def test_every_question_is_put_by_some_procedure_data_or_evidence(id: str, asked: set[str]) -> None:
    assert id in asked, f"nobody asks {id}: build it into a procedure, or take its wording out"


def test_a_question_that_only_stands_in_a_text_or_a_column_counts_as_asked_by_nobody() -> None:
    source = """
def run(facts):
    word, row["residence"] = "knowingly", facts.tables["residence"]
    put(facts, "independence", note)
    facts.ask("competence" if row else "team_member", "firm", {"topic": "proxy"})

def put(facts, id, note):
    note(facts.ask(id, "firm"))
"""
    assert named_where_asked(source) == {"independence", "competence", "team_member"}
