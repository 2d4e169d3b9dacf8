"""Every point that the rule leaves to a person has its question, worded so that it suggests no answer."""

from __future__ import annotations

import re

import pytest

from assessor.rule import QuestionText, load

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
