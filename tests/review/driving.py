"""Driving a form without a browser: its widgets, its buttons, what it says."""

from __future__ import annotations

from typing import Any

import ipywidgets


def widgets(shown: Any, kind: type) -> list[Any]:
    """All widgets of a kind in a form, in the order in which the tabulator goes."""
    found, left = [], [shown.widget]
    while left:
        one = left.pop(0)
        found += [one] if isinstance(one, kind) else []
        left = [*getattr(one, "children", ()), *left]
    return found


def press(shown: Any, words: str) -> None:
    [button] = [button for button in widgets(shown, ipywidgets.Button) if button.description == words]
    button.click()


def message(shown: Any, which: int = 0) -> str:
    """What became of the last click, of the forms in it the first that says something, or another."""
    told = [one.value for one in widgets(shown, ipywidgets.HTML) if "<p role='" in one.value]
    return str(told[which])


def links(shown: Any) -> list[str]:
    """The markup of the outputs of a form that hold links."""
    markup = [out["data"]["text/html"] for one in widgets(shown, ipywidgets.Output) for out in one.outputs]
    return [each for each in markup if "<a href" in each]
