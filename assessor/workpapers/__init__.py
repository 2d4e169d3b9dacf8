"""Workpapers: the notebooks of an engagement, executed through Papermill and exported as HTML."""

from assessor.workpapers.display import detail_tables, result, rows
from assessor.workpapers.notebooks import execute, export

__all__ = ["detail_tables", "execute", "export", "result", "rows"]
