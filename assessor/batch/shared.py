"""Suppliers that several clients share, told as counts and never by name (§791.314(b)).

Whom a client buys from is its confidential business information, and one client's engagement is not to be read beside another's.
So each engagement's own process turns its suppliers into hashes, keyed with a random key that the batch makes, holds in memory and
never writes; the one who waits sees hashes alone, counts what is equal, and forgets them. A hash without a key would not do: names
of companies can be listed and hashed until one fits. The hashes stand in no file and in no output, since two lists of them laid
side by side would tell which clients share.

Suppliers are one when they have an identifier that identifies in common (LEI, number in a stated register), or the same name, levelled
in spelling, and the same country. A supplier without a country or number is found again only where it is written so too: the counts may
be too low, and nothing rests on them.

A count can tell as much as a name. Of two clients, whatever is shared is shared by the other one; what all of several share is
shared by each. Hence the bounds below. They hold for one page: who lays one from before a client came beside one from after it
sees the difference, which is one reason why the page is for the firm's own use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

LEAST_CLIENTS = 3
"""Clients with suppliers below which nothing is told: of two, each knows from any count what the other has."""
LEAST_FOR_PARTS = 4
"""Clients with suppliers below which "two" and "three or more" are not told apart: of three clients, three are all."""
LEAST = 3
"""The smallest count that is told as a number: one or two can be found by who knows a list, or saw the page of last week."""


def hashes(suppliers: pd.DataFrame, key: str) -> list[list[str]]:
    """For each supplier of an engagement the keyed hashes of what it can be recognised by, sorted. `suppliers` is the table of that
    name, `key` the batch's in hex. What has neither name nor number has no place in it."""
    from assessor.ownership.identifiers import identifiers
    from assessor.ownership.spelling import normalise

    def text(value: object) -> str:
        return value.strip() if isinstance(value, str) else ""

    found = []
    for row in suppliers.to_dict("records"):
        country = text(row["country"])
        proven, _ = identifiers(text(row["lei"]), text(row["registration"]), country)
        marks = [("number", one.kind, one.value, one.country) for one in proven if one.identifies]
        if name := normalise(text(row["name"])):
            marks.append(("name", name, country, ""))
        if marks:
            found.append(sorted({_hash(mark, key) for mark in marks}))
    return sorted(found)


def _hash(mark: Sequence[str], key: str) -> str:
    return blake2b("\0".join(mark).encode("utf-8", "surrogatepass"), key=bytes.fromhex(key), digest_size=16).hexdigest()


def counted(by_client: Mapping[str, Iterable[Sequence[str]]]) -> Counter[int]:
    """How many suppliers so many clients have: {clients: suppliers}. `by_client` holds for each client the hashes of each supplier,
    of all of its engagements: one client's two years share their suppliers with nobody."""
    above: dict[str, str] = {}

    def top(mark: str) -> str:
        while (upper := above.setdefault(mark, mark)) != mark:
            above[mark] = above[upper]
            mark = above[mark]
        return mark

    for suppliers in by_client.values():
        for marks in suppliers:
            first = top(marks[0])
            for mark in marks[1:]:
                above[top(mark)] = first
    clients: dict[str, set[str]] = {}
    for client, suppliers in by_client.items():
        for marks in suppliers:
            clients.setdefault(top(marks[0]), set()).add(client)
    return Counter(len(each) for each in clients.values())


def sentence(by_client: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """What may be told of shared suppliers, and why not more."""
    having = {client: suppliers for client, suppliers in by_client.items() if suppliers}
    many = len(having)
    if many < LEAST_CLIENTS:
        return (
            f"Not told: it takes suppliers of at least {LEAST_CLIENTS} clients, and there are those of {many}. Of fewer, "
            "any number would tell a client what another one has."
        )
    often = counted(having)
    two, more = often[2], sum(count for clients, count in often.items() if clients > 2)
    begin = f"Of {many} clients with suppliers in evidence, "
    if two + more < LEAST:
        return (
            f"{begin}fewer than {LEAST} suppliers (or none) appear at 2 or more; so small a number is not told exactly."
        )
    told = f"{begin}{two + more:,} suppliers appear at 2 or more"
    if many < LEAST_FOR_PARTS:
        return f"{told}. At how many is not told: three are all of these clients."
    if min(two, more) < LEAST:
        return f"{told}. At how many is not told, since one of the parts is smaller than {LEAST}."
    return f"{told}: {two:,} at two, {more:,} at three or more."
