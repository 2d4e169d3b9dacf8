"""§791.315(d)(1): what suppliers attest and what bills of materials say of origin, verified by sample outside of the client's papers.

That attestations agree with the ownership evidence, and that the makers named are tied to nobody, is computed over every one of them;
whether the papers themselves are right only their signers, the articles and the makers' own documents can show. What the assessor saw
comes back as evidence, one row an item (`item_inspections`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assessor.procedures import s301_scope, samples
from assessor.procedures.facts import Facts
from assessor.procedures.limbs import certain
from assessor.procedures.working import Workings, counted
from assessor.results import Outcome

CLAUSE = "791.315(d)(1)"
ATTESTED = samples.Verification(
    sample="supplier attestations",
    clause=CLAUSE,
    population="supplier attestations in evidence, by supplier and day of signature",
    verified="confirmed by who signed",
    code="attestation_not_confirmed",
    title="Attestations were not confirmed by those who are named as their signers",
    criteria="The assessment identifies the suppliers of each relevant component and the nature of any foreign interest (§791.315(d)(1)); a "
    "supplier's word counts for it only as far as the supplier gave it.",
    effect="Whoever relies on them relies on nobody's word.",
    mend="Obtain the attestations anew from persons who may bind the supplier.",
    asking="A contact at the supplier to confirm the attestations of",
)
ORIGINS = samples.Verification(
    sample="component origins",
    clause=CLAUSE,
    population="articles in scope or undetermined in the bills of materials, by item, part and maker",
    verified="borne out by the article or its maker's own document",
    code="origin_not_borne_out",
    title="Maker or origin of components is not as the bill of materials states it",
    criteria="The assessment identifies the suppliers of each relevant component (§791.315(d)(1)), which the bill of materials is to name.",
    effect="The bill of materials cannot be relied on for components that were not examined either, and their ties may be others.",
    mend="Correct the bill of materials, and determine the ties of the makers found.",
    asking="The article, or a document of its maker (certificate of origin, delivery note, repository), for",
)


def verified(facts: Facts, of: int) -> tuple[Workings, list[dict[str, Any]], list[dict[str, Any]]]:
    """Both samples: workings, rows of `samples`, rows of `sample_items`. `of`: how many suppliers of relevant components there are."""
    w = Workings()
    told: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for about, ids, complete in (
        (ATTESTED, facts.of(attested), attestations_known(facts, of)),
        (ORIGINS, facts.of(articles), articles_known(facts)),
    ):
        part, rows, seen = samples.verify(facts, about, ids, complete)
        w.add(part)
        told += rows
        items += seen
    return w, told, items


def attestations_known(facts: Facts, of: int) -> samples.Complete:
    """Whether the attestations in evidence are all there are."""
    return Outcome.NOT_TESTED, (
        f"Attestations of {counted(facts.tables['attestations']['supplier'].nunique(), 'supplier')} are in evidence, and {of:,} supply relevant "
        "components; that the client holds no other was not tested."
    )


def articles_known(facts: Facts) -> samples.Complete:
    """Whether the bills of materials list every component."""
    bills = facts.tables["components"]["source"].nunique()
    return Outcome.NOT_TESTED, (
        f"Whether the {counted(int(bills), 'bill of materials', 'bills of materials')} list every component was not tested by data."
    )


def attested(facts: Facts) -> list[str]:
    """The attestations as items: supplier and day of signature, one each."""
    a = facts.tables["attestations"]
    names = a["supplier"].fillna(a["source"]) + "|" + a["signed"].astype("string[pyarrow]").fillna("undated")
    return sorted(names.dropna().unique())


def articles(facts: Facts) -> list[str]:
    """The articles in scope or undetermined as items: item, part number or name, and manufacturer or else supplier, one each."""
    c, scope = facts.tables["components"], facts.of(s301_scope.components)["scope"]
    kept = c[~certain(scope == "out_of_scope").to_numpy(dtype=bool)]
    what = kept["part_number"].fillna(kept["name"]).fillna("no name")
    by = kept["manufacturer"].fillna(kept["supplier"]).fillna("nobody named")
    ids: pd.Series[Any] = kept["item"].fillna("no item") + "|" + what + "|" + by
    return sorted(ids.unique())


def compared(facts: Facts, w: Workings, of: int) -> list[dict[str, Any]]:
    """The row of `samples` for the attestations held against the ownership evidence, all of them; none where there are none."""
    tests = [test for test in w.tests if test.subject.startswith("attestation ")]
    made = samples.whole(
        facts,
        "supplier attestations against ownership evidence",
        CLAUSE,
        "supplier attestations in evidence",
        len(tests),
        sum(test.outcome is Outcome.EXCEPTION for test in tests),
        sum(test.outcome is Outcome.INCONCLUSIVE for test in tests),
        attestations_known(facts, of),
    )
    return [made] if tests else []
