"""Who controls whom, over millions of entities: both closures and the answers for all, against reading the interests.

    python benchmarks/ownership.py [ENTITIES ...]      default: 1000000 3000000

Makes a register of so many entities with 1.2 interests each (the same in every run): natural persons at the top, most of them of
other countries than the PRC and Russia, stakes that are exact, in bands or partly undisclosed, rings among neighbours. Printed, in
CPU seconds of one run: reading the interests from Parquet; making the graph out of the tables; both closures with who contributed,
and the answer for every entity, at most 3 times the reading; the same on networkx, from the same numbered stakes (`pip install
networkx`; the first size only), at least 50 times as long; one explanation, at most 0.1 s; peak memory of a process of its own, with the
tables and the program, at most 1 GB; and a chain of 100,000 tiers, at most 1 s.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assessor.ownership import OwnershipGraph

T = TypeVar("T")
SIZES = (1_000_000, 3_000_000)
TERMS: dict[str, Any] = {
    "adversaries": frozenset({"CN", "HK", "MO", "RU"}),
    "as_of": date(2026, 6, 30),
    "dominant_minority": Fraction(1, 10),
}
SPLITS = ((1.0,), (0.6, 0.4), (0.5, 0.3, 0.2), (0.4, 0.3, 0.2, 0.1))
MEMORY = "--memory"
TIERS = 100_000


def made(count: int) -> tuple[pa.Table, pa.Table]:
    """Entities and interests. The first fifth are natural persons."""
    chance = np.random.default_rng(791)
    persons = count // 5
    firms = np.arange(persons, count)
    held = firms[chance.random(len(firms)) < 0.9]
    several = np.minimum(1 + chance.poisson(0.72, len(held)), 4)
    subject = np.repeat(held, several)
    place = np.arange(len(subject)) - np.repeat(np.cumsum(several) - several, several)
    share = np.array([[*split, *([0.0] * (4 - len(split)))] for split in SPLITS])[
        np.repeat(several, several) - 1, place
    ]
    known = chance.random(len(subject))
    share = np.where(known < 0.1, np.round(share * 0.9, 4), share)  # some is not disclosed
    holder = np.where(
        chance.random(len(subject)) < 0.6,
        (persons * chance.random(len(subject)) ** 2.2).astype(np.int64),
        (subject * chance.random(len(subject)) ** 0.5).astype(np.int64),
    )
    ring = chance.random(len(subject)) < 0.01
    holder = np.where(ring, np.minimum(subject + chance.integers(1, 4, len(subject)), count - 1), holder)
    band = known > 0.95
    low = np.where(
        band & (share > 0.75), 0.75, np.where(band & (share > 0.5), 0.5, np.where(band & (share > 0.25), 0.25, share))
    )
    high = np.where(band, np.minimum(low + 0.25, 1), share)
    ids = pa.array(np.char.add("R-", np.arange(count).astype("U9")))
    country = np.where(
        np.arange(count) < persons,
        chance.choice(["US", "DE", "JP", "CN", "GB", "RU"], count, p=[0.45, 0.25, 0.15, 0.04, 0.1, 0.01]),
        chance.choice(["US", "DE", "JP", "CN", "GB", "RU"], count, p=[0.4, 0.25, 0.15, 0.03, 0.16, 0.01]),
    )
    person = np.arange(count) < persons
    total = len(subject)
    source, nothing = pa.array(["E-0001"] * count), pa.nulls(count, pa.string())
    entities = {
        "source": source,
        "locator": pa.array(np.char.add("line ", np.arange(count).astype("U9"))),
        "entity": ids,
        "name": pa.array(np.char.add(np.char.add("Holding ", np.arange(count).astype("U9")), " Ltd")),
        "names": nothing,
        "kind": pa.array(np.where(person, "person", "organisation")),
        "incorporated": pa.array(np.where(person, "", country)),
        **dict.fromkeys(("headquarters", "principal_place"), nothing),
        "residence": pa.array(np.where(person, country, "")),
        "citizenship": pa.array(np.where(person, country, "")),
        **dict.fromkeys(("us_status", "lei", "registration"), nothing),
    }
    interests = {
        "source": pa.array(["E-0001"] * total),
        "locator": pa.array(np.char.add("line ", np.arange(total).astype("U9"))),
        "interest": pa.array(np.char.add("I-", np.arange(total).astype("U9"))),
        "holder": ids.take(pa.array(holder)),
        "subject": ids.take(pa.array(subject)),
        "kind": pa.array(np.where(chance.random(total) < 0.7, "shareholding", "voting_rights")),
        "min": _texts(low),
        "max": _texts(high),
        "min_open": pa.array(band),
        "max_open": pa.array(np.zeros(total, np.bool_)),
        "direct": pa.array(np.ones(total, np.bool_)),
        "details": pa.nulls(total, pa.string()),
        "start": pa.nulls(total, pa.date32()),
        "end": pa.nulls(total, pa.date32()),
    }
    return pa.table(entities), pa.table(interests)


def _texts(shares: np.ndarray) -> pa.Array:
    different, which = np.unique(np.round(shares, 4), return_inverse=True)
    return pa.array([f"{share:.4f}".rstrip("0").rstrip(".") for share in different.tolist()]).take(pa.array(which))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds and the result."""
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def close(graph: OwnershipGraph) -> Any:
    """Both closures, with who contributed, and the answers."""
    return graph.joined, graph.reached, graph.answers()


