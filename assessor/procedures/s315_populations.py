"""§791.315(c)(3): are the populations complete from which the other procedures conclude and from which samples are drawn?

A reliable method concludes only on what it knows to be there. Every procedure takes the import and sales ledger as the whole of the
client's transactions; here the ledger is held against itself (`ledger_numbers`, `ledger_repeats`) and against what others say of the same
transactions (`ledger_reconciliation`). Where the evidence allows no such comparison the answer is open and what would allow it is
asked for: a ledger is never called complete because nothing speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable

from assessor.procedures import ledger_numbers, ledger_reconciliation, ledger_repeats
from assessor.procedures.facts import Facts, examined
from assessor.procedures.ledger_numbers import IMPORTS, LEDGER, POPULATIONS, SALES, VEHICLES
from assessor.procedures.working import Workings, counted, finish, items_ref, named
from assessor.results import Outcome, ProcedureResult, Test, worst

CLAUSE = "791.315(c)(3)"
TITLE = "Completeness of populations"
READ = (
    "transactions",
    "customs_entries",
    "control_totals",
    "records",
    "authorization_events",
    "declarations",
    "vehicles",
)
_Part = Callable[[Facts], Workings]
_WITHIN: tuple[_Part, ...] = (
    ledger_numbers.vins,
    ledger_numbers.entries,
    ledger_repeats.repeated,
    ledger_numbers.gaps,
)
"""What the ledger tells of itself."""
_BEYOND: tuple[_Part, ...] = (
    ledger_reconciliation.customs,
    ledger_reconciliation.totals,
    ledger_reconciliation.index,
    ledger_reconciliation.log,
    ledger_reconciliation.declared,
    ledger_reconciliation.imported,
)
"""What others tell of the same transactions."""
_OF = {
    "vehicle_import": (LEDGER, VEHICLES, IMPORTS, POPULATIONS["vehicle_import"]),
    "vehicle_sale": (LEDGER, VEHICLES, SALES, POPULATIONS["vehicle_sale"]),
    "hardware_import": (LEDGER, IMPORTS, POPULATIONS["hardware_import"]),
    "service": (LEDGER, SALES, POPULATIONS["service"]),
    "other": (LEDGER, SALES, POPULATIONS["other"]),
}
"""Which tests speak of the transactions of a kind, by what their subject begins with."""


def run(facts: Facts) -> ProcedureResult:
    """Hold the ledger against itself and against everything else in evidence that speaks of the same transactions."""
    w = Workings()
    w.add(facts.of(tested))
    t = facts.tables["transactions"]
    return finish(
        w,
        "s315_populations",
        CLAUSE,
        TITLE,
        population=f"{counted(len(t), 'row')} of the import and sales ledger, "
        f"{counted(len(facts.tables['customs_entries']), 'listed customs entry', 'listed customs entries')}, "
        f"{counted(len(facts.tables['control_totals']), 'control total')}",
        work_done=(
            "Computed the check digit of every VIN (49 CFR 565.15) and entry number (19 CFR 142.3a) and compared the model year in the VIN.",
            "Looked for rows, VINs and entry numbers that stand twice, and for numbers missing from the series of the ledger.",
            "Held the ledger against customs entries, control totals, record index, authorization log, declared VIN series, and sales "
            "against imports, in both directions where both are lists.",
        ),
        examined=examined(*(facts.tables[name] for name in READ)),
        limitations=(
            "A series of numbers shows nothing that came before its first or after its last number; completeness towards both ends rests "
            "on the comparison with other sources alone.",
        ),
        tables={
            "series": ledger_numbers.series_table(facts),
            "repeats": ledger_repeats.repeats_table(facts),
        },
    )


def tested(facts: Facts) -> Workings:
    """All tests of the ledger's completeness, with what is asked and found."""
    w = Workings()
    if facts.tables["transactions"].empty:
        places = items_ref(*(facts.tables[name] for name in READ))
        w.test(CLAUSE, LEDGER, Outcome.INCONCLUSIVE, "No import and sales ledger is in evidence.", places)
        w.request(
            "ledger",
            f"The ledger of all imports and sales from {facts.terms.period_from} to {facts.terms.period_to}, or word that there were none",
            [LEDGER],
            CLAUSE,
            "which transactions there were",
        )
        return w
    for part in _WITHIN:
        w.add(part(facts))
    w.add(facts.of(beyond))
    return w


def beyond(facts: Facts) -> Workings:
    """The tests that hold the ledger against something else."""
    w = Workings()
    for part in _BEYOND:
        w.add(part(facts))
    return w


def completeness(facts: Facts, kind: str | None) -> tuple[Outcome, str]:
    """Whether the transactions of a kind are known to be complete: the worst outcome of the tests that speak of them, and a sentence.

    `kind` as in `transactions`; of a kind that is not known nothing is known.
    """
    tests = [test for test in facts.of(tested).tests if _speaks_of(test, kind)]
    outcome = worst(test.outcome for test in tests)
    known = POPULATIONS.get(kind or "", "transactions of a kind that the ledger does not know")
    if outcome is Outcome.CONFORMS and not any(_speaks_of(test, kind) for test in facts.of(beyond).tests):
        return Outcome.INCONCLUSIVE, f"The {known} agree among themselves, and nothing else in evidence speaks of them."
    if outcome is Outcome.CONFORMS:
        return outcome, f"The completeness of the {known} was tested and held ({counted(len(tests), 'test')})."
    unsettled = [test.subject for test in tests if test.outcome is outcome]
    found = "did not hold" if outcome is Outcome.EXCEPTION else "is open"
    return (
        outcome,
        f"The completeness of the {known} was tested and {found} ({named(unsettled, 4) or 'nothing speaks of it'}).",
    )


def _speaks_of(test: Test, kind: str | None) -> bool:
    return test.subject.partition(":")[0] in _OF.get(kind or "", ())
