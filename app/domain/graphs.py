"""What waits for what: an order that respects it, and the knots that make one impossible. No recursion, any size."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
Graph: TypeAlias = Mapping[K, Sequence[K]]
"""Node → the nodes it waits for, all of them nodes themselves, none twice."""

_MOST_OF_A_KNOT = 10
"""Rings told of one knot at most."""


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
    """Rings of nodes, each waited for by the next and the last by the first: what must be cut to get an order.

    No two share an edge. Of every knot, nodes that all wait for each other, at least one ring is told; of one that is
    tied many times over not all are: cut what is told, and ask again.
    """
    sorted_out = set(order(graph))
    left = {node: set(graph[node]) - sorted_out for node in graph if node not in sorted_out}
    position = {node: i for i, node in enumerate(graph)}
    found: list[tuple[K, ...]] = []
    for _ in range(_MOST_OF_A_KNOT):
        after = successors({node: sorted(waits_for, key=position.__getitem__) for node, waits_for in left.items()})
        knots = _knots(left, after, position)
        if not knots:
            break
        for knot in knots:
            ring = _ring(knot, after)
            found.append(ring)
            for waited_for, node in zip(ring, (*ring[1:], ring[0]), strict=True):
                left[node].discard(waited_for)
    return sorted(found, key=lambda ring: position[ring[0]])


def _knots(graph: Mapping[K, Iterable[K]], after: Graph[K], position: Mapping[K, int]) -> list[list[K]]:
    """Nodes that all wait for each other, in their order."""
    # Kosaraju: nodes by when a walk forward leaves them, latest first; what a walk back from there reaches is a knot.
    seen: set[K] = set()
    left = [node for start in graph for node in _walk(start, after, seen)]
    taken: set[K] = set()
    knots = [_walk(node, graph, taken) for node in reversed(left)]
    return [
        sorted(knot, key=position.__getitem__)
        for knot in knots
        if len(knot) > 1 or (knot and knot[0] in graph[knot[0]])
    ]


def _walk(start: K, edges: Mapping[K, Iterable[K]], seen: set[K]) -> list[K]:
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


def _ring(knot: Sequence[K], after: Graph[K]) -> tuple[K, ...]:
    """A shortest way from the knot's first node back to it, in the order of the work."""
    start, members = knot[0], set(knot)
    came_from: dict[K, K] = {}
    queue = [start]
    for node in queue:  # grows while it is walked
        for s in after[node]:
            if s == start:
                ring = [node]
                while ring[-1] != start:
                    ring.append(came_from[ring[-1]])
                return tuple(reversed(ring))
            if s in members and s not in came_from:
                came_from[s] = node
                queue.append(s)
    raise AssertionError("nodes of a knot reach each other")
