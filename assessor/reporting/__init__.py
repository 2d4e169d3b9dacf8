"""The written assessment and the letters beside it: Word from the firm's templates, figures, and XLSX sheets.

`write_report` makes the assessment, `write_letters` the others. Inside: `report`, `documents`, `context` (what a template may
print), `letters` (the parts of it that only they print), `render` (filling a template faithfully), `figures`, `annexes`.
"""

from assessor.reporting.documents import ASSESSMENT, chosen, write_letters
from assessor.reporting.edited import inaccessible
from assessor.reporting.report import verify, write_report

__all__ = ["ASSESSMENT", "chosen", "inaccessible", "verify", "write_letters", "write_report"]
