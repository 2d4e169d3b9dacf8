"""All problems of a Word template at once, each with its place.

Inside: `template` (the way through a file), `problems` (the rules), `source` (what docxtpl makes of a part), `tags` (each
parsed on its own), `tree` (blocks and elements), `kinds`, `filters`, `operators`, `scope`, `names`, `statements`
(variables, followed through loops), `word` (what Word would refuse), `looks` (styles, accessibility), `sarif`. Nothing is rendered, no
data are at hand, nothing outside of the file is looked at.
"""

from assessor.reporting.lint.problems import Problem
from assessor.reporting.lint.template import lint

__all__ = ["Problem", "lint"]
