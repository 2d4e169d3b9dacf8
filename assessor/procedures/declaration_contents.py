"""What a Declaration of Conformity says and certifies (§791.305(a), (b)): its contents, and what is asked of it."""

from __future__ import annotations

import re
from typing import Any

from assessor.procedures.facts import Facts, answered
from assessor.procedures.working import Workings, finding, named, plain, ref, refs, rows, split, unread
from assessor.results import Outcome, Recommendation

Row = dict[str, Any]

_WHO = {
    "declarant": "name of the declarant",
    "address": "address",
    "contact_name": "name of a point of contact",
    "contact_email": "e-mail address of the point of contact",
    "contact_phone": "phone number of the point of contact",
}
_NO_NEXUS, _DILIGENCE, _MEASURES = (
    {"certifies_no_nexus": "certification that no person tied to the PRC or Russia had a part"},
    {"certifies_diligence": "certification of due diligence and documentation"},
    {"certifies_measures": "certification of all possible measures"},
)
_KEEPER, _SIGNED = {"documents_kept_by": "who maintains the documentation"}, {"signer": "signature"}

REQUIRED: dict[str, dict[str, dict[str, str]]] = {
    "hardware": {
        "791.305(a)(1)(i)": _WHO,
        "791.305(a)(1)(iv)": _NO_NEXUS,
        "791.305(a)(1)(v)": _DILIGENCE,
        "791.305(a)(1)(vi)": _KEEPER,
        "791.305(a)(1)(vii)": _MEASURES,
        "791.305(b)": _SIGNED,
    },
    "software": {
        "791.305(a)(2)(i)": _WHO,
        "791.305(a)(2)(ii)": {"make": "make", "model": "model", "trim": "trim", "vin_series": "VIN series"},
        "791.305(a)(2)(iii)": _NO_NEXUS,
        "791.305(a)(2)(iv)": _DILIGENCE,
        "791.305(a)(2)(v)": _KEEPER,
        "791.305(a)(2)(vi)": _MEASURES,
        "791.305(b)": _SIGNED,
    },
}
"""Contents that a declaration of each kind must have: clause to columns of `declarations` and their names in words."""

IF_KNOWN = {
    "791.305(a)(1)(ii)": {"fcc_ids": "FCC ID numbers"},
    "791.305(a)(1)(iii)": {"make": "make", "model": "model"},
}
"""Contents of a hardware declaration that are due only "if known": whether they were is asked where evidence suggests it."""

CLAUSES = {
    "hardware": {
        "no_nexus": "791.305(a)(1)(iv)",
        "diligence": "791.305(a)(1)(v)",
        "measures": "791.305(a)(1)(vii)",
        "update": "791.305(a)(1)(viii)",
        "head": "791.305(a)(1)",
    },
    "software": {
        "no_nexus": "791.305(a)(2)(iii)",
        "diligence": "791.305(a)(2)(iv)",
        "measures": "791.305(a)(2)(vi)",
        "update": "791.305(a)(2)(vii)",
        "head": "791.305(a)(2)",
    },
}
"""Paragraphs by kind of declaration."""


