"""Reads as fast as they are answered: beside the ceiling, beside the peer, and one list beside another."""

from __future__ import annotations

import asyncio
import statistics

from scripts.bench import figures
from scripts.bench.load import Measured, get, measure
from scripts.bench.serving import PER_COUNTY, Bench, reference

Case = tuple[int, bytes, bytes]
OK, UNCHANGED = b"HTTP/1.1 200", b"HTTP/1.1 304"
PAGE = "/api/v1/projects"


def _side_by_side(bench: Bench, cases: dict[str, Case]) -> dict[str, list[Measured]]:
    """Each case in turn, round after round, so that a drifting machine drifts for all alike."""
    rounds, seconds = (3, 1.0) if bench.quick else (5, 1.5)
    results: dict[str, list[Measured]] = {name: [] for name in cases}
    for round_ in range(rounds + 1):
        for name, (port, request, expect) in cases.items():
            measured = asyncio.run(measure(port, request, seconds if round_ else seconds / 3, expect))
            if round_:  # the first warms up
                results[name].append(measured)
    for name, found in results.items():
        middle, p99 = (statistics.median(of) for of in ([m.per_second for m in found], [m.p99_ms for m in found]))
        print(f"  {name:<44} {middle:8.0f} /s   p99 {p99:6.1f} ms")
    return results


def _ratio(a: list[Measured], b: list[Measured]) -> float:
    return statistics.median(x.per_second / y.per_second for x, y in zip(a, b, strict=True))


def _against_ceiling(bench: Bench, goal: float, cases: dict[str, Case]) -> None:
    """The product first, the ceiling second."""
    ours, ceiling, *_ = _side_by_side(bench, cases).values()
    print(f"  ratio to the ceiling {_ratio(ours, ceiling):.2f} (goal ≥ {goal})", flush=True)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def page(bench: Bench) -> None:
    data = bench.medium
    print("a county's page of 50 projects, with leader, department and light")
    with bench.product(data) as ours, reference("bare", data) as bare, reference("textbook", data) as book:
        _against_ceiling(bench, 0.5, {
            "diaodu": (ours, get(PAGE, **_bearer(data.token)), OK),
            "ceiling: bare ASGI + asyncpg, the same SQL": (bare, get("/projects"), OK),
            "the same without lights": (bare, get("/projects-without-lights"), OK),
            "peer: ORM + response model, without lights": (book, get("/projects"), OK),
        })  # fmt: skip


def project(bench: Bench) -> None:
    data = bench.medium
    print("one project")
    with bench.product(data) as ours, reference("bare", data) as bare:
        _against_ceiling(bench, 0.4, {
            "diaodu": (ours, get(f"{PAGE}/{data.project}", **_bearer(data.token)), OK),
            "ceiling: bare ASGI + asyncpg, the same SQL": (bare, get(f"/projects/{data.project}"), OK),
            "the same without lights": (bare, get(f"/projects-without-lights/{data.project}"), OK),
        })  # fmt: skip


def unchanged(bench: Bench) -> None:
    data = bench.medium
    print("one project, If-None-Match hit")
    with bench.product(data) as ours, reference("bare", data) as bare:
        request = get(f"{PAGE}/{data.project}", If_None_Match='"1"', **_bearer(data.token))
        _against_ceiling(bench, 0.6, {
            "diaodu": (ours, request, UNCHANGED),
            "ceiling: bare ASGI + asyncpg": (bare, get(f"/version/{data.project}"), UNCHANGED),
        })  # fmt: skip


def statistics_unchanged(bench: Bench) -> None:
    data = bench.medium
    print("a county's overview, If-None-Match hit")
    with bench.product(data) as ours, reference("bare", data) as bare:
        etag = figures.known(ours, data.token)
        _against_ceiling(bench, 0.6, {
            "diaodu": (ours, get(figures.OVERVIEW, If_None_Match=etag, **_bearer(data.token)), UNCHANGED),
            "ceiling: bare ASGI + asyncpg": (bare, get("/marks"), UNCHANGED),
        })  # fmt: skip


def table(bench: Bench) -> None:
    few, many = bench.small, bench.large
    print("a county's page by size of the table")
    with bench.product(few) as small, bench.product(many) as large:
        results = _side_by_side(bench, {
            f"{PER_COUNTY} projects in the table": (small, get(PAGE, **_bearer(few.token)), OK),
            f"{bench.many} projects in the table": (large, get(PAGE, **_bearer(many.token)), OK),
        })  # fmt: skip
    print(f"  cost {_ratio(*results.values()):.2f} × (goal ≤ 1.3)", flush=True)


def light(bench: Bench) -> None:
    data = bench.medium
    print("lists by light (a tenth is red), beside lists by the project's own columns that take a twelfth")
    with bench.product(data) as ours:
        for place, token in (("county", data.token), ("province", data.province)):
            lists = {"all": "", "sector and stage": "?sector=urban&stage=started", "light=red": "?light=red"}
            results = _side_by_side(
                bench, {f"{place}, {name}": (ours, get(PAGE + q, **_bearer(token)), OK) for name, q in lists.items()}
            )
            *others, red = results.values()
            costs = [_ratio(other, red) for other in others]
            print(f"  cost of light=red: {costs[0]:.2f} × all, {costs[1]:.2f} × sector and stage", end="")
            print(" (goal: ≤ 1.3 × the dearer one)", flush=True)
