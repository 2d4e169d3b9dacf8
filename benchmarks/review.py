"""How long the overview of a large engagement takes to open in a kernel that is up, and its browsers to answer a keystroke.

    python benchmarks/review.py [COMPONENTS SUPPLIERS TRANSACTIONS]      default: 100000 5000 50000

The demonstration's evidence is enlarged, taken in and run once; what that takes is told and not judged. Printed: seconds from the
import of the library to the overview's page (at most 3), each form of the review, and a search over the components. Figures are of
elapsed time, since that is what a person waits for; the ratio beside them is to loading the tables with pandas alone.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from assessor import demo, resources
from assessor.engagement import Engagement
from assessor.evidence import package
from assessor.run import run

SECONDS = 3.0
CODE = """
import json, sys, time
from pathlib import Path
import pandas as pd
started = time.perf_counter()
from assessor import review
work = review.open(sys.argv[1])
page = work.overview()._repr_html_()
told = {"overview": time.perf_counter() - started}
started = time.perf_counter()
for path in Path(sys.argv[1], "tables").glob("*.parquet"):
    pd.read_parquet(path)
told["tables alone"] = time.perf_counter() - started
for name in ("questions", "requests", "suppliers", "components", "evidence", "readings", "findings", "signing"):
    started = time.perf_counter()
    getattr(work, name)()
    told[name] = time.perf_counter() - started
from assessor.review import browse
table = browse.components(work.assessment)
started = time.perf_counter()
browse.matching(table, "mixer 1.9", license_class="proprietary")
told["a search"] = time.perf_counter() - started
print(json.dumps(told))
"""


def enlarge(folder: Path, components: int, suppliers: int, transactions: int) -> None:
    """More components and suppliers in the bill of the telematics software, more suppliers in a list, more rows in the ledger."""
    path = folder / "02 Software" / "tcu7-telematics.cdx.json"
    bill = json.loads(path.read_text("utf-8"))
    for number in range(components - len(bill["components"])):
        part = {"type": "library", "bom-ref": f"x{number}", "name": f"part-{number}", "version": f"1.{number % 90}"}
        if number % 10:
            part |= {"licenses": [{"license": {"id": "MIT"}}]}
        else:
            part |= {"supplier": {"name": f"Supplier {number % suppliers} GmbH"}, "author": "A. Maker"}
            part |= {"licenses": [{"license": {"name": "Proprietary"}}]}
        bill["components"].append(part)
    path.write_text(json.dumps(bill), "utf-8")
    with (folder / "04 Suppliers" / "more-suppliers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Supplier No.", "Supplier name", "Country"])
        rows.writerows([f"X-{number}", f"Supplier {number} GmbH", "Germany"] for number in range(suppliers))
    path = folder / "08 Transactions" / "import-sales-ledger.csv"
    head, *rows = path.read_text("utf-8-sig").splitlines()
    made = [f"X{number}-{rows[number % len(rows)]}" for number in range(transactions - len(rows))]
    path.write_text("\n".join(["\ufeff" + head, *rows, *made]) + "\n", "utf-8")


def main(components: int, suppliers: int, transactions: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        root, delivery = Path(folder) / "engagement", Path(folder) / "delivery"
        root.mkdir()
        case = resources.folder("fixtures") / demo.CASE
        shutil.copyfile(case / "engagement.toml", root / "engagement.toml")
        demo.build_package(case, delivery)
        shutil.rmtree(delivery / "metadata", ignore_errors=True)
        enlarge(delivery, components, suppliers, transactions)
        started = time.perf_counter()
        package.take_in(root, delivery, received=date(2026, 10, 5), supplied_by="Client", custodian="")
        run(Engagement(root), notebooks=False)
        print(
            f"{components:,} components, {suppliers:,} suppliers, {transactions:,} transactions: run in {time.perf_counter() - started:.0f} s"
        )
        runs = [
            json.loads(
                subprocess.run(
                    [sys.executable, "-c", CODE, str(root)], capture_output=True, text=True, check=True
                ).stdout.splitlines()[-1]
            )
            for _ in range(3)
        ]
        told = {name: min(run[name] for run in runs) for name in runs[0]}
        for name, seconds in told.items():
            over = name == "overview" and seconds > SECONDS
            print(
                f"  {'OVER ' if over else ''}{name}: {seconds:.2f} s ({seconds / told['tables alone']:.1f} × the tables alone)"
            )
    return int(told["overview"] > SECONDS)


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]] or [100_000, 5_000, 50_000]
    sys.exit(main(*sizes))
