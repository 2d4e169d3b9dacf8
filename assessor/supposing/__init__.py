"""What if: conclusions before and after something that is supposed, without touching the engagement.

    import assessor
    assessor.what_if("ENGAGEMENT", {"owner": [{"subject": "…", "holder": "…", "share": "9 %"}]}).conclusions()

Inside: `vocabulary` (what can be supposed), `world` (the facts with it), `known` (who is meant), `owners`, `supply` and `terms` (what each
word does), `whatif` (before and after).
"""

from __future__ import annotations

from assessor.supposing.whatif import WhatIf, what_if

__all__ = ["WhatIf", "what_if"]
