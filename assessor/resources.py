"""Where the files that come with the toolkit are: notebooks, templates, fixtures, cases of the rule.

In a checkout they stand beside the package, in an installed wheel inside it.
"""

from __future__ import annotations

from pathlib import Path

from assessor.errors import AssessorError


def folder(name: str) -> Path:
    """The folder `notebooks`, `templates`, `fixtures` or `cases`. Raises AssessorError when the installation lacks it."""
    package = Path(__file__).parent
    for candidate in (package / "_resources" / name, package.parent / name, package.parent / "tests" / name):
        if candidate.is_dir():
            return candidate
    raise AssessorError(
        f"This installation of assessor has no `{name}` folder; install it again from the checkout or a wheel."
    )
