"""Ownership over arrays, for registers of millions: entities are numbers, stakes whole units of a common measure.

The rules are those of `graph.py`, `closure.py` and `control.py`, and tests hold both to the same answers. What is common is done
for all rows at once; what is rare goes through the code of `graph.py`, `merge.py` and `arrangements.py` itself.
"""
