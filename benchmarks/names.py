"""How long proposals for suppliers take among very many names, and how that compares with rapidfuzz alone.

    python benchmarks/names.py [NAMES] [SUPPLIERS]

Prints, from one run: seconds to index the names; to make the sieve; for the proposals of all suppliers; the seconds that one
plain `rapidfuzz.process.extract` (WRatio) over the same names takes for as many suppliers, measured on a few of them; the
ratio; and how many of the suppliers, each a name of the directory written otherwise, have their name among the proposals. The invented
names are the same in every run.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from rapidfuzz import fuzz, process

from assessor.ownership import Party, directory
from assessor.ownership.names import propose
from assessor.ownership.spelling import normalise

SEED, NAMES, SUPPLIERS, PLAIN = 791, 100_000, 1_000, 20
SYLLABLES = [
    "ba",
    "bri",
    "cal",
    "dor",
    "el",
    "fen",
    "gar",
    "hal",
    "in",
    "jor",
    "kel",
    "lun",
    "mar",
    "nor",
    "ost",
    "pel",
    "quin",
    "ros",
    "sel",
    "tar",
    "ul",
    "ven",
    "wil",
    "xan",
    "yor",
    "zel",
]
HAN = "云桥海天明光星河金山青木东方华安新力远达宏信联创中科正泰瑞丰永兴"
TRADE = [
    "Technology",
    "Electronics",
    "Communication",
    "Semiconductor",
    "Software",
    "Systems",
    "Automotive",
    "Industry",
    "Energy",
    "Precision",
]
TRADE_HAN = ["科技", "电子", "通信", "半导体", "软件", "系统", "汽车", "工业", "能源", "精密"]
PLACES = {"Shenzhen": "深圳", "Shanghai": "上海", "Hangzhou": "杭州", "Suzhou": "苏州", "": ""}
FORMS = ["Co., Ltd.", "Inc.", "LLC", "GmbH", "Ltd", "Corporation", "S.A."]


def listed(count: int) -> list[Party]:
    """Invented parties, one in ten of them with a Chinese name."""
    rng = random.Random(SEED)
    found = []
    for number in range(count):
        trade = rng.randrange(len(TRADE))
        place = rng.choice(list(PLACES))
        if number % 10 == 0:
            name = f"{PLACES[place]}{''.join(rng.choices(HAN, k=2))}{TRADE_HAN[trade]}有限公司"
        else:
            stem = "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title()
            name = " ".join(filter(None, (place, stem, TRADE[trade], rng.choice(FORMS))))
        found.append(Party(str(number), name))
    return found


def written(parties: list[Party], count: int) -> list[tuple[str, str]]:
    """Names of some parties as a bill of materials may write them, with the key of the party meant."""
    rng = random.Random(SEED)
    found = []
    for party in rng.sample(parties, count):
        words = party.name.split()
        turn = rng.randrange(4)
        if turn == 0 and len(words) > 2:
            words[0], words[1] = words[1], words[0]
        elif turn == 1:
            words = [word.replace("Technology", "Tech").replace("Corporation", "Corp") for word in words]
        elif turn == 2:
            place = rng.randrange(1, max(len(words[0]) - 1, 2))
            words[0] = words[0][:place] + words[0][place + 1 :]
        found.append((" ".join(words[:-1] if turn == 3 and len(words) > 2 else words), party.key))
    return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that `work` takes, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def main() -> None:
    """Run and print."""
    names = int(sys.argv[1]) if len(sys.argv) > 1 else NAMES
    suppliers = int(sys.argv[2]) if len(sys.argv) > 2 else SUPPLIERS
    parties = listed(names)
    sought = written(parties, suppliers)
    indexing, index = timed(lambda: directory(parties))
    sieving, _ = timed(index.sieve)
    proposing, found = timed(lambda: [propose(index, name) for name, _ in sought])
    every = list(index.by_name)
    few = sought[:PLAIN]
    plain, _ = timed(
        lambda: [process.extract(normalise(name), every, scorer=fuzz.WRatio, limit=100) for name, _ in few]
    )
    plain *= suppliers / len(few)
    hits = sum(key in [candidate.key for candidate in each] for (_, key), each in zip(sought, found, strict=True))
    ours = sieving + proposing
    print(f"{names:,} names indexed: {indexing:.2f} s; sieve made: {sieving:.2f} s")
    print(f"proposals for {suppliers:,} suppliers: {proposing:.2f} s")
    print(f"plain rapidfuzz.process.extract for as many, from {len(few)} of them: {plain:.1f} s")
    print(f"ratio {ours / plain:.3f} (sieve included)")
    print(f"the name meant is among the proposals for {hits:,} of {suppliers:,}")


if __name__ == "__main__":
    main()
