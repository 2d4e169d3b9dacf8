"""The rule's data are whole: every reference leads somewhere, every constant has its source, no country is guessed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from assessor.errors import RuleError
from assessor.rule import load, reader

RULE = load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gvwr_lb", 10000),
        ("gvwr_kg", 4536),
        ("frequency_mhz", 450),
        ("legacy_line", date(2026, 3, 17)),
        ("software_model_year", 2027),
        ("manufacturer_model_year", 2027),
        ("hardware_model_year", 2030),
        ("hardware_import_date", date(2029, 1, 1)),
        ("declaration_lead_days", 60),
        ("revised_declaration_days", 60),
        ("eligibility_lost_days", 30),
        ("change_assessment_days", 30),
        ("outside_report_days", 30),
        ("confirmation_years", 1),
        ("change_duty_years", 10),
        ("record_years", 10),
        ("model_year_months", 24),
        ("authorization_decision_days", 90),
        ("advisory_opinion_days", 60),
        ("appeal_days", 45),
        ("effective", date(2025, 3, 17)),
    ],
)
def test_constants_are_those_of_the_text(name: str, value: object) -> None:
    assert RULE.constant(name) == value
    assert "90 FR 5360" in RULE.constant_source(name)


def test_a_constant_applies_from_its_day_and_not_before() -> None:
    assert RULE.constant("record_years", on=date(2025, 3, 17)) == 10
    with pytest.raises(RuleError, match="was not in force on 2025-03-16"):
        RULE.constant("record_years", on=date(2025, 3, 16))


def test_a_later_value_leaves_earlier_days_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {
        "x": {
            "clause": "791.301",
            "unit": "days",
            "values": [
                {"since": date(2025, 3, 17), "value": 10, "source": "first"},
                {"since": date(2030, 1, 1), "value": {"decimal": "10.5"}, "source": "second"},
            ],
        }
    }
    monkeypatch.setattr(reader, "_data", lambda name: changed)
    assert RULE.constant("x", on=date(2029, 12, 31)) == 10
    assert RULE.constant("x", on=date(2030, 1, 1)) == Decimal("10.5")
    assert RULE.constant_source("x") == "§791.301, days, second"


def test_every_clause_is_titled_stated_and_classed() -> None:
    assert len(RULE.clauses) >= 260
    for clause in RULE.clauses.values():
        assert re.match(r"791\.3([01]\d|2[01])\b", clause.id), clause.id
        assert clause.title and clause.statement.endswith("."), clause.id
        assert clause.assessment in reader.ASSESSMENTS, clause.id


def test_everything_that_cites_a_clause_cites_one_that_exists() -> None:
    cited = {q.clause for q in RULE.questions.values()}
    for name in ("constants", "policy_elements"):
        cited |= {entry["clause"] for entry in RULE.data(name).values()}
    cited |= {entry["clause"] for entry in RULE.data("hardware_parts")}
    cited |= {entry["clause"] for entry in RULE.data("countries")["sets"].values()}
    assert cited <= set(RULE.clauses), cited - set(RULE.clauses)


def test_questions_are_neutral_and_have_answers() -> None:
    assert len(RULE.questions) >= 34
    for question in RULE.questions.values():
        assert {"yes", "no"} <= set(question.answers), question.id
        assert "{subject}" in question.asked and question.asked.endswith("?"), question.id
        assert question.guidance.strip(), question.id


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("China", "CN"),
        ("CHINA ", "CN"),
        ("P.R.C.", "CN"),
        ("People's Republic of China", "CN"),
        ("中国", "CN"),
        ("cn", "CN"),
        ("Republic of China", "TW"),
        ("Taiwan, Republic of China", "TW"),
        ("R.O.C.", "TW"),
        ("臺灣", "TW"),
        ("Hong Kong SAR", "HK"),
        ("HongKong", "HK"),
        ("香港", "HK"),
        ("Macau", "MO"),
        ("Macao", "MO"),
        ("澳門", "MO"),
        ("РФ", "RU"),
        ("Российская Федерация", "RU"),
        ("Russian Federation", "RU"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("DPRK", "KP"),
        ("Norway", "NO"),
        ("NO", "NO"),
        ("Great Britain", "GB"),
        ("United States of America", "US"),
        ("ＣＮ", "CN"),
    ],
)
def test_a_country_is_known_by_its_exact_names(written: str, code: str) -> None:
    assert RULE.country(written) == code


@pytest.mark.parametrize(
    "written", ["Korea", "Congo", "Virgin Islands", "Chinatown", "PRC (South)", "Sino", "", "  ", "ZZ", None, 7]
)
def test_a_country_that_is_not_exactly_named_is_not_guessed(written: object) -> None:
    assert RULE.country(written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("中华人民共和国", "CN"),
        ("중국", "CN"),
        ("République populaire de Chine", "CN"),
        ("China, PRC", "CN"),
        ("中華民國", "TW"),
        ("Republic of China (Taiwan)", "TW"),
        ("대만", "TW"),
        ("中国香港特别行政区", "HK"),
        ("홍콩", "HK"),
        ("マカオ", "MO"),
        ("Russie", "RU"),
        ("ロシア連邦", "RU"),
        ("Belarus", "BY"),
        ("Белоруссия", "BY"),
        ("美国", "US"),
        ("США", "US"),
        ("Estados Unidos", "US"),
        ("Германия", "DE"),
        ("독일", "DE"),
        ("大韓民国", "KR"),
        ("Corée du Nord", "KP"),
        ("조선", "KP"),
        ("Vietnam", "VN"),
        ("Iran (Islamic Republic of)", "IR"),
        ("开曼群岛", "KY"),
        ("British Virgin Islands", "VG"),
    ],
)
def test_a_country_is_known_in_other_languages(written: str, code: str) -> None:
    assert RULE.country(written) == code


def test_a_territory_of_which_states_say_different_things_is_no_country_here() -> None:
    for name in RULE.data("countries")["undecided"]:
        assert RULE.country(name) is None and RULE.nationality(name) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Chinese", "CN"),
        ("CHINESE ", "CN"),
        ("Hong Konger", "HK"),
        ("Macanese", "MO"),
        ("Taiwanese", "TW"),
        ("Russian", "RU"),
        ("гражданин РФ", "RU"),
        ("British", "GB"),
        ("Scottish", "GB"),
        ("Irish", "IE"),
        ("American", "US"),
        ("South Korean", "KR"),
        ("North Korean", "KP"),
        ("Nigerian", "NG"),
        ("Nigerien", "NE"),
        ("Citizen Of The Dominican Republic", "DO"),
        ("Citizen of Dominica", "DM"),
        ("China", "CN"),
        ("DE", "DE"),
    ],
)
def test_a_nationality_is_known_by_the_word_for_a_national(written: str, code: str) -> None:
    assert RULE.nationality(written) == code


@pytest.mark.parametrize(
    "written", ["Korean", "Congolese", "Dominican", "Chinese, British", "Stateless", "Refugee", "European", "", None, 7]
)
def test_a_nationality_that_is_not_exactly_one_is_not_guessed(written: object) -> None:
    assert RULE.nationality(written) is None


def test_every_country_has_its_names_and_no_word_is_given_to_two() -> None:
    entries = RULE.data("countries")
    assert set(entries["other_languages"]) | set(entries["demonyms"]) <= set(entries["countries"])
    for code, names in entries["demonyms"].items():
        assert all(RULE.nationality(name) == code for name in names), code
        assert all(RULE.country(name) in (None, code) for name in names), code
    for code, names in entries["other_languages"].items():
        assert all(RULE.country(name) == code for name in names), code
    for code, entry in entries["countries"].items():
        assert RULE.country(entry["name"]) == code
        assert any(len(name) == 3 and name.isupper() and RULE.country(name) == code for name in entry["also"]), code


def test_hong_kong_and_macau_stay_visible_as_themselves() -> None:
    assert RULE.country_name(str(RULE.country("Hong Kong SAR, China"))) == "Hong Kong"
    assert RULE.country_name(str(RULE.country("Macau"))) == "Macao"


def test_hong_kong_and_macau_belong_to_the_prc_and_taiwan_does_not() -> None:
    assert RULE.countries("prc_russia") == {"CN", "HK", "MO", "RU"}
    assert RULE.countries("foreign_adversaries") == {"CN", "HK", "MO", "RU", "CU", "IR", "KP"}
    assert len(RULE.data("countries")["countries"]) == 249


def test_policy_elements_are_those_that_the_policy_procedure_names() -> None:
    assert list(RULE.data("policy_elements")) == [
        "scope and responsibility",
        "supplier due diligence before onboarding",
        "ownership and control review",
        "bills of materials",
        "supplier undertakings to furnish documents",
        "declarations before first import or sale",
        "revised declarations",
        "authorization management",
        "training",
        "reporting and escalation",
        "record keeping",
        "confidential information",
    ]


def test_hardware_groups_propose_or_ask_a_question_that_exists() -> None:
    for entry in RULE.data("hardware_parts"):
        assert entry["proposal"] in ("in", "out", "ask") and entry["words"] and entry["reason"], entry["group"]
        assert entry["proposal"] != "ask" or entry["question"] in RULE.questions, entry["group"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: RULE.clause("791.399"),
        lambda: RULE.constant("x"),
        lambda: RULE.question("x"),
        lambda: RULE.countries("x"),
        lambda: RULE.data("../errors"),
        lambda: load("1999-01-01"),
    ],
)
def test_what_the_data_do_not_know_is_said(call: object) -> None:
    with pytest.raises(RuleError, match="the rule data know no"):
        call()  # type: ignore[operator]


def test_every_paragraph_has_a_clause_and_every_clause_stands_in_a_paragraph() -> None:
    paragraphs = set(RULE.paragraphs)
    assert paragraphs - set(RULE.clauses) == set()
    assert {RULE.paragraph_of(id) for id in RULE.clauses} - paragraphs == set()
    assert {id for id in RULE.clauses if RULE.paragraph_of(id) != id} == set(RULE.clauses) - paragraphs


def test_clauses_stand_in_the_order_of_the_text() -> None:
    order = list(RULE.paragraphs)
    places = [order.index(RULE.paragraph_of(id)) for id in RULE.clauses]
    assert places == sorted(places)


def test_a_part_of_a_definition_is_covered_by_the_digest_of_its_definition() -> None:
    assert RULE.paragraph_of("791.301 covered software, firmware") == "791.301 covered software"
    assert RULE.paragraph_of("791.305(a)(1)(iv)") == "791.305(a)(1)(iv)"


def test_digests_are_digests_and_the_text_itself_is_not_stored() -> None:
    assert len(RULE.paragraphs) == 257
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in RULE.paragraphs.values())


def test_related_clauses_and_dates_of_a_clause_exist() -> None:
    for clause in RULE.clauses.values():
        assert set(clause.related) <= set(RULE.clauses) - {clause.id}, clause.id
        assert set(clause.dates) <= set(RULE.data("constants")), clause.id


def test_every_constant_is_a_date_of_some_clause() -> None:
    named = {name for clause in RULE.clauses.values() for name in clause.dates}
    assert set(RULE.data("constants")) - named == set(), "name it under `dates` of its clause in clauses.yaml"


def test_every_known_defect_of_the_text_is_there_and_cites_clauses_that_exist() -> None:
    assert [defect.id for defect in RULE.defects()] == [f"T-{n}" for n in range(1, 20)]
    for defect in RULE.defects():
        assert set(defect.clauses) <= set(RULE.clauses), defect.id
        assert defect.wrong.endswith(".") and defect.handling.endswith("."), defect.id


def test_a_defect_is_found_at_the_clauses_where_it_shows() -> None:
    assert [defect.id for defect in RULE.defects("791.308(b)")] == ["T-10", "T-11"]
    assert [defect.id for defect in RULE.defects("791.305(d)")] == ["T-16"]
    assert RULE.defects("791.302(a)") == ()
    with pytest.raises(RuleError, match="know no clause"):
        RULE.defects("791.399")


def test_defects_are_found_by_the_clauses_that_a_result_cites_and_put_into_words() -> None:
    found = RULE.defects_in(["791.308(b)", "791.302(a)"])
    assert [defect.id for defect in found] == ["T-10", "T-11"]
    assert found[0].words.startswith("T-10, §791.308(b): Cites §791.303(a)(1)") and found[0].handling in found[0].words
    assert RULE.defects_in(["791.302(a)"]) == ()


def test_a_code_that_names_no_country_stands_for_itself() -> None:
    assert RULE.country_name("CN") == "China"
    assert RULE.country_name("ZZ") == "ZZ"


def test_a_data_file_is_named_and_no_way_to_it() -> None:
    with pytest.raises(RuleError, match="know no file"):
        RULE.data("../rule/clauses")
