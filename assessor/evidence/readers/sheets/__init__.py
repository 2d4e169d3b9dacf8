"""Sheets and separated text as grids of cells, with what is hidden in them, and the tables that stand in them."""