def contents(facts: Facts, declaration: Row) -> Workings:
    """Each required content of one declaration: present, absent, or not to be told from a copy that was read in part."""
    w, name, place = Workings(), declaration["declaration"], (ref(declaration),)
    lacking: list[tuple[str, str]] = []
    partial = unread(facts, declaration)
    for clause, columns in REQUIRED[declaration["kind"]].items():
        absent = [words for column, words in columns.items() if declaration[column] in (None, "")]
        denied = [words for column, words in columns.items() if declaration[column] is False]
        if denied or (absent and not partial):
            lacking += [(clause, words) for words in denied + absent]
            w.test(
                clause, name, Outcome.EXCEPTION, f"The declaration does not give: {', '.join(denied + absent)}.", place
            )
        elif absent:
            _not_told(w, clause, declaration, absent)
        else:
            w.test(clause, name, Outcome.CONFORMS, f"The declaration gives: {', '.join(columns.values())}.", place)
    if declaration["kind"] == "hardware":
        lacking += _if_known(w, facts, declaration)
    if lacking:
        w.findings.append(
            finding(
                "content_missing",
                name,
                [clause for clause, _ in lacking],
                f"{name} lacks required contents",
                criteria="A declaration holds each of the contents that §791.305(a) lists and is signed (§791.305(b)).",
                condition="The declaration does not give "
                + ", ".join(f"{words} (§{clause})" for clause, words in lacking)
                + ".",
                effect="The declaration is incomplete, and BIS cannot tell from it which articles and vehicles it stands for.",
                recommendations=[
                    Recommendation(
                        f"Submit a revised declaration that gives {', '.join(words for _, words in lacking)}.",
                        "condition",
                        f"all transactions made under {name}",
                    )
                ],
                severity="medium",
                evidence=place,
            )
        )
    _update(w, facts, declaration)
    return w


def _not_told(w: Workings, clause: str, declaration: Row, absent: list[str]) -> None:
    """A copy that was read in part proves nothing by what it lacks."""
    name = declaration["declaration"]
    w.test(
        clause,
        name,
        Outcome.INCONCLUSIVE,
        f"Not found in the part of the declaration that could be read: {', '.join(absent)}.",
        (ref(declaration),),
    )
    w.request(
        "declaration_copy",
        "A complete, readable copy of the declaration as submitted",
        [name],
        clause,
        f"whether it gives {', '.join(absent)}",
    )


