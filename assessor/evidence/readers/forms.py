"""Labelled documents: a title, then `Label: value` lines. The titles and labels are in forms.yaml.

A value may go on over the following lines. A label may stand on two lines. What is labelled but not known is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from assessor.evidence.readers import dates, documents, forms_data
from assessor.evidence.readers.base import Countries, Reading, Row, Unreadable, flag, key, separated, whole, words
from assessor.evidence.tables import SCHEMAS, Column

_LABEL = re.compile(r"([^:：]{1,120}?)\s*[:：]\s*(.*)")
_HINT = re.compile(r"\((yes\s*/\s*no|hardware\s*/\s*software)\)", re.IGNORECASE)
_CONDITION = re.compile(r"condition (?:no )?(\d+(?: \d+)*|[a-z])")
_TITLE_WITHIN = 6


@dataclass
class Field:
    """A labelled value: the form's column (or `condition`, or empty for an unknown label), the label and the text."""

    column: str
    label: str
    place: str
    text: str


def recognise(document: documents.Document) -> str | None:
    """The name of the form in forms.yaml that the title (one of the first lines) says, or None."""
    for line in document.lines[:_TITLE_WITHIN]:
        text = key(line.text)
        label = _LABEL.fullmatch(line.text)
        if label and not any(key(label[1]) in titles for titles in _titles().values()):
            continue
        for form, titles in _titles().items():
            if any(re.fullmatch(rf"(specimen )?{re.escape(title)}( .{{0,60}})?", text) for title in titles):
                return form
    return None


def read(path: Path, source: str, rule: Countries) -> Reading:
    """The document as rows of its form's table. Raises Unreadable when it is no known form."""
    document = documents.load(path)
    form = recognise(document)
    if form is None:
        raise Unreadable("not a known form")
    told = forms_data.specification()[form]
    reading = documents.reading(document)
    single: dict[str, Field] = {}
    repeated: list[Field] = []
    for found in _fields(document, form):
        if not found.column:
            reading.notes.append(f"label {found.label!r} is not known and not read")
        elif found.column == "condition" or found.column in told.get("repeated", {}):
            repeated.append(found)
        elif found.column in single:
            reading.problem(found.place, f"{found.label!r} stands a second time; the first is used")
        else:
            single[found.column] = found
    table = told["table"]
    base: Row = {"source": source, "locator": document.lines[0].place, **told.get("fixed", {})}
    base |= {name: _value(form, table, each, reading) for name, each in single.items() if name in SCHEMAS[table]}
    if form == "attestation" and "owned" in single:
        owned = _flag(single["owned"], reading)
        base["denies_nexus"] = None if owned is None else not owned
    if "each" in told:
        for each in repeated:
            row = {
                **base,
                **told["repeated"][each.column]["row"],
                told["each"]: words(each.text),
                "locator": each.place,
            }
            reading.add(table, row)
        if not repeated:
            reading.problem(
                document.lines[0].place, f"the document has no line {next(iter(told['repeated'])).capitalize()!r}"
            )
    else:
        reading.add(table, base)
        for each in repeated:
            reading.add(
                "authorization_conditions",
                {
                    "source": source,
                    "locator": each.place,
                    "authorization": base.get("authorization"),
                    "condition": each.label,
                    "text": words(each.text),
                },
            )
    start, end = ([base.get(name) for name in told["effective"]] + [None])[:2]
    reading.effective_from = start if isinstance(start, date) else None
    reading.effective_to = end if isinstance(end, date) else None
    return reading


def _fields(document: documents.Document, form: str) -> Iterator[Field]:
    """The labelled values in their order, continuation lines joined."""
    held: Field | None = None
    skip = False
    lines = document.lines
    for number, line in enumerate(lines):
        if skip:
            skip = False
            continue
        label, text = _split(line.text)
        column = _column(form, label)
        if not column and document.wrapped and number + 1 < len(lines):
            longer, rest = _split(f"{line.text} {lines[number + 1].text}")
            if not _column(form, _split(lines[number + 1].text)[0]) and _column(form, longer) and ":" not in line.text:
                label, text, column, skip = longer, rest, _column(form, longer), True
        if column:
            if held:
                yield held
            held = Field(column, _number(label) if column == "condition" else label, line.place, text)
        elif label and _looks_like_label(label) and not (document.wrapped and held and _open(held.text)):
            if held:
                yield held
            held = Field("", label, line.place, text)
        elif held and document.wrapped:
            held.text = f"{held.text} {line.text}".strip()
        elif held and held.column and " | " not in line.text:
            held.text = f"{held.text}\n{line.text}".strip()
    if held:
        yield held


def _split(text: str) -> tuple[str, str]:
    """Label and value of a line, or of a row with two cells; empty when it has no label."""
    cells = re.split(r" \|(?: |$)", text)
    if len(cells) == 2 and ":" not in cells[0].rstrip(":： "):
        text = f"{cells[0].rstrip(':： ')}: {cells[1]}"
    match = _LABEL.fullmatch(text)
    return (" ".join(_HINT.sub("", match[1]).split()), match[2].strip()) if match else ("", "")


def _column(form: str, label: str) -> str:
    plain = key(label)
    if form.startswith("authorization") and _CONDITION.fullmatch(plain):
        return "condition"
    return _labels(form).get(plain, "")


def _number(label: str) -> str:
    match = _CONDITION.fullmatch(key(label))
    return match[1] if match else label


def _looks_like_label(label: str) -> bool:
    return label[0].isupper() and len(label.split()) <= 6 and not label.lower().startswith("http")


def _open(text: str) -> bool:
    """Whether a value so far reads as if its sentence went on."""
    return bool(text) and text[-1] not in ".;!?" and (text[-1] in ",-–" or len(text) > 60)


def _value(form: str, table: str, found: Field, reading: Reading) -> object:
    """A field converted to the type of its column; what cannot be is a problem and None."""
    column: Column = SCHEMAS[table][found.column]
    text = words(found.text)
    if text is None:
        return None
    if column.type == pa.date32():
        value, wrong = dates.parse(text)
        if wrong:
            reading.problem(found.place, f"{found.label}: {wrong}")
        return value
    if column.type == pa.bool_():
        return _flag(found, reading)
    if column.type == pa.int64():
        number = whole(text)
        if number is None:
            reading.problem(found.place, f"{found.label}: {text[:60]!r} is not a whole number")
        return number
    if column.allowed:
        meant = {
            key(word): allowed
            for allowed, known in forms_data.specification()[form]["values"][found.column].items()
            for word in known
        }
        if key(text) not in meant:
            reading.problem(found.place, f"{found.label}: {text[:60]!r} is not one of {', '.join(column.allowed)}")
        return meant.get(key(text))
    return separated(text) if "separated by '; '" in column.meaning else text


def _flag(found: Field, reading: Reading) -> bool | None:
    """Yes or no, of which the first word is enough ("No, none of them")."""
    text = words(found.text)
    if text is None:
        return None
    answer = flag(re.split(r"[\s,.;(]", text, maxsplit=1)[0])
    if answer is None:
        reading.problem(found.place, f"{found.label}: {text[:60]!r} is neither yes nor no")
    return answer


@cache
def _titles() -> dict[str, tuple[str, ...]]:
    return {
        form: tuple(key(title) for title in told["titles"])
        for form, told in forms_data.specification().items()
        if "titles" in told
    }


@cache
def _labels(form: str) -> dict[str, str]:
    told: dict[str, Any] = forms_data.specification()[form]
    found = {key(label): column for column, labels in told["labels"].items() for label in labels}
    return found | {key(label): name for name, each in told.get("repeated", {}).items() for label in each["labels"]}
