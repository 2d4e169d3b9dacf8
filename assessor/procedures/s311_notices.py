"""§791.311: "is-informed" notices. Has BIS told the client that an activity requires a specific authorization?

Nothing but the client can show that it received no notice, so its written representation is the evidence of that. A notice
binds whether it was addressed to the client or published for a larger group (a); a specific one counts only if the Under
Secretary or a designated official gave it, or had it given (b). What was imported or sold under the activity after the notice
needs a specific authorization.
"""

from __future__ import annotations

import pandas as pd

from assessor.procedures import authorization_scope, exposure, s307_specific_authorizations
from assessor.procedures.authorization_versions import Row
from assessor.procedures.facts import Facts, answered, evidence, examined
from assessor.procedures.limbs import FLAG, certain, either, flags, looked_up
from assessor.procedures.working import Workings, counted, finding, finish, items_ref, named, plain, ref, rows, split
from assessor.results import EvidenceRef, Finding, Outcome, ProcedureResult, Recommendation

CLAUSE = "791.311"
TITLE = "Is-informed notices"
HOW, BY_WHOM = "791.311(a)", "791.311(b)"
READ = ("notices", "representations", "transactions")
_CITED = 50


def run(facts: Facts) -> ProcedureResult:
    """Test each notice in evidence: how it was given, by whom, and what followed; without one, the client's word."""
    w, table = Workings(), facts.tables["notices"]
    notices = rows(table[certain(table["kind"] == "is_informed")].sort_values("notice"))
    for notice in notices:
        _followed(w, facts, notice, binds=_given(w, facts, notice))
    _represented(w, facts, bool(notices))
    return finish(
        w,
        "s311_notices",
        CLAUSE,
        TITLE,
        population=f"{counted(len(notices), 'is-informed notice')} and {counted(len(facts.tables['representations']), 'representation')} of the client",
        work_done=(
            "Read the client's written representation on is-informed notices, and each notice in evidence.",
            "Held imports and sales of what a notice names, from its date on, against the specific authorizations in evidence.",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "Whether BIS has published a notice for a larger group in the Federal Register was not searched.",
        ),
    )


def _given(w: Workings, facts: Facts, notice: Row) -> bool | None:
    """(a): individually or by publication; (b): a specific notice comes from the Under Secretary or a designated official.
    Hands back whether the notice binds; None while that is asked."""
    name, place = _name(notice), (ref(notice),)
    if notice["published"]:
        w.test(HOW, name, Outcome.CONFORMS, f"It was published for a larger group: {notice['published']}.", place)
        told = "A notice published in the Federal Register; the paragraph speaks of specific notices."
        w.test(BY_WHOM, name, Outcome.NOT_APPLICABLE, told, place)
        return True
    w.test(HOW, name, Outcome.CONFORMS, "It was addressed to the client by a specific notice.", place)
    shown = {"notice": name, "dated": notice["dated"], "given by": notice["given_by"], "activity": notice["activity"]}
    question = w.asked(facts.ask("notice_authority", name, shown))
    by_authority = answered(question, "yes")
    by = notice["given_by"] or "an official whom the copy read does not name"
    w.test(
        BY_WHOM,
        name,
        {True: Outcome.CONFORMS, False: Outcome.NOT_APPLICABLE, None: Outcome.INCONCLUSIVE}[by_authority],
        {
            True: f"Given by {by}; the assessor finds that it came from the Under Secretary or a designated official.",
            False: f"Given by {by}; the assessor does not find that it came from the Under Secretary or a designated official, so that "
            "it requires nothing.",
            None: f"Given by {by}; whether it came from the Under Secretary or a designated official is asked.",
        }[by_authority],
        place,
    )
    return by_authority


def informed(facts: Facts, notice: Row) -> pd.Series:
    """For each transaction whether it is of the activity that a notice names, on or after its date: True, False or NA.

    Lines and suppliers that the notice names narrow it; where it names neither, nothing but a person can tell which
    transactions it means, and every later one is NA.
    """
    t = facts.tables["transactions"]
    lines, names = ({plain(part) for part in split(notice[key])} for key in ("lines", "suppliers"))
    open_ = flags([None] * len(t), t.index)
    meant = t["date"] >= notice["dated"] if notice["dated"] else open_
    if lines:
        meant = meant & looked_up(t["line"], {line: plain(line) in lines for line in t["line"].dropna().unique()})
    if names:
        meant = meant & _of_suppliers(facts, names)
    if not lines and not names:
        meant = meant & open_
    moved = t.index.isin(facts.of(authorization_scope.movements).index)
    return either(~moved, False, meant.astype(FLAG))


def _of_suppliers(facts: Facts, names: set[str]) -> pd.Series:
    """For each transaction whether an article of one of these suppliers is in it, as far as bills of materials and ledger tell."""
    t, articles = facts.tables["transactions"], facts.of(exposure.articles)
    items = articles.loc[
        articles["canonical"].map(lambda n: plain(n) in names, na_action="ignore").fillna(False).astype(bool), "item"
    ]
    carried = exposure.carried(facts, t["line"], items.dropna().unique(), [])
    loose = looked_up(t["item"], {item: item in set(items.dropna()) for item in t["item"].dropna().unique()})
    by_name = looked_up(t["supplier"], {name: plain(name) in names for name in t["supplier"].dropna().unique()})
    return either(certain(t["kind"] == "hardware_import"), by_name | loose, carried)


