"""The rule as data: clauses, dated constants, countries and the neutral wording of questions, with a small reader."""

from assessor.rule.reader import Clause, Defect, Neighbour, QuestionText, Rule, load

__all__ = ["Clause", "Defect", "Neighbour", "QuestionText", "Rule", "load"]
