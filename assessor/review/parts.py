"""What the forms of the review share: something that is a widget where a kernel lives and a table where none does, messages, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from assessor.errors import AssessorError
from assessor.results import EvidenceRef
from assessor.workpapers.display import cited, text
from assessor.workpapers.links import Evidence

if TYPE_CHECKING:
    import ipywidgets

PAGE = 50
"""Rows of a table that are shown at once."""


FORM = "assessor-form"
"""Class of the element that holds a form."""
_KEYS = f"""
if (!window.assessorForms) {{
  window.assessorForms = true;
  window.addEventListener('keydown', event => {{
    const one = event.target, saves = (event.ctrlKey || event.metaKey) && event.key === 's';
    if (one.matches('.{FORM} :is(select, input, button)')) one.toggleAttribute('data-lm-suppress-shortcuts', !saves);
  }}, true);
}}
"""
"""Leaves the keys to a list, a choice or a button of a form while it has the focus, all but those that save. JupyterLab takes them for
itself otherwise: an arrow goes to another cell instead of the next line of the list, and a letter may cut the cell."""


class Shown:
    """A widget for JupyterLab, and the same as a table for where no kernel lives: an exported page, paper."""

    def __init__(self, widget: ipywidgets.Widget, markup: str, plain: str) -> None:
        import ipywidgets

        self.markup, self.plain = markup, plain
        self.widget = ipywidgets.VBox([widget, _output(f"<script>{_KEYS}</script>", "")])
        self.widget.add_class(FORM)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = dict(self.widget._repr_mimebundle_()) if _is_attended() else {}
        return bundle | {"text/html": self.markup, "text/plain": self.plain}

    def __repr__(self) -> str:
        return self.plain


def _is_attended() -> bool:
    """Whether somebody can work a widget here. Who runs a notebook from its first cell to its last, as `nbconvert --execute` and Papermill
    do, lets no cell ask anything; what stands in it then is looked at later, and a widget would be dead."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is None or bool(getattr(kernel, "_allow_stdin", True))


class Message:
    """One line on what became of the last click, read out by a screen reader."""

    def __init__(self) -> None:
        import ipywidgets

        self.widget = ipywidgets.HTML()

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence; `wrong`: nothing was recorded."""
        role, colour = ("alert", "#8a1c1c") if wrong else ("status", "#1d5c2e")
        self.widget.value = (
            f"<p role='{role}' style='color: {colour}; line-height: 1.4'><strong>{escape(text)}</strong></p>"
        )

    def during(self, work: Callable[[], str]) -> bool:
        """Do something and show what it says, or the error's sentence; whether it was done."""
        try:
            self.tell(work())
        except AssessorError as error:
            self.tell(str(error), wrong=True)
            return False
        return True


def line(**told: Any) -> ipywidgets.Text:
    """A line that a person types. It is sent when they leave it, in one piece and before a click: sent letter by letter, the last letters
    could come behind the click and be missing in the entry."""
    import ipywidgets

    return ipywidgets.Text(continuous_update=False, **told)


def lines(**told: Any) -> ipywidgets.Textarea:
    """Several lines that a person types, sent as a `line` is."""
    import ipywidgets

    return ipywidgets.Textarea(continuous_update=False, **told)


def folded(words: str, form: ipywidgets.Widget) -> ipywidgets.Widget:
    """A form that a button opens and closes. The heads of an Accordion are none: the keyboard does not reach them."""
    import ipywidgets

    switch = ipywidgets.ToggleButton(description=words, icon="caret-right", layout=ipywidgets.Layout(width="auto"))
    form.layout.display = "none"

    def turn(_: Any) -> None:
        form.layout.display = "" if switch.value else "none"
        switch.icon = "caret-down" if switch.value else "caret-right"

    switch.observe(turn, "value")
    return ipywidgets.VBox([switch, form])


class Person:
    """Who works here and in which role: asked once for all forms."""

    def __init__(self, name: str = "", role: str = "assessor") -> None:
        self.name = line(value=name, description="Your name", placeholder="as you sign")
        self.role = line(value=role, description="Role")

    @property
    def widget(self) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.VBox([self.name, self.role])

    @property
    def signed(self) -> dict[str, str]:
        """As `by` and `role` of an entry."""
        return {"by": self.name.value.strip(), "role": self.role.value.strip() or "assessor"}


class Leads:
    """Links that open items of evidence beside the notebook. They stand in an output, since JupyterLab resolves addresses only there."""

    def __init__(self) -> None:
        import ipywidgets

        self.widget = ipywidgets.Output()

    def to(self, refs: Sequence[EvidenceRef], names: Mapping[str, str], links: Evidence) -> None:
        """Show these places, each item with the name of its file; nothing where there are none."""
        told = "; ".join(f"{cited(ref, links)} {text(names.get(ref.item, ''))}" for ref in refs)
        markup = f"<p style='padding-left: 1em; font-size: 13px'><strong>to open</strong>: {told}</p>"
        plain = "; ".join(f"{ref.item} {ref.locator}".strip() for ref in refs)
        self.widget.outputs = _output(markup, plain).outputs if refs else ()


def _output(markup: str, plain: str) -> ipywidgets.Output:
    """Markup as JupyterLab renders the output of a cell."""
    import ipywidgets

    data = {"text/html": markup, "text/plain": plain}
    return ipywidgets.Output(outputs=({"output_type": "display_data", "data": data, "metadata": {}},))


def heading(told: str) -> str:
    """What the material of a form is about, on top of it."""
    return f"<h4 style='line-height: 1.4; margin: 0 0 0.5em'>{text(told)}</h4>"


def today() -> date:
    """The calendar day where the assessor sits: by it a day is past. Only what a person looks at now asks for it, and no result."""
    return datetime.now().date()  # noqa: DTZ005


def pairs(told: Mapping[str, Any]) -> str:
    """Names and values as an indented list, one below the other; what is empty is left out."""
    parts = [
        f"<li><strong>{text(name.replace('_', ' '))}</strong>: {_words(value)}</li>"
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
    return text(value)


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
