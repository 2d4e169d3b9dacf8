"""Problems as SARIF 2.1.0, the form in which editors and build servers take them in.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assessor.reporting.lint.problems import RULES, Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def log(problems: Mapping[Path, Sequence[Problem]], version: str) -> dict[str, Any]:
    """The log of one run over some templates; `version` is the toolkit's. The same problems give the same log.

    A Word file has no lines: the place is a logical location (part, heading, paragraph) inside the file.
    """
    rules = [
        {"id": code, "shortDescription": {"text": text}, "defaultConfiguration": {"level": severity}}
        for code, (severity, text) in RULES.items()
    ]
    index = {code: number for number, code in enumerate(RULES)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "assessor template lint", "version": version, "rules": rules}},
                "artifacts": [{"location": {"uri": _uri(path)}} for path in problems],
                "results": [
                    _result(problem, index[problem.code], _uri(path), number)
                    for number, (path, listed) in enumerate(problems.items())
                    for problem in listed
                ],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _result(problem: Problem, rule: int, uri: str, artifact: int) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri, "index": artifact}}}
    if problem.part:
        names = [name for name in (problem.part, problem.heading, problem.paragraph) if name]
        location["logicalLocations"] = [{"name": names[-1], "fullyQualifiedName": " / ".join(names), "kind": "element"}]
        location["message"] = {"text": problem.place}
    result = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": problem.message},
        "locations": [location],
    }
    return result | ({"properties": {"tag": problem.tag}} if problem.tag else {})


def _uri(path: Path) -> str:
    """The path from here, as a relative reference; one on another drive by its name."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        relative = path.name
    written = quote(os.fsencode(relative.replace(os.sep, "/")))
    return f"./{written}" if ":" in written.split("/")[0] else written
