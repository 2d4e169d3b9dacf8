"""What the forms of the review share: something that is a widget where a kernel lives and a table where none does, messages, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from assessor.errors import AssessorError

if TYPE_CHECKING:
    import ipywidgets

PAGE = 50
"""Rows of a table that are shown at once."""


class Shown:
    """A widget for JupyterLab, and the same as a table for where no kernel lives: an exported page, paper."""

    def __init__(self, widget: ipywidgets.Widget, markup: str, plain: str) -> None:
        self.widget, self.markup, self.plain = widget, markup, plain

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = dict(self.widget._repr_mimebundle_())
        return bundle | {"text/html": self.markup, "text/plain": self.plain}

    def __repr__(self) -> str:
        return self.plain


class Message:
    """One line on what became of the last click, read out by a screen reader."""

    def __init__(self) -> None:
        import ipywidgets

        self.widget = ipywidgets.HTML()

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence; `wrong`: nothing was recorded."""
        role, colour = ("alert", "#8a1c1c") if wrong else ("status", "#1d5c2e")
        self.widget.value = f"<p role='{role}' style='color: {colour}'><strong>{escape(text)}</strong></p>"

    def during(self, work: Callable[[], str]) -> bool:
        """Do something and show what it says, or the error's sentence; whether it was done."""
        try:
            self.tell(work())
        except AssessorError as error:
            self.tell(str(error), wrong=True)
            return False
        return True


class Person:
    """Who works here and in which role: asked once for all forms."""

    def __init__(self, name: str = "", role: str = "assessor") -> None:
        import ipywidgets

        self.name = ipywidgets.Text(value=name, description="Your name", placeholder="as you sign")
        self.role = ipywidgets.Text(value=role, description="Role")

    @property
    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.VBox([self.name, self.role])

    @property
    def signed(self) -> dict[str, str]:
        """As `by` and `role` of an entry."""
        return {"by": self.name.value.strip(), "role": self.role.value.strip() or "assessor"}


def pairs(told: Mapping[str, Any]) -> str:
    """Names and values as an indented list, one below the other; what is empty is left out."""
    parts = [
        f"<li><strong>{escape(name.replace('_', ' '))}</strong>: {_words(value)}</li>"
        for name, value in told.items()
        if value not in (None, "", [], (), {})
    ]
    style = "list-style: none; margin: 0; padding-left: 1em; line-height: 1.4; overflow-wrap: anywhere"
    return f"<ul style='{style}'>{''.join(parts)}</ul>"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return pairs(value)
    if isinstance(value, list | tuple):
        style = "margin: 0; padding-left: 1.5em; line-height: 1.4"
        return f"<ul style='{style}'>{''.join(f'<li>{_words(each)}</li>' for each in value)}</ul>"
    return escape(str(value))


class Pages:
    """A table of which one page is shown, with buttons to turn; it asks for rows only when it shows them."""

    def __init__(self, caption: str, show: Callable[[Sequence[int]], str]) -> None:
        import ipywidgets

        self._show, self._caption = show, caption
        self._places: Sequence[int] = ()
        self._page = 0
        self._table = ipywidgets.HTML()
        self._where = ipywidgets.HTML()
        self._back = ipywidgets.Button(description="Previous page", disabled=True)
        self._on = ipywidgets.Button(description="Next page", disabled=True)
        self._back.on_click(lambda _: self._turn(-1))
        self._on.on_click(lambda _: self._turn(1))
        self.widget = ipywidgets.VBox([ipywidgets.HBox([self._back, self._on, self._where]), self._table])

    def fill(self, places: Sequence[int]) -> None:
        """Show the first page of these rows."""
        self._places, self._page = places, 0
        self._turn(0)

    def _turn(self, by: int) -> None:
        last = max(0, (len(self._places) - 1) // PAGE)
        self._page = min(max(0, self._page + by), last)
        begin = self._page * PAGE
        self._back.disabled, self._on.disabled = self._page == 0, self._page == last
        self._where.value = f"<span role='status'>{escape(self._caption)}: {len(self._places):,}, page {self._page + 1:,} of {last + 1:,}</span>"
        self._table.value = self._show(self._places[begin : begin + PAGE])
