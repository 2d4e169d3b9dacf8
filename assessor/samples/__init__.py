"""Samples as recorded objects: populations from files or tables, plans, draws, the sheets of fieldwork, evaluations, and how they stand.

`assessor.sampling` reckons; what is here reads the population, keeps what was planned, drawn and found, and says when it is stale.
"""
