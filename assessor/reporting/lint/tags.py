"""The tags of a part, one by one: each is parsed on its own, so that an error in one hides nothing in another."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from jinja2 import Environment, TemplateSyntaxError, nodes

from assessor.reporting.lint.source import MARK
from assessor.reporting.sandbox import refusals

MAX_TAG = 4000
"""Characters of a tag."""
MAX_DEPTH = 60
"""Blocks inside one another."""

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
ENDS = {
    "for": "endfor",
    "if": "endif",
    "set": "endset",
    "macro": "endmacro",
    "call": "endcall",
    "filter": "endfilter",
    "with": "endwith",
    "block": "endblock",
    "autoescape": "endautoescape",
}
"""Blocks by their first word, with the word that ends them."""
_BLOCK_OF = {end: word for word, end in ENDS.items()}
_SINGLE = ("include", "import", "from", "extends")
_PREFIX = re.compile(r"(p|tr|tc|r)\s")
_PARSER = Environment(autoescape=True)


@dataclass(frozen=True)
class Tag:
    """A tag: its text without marks, the number of its paragraph, what it is, and its parsed form (None when broken).

    `role` is "print", "open", "middle" (else, elif), "end", "alone" (a statement without an end) or "broken"; `word` is the
    first word of a statement, for "end" that of the block which it ends.
    """

    text: str
    paragraph: int | None
    role: str
    word: str = ""
    node: nodes.Node | None = None
    error: str = ""
    refused: tuple[str, ...] = ()


def read(marked: str, paragraph: int | None) -> Tag:
    """A tag from its marked text. `paragraph` is where it stands, unless a mark knows better."""
    if mark := MARK.search(marked):
        paragraph = int(mark.group(1))
    text = MARK.sub("", marked)
    inner = text[2:-2].strip().strip("-+").strip()
    if len(text) > MAX_TAG:
        return Tag(text[:200], paragraph, "broken", error=f"it is longer than {MAX_TAG:,} characters")
    if text.startswith("{{"):
        return _parsed(text, text, paragraph, "print", "")
    if text.startswith("{#"):
        return Tag(text, paragraph, "comment")
    word = (re.match(r"\w*", inner) or [""])[0]
    if word in _BLOCK_OF:
        known = inner == word or word in ("endmacro", "endblock")
        error = "" if known else f"nothing may follow `{word}` in it"
        return Tag(text, paragraph, "end", _BLOCK_OF[word], error=error)
    if word == "else":
        return Tag(text, paragraph, "middle", word, error="" if inner == word else "nothing may follow `else` in it")
    if word == "elif":
        return _parsed(text, f"{{% if {inner[4:]} %}}{{% endif %}}", paragraph, "middle", word)
    if word == "set":
        alone = _parsed(text, text, paragraph, "alone", word)
        if not alone.error or "=" in inner:
            return alone
    if word in ENDS:
        return _parsed(text, f"{text}{{% {ENDS[word]} %}}", paragraph, "open", word)
    if word in _SINGLE:
        return _parsed(text, text, paragraph, "alone", word)
    if word == "raw" or word == "endraw":
        return Tag(
            text,
            paragraph,
            "broken",
            word,
            error="`raw` is not for reports; write such braces with a space between them",
        )
    if _PREFIX.match(inner):
        prefix, rest = inner.split(maxsplit=1)
        meant = read(f"{{% {rest} %}}", paragraph)
        error = f"`{prefix}` takes one space before and after it, and no `%` or `}}` may stand in such a tag"
        return replace(meant, text=text, error=error)
    return Tag(text, paragraph, "broken", word, error=f"there is no statement `{word}`" if word else "it is empty")


def _parsed(text: str, source: str, paragraph: int | None, role: str, word: str) -> Tag:
    try:
        tree = _PARSER.parse(source)
    except TemplateSyntaxError as error:
        return Tag(text, paragraph, role, word, error=str(error.message or "it is not complete").rstrip("."))
    except (RecursionError, MemoryError, ValueError) as error:
        return Tag(text, paragraph, role, word, error=str(error) or "it is nested too deeply")
    refused = tuple(dict.fromkeys(reason for _, reason in refusals(tree)))
    node = tree.body[0] if len(tree.body) == 1 else None
    if isinstance(node, nodes.Output) and role == "print":
        node = node.nodes[0] if len(node.nodes) == 1 else None
    elif isinstance(node, nodes.Scope):  # autoescape
        node = None
    if role == "print" and (node is None or isinstance(node, nodes.TemplateData)):
        return Tag(text, paragraph, role, word, error="it prints nothing")
    return Tag(text, paragraph, role, word, node, refused=refused)
