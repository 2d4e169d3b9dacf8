"""What is asked of each engagement of a batch, and what is told of it. It imports nothing heavy, since the one who waits needs no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

STAGES = ("intake", "run", "report")
"""What is done, in this order; a batch may end after any."""
Outcome = Literal["done", "attention", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = ("done", "attention", "failed", "skipped")
"""How an engagement comes out, in the order in which they are counted: everything is well; a person has to look at something; why it
could not be done is told; nothing was to be done."""

LAST_SAID = " It last said: "
"""What stands in a message before the last words of a process that died."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of every engagement: the last stage (`none`: it is only looked at), whether also what is up to date is made
    again, the engine that runs the notebooks (`none` runs the procedures alone), the day on which deliveries in inboxes were
    received, of the report its template, variants and whether it is written as PDF/A too, and where an overview is wanted the key
    of its hashes (`shared`)."""

    until: str = "report"
    force: bool = False
    engine: str = "assessor"
    received: str = ""
    template: str = ""
    variants: tuple[str, ...] = ("full",)
    pdf: bool = False
    overview: str = field(default="", repr=False)


@dataclass
class Told:
    """How an engagement came out. `stages` says of each stage "done", "unchanged" or "kept" (a report that somebody edited);
    `place` and `message` where and why it failed or what needs attention; counts are those of its results as they are now.
    `view` is what an overview shows (`view.look`), empty unless one is wanted; it stays in memory."""

    name: str
    where: str
    outcome: Outcome = "done"
    id: str = ""
    client: str = ""
    stages: dict[str, str] = field(default_factory=dict)
    place: str = ""
    message: str = ""
    exceptions: int = 0
    questions: int = 0
    requests: int = 0
    seconds: float = 0.0
    attempts: int = 1
    view: dict[str, Any] = field(default_factory=dict)

    def reword(self, path: str, where: str) -> None:
        """Name an engagement in its message as whoever began the batch does, not by the folder in which it was worked on."""
        self.message = self.message.replace(path, where)
        if "message" in self.view:
            self.view["message"] = str(self.view["message"]).replace(path, where)