def on_networkx(ours: OwnershipGraph) -> tuple[float, float]:
    """CPU seconds for making a networkx graph of the same numbered stakes, and for the same two closures on it, as worklists with
    sums and holders kept. Who is who, and what the shares are, has been found out for both."""
    import networkx

    held = ours._arrays
    votes, unit = held.votes, held.votes.unit
    persons = [entity.kind == "person" for entity in held.like]
    facts = list(zip(*(each.tolist() for each in (held.facts, ours._own[0])), strict=True))
    rows = list(zip(*(each.tolist() for each in (votes.holder, votes.subject, votes.least)), strict=True))
    started = time.process_time()
    graph = networkx.DiGraph()
    for entity, (fact, seed) in enumerate(facts):
        graph.add_node(entity, person=persons[fact], seed=seed)
    for holder, subject, least in rows:
        graph.add_edge(holder, subject, share=least)
    made_it = time.process_time()
    seeds = [entity for entity, told in graph.nodes(data=True) if told["seed"]]
    must, held, by = set(seeds), dict.fromkeys(graph, 0), {entity: [] for entity in graph}
    queue = deque(seeds)
    while queue:
        holder = queue.popleft()
        for _, subject, told in graph.out_edges(holder, data=True):
            held[subject] += told["share"]
            by[subject].append(holder)
            if subject not in must and 2 * held[subject] > unit:
                must.add(subject)
                queue.append(subject)
    outside = {entity: sum(told["share"] for _, _, told in graph.in_edges(entity, data=True)) for entity in graph}
    may = set(must)
    may.update(e for e, told in graph.nodes(data=True) if not told["person"] and 10 * (unit - outside[e]) >= unit)
    queue = deque(may)
    while queue:
        holder = queue.popleft()
        for _, subject, told in graph.out_edges(holder, data=True):
            outside[subject] -= told["share"]
            if subject not in may and 10 * (unit - outside[subject]) >= unit:
                may.add(subject)
                queue.append(subject)
    [("established" if e in must else "possible" if e in may else "excluded") for e in graph]
    return made_it - started, time.process_time() - made_it


def peak(folder: Path) -> tuple[float, float]:
    """Megabytes that a process takes at most which reads the tables, makes the graph and answers, and of these the tables."""
    told = subprocess.run([sys.executable, __file__, MEMORY, str(folder)], capture_output=True, text=True, check=True)
    total, held = map(float, told.stdout.split())
    return total, held


