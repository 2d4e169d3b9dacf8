"""What a lint can say of a template: its rules, and a problem with its place."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.reporting.sandbox import placed

ERROR, WARNING = "error", "warning"

RULES = {
    "not-word": (ERROR, "The file is a Word document (.docx) that can be opened."),
    "not-plain-word": (ERROR, "The file is a plain .docx: no macros, no .dotx."),
    "too-large": (ERROR, "The file and its parts are of a size that can be checked."),
    "damaged": (ERROR, "Every part of the file is there and is well-formed."),
    "external": (ERROR, "The template refers to nothing outside of itself."),
    "external-field": (ERROR, "No field reaches outside of the template."),
    "tag-not-filled": (ERROR, "Tags stand only in parts that are filled in."),
    "unbalanced-tag": (ERROR, "Every tag that is opened is closed in the same paragraph."),
    "syntax": (ERROR, "Every tag can be understood."),
    "unclosed-block": (ERROR, "Every block that is opened is closed."),
    "unopened-block": (ERROR, "Every tag that ends or divides a block belongs to one."),
    "crossing-block": (ERROR, "A block opens and closes in the same paragraph, cell, row or body."),
    "not-alone": (ERROR, "A tag for a paragraph, row or cell is alone in it."),
    "unknown-variable": (ERROR, "Every variable exists."),
    "unknown-filter": (ERROR, "Every filter and every test exists."),
    "wrong-kind": (ERROR, "Texts, numbers, lists and records are used as what they are."),
    "may-be-missing": (WARNING, "What can be empty is asked for under a condition."),
    "unsafe": (ERROR, "No tag does what a template may not."),
    "misplaced-text": (ERROR, "Texts are printed where they stay as they are."),
    "missing-style": (ERROR, "Every style that is used is defined."),
    "empty-cell": (WARNING, "No condition or loop can empty a cell."),
    "empty-container": (ERROR, "No condition or loop can empty a header, a footnote, a text box or a row."),
    "empty-table": (ERROR, "No condition or loop can take the last row of a table."),
    "split-section": (WARNING, "A block holds whole sections or none."),
    "unclosed-field": (ERROR, "Every field begins and ends in the same block."),
    "missing-bookmark": (ERROR, "Every reference names a bookmark at a heading that is always there with it."),
    "repeated-bookmark": (ERROR, "No bookmark is repeated where nothing makes it unique."),
    "no-alternative": (WARNING, "Every picture has a text alternative."),
    "skipped-heading": (WARNING, "No level of headings is left out."),
    "no-header-row": (WARNING, "Every table has a header row that is repeated on each page."),
    "low-contrast": (WARNING, "Texts stand out from what is behind them (WCAG 2.1, 1.4.3)."),
    "no-language": (WARNING, "The document says in which language it is."),
    "more": (ERROR, "All problems are listed."),
}
"""Code of each rule: how grave it is to break it, and what it asks for."""

MAX_PROBLEMS = 1000


@dataclass(frozen=True)
class Place:
    """A part of the package, the nearest heading above and the text of the paragraph (cut); each may be empty."""

    part: str = ""
    heading: str = ""
    paragraph: str = ""


@dataclass(frozen=True)
class Problem:
    """One problem of a template: which rule is broken, how gravely, where, by which tag, and what to do about it."""

    code: str
    severity: str
    part: str
    heading: str
    paragraph: str
    message: str
    tag: str = ""

    @property
    def place(self) -> str:
        """The place in words."""
        return placed(self.part, self.heading, self.paragraph)


def problem(code: str, place: Place, message: str, tag: str = "", severity: str = "") -> Problem:
    """A problem by its code, as grave as its rule says unless told otherwise."""
    return Problem(code, severity or RULES[code][0], place.part, place.heading, place.paragraph, message, tag)
