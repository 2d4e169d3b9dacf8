"""The rule as data: clauses, dated constants, countries and the neutral wording of questions, with a small reader."""

from assessor.rule.authorizations import AuthorizationVersion, GeneralAuthorization, Lead
from assessor.rule.reader import Clause, Defect, Neighbour, QuestionText, Rule, load

__all__ = [
    "AuthorizationVersion",
    "Clause",
    "Defect",
    "GeneralAuthorization",
    "Lead",
    "Neighbour",
    "QuestionText",
    "Rule",
    "load",
]
