"""Small engagements, which run in a moment, and procedures of a firm that are installed beside the toolkit."""

from __future__ import annotations

from pathlib import Path

TERMS = """
[engagement]
id = "{id}"
client = "{client}"
dated = 2026-11-16
period = {{from = 2026-01-01, to = 2026-09-30}}
rule_version = "2025-04-24"
[client]
name = "{client}"
roles = ["connected_vehicle_manufacturer"]
[firm]
name = "Quillon"
"""


def engagement(root: Path, name: str, *, client: str = "Acorn Motors", delivery: bool = True) -> Path:
    """The folder of an engagement, whose id is the last part of its name, with a delivery in its inbox."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "engagement.toml").write_text(TERMS.format(id=folder.name, client=client), "utf-8")
    if delivery:
        sent = folder / "inbox" / "first"
        sent.mkdir(parents=True)
        (sent / "screening.csv").write_text("Screened party,Result\nTern Devices,none\n", "utf-8")
    return folder


def install(site: Path, name: str, source: str) -> None:
    """Put a module into a folder of modules, where the toolkit finds it as the procedure `name`."""
    about = site / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (site / f"{name}.py").write_text(source, "utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text(f"[assessor.procedures]\n{name} = {name}\n", "utf-8")