def most_memory() -> float:
    """Megabytes that this process took at most, since it was started: `getrusage` also counts what its parent took."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def chain(tiers: int) -> float:
    """Seconds for one firm above another, so many times, the topmost of the PRC or unknown."""
    ids = [f"T-{tier}" for tier in range(tiers)]
    total = 0.0
    for top in ("CN", ""):
        entities = pa.table(
            {
                **dict.fromkeys(
                    ("names", "headquarters", "principal_place", "residence"), pa.nulls(tiers, pa.string())
                ),
                **dict.fromkeys(("citizenship", "us_status", "lei", "registration"), pa.nulls(tiers, pa.string())),
                **{
                    "entity": ids,
                    "name": ids,
                    "locator": ids,
                    "source": ["E-0001"] * tiers,
                    "kind": ["organisation"] * tiers,
                },
                "incorporated": [top, *["DE"] * (tiers - 1)],
            }
        )
        count = tiers - 1
        interests = pa.table(
            {
                **{
                    "source": ["E-0001"] * count,
                    "locator": ids[1:],
                    "interest": ids[1:],
                    "holder": ids[:-1],
                    "subject": ids[1:],
                },
                **{"kind": ["shareholding"] * count, "min": ["1"] * count, "max": ["1"] * count},
                **dict.fromkeys(("min_open", "max_open"), pa.array([False] * count)),
                **{"direct": pa.array([True] * count), "details": pa.nulls(count, pa.string())},
                **dict.fromkeys(("start", "end"), pa.nulls(count, pa.date32())),
            }
        )
        seconds, _ = timed(lambda e=entities, i=interests: close(OwnershipGraph(e, i, **TERMS)))
        total = max(total, seconds)
    return total


BEYOND: list[str] = []


def told(what: str, figure: float, limit: float, unit: str = "", least: bool = False) -> None:
    """Print a figure beside its limit."""
    over = figure < limit if least else figure > limit
    if over:
        BEYOND.append(what)
    bound = f"at {'least' if least else 'most'} {limit:g}{unit}"
    print(f"  {'OVER ' if over else ''}{what} {figure:.2f}{unit} ({bound})", flush=True)


def measure(folder: Path, against: bool) -> None:
    """Print the figures of the tables in a folder."""
    megabytes, held = peak(folder)
    reading, interests = timed(lambda: pq.read_table(folder / "interests"))
    entities = pq.read_table(folder / "entities")
    making, graph = timed(lambda: OwnershipGraph(entities, interests, **TERMS))
    closing, (_, _, answers) = timed(lambda: close(graph))
    counts = answers["prc_russia"].value_counts().to_dict()
    print(f"{len(entities):,} entities, {len(interests):,} interests; {counts}")
    print(f"  reading {reading:.2f} s, making the graph {making:.2f} s, closures and answers {closing:.2f} s")
    told("closures and answers, times the reading", closing / reading, 3)
    print(f"  all from the tables, times the reading {(making + closing) / reading:.2f}")
    told("peak memory, all told", megabytes, 1000, " MB")
    print(f"  the tables {held:.0f} MB, most of it in files")
    chance = random.Random(791)
    graph.verdict(answers["entity"].iloc[0])
    spans = sorted(timed(lambda: graph.verdict(chance.choice(answers["entity"])))[0] for _ in range(100))
    told("an explanation, the slowest of 100", spans[-1], 0.1, " s")
    print(f"  an explanation, the middle of 100 {spans[50]:.3f} s")
    if against:
        theirs, closed = on_networkx(graph)
        print(f"  networkx: making its graph {theirs:.1f} s, closures and answers {closed:.1f} s")
        told("networkx, times our closures and answers", (theirs + closed) / closing, 50, least=True)


def main(sizes: list[int]) -> int:
    """Print each figure; the answer is the number of those beyond a limit."""
    for number, size in enumerate(sizes):
        with tempfile.TemporaryDirectory() as folder:
            for name, table in zip(("entities", "interests"), made(size), strict=True):
                pq.write_table(table, Path(folder) / name)
            measure(Path(folder), against=not number)
    told(f"a chain of {TIERS:,} tiers", chain(TIERS), 1, " s")
    return len(BEYOND)


if __name__ == "__main__":
    if sys.argv[1:2] == [MEMORY]:
        graph = OwnershipGraph.read(Path(sys.argv[2]) / "entities", Path(sys.argv[2]) / "interests", **TERMS)
        close(graph)
        held = graph.tables
        print(most_memory(), sum(table.nbytes for table in held) / 1e6)
    else:
        sys.exit(bool(main([int(each) for each in sys.argv[1:]] or list(SIZES))))
