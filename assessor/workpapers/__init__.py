"""Workpapers: the notebooks of an engagement, executed through Papermill and exported as HTML."""

from assessor.workpapers.display import detail_tables, result, rows, samples
from assessor.workpapers.heading import heading, number, title
from assessor.workpapers.links import evidence_links
from assessor.workpapers.notebooks import ENGINES, execute, preload
from assessor.workpapers.ownership import ownership, suppliers_ownership
from assessor.workpapers.pages import export, write_index

__all__ = [
    "ENGINES",
    "detail_tables",
    "evidence_links",
    "execute",
    "export",
    "heading",
    "number",
    "ownership",
    "preload",
    "result",
    "rows",
    "samples",
    "suppliers_ownership",
    "title",
    "write_index",
]
