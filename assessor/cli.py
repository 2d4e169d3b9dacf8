"""The command line: `assessor`. Its commands stand in `assessor.commands`."""

from assessor.commands import main

__all__ = ["main"]
