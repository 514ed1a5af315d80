"""Run with `make bench`; ARGS="page light" runs those entries alone, ARGS=--help names them all."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import embedded
from scripts.bench import figures, imports, lights, phones, rating, reads, schedules
from scripts.bench.serving import Bench

ENTRIES: dict[str, Callable[[Bench], None]] = {
    "page": reads.page,
    "project": reads.project,
    "unchanged": reads.unchanged,
    "statistics-unchanged": reads.statistics_unchanged,
    "light": reads.light,
    "table": reads.table,
    "overview": figures.overview,
    "roll-up": figures.roll_up,
    "imports": lambda bench: imports.run(bench.server, bench.var),
    "lights": lambda bench: lights.run(bench.unlit),
    "schedules": lambda bench: schedules.run(bench.product(bench.medium), bench.medium.project, bench.medium.token),
    "rating": lambda b: rating.run(b.small.url, b.small.county, b.small.token, lambda n: b.product(b.small, n)),
    "phones": phones.run,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description="Speed, as ratios and times with their goals")
    parser.add_argument("entries", nargs="*", metavar="ENTRY", help=f"of {', '.join(ENTRIES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data and less time: ratios are rough")
    parser.add_argument("--data", type=Path, help="keep the filled databases here for the next run")
    asked = parser.parse_args()
    unknown = set(asked.entries) - ENTRIES.keys()
    if unknown:
        parser.error(f"no such entry: {', '.join(sorted(unknown))}")
    return asked


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="diaodu-bench-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def main() -> None:
    asked = _arguments()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, 1 process, 8 connections"
    )
    with _folder(asked.data) as folder:
        (folder / "var").mkdir(exist_ok=True)
        server = embedded.start(folder / "postgres")
        try:
            bench = Bench(server, folder / "var", asked.quick)
            for name in asked.entries or ENTRIES:
                ENTRIES[name](bench)
        finally:
            server.handle.cleanup()


if __name__ == "__main__":
    main()
