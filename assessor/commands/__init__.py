"""The commands, in the order in which `assessor --help` shows them."""

from assessor.commands import engagement, archive, batch, demo, ledger, evidence, browse, compare, bom, ownership, rule, template  # noqa: F401,I001 (each enters its commands, in this order)
from assessor.commands.base import main

__all__ = ["main"]
