"""The rule as data: clauses, dated constants, countries and the neutral wording of questions, with a small reader."""

from assessor.rule.reader import Clause, QuestionText, Rule, load

__all__ = ["Clause", "QuestionText", "Rule", "load"]