def _if_known(w: Workings, facts: Facts, declaration: Row) -> list[tuple[str, str]]:
    """§791.305(a)(1)(ii), (iii): due if known. Clause and words of what the assessor finds known and not given."""
    name, place, lacking = declaration["declaration"], (ref(declaration),), list[tuple[str, str]]()
    items = split(declaration["items"])
    parts, vehicles = facts.tables["components"], facts.tables["vehicles"]
    known = {
        "791.305(a)(1)(ii)": [
            r
            for r in rows(parts[(parts["medium"] == "hardware").fillna(False) & parts["fcc_id"].notna()])
            if declares(r["item"], items)
        ],
        "791.305(a)(1)(iii)": [r for r in rows(vehicles) if any(declares(i, items) for i in split(r["items"]))],
    }
    for clause, columns in IF_KNOWN.items():
        absent = [words for column, words in columns.items() if declaration[column] in (None, "")]
        if not absent:
            w.test(clause, name, Outcome.CONFORMS, f"The declaration gives: {', '.join(columns.values())}.", place)
        elif unread(facts, declaration):
            _not_told(w, clause, declaration, absent)
        elif not known[clause]:
            w.test(
                clause,
                name,
                Outcome.NOT_APPLICABLE,
                f"Not given: {', '.join(absent)}. It is due if known, and nothing in evidence shows that it was known.",
                place,
            )
        else:
            question = w.asked(
                facts.ask(
                    "known_to_declarant",
                    f"{name}: {', '.join(absent)}",
                    {"declaration": name, "not given": absent, "held in": [str(r) for r in refs(known[clause])[:20]]},
                )
            )
            was_known = answered(question, "yes")
            w.test(
                clause,
                name,
                {True: Outcome.EXCEPTION, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[was_known],
                {
                    None: f"Not given: {', '.join(absent)}. It is due if known; the client's own documents hold it, and whether the "
                    "declarant knew it is asked.",
                    True: f"Not given: {', '.join(absent)}, although the assessor finds that it was known.",
                    False: f"Not given: {', '.join(absent)}; the assessor finds that it was not known.",
                }[was_known],
                (*place, *refs(known[clause])[:20]),
            )
            if was_known:
                lacking += [(clause, words) for words in absent]
    _fcc_shapes(w, facts, declaration)
    return lacking


def _fcc_shapes(w: Workings, facts: Facts, declaration: Row) -> None:
    """§791.301: an FCC ID is a grantee code and a product code; what has another shape names no certified product."""
    shape = re.compile(facts.rule.constant("fcc_id_shape"))
    odd = [text for text in split(declaration["fcc_ids"]) if not shape.fullmatch(text.upper())]
    if odd:
        clause, name = "791.301 FCC ID number", declaration["declaration"]
        w.test(
            clause, name, Outcome.INCONCLUSIVE, f"Not of the shape of an FCC ID: {', '.join(odd)}.", (ref(declaration),)
        )
        w.request(
            "fcc_id",
            f"The FCC ID numbers meant by {', '.join(odd)}",
            [name],
            clause,
            "which certified products it declares",
        )


def _update(w: Workings, facts: Facts, declaration: Row) -> None:
    clause, name, place = CLAUSES[declaration["kind"]]["update"], declaration["declaration"], (ref(declaration),)
    undated = declaration["is_update"] and declaration["previous_submission"] is None
    if unread(facts, declaration) and (undated or declaration["is_update"] is None):
        _not_told(
            w, clause, declaration, ["date of the last submission" if undated else "indication whether it is an update"]
        )
    elif undated:
        w.test(
            clause, name, Outcome.EXCEPTION, "It is an update and does not give the date of the last submission.", place
        )
        w.findings.append(
            finding(
                "update_without_date",
                name,
                [clause],
                f"{name} does not date the declaration that it updates",
                criteria="An update says that it is one and gives the date of the last submission.",
                condition="The declaration calls itself an update and gives no date of the last submission.",
                effect="The chain of submissions cannot be followed.",
                severity="low",
                evidence=place,
                recommendations=[
                    Recommendation("State the date of the last submission.", "condition", f"transactions under {name}")
                ],
            )
        )
    elif declaration["is_update"]:
        w.test(
            clause, name, Outcome.CONFORMS, f"It updates the submission of {declaration['previous_submission']}.", place
        )
    elif declaration["is_update"] is False:
        w.test(clause, name, Outcome.CONFORMS, "It says that it is no update of an earlier declaration.", place)
    else:
        earlier = [
            d
            for d in rows(facts.tables["declarations"])
            if d["kind"] == declaration["kind"]
            and d["declaration"] != name
            and d["submitted"]
            and d["model_year"] == declaration["model_year"]
            and (not declaration["submitted"] or d["submitted"] < declaration["submitted"])
        ]
        w.test(
            clause,
            name,
            Outcome.INCONCLUSIVE if earlier else Outcome.NOT_APPLICABLE,
            f"It does not say whether it updates {named(d['declaration'] for d in earlier)}, submitted before for the same year."
            if earlier
            else "It gives no indication of an update, which is due only from an update; no earlier declaration is in evidence.",
            (*place, *refs(earlier)),
        )


def declares(item: Any, items: list[str]) -> bool:
    """Whether an item as named is among those that a declaration lists."""
    return plain(item) in {plain(i) for i in items}


def declared_lines(facts: Facts, declaration: Row) -> list[str]:
    """Vehicle lines that a declaration names by make, model and model year (§791.305(g)(1)); what it does not state does
    not narrow it, but it has to name a model or a VIN series."""
    if not declaration["model"] and not declaration["vin_series"]:
        return []
    found = []
    for vehicle in rows(facts.tables["vehicles"]):
        by_name = all(
            not declaration[key] or plain(vehicle[key]) in {plain(x) for x in split(declaration[key])}
            for key in ("make", "model")
        )
        by_vin = bool(declaration["model"]) or bool(
            set(split(vehicle["vin_series"])) & set(split(declaration["vin_series"]))
        )
        if by_name and by_vin and declaration["model_year"] in (None, vehicle["model_year"]):
            found.append(str(vehicle["line"]))
    return found
