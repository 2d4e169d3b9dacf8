"""`python -m assessor` is the command `assessor`."""

from assessor.cli import main

main()
