"""Which transactions an authorization is for, by its own letter: lines, kinds of transaction and time (§§791.306(a), 791.307(i),
(l)). Shared by the sections on general and specific authorizations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa

from assessor.procedures import authorization_versions, s301_scope
from assessor.procedures.authorization_versions import Row, keyed, label, letters
from assessor.procedures.facts import Facts, evidence
from assessor.procedures.working import Workings, counted, finding, named, plain, plained, ref, split
from assessor.results import Outcome, Recommendation

FLAG, TEXT = pd.ArrowDtype(pa.bool_()), pd.ArrowDtype(pa.string())
COLUMNS = ["transaction", "authorization", "letter", "suppliers", "covered", "reason", "failing"]
_CITED = 50


def movements(facts: Facts) -> pd.DataFrame:
    """Transactions that are, or may be, an import or a sale in the sense of §791.301; others need no authorization."""
    moved = facts.of(s301_scope.transactions).reset_index(drop=True)
    table = facts.tables["transactions"].reset_index(drop=True)
    return table[(moved["is_import"] | moved["is_sale"]).fillna(True).astype(bool)]


def claiming(facts: Facts, a: Row) -> pd.DataFrame:
    """Transactions for which the client claims the authorization and that fall to this letter of it by their dates."""
    return authorization_versions.assigned(
        facts, a, authorization_versions.about(facts.of(movements), a["authorization"])
    )


def settled(facts: Facts, a: Row) -> pd.DataFrame:
    """Those of `claiming` on whose day the letter is known to be the version in force."""
    own = claiming(facts, a)
    return own[authorization_versions.doubts(facts, a, own).isna()]


def kinds(text: Any) -> set[str]:
    """The kinds of transaction that a letter's words name; none when it names none."""
    found: set[str] = set()
    for part in split(text):
        words = part.casefold()
        imports, sales = "import" in words, re.search(r"\bsale|sell|_sale", words) is not None
        if imports and "hardware" in words:
            found.add("hardware_import")
        if imports and ("vehicle" in words or "hardware" not in words):
            found.add("vehicle_import")
        if sales:
            found.add("vehicle_sale")
    return found


def covered(facts: Facts, kind: str, may_rely: Callable[[Row], bool | None] = lambda a: True) -> pd.DataFrame:
    """One row a transaction that claims an authorization of the kind or, for a specific one, falls under it.

    Columns: transaction, authorization, letter (its label), suppliers (text), covered (True, False, NA), reason, and failing
    ("before", "after", "line", "kind": the limb of the letter that it fails; "version": the version in force on its day is
    open; "letter": no letter is in evidence; or NA). What a general authorization does not state does not limit it; what a
    specific one does not state is open, since it covers only what it describes (§791.307(i)(1)).
    """
    parts = [_claimed_unseen(facts, kind)]
    for a in letters(facts, kind):
        t = claiming(facts, a)
        if kind == "specific" and split(a["lines"]) and kinds(a["transactions"]):
            every = facts.of(movements)
            under = every[
                _within(every, a, "specific")["line"].fillna(False)
                & every["kind"].isin(sorted(kinds(a["transactions"])))
                & every["authorization"].isna()
            ]
            t = pd.concat([t, authorization_versions.assigned(facts, a, under)]).sort_index()
        parts.append(_judge(facts, t, a, kind, may_rely(a)))
    frame = pd.concat(parts, ignore_index=True)
    return frame.astype({c: FLAG if c == "covered" else TEXT for c in COLUMNS})


def _claimed_unseen(facts: Facts, kind: str) -> pd.DataFrame:
    """Transactions that claim an authorization without a letter in evidence: whether it covers them is open."""
    t = unseen(facts, kind)
    return pd.DataFrame(
        {
            "transaction": t["transaction"],
            "authorization": t["authorization"],
            "letter": t["authorization"],
            "suppliers": None,
            "covered": pd.NA,
            "reason": "open: no letter of the authorization is in evidence",
            "failing": "letter",
        },
        index=t.index,
        columns=COLUMNS,
    ).astype({c: FLAG if c == "covered" else TEXT for c in COLUMNS})


