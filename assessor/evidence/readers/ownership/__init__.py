"""Who owns and controls whom: registers, statements of beneficial ownership, extracts, to `entities` and `interests`."""
