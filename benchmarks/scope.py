"""How long §791.301 scope of 500,000 components takes with its reasons, and how that compares with reading the table.

    python benchmarks/scope.py [ROWS]

Prints medians of three repetitions in one run: seconds that pandas needs to read the components from Parquet plus ten
boolean operations over their columns; seconds for the scope of all of them; and the ratio of the two, to be at most 3. Who
owns the suppliers is determined beforehand and its time printed apart. The invented table is the same in every run.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from assessor.engagement import Terms
from assessor.evidence import tables
from assessor.judgements import Ledger
from assessor.procedures import s301_scope, supplier_ownership
from assessor.procedures.facts import Facts
from assessor.results import Question
from assessor.rule import load

SEED, ROWS, ITEMS, SUPPLIERS, NAMES, REPETITIONS = 791, 500_000, 40, 4_000, 60_000, 3
LICENSES = {"open_source": ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only"], "proprietary": ["Proprietary"]}
CLASSES = [
    "resistor",
    "capacitor",
    "connector",
    "microcontroller",
    "antenna",
    "cellular module",
    "Wi-Fi module",
    "GNSS",
]
CLASSES += ["flash memory", "power supply", "transceiver", "bracket", "lens"]
FREQUENCIES = ["2400-2483.5", "315", "433.92", "5.9 GHz", "13.56", "as per drawing"]


@dataclass(frozen=True)
class Answers(Ledger):
    """A ledger that answers most questions, the same ones in every run, whatever facts are shown."""

    def settle(self, question: Question) -> Question:
        """The question, left open for every seventh subject of those not about a whole item."""
        if question.id not in ("directly_enables", "primary_processing_unit"):
            number = sum(question.subject.encode())
            if number % 7 == 0:
                return question
            return replace(question, state="answered", answer=("yes", "no")[number % 2], rationale="invented")
        answer = "no" if question.subject == "Item 00" else "yes"
        return replace(question, state="answered", answer=answer, rationale="invented")


def components(count: int) -> pd.DataFrame:
    """The components: about 85 % open source, with firmware, hardware parts, unknown licences and unnamed suppliers."""
    rng = np.random.default_rng(SEED)
    hardware = rng.random(count) < 0.04
    kind = rng.choice(["open_source", "proprietary", "unknown", None], count, p=[0.88, 0.08, 0.03, 0.01])
    is_open = (kind == "open_source") & ~hardware
    number = np.where(hardware, NAMES, 0) + rng.integers(0, NAMES, count)
    # firmware and modified components are few and bear few names
    firmware = ~hardware & (number % 150 == 0)
    modified = is_open & (number % 200 == 1)
    part = number % len(CLASSES)
    supplier = number % SUPPLIERS
    named = rng.random(count) < np.where(is_open, 0.6, 0.97)
    made = rng.random(count) < 0.3
    text = rng.integers(0, 16, (count, 8)).astype("U2")
    item = rng.integers(0, ITEMS, count)

    def each(pick: Callable[[int], str | None]) -> list[str | None]:
        return [pick(row) for row in range(count)]

    columns: dict[str, Any] = {
        "component": each(lambda r: f"E-{item[r]:04d} /components/{r}"),
        "item": each(lambda r: f"Item {item[r]:02d}"),
        "medium": each(lambda r: "hardware" if hardware[r] else "software"),
        "name": each(lambda r: f"{'part' if hardware[r] else 'component'}-{number[r]}"),
        "version": each(lambda r: f"{number[r] % 9}.{r % 5}.{r % 3}"),
        "type": each(lambda r: CLASSES[part[r]] if hardware[r] else "firmware" if firmware[r] else "library"),
        "description": each(lambda r: f"{CLASSES[part[r]]}, as delivered" if hardware[r] else None),
        "supplier": each(lambda r: f"Supplier {supplier[r]:04d} Inc." if named[r] else None),
        "manufacturer": each(lambda r: f"Supplier {(supplier[r] + r % 2) % SUPPLIERS:04d} Inc." if made[r] else None),
        "license": each(
            lambda r: LICENSES[kind[r]][number[r] % len(LICENSES[kind[r]])] if kind[r] in LICENSES else None
        ),
        "license_class": each(lambda r: None if hardware[r] else kind[r]),
        "firmware": firmware,
        "modified": modified,
        "purl": each(lambda r: f"pkg:generic/component-{number[r]}@{number[r] % 9}.{r % 5}" if is_open[r] else None),
        "hashes": each(lambda r: f'{{"SHA-1": "{"".join(text[r])}"}}' if r % 2 else None),
        "level": [0 if r < 1 else 1 + r % 3 for r in range(count)],
        "frequency_mhz": each(
            lambda r: FREQUENCIES[number[r] % len(FREQUENCIES)] if hardware[r] and part[r] > 4 else None
        ),
        "source": each(lambda r: f"E-{item[r]:04d}"),
        "locator": each(lambda r: f"/components/{r}"),
    }
    return _table("components", columns)


def others() -> dict[str, pd.DataFrame]:
    """Suppliers, the entities and interests behind them, and a register of earlier software."""
    numbers = range(SUPPLIERS)
    countries = ["US", "US", "DE", "JP", "CN"]
    suppliers = {"supplier": [f"S-{n}" for n in numbers], "name": [f"Supplier {n:04d} Inc." for n in numbers]}
    owned = [n for n in numbers if n % 11]  # of the others nothing is known
    entities = {
        "entity": [f"org-{n}" for n in owned] + [f"person-{n}" for n in owned],
        "name": [f"Supplier {n:04d} Inc." for n in owned] + [f"Owner {n:04d}" for n in owned],
        "kind": ["organisation"] * len(owned) + ["person"] * len(owned),
        "incorporated": [countries[n % 5] for n in owned] + [None] * len(owned),
        "headquarters": [countries[n % 5] for n in owned] + [None] * len(owned),
        "principal_place": [countries[n % 5] for n in owned] + [None] * len(owned),
        "citizenship": [None] * len(owned) + [countries[n % 5] for n in owned],
    }
    interests = {
        "interest": [f"i-{n}" for n in owned],
        "holder": [f"person-{n}" for n in owned],
        "subject": [f"org-{n}" for n in owned],
        "kind": ["shareholding"] * len(owned),
        "min": ["1"] * len(owned),
        "max": ["1"] * len(owned),
    }
    line = load().constant("legacy_line")
    earlier = range(0, NAMES, 60)
    history = {
        "name": [f"component-{n}" for n in earlier],
        "made": [line - timedelta(days=n % 900 - 30) for n in earlier],
        "maintained": [line + timedelta(days=n % 90) if n % 7 == 0 else line - timedelta(days=1) for n in earlier],
        "maintained_by": [f"Supplier {n % SUPPLIERS:04d} Inc." for n in earlier],
    }
    filled = {"suppliers": suppliers, "entities": entities, "interests": interests, "software_history": history}
    return {name: _table(name, filled.get(name, {})) for name in tables.SCHEMAS if name != "components"}


def ten_operations(c: pd.DataFrame) -> list[pd.Series]:
    """Ten boolean operations over columns of the table, such as the limbs of a procedure begin with."""
    software = c["medium"] == "software"
    is_open = c["license_class"] == "open_source"
    return [
        software & is_open,
        software & ~is_open,
        is_open & c["modified"],
        is_open & ~c["modified"],
        software & c["firmware"],
        (c["license_class"] == "unknown") | c["license_class"].isna(),
        c["supplier"].isna() & c["manufacturer"].isna(),
        c["supplier"].isna() | (c["supplier"] == c["manufacturer"]),
        (c["level"] == 0) & (c["item"] == c["name"]),
        (c["medium"] == "hardware") & c["frequency_mhz"].notna(),
    ]


def facts(told: dict[str, pd.DataFrame]) -> Facts:
    """The facts of an invented engagement over these tables."""
    day = date(2026, 9, 30)
    terms = Terms(
        **{name: {} for name in Terms.__annotations__}
        | {"id": "BENCHMARK", "period_from": day, "period_to": day, "items": [], "criteria": {}}
    )
    return Facts(terms, load(), told, pd.DataFrame({"id": []}), Answers())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that `work` takes, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    told = others()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "components.parquet"
        tables.write(components(count), path)
        owning, owners = timed(lambda: supplier_ownership.named(facts(told | {"components": tables.read(path)})))
        reading, scoping = [], []
        for _ in range(REPETITIONS):
            seconds, c = timed(lambda: tables.read(path))
            reading.append(seconds + timed(lambda c=c: ten_operations(c))[0])
            fresh = facts(told | {"components": c})
            fresh._derived[supplier_ownership.named] = owners
            seconds, scope = timed(lambda fresh=fresh: s301_scope.components(fresh))
            scoping.append(seconds)
    read, scoped = statistics.median(reading), statistics.median(scoping)
    print(f"{count:,} components: " + ", ".join(f"{n:,} {kind}" for kind, n in scope["scope"].value_counts().items()))
    print(f"owners of {len(owners):,} suppliers, apart: {owning:.2f} s")
    print(f"read from Parquet and ten boolean operations: {read:.3f} s")
    print(f"scope with reasons: {scoped:.3f} s")
    print(f"ratio {scoped / read:.2f} (at most 3)")


def _table(name: str, columns: dict[str, Any]) -> pd.DataFrame:
    rows = len(next(iter(columns.values()), []))
    return tables.frame(
        pa.table(
            {
                key: pa.array(columns[key], column.type, from_pandas=True)
                if key in columns
                else pa.nulls(rows, column.type)
                for key, column in tables.SCHEMAS[name].items()
            }
        )
    )


if __name__ == "__main__":
    main()
