"""Places: what stands where a fact came from, for whoever checks the fact.

`show` takes an item of the register and a locator as a reader wrote it and gives the rows, keys, elements or lines there, as
plain texts with a little of what stands around them. Files are opened by the readers' own functions with their bounds.
`item_places` and `counts` say which places of which items the facts of an engagement came from, `item_problems` what could
not be read of one.
"""

from __future__ import annotations

from assessor.evidence.places.excerpt import Excerpt, Line
from assessor.evidence.places.facts import counts, item_places, item_problems
from assessor.evidence.places.showing import show

__all__ = ["Excerpt", "Line", "counts", "item_places", "item_problems", "show"]
