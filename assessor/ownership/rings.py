"""Strongly connected parts of a layer: rings of entities that hold each other."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.ownership.graph import Layer


def components(layer: Layer, entities: Iterable[str]) -> list[tuple[str, ...]]:
    """Strongly connected parts, holders before what they hold (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in entities:
        if root in index:
            continue
        work = [(root, iter(layer.by.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            entity, edges = work[-1]
            for stake in edges:
                subject = stake.subject
                if subject not in index:
                    index[subject] = low[subject] = len(index)
                    stack.append(subject)
                    on_stack.add(subject)
                    work.append((subject, iter(layer.by.get(subject, ()))))
                    break
                if subject in on_stack:
                    low[entity] = min(low[entity], index[subject])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[entity])
                if low[entity] == index[entity]:
                    part = []
                    while True:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                        if part[-1] == entity:
                            break
                    found.append(tuple(sorted(part)))
    return found[::-1]


def rings(layer: Layer, entities: Iterable[str]) -> list[tuple[str, ...]]:
    """Parts of more than one entity, and entities that hold themselves."""
    return [
        part
        for part in components(layer, entities)
        if len(part) > 1 or any(s.subject == part[0] for s in layer.by.get(part[0], ()))
    ]