def _followed(w: Workings, facts: Facts, notice: Row, *, binds: bool | None) -> None:
    """(a): the activity requires a specific authorization from the notice on."""
    if binds is False:
        return
    name, place, t = _name(notice), (ref(notice),), facts.tables["transactions"]
    meant, authorised = informed(facts, notice), facts.of(s307_specific_authorizations.covered)
    held = looked_up(t["transaction"], _covered(authorised))
    held = either(~t["transaction"].isin(authorised["transaction"]), False, held)
    lacking = meant & ~held
    without, open_ = t[certain(lacking)], t[lacking.isna()]
    if len(without) and binds:
        told = f"{counted(len(without), 'transaction')} of the activity followed the notice without a specific authorization"
        w.test(HOW, f"{name}: transactions", Outcome.EXCEPTION, f"{told}.", (*place, *evidence(without, _CITED)))
        w.findings.append(_unauthorised(notice, name, told, without, (*place, *evidence(without, _CITED))))
    elif len(without) + len(open_):
        told = f"For {counted(len(without) + len(open_), 'transaction')} since the notice it is open whether it requires a specific authorization"
        why = (
            "the notice as read does not tell which lines or suppliers it means, or when"
            if len(open_)
            else "it is asked who gave the notice"
        )
        shown = evidence(without if len(without) else open_, _CITED)
        w.test(HOW, f"{name}: transactions", Outcome.INCONCLUSIVE, f"{told}: {why}.", (*place, *shown))
        if len(open_):
            w.request(
                "is_informed_notice",
                f"The complete text of {name}, and which lines, articles and suppliers it concerns",
                [name],
                HOW,
                "which transactions require a specific authorization",
            )
    elif certain(meant).any():
        told = f"All {counted(int(certain(meant).sum()), 'transaction')} of the activity since the notice fall under a specific authorization."
        w.test(HOW, f"{name}: transactions", Outcome.CONFORMS, told, (*place, *evidence(t[certain(meant)], _CITED)))
    else:
        told = "No transaction of the activity followed the notice."
        w.test(HOW, f"{name}: transactions", Outcome.CONFORMS, told, (*place, *items_ref(t)))


def _covered(frame: pd.DataFrame) -> dict[str, bool | None]:
    """Transaction -> whether one of its specific authorizations covers it."""
    found: dict[str, bool | None] = {}
    for row in rows(frame):
        both = (found.get(row["transaction"], False), row["covered"])
        found[row["transaction"]] = True if True in both else None if None in both else False
    return found


def _unauthorised(notice: Row, name: str, told: str, acts: pd.DataFrame, places: tuple[EvidenceRef, ...]) -> Finding:
    return finding(
        "informed_without_authorization",
        name,
        [HOW, "791.307"],
        f"{name}: the activity went on without a specific authorization",
        criteria="Where BIS informs an importer or manufacturer that an activity could be a prohibited transaction, the activity requires a "
        "specific authorization.",
        condition=f"The notice of {notice['dated']} concerns {notice['activity'] or 'an activity that the copy does not describe'}. {told}: "
        f"{named(acts['transaction'].dropna(), 10)}.",
        effect="The transactions were made without the authorization that BIS had said they require, and with notice of it.",
        severity="high",
        evidence=places,
        recommendations=[
            Recommendation(
                "Cease the activity, apply for a specific authorization and take counsel on the transactions made since the notice.",
                "condition",
                counted(len(acts), "transaction"),
            ),
            Recommendation(
                "Pass every notice of BIS on its day to whoever releases entries and sales.", "cause", "later notices"
            ),
        ],
        transactions=acts["transaction"].dropna(),
    )


def _represented(w: Workings, facts: Facts, known: bool) -> None:
    """What the client says of notices: its denial passes where none is in evidence, and contradicts one that is."""
    client, told = facts.terms.client_name, authorization_scope.represented(facts, "is-informed notices")
    denied = authorization_scope.denies(told)
    places = evidence(told) or items_ref(facts.tables["representations"])
    said = f"“{named(told['statement'])}”"
    if denied and not known:
        words = f"The client represents in writing that it has not received an is-informed notice: {said}"
        w.test(CLAUSE, client, Outcome.CONFORMS, words, places)
        return
    if denied:
        words = f"The client's representation denies an is-informed notice, and one is in evidence: {said}"
        w.test(CLAUSE, client, Outcome.INCONCLUSIVE, words, places)
    elif denied is None:
        if known:
            return
        words = "The client has made no representation whether it received an is-informed notice."
        w.test(CLAUSE, client, Outcome.INCONCLUSIVE, words, places)
    else:
        question = w.asked(facts.ask("is_informed_notice", client, {"statements": list(told["statement"])}))
        if answered(question, "no"):
            words = "The assessor finds that the client has not received an is-informed notice."
            w.test(CLAUSE, client, Outcome.CONFORMS, words, places)
            return
        words = f"The client's representation does not deny an is-informed notice: {said}"
        w.test(CLAUSE, client, Outcome.INCONCLUSIVE, words, places)
        if known:
            return
    w.request(
        "is_informed_notice",
        "A written representation on every is-informed notice that the client received, with the text of each",
        [client],
        CLAUSE,
        "whether a specific authorization is required",
    )


def _name(notice: Row) -> str:
    return str(notice["notice"] or f"notice in {ref(notice)}")
