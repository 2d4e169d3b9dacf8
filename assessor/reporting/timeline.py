"""The timeline of obligations: every deadline with a date, seen from the date of the report."""

from __future__ import annotations

import math
import textwrap
from datetime import date

from assessor.canvas import canvas, drawable, png_of, settings
from assessor.reporting.drawing import LOOKS, Figure, items_of, legend
from assessor.reporting.view import View
from assessor.reporting.words import count, day, plain
from assessor.text import visible

SHOWN = 40
"""Deadlines that are drawn, those nearest to the date of the report; all of them stand in the table."""
_LOOKS = {"past": LOOKS[0], "due": LOOKS[2], "running": ("#ffffff", "", "black")}
_NEAR = 60
"""Days around the date of the report within which the axis is nearly even; beyond, it is logarithmic."""
_WIDE = 60
"""Letters of a label."""


def timeline(view: View) -> Figure | None:
    """One line a deadline, by date: what it is, its date, and a mark on an axis of dates; the report's date is a line across."""
    listed = [
        (date.fromisoformat(str(row["date"])[:10]), row)
        for row in view.rows_of("deadlines", "s305_declarations")
        if row.get("date")
    ]
    if not listed:
        return None
    today = view.terms.dated
    shown = sorted(
        sorted(listed, key=lambda pair: abs((pair[0] - today).days))[:SHOWN],
        key=lambda pair: (pair[0], plain(pair[1].get("what"))),
    )
    left = len(listed) - len(shown)
    told = "; ".join(f"{day(moment)}, {plain(row.get('state'))}: {plain(row.get('what'))}" for moment, row in shown)
    return Figure(
        "timeline",
        f"Deadlines as seen on {day(today)}, the date of the report (dashed line). The further from it, the closer dates are drawn."
        + (f" {count(left, 'further deadline stands', 'further deadlines stand')} in the table." if left else ""),
        f"Timeline of deadlines. {told}.",
        _drawn(today, [(moment, plain(row.get("what")), plain(row.get("state"))) for moment, row in shown]),
        160.0,
        "deadlines",
        rests_on=items_of(row for _, row in shown),
    )


def _drawn(today: date, shown: list[tuple[date, str, str]]) -> bytes:
    with settings():
        height = 0.85 + 0.21 * len(shown)
        drawing = canvas(6.3, height)
        axes = drawing.add_axes((0.66, 0.52 / height, 0.32, (height - 0.6) / height))

        def near(moment: date) -> float:
            days = (moment - today).days
            return math.copysign(math.log1p(abs(days) / _NEAR), days)

        for y, (moment, what, state) in enumerate(shown):
            face, hatch, edge = _LOOKS.get(state, LOOKS[3])
            axes.plot([near(today), near(moment)], [y, y], color="#9a9a9a", linewidth=0.6, zorder=1)
            axes.scatter(
                [near(moment)], [y], s=26, facecolor=face, hatch=hatch, edgecolor=edge, linewidth=0.8, zorder=2
            )
            lines = textwrap.wrap(visible(what), _WIDE, max_lines=2, placeholder="…") if drawable(what) else []
            axes.annotate(
                "\n".join(lines) or f"deadline {y + 1}",
                (0, y),
                (-62, 0),
                ("axes fraction", "data"),
                "offset points",
                ha="right",
                va="center",
                fontsize=6.5 if len(lines) < 2 else 6,
                linespacing=1.0,
            )
            axes.annotate(
                moment.isoformat(),
                (0, y),
                (-58, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize=6.5,
            )
        axes.axvline(near(today), color="black", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        years = sorted({moment.year for moment, _, _ in shown} | {today.year})
        axes.set_xticks([near(date(year, 1, 1)) for year in years], [str(year) for year in years], fontsize=6.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        states = dict.fromkeys(state for _, _, state in shown)
        legend(drawing, [(state, _LOOKS.get(state, LOOKS[3])) for state in states])
        return png_of(drawing)