def unseen(facts: Facts, kind: str) -> pd.DataFrame:
    """Transactions that claim an authorization of which no letter is in evidence. One that is written as a general one's
    number is general; every other is specific."""
    t = facts.of(movements)
    have = {authorization_versions.key(a["authorization"]) for k in ("general", "specific") for a in letters(facts, k)}
    lacking = [
        isinstance(number, str)
        and authorization_versions.key(number) not in have
        and (authorization_versions.general_number(number) is not None) == (kind == "general")
        for number in t["authorization"]
    ]
    return t[pd.Series(lacking, t.index, dtype=bool)]


def _within(t: pd.DataFrame, a: Row, kind: str) -> dict[str, pd.Series[Any]]:
    """Each limb of the letter over the transactions, three-valued."""
    unstated: Any = True if kind == "general" else pd.NA
    lines, allowed = {plain(line) for line in split(a["lines"])}, kinds(a["transactions"])

    def every(value: Any) -> pd.Series[Any]:
        return pd.Series(value, t.index, dtype=FLAG)

    return {
        "line": member(plained(t["line"]), lines) if lines else every(unstated),
        "kind": member(t["kind"], allowed) if allowed else every(unstated),
        "before": (t["date"] >= a["issued"]).astype(FLAG) if a["issued"] else every(pd.NA),
        "after": (t["date"] <= a["expires"]).astype(FLAG) if a["expires"] else every(unstated),
    }


_FAILS = {
    "before": "dated before the authorization was issued (§791.307(l)(1))",
    "after": "dated after it expired",
    "line": "of a vehicle line that it does not name",
    "kind": "of a kind that it does not name",
}
_OPEN = {
    "before": "date or date of issue",
    "after": "date or date of expiry",
    "line": "vehicle line",
    "kind": "kind of transaction",
}
_MISSING = " is missing"


def member(column: pd.Series[Any], values: set[str]) -> pd.Series[Any]:
    """Whether each value is one of these; NA stays NA, which `isin` alone would turn into False."""
    return column.isin(sorted(values)).astype(FLAG).where(column.notna(), pd.NA)


def _judge(facts: Facts, t: pd.DataFrame, a: Row, kind: str, may_rely: bool | None) -> pd.DataFrame:
    limbs = _within(t, a, kind)
    holds = pd.Series(pd.NA if may_rely is None else may_rely, t.index, dtype=FLAG)
    failing, reason = pd.Series(pd.NA, t.index, dtype=TEXT), pd.Series(pd.NA, t.index, dtype=TEXT)
    doubts = authorization_versions.doubts(facts, a, t)
    doubtful = doubts.notna()
    failing[doubtful], reason[doubtful] = "version", "open: " + doubts[doubtful]
    holds &= pd.Series(True, t.index, dtype=FLAG).mask(doubtful, pd.NA)
    for limb in ("before", "after", "line", "kind"):
        ok = limbs[limb].mask(doubtful, pd.NA)
        fails = (~ok).fillna(False).astype(bool) & failing.isna()
        failing[fails], reason[fails] = limb, _FAILS[limb]
        holds &= ok
    for limb in _OPEN:
        reason[limbs[limb].isna() & reason.isna()] = f"open: {_OPEN[limb]}{_MISSING}"
    if may_rely is not True:
        reason[reason.isna()] = (
            "the client may not rely on it" if may_rely is False else "open: whether the client may rely on it"
        )
    dated = f" of {a['issued'].isoformat()}" if a["issued"] else ""
    return pd.DataFrame(
        {
            "transaction": t["transaction"],
            "authorization": a["authorization"],
            "letter": label(facts, a),
            "suppliers": "; ".join(split(a["suppliers"])) or None,
            "covered": holds,
            "reason": reason.fillna(f"within lines, kinds and time of the letter{dated}"),
            "failing": failing,
        },
        index=t.index,
    ).astype({"suppliers": TEXT, "authorization": TEXT, "letter": TEXT})


