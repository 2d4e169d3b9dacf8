"""The titles and labels of forms.yaml, parsed once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def specification() -> dict[str, Any]:
    """Parsed forms.yaml."""
    parsed: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text("utf-8"))
    return parsed
