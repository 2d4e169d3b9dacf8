"""Both readings side by side: persons of the countries counted together, and each holder counted alone.

Which of them is the firm's criterion decides the verdict; the other is told beside it. They can differ only where together
the persons come to control something that none of them controls alone. Where they do, the other reading is worked out in full,
its possible side too: whoever may hold votes may also act in concert with others, until the assessor finds otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.ownership.closure import close
from assessor.ownership.control import Control, add_claims, decides, determine, labelled
from assessor.results import Determination

AGGREGATE, SINGLE = "aggregate", "single"


@dataclass(frozen=True)
class Reading:
    """What one reading says of an entity: limb (4) of the person definition, and the strongest of all limbs."""

    limb_4: Determination
    prc_russia: Determination

    def as_row(self) -> dict[str, str]:
        """As the JSON answer of `assessor ownership` writes it."""
        return {"4": str(self.limb_4), "prc_russia": str(self.prc_russia)}


def other_reading(control: Control) -> Control | None:
    """The control in the reading that is not the firm's; None where both say the same of every entity."""
    if control.aggregate:
        together, alone = control.must, control.single
    else:
        seeds = [key for key in control.graph.entities if control.is_seed(key)]
        judges = decides(control, judged=bool(control.judged))
        together, alone = close(control.graph.votes, labelled(seeds, True), judges, control.must.forced), control.must
    if together.order.keys() == alone.order.keys():
        return None
    other = determine(
        control.told,
        control.countries,
        control.criterion,
        control.judged,
        not control.aggregate,
        control.names,
        control.persons,
        str,
    )
    add_claims(other, [claim for claims in control.claimed.values() for claim in claims])
    return other
