"""What a workpaper shows of a result."""

from __future__ import annotations

from assessor import workpapers
from assessor.results import Outcome, ProcedureResult, Question

HOSTILE = "<script>alert(1)</script> & 青岚"


def page(**facts: object) -> str:
    question = Question(
        "maintainer", "tq", "791.301", "Did they?", "", ("yes", "no"), facts, shows=("contracts", HOSTILE)
    )
    found = ProcedureResult("p", "791.301", "T", Outcome.INCONCLUSIVE, "r", "one", (), (), questions=(question,))
    return workpapers.result(found)._repr_html_()


def test_a_question_stands_with_the_facts_shown_and_the_material_to_look_at() -> None:
    told = page(component="tq", events=[{"made": "2024-09-02", "by": None}], nothing=None, empty=[])
    assert "component: tq; events: made 2024-09-02" in told
    assert "contracts; &lt;script&gt;alert(1)&lt;/script&gt; &amp; 青岚" in told
    assert "nothing" not in told and "empty" not in told


def test_long_facts_are_cut_with_a_word_on_where_the_rest_is_and_stay_text() -> None:
    told = page(names=[HOSTILE] * 100)
    assert "more in results/" in told and "<script>" not in told
