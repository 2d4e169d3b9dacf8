"""A new engagement folder, from questions or from an engagement.toml that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit

from assessor import files
from assessor.engagement import Engagement, parse_terms
from assessor.errors import EngagementError

QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("id", "Engagement number", ""),
    ("client", "Client's name", ""),
    (
        "roles",
        "Client's roles (connected_vehicle_manufacturer, vcs_hardware_importer), separated by commas",
        "connected_vehicle_manufacturer, vcs_hardware_importer",
    ),
    ("firm", "Name of the assessor's firm", ""),
    ("from", "First day of the period (YYYY-MM-DD)", ""),
    ("to", "Last day of the period (YYYY-MM-DD)", ""),
    ("dated", "Date of the report (YYYY-MM-DD)", ""),
    ("rule_version", "Version of the rule's text", "2025-04-24"),
)
"""What `assessor new` asks: key, question, default."""

ROLES = ("connected_vehicle_manufacturer", "vcs_hardware_importer")


def ask(prompt: Callable[[str, str], str]) -> dict[str, str]:
    """The answers to `QUESTIONS`, each put through `prompt(question, default)`."""
    return {key: prompt(question, default).strip() for key, question, default in QUESTIONS}


def terms_text(told: dict[str, str]) -> str:
    """The text of an engagement.toml with these answers; the parts not asked about stand empty, with what belongs there.

    Raises EngagementError for a date or a role that is none.
    """
    days: dict[str, date] = {}
    for key in ("from", "to", "dated"):
        try:
            days[key] = date.fromisoformat(told[key])
        except ValueError:
            raise EngagementError(f"`{told[key]}` is not a date for `{key}`; write it as 2026-11-16.") from None
    roles = [role.strip() for role in told["roles"].split(",") if role.strip()]
    if unknown := [role for role in roles if role not in ROLES]:
        raise EngagementError(f"`{unknown[0]}` is not a role of §791.301; use {' or '.join(ROLES)}.")
    document = tomlkit.document()
    document.add(tomlkit.comment("The terms of the engagement; every key is described in assessor/engagement.py."))
    period = tomlkit.inline_table()
    period.update({"from": days["from"], "to": days["to"]})
    for name, content in {
        "engagement": {
            "id": told["id"],
            "client": told["client"],
            "dated": days["dated"],
            "period": period,
            "version": "0.1 draft",
            "rule_version": told["rule_version"],
            "basis": ["declarations"],
            "exclusions": [],
            "limitations": [],
        },
        "client": {"name": told["client"], "address": "", "roles": roles, "entity": ""},
        "firm": {"name": told["firm"], "address": "", "acknowledges_government_use": False, "owners": []},
        "independence": {"fee_basis": "", "other_services": [], "financial_interests": [], "statement": ""},
        "criteria": {"dominant_minority": "0.20", "aggregate": True, "due_days": 30},
    }.items():
        part: Any = tomlkit.table()
        part.update(content)
        document.add(name, part)
    document.add(
        tomlkit.comment(
            "[[team]], [[items]] and [[authorizations]] follow here, one entry each; [workpapers] names preparer and reviewer."
        )
    )
    return tomlkit.dumps(document)


def read_terms(source: Path) -> str:
    """The text of an engagement.toml that is there, once it has been found valid."""
    parse_terms(source)
    return source.read_text("utf-8")


def create(folder: Path, text: str, beside: Mapping[str, bytes] | None = None) -> Engagement:
    """Make the engagement folder with these terms, and files `beside` them by name.

    Raises EngagementError when the folder holds something already, or when these are no terms; nothing is left then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EngagementError(f"{folder} exists and is not empty; name a new folder.")
    made = not folder.exists()
    engagement = Engagement(folder)
    # the terms come last, since a folder with terms is an engagement
    contents = {**(beside or {}), engagement.terms_file.name: text.encode("utf-8")}
    try:
        for name, content in contents.items():
            files.write_bytes(folder / name, content)
        engagement.terms()
    except BaseException:
        for name in contents:
            (folder / name).unlink(missing_ok=True)
        if made and folder.exists():
            folder.rmdir()
        raise
    return engagement
