"""Many engagements: each brought up to date by a process of its own, and none that knows of another."""

from assessor.batch.batch import Progress, batch
from assessor.batch.listing import Place, places
from assessor.batch.told import Told, Wanted

__all__ = ["Place", "Progress", "Told", "Wanted", "batch", "places"]
