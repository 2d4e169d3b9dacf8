"""The commands, in the order in which `assessor --help` shows them."""

from assessor.commands import engagement, archive, batch, demo, ledger, evidence, browse  # noqa: F401,I001 (each enters its commands, in this order)
from assessor.commands import compare, bom, ownership, sample, rule, template  # noqa: F401
from assessor.commands.base import main

__all__ = ["main"]
