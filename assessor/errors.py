"""What can go wrong, as a small tree.

    AssessorError            one plain sentence: what is wrong, where, and what to do (exit code 2)
    ├── BatchError           engagements that cannot be found, or a cluster that cannot be reached
    ├── ArchiveError         sealing, or something sealed that cannot be opened
    ├── EngagementError      the engagement folder or its engagement.toml
    ├── EvidenceError        a package or a file that cannot be taken in at all
    ├── LedgerError          judgements.jsonl is damaged or refuses an entry
    ├── RuleError            the rule data or a procedure that does not exist
    ├── ReportError          a template or a rendering
    └── SuppositionError     what is supposed of an engagement, and cannot be

A file that can be read in part raises nothing: it yields what was read and a `Problem` (see `assessor.evidence.readers`).
"""


class AssessorError(Exception):
    """Root of the tree; its text is shown to the user as it stands."""


class BatchError(AssessorError):
    """A batch that cannot be begun, or whose machines are gone."""


class ArchiveError(AssessorError):
    """Sealing that is refused, or an archive or key that cannot be opened."""


class EngagementError(AssessorError):
    """The engagement folder, or what its engagement.toml says."""


class EvidenceError(AssessorError):
    """A delivery or an evidence file that cannot be taken in."""


class LedgerError(AssessorError):
    """The ledger of judgements is damaged, or an entry is refused."""


class RuleError(AssessorError):
    """The rule data, or a procedure that nobody provides."""


class ReportError(AssessorError):
    """A template, or a rendering that would not be faithful."""


class SuppositionError(AssessorError):
    """What is supposed of an engagement names what is not there, or cannot be understood. `problems` are all of them, a sentence each."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems
        count = "" if len(problems) == 1 else f" ({len(problems)} errors)"
        super().__init__(f"{source}{count}: {' '.join(problems)}")