def outside(facts: Facts, a: Row, frame: pd.DataFrame, clause: str, limbs: tuple[str, ...] = tuple(_FAILS)) -> Workings:
    """Transactions that claim the authorization and are not of the letter's lines, kinds or time: one finding a limb."""
    w, number, place, own = Workings(), label(facts, a), (ref(a),), settled(facts, a)
    frame = frame[
        (frame["letter"] == number).fillna(False) & frame["transaction"].isin(own["transaction"].dropna().tolist())
    ]
    for limb in limbs:
        hit = own[own["transaction"].isin(frame.loc[(frame["failing"] == limb).fillna(False), "transaction"].tolist())]
        if hit.empty:
            continue
        told = f"{counted(len(hit), 'transaction')} that claim {number} are {_FAILS[limb]}"
        w.test(clause, number, Outcome.EXCEPTION, f"{told}.", (*place, *evidence(hit, _CITED)))
        w.findings.append(
            finding(
                {"after": "after_expiry", "before": "before_issue"}.get(limb, "outside_scope"),
                number,
                [clause],
                f"Transactions outside {number}",
                criteria="An authorization covers the transactions that it describes, for its duration.",
                condition=f"{told}: {named(hit['transaction'].dropna(), 10)}.",
                effect="These transactions are not authorised by it.",
                severity="high",
                evidence=(*place, *evidence(hit, _CITED)),
                recommendations=[
                    Recommendation(
                        "Cease such transactions, establish their extent and tell BIS.",
                        "condition",
                        counted(len(hit), "transaction"),
                    )
                ],
                transactions=hit["transaction"].dropna(),
            )
        )
    missing = frame["reason"].str.endswith(_MISSING).fillna(False) & frame["failing"].isna()
    open_ = own[own["transaction"].isin(frame.loc[missing, "transaction"].tolist())]
    if len(open_):
        w.test(
            clause,
            number,
            Outcome.INCONCLUSIVE,
            f"For {counted(len(open_), 'transaction')} a fact is missing that the letter turns on.",
            (*place, *evidence(open_, _CITED)),
        )
        w.request(
            "authorization_facts",
            f"Dates, lines and kinds of the transactions under {number}, and its dates of issue and expiry",
            [number],
            clause,
            "whether the transactions are within it",
        )
    elif not w.tests:
        w.test(
            clause,
            number,
            Outcome.CONFORMS if len(own) else Outcome.NOT_APPLICABLE,
            f"All {counted(len(own), 'transaction')} that claim it are within its lines, kinds and time."
            if len(own)
            else "No transaction claims it on a day on which it is known to be in force."
            if len(claiming(facts, a))
            else "No transaction claims it.",
            (*place, *evidence(own, 5)),
        )
    return w


def unknown(facts: Facts, kind: str, clause: str) -> Workings:
    """Transactions that claim an authorization of a kind of which no letter is in evidence."""
    w, t = Workings(), unseen(facts, kind)
    for _, group in t.groupby(keyed(t["authorization"]), sort=True):
        number = str(group["authorization"].iloc[0])
        w.test(
            clause,
            number,
            Outcome.INCONCLUSIVE,
            f"No letter of {number} is in evidence; the ledger claims it for {counted(len(group), 'transaction')}.",
            evidence(group, _CITED),
        )
        w.request("authorization_letter", f"The letter of authorization {number}", [number], clause, "what it covers")
    return w


def represented(facts: Facts, topic: str) -> pd.DataFrame:
    """What the client's representation letter says on a topic."""
    told = facts.tables["representations"]
    return told[
        told["topic"].map(lambda t: plain(t) == plain(topic), na_action="ignore").fillna(False).astype(bool)
        & told["statement"].notna()
    ]


def denies(told: pd.DataFrame) -> bool | None:
    """Whether every statement denies what its topic names ("none", "has not …") without an exception; None: no statement."""
    if told.empty:
        return None
    return all(
        re.search(r"\b(no|none|not|never)\b", s, re.IGNORECASE) is not None
        and re.search(r"\b(except|but|however|other than|apart from)\b", s, re.IGNORECASE) is None
        for s in told["statement"]
    )
