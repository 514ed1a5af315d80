"""What waits for what: an order that respects it, and the knots that make one impossible. No recursion, any size."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
Graph: TypeAlias = Mapping[K, Sequence[K]]
"""Node → the nodes it waits for, all of them nodes themselves, none twice."""


def successors(graph: Graph[K]) -> dict[K, list[K]]:
    found: dict[K, list[K]] = {node: [] for node in graph}
    for node, waits_for in graph.items():
        for p in waits_for:
            found[p].append(node)
    return found


def order(graph: Graph[K]) -> list[K]:
    """The nodes, each after what it waits for; those in or behind a cycle are left out."""
    waiting = {node: len(waits_for) for node, waits_for in graph.items()}
    after = successors(graph)
    ready = [node for node, count in waiting.items() if count == 0]
    for node in ready:  # grows while it is walked
        for s in after[node]:
            waiting[s] -= 1
            if waiting[s] == 0:
                ready.append(s)
    return ready


def cycles(graph: Graph[K]) -> list[tuple[K, ...]]:
    """Every knot: nodes that all wait for each other, in the order of the work where the knot is a plain ring."""
    sorted_out = set(order(graph))
    if len(sorted_out) == len(graph):
        return []
    knotted = {node: [p for p in graph[node] if p not in sorted_out] for node in graph if node not in sorted_out}
    after = successors(knotted)
    # Kosaraju: nodes by when a walk forward leaves them, latest first; what a walk back from there reaches is a knot.
    seen: set[K] = set()
    left = [node for start in knotted for node in _walk(start, after, seen)]
    taken: set[K] = set()
    knots = [_walk(node, knotted, taken) for node in reversed(left)]
    position = {node: i for i, node in enumerate(graph)}
    real = [
        sorted(knot, key=position.__getitem__)
        for knot in knots
        if len(knot) > 1 or (knot and knot[0] in knotted[knot[0]])
    ]
    return [_in_order(knot, after) for knot in sorted(real, key=lambda knot: position[knot[0]])]


def _walk(start: K, edges: Graph[K], seen: set[K]) -> list[K]:
    """Nodes reached from `start` and not seen before, in the order they are left for good."""
    if start in seen:
        return []
    seen.add(start)
    left, path = [], [(start, iter(edges[start]))]
    while path:
        node, following = path[-1]
        for step in following:
            if step not in seen:
                seen.add(step)
                path.append((step, iter(edges[step])))
                break
        else:
            left.append(node)
            path.pop()
    return left


def _in_order(knot: Sequence[K], after: Graph[K]) -> tuple[K, ...]:
    members, walked = set(knot), dict.fromkeys([knot[0]])
    node = knot[0]
    while True:
        following = next((s for s in after[node] if s in members and s not in walked), None)
        if following is None:
            break
        walked[following] = None
        node = following
    return (*walked, *(node for node in knot if node not in walked))
