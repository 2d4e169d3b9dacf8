"""The written assessment: a Word report from the firm's template, its figures, and XLSX annexes.

`write_report` makes all of them. Inside: `report`, `context` (what a template may print), `render` (filling it faithfully),
`figures`, `annexes`, `text` (what XML cannot hold).
"""

from assessor.reporting.report import verify, write_report

__all__ = ["verify", "write_report"]
