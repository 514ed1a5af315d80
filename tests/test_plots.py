"""Drawing in a process of its own: it dies with the server, comes back when it dies, and is not there until needed."""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.plots import worker
from app.plots.lines import ticks
from app.plots.model import (
    Bars,
    Chart,
    Funnel,
    Grid,
    Lines,
    Move,
    Moves,
    Rate,
    Rates,
    Section,
    Step,
    Values,
    encode,
)
from app.plots.process import Charts
from app.plots.style import em, shortened

LABELS = st.text(max_size=60)
AMOUNTS = st.floats(0, 1e12) | st.none()


def rates(title: str = "完成率", percent: float | None = 9.41) -> Rates:
    rows = [Rate("工业", percent, "9.41%", "完成"), Rate("城建", None, "—", "无年度计划")]
    return Rates(title, "2016年", rows, 16.67, "序时进度 16.67%", ("不低于", "低于"))


@pytest.fixture
async def charts(tmp_path: Path) -> AsyncIterator[Charts]:
    charts = Charts(tmp_path)
    yield charts
    await charts.close()


def alive(pid: int) -> bool:
    """Not even a zombie counts."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while alive(pid):
            await asyncio.sleep(0.01)


async def test_it_starts_when_needed_and_keeps_what_it_drew(charts: Charts) -> None:
    assert charts.pid is None
    first = await charts.draw(rates())
    assert b"<svg" in first
    pid = charts.pid
    assert await charts.draw(rates()) is first
    assert await charts.draw(rates("别的")) != first
    assert charts.pid == pid
    together = await asyncio.gather(*[charts.draw(rates("一起")) for _ in range(10)])
    assert all(picture is together[0] for picture in together)


async def test_it_comes_back_when_it_dies(charts: Charts) -> None:
    await charts.draw(rates())
    pid = charts.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert b"<svg" in await charts.draw(rates("又来"))
    assert charts.pid not in {None, pid}


async def test_it_goes_when_idle_and_comes_back(tmp_path: Path) -> None:
    charts = Charts(tmp_path, idle_seconds=0.01)
    await charts.draw(rates())
    async with asyncio.timeout(10):
        while charts.pid is not None:
            await asyncio.sleep(0.01)
    assert b"<svg" in await charts.draw(rates("又来"))
    await charts.close()


async def test_one_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    charts = Charts(tmp_path, seconds=0.001)
    with pytest.raises(AppError) as refused:
        await charts.draw(rates())
    assert refused.value.code == "unavailable"
    assert charts.pid is None
    await charts.close()


async def test_too_many_at_once_are_refused_and_one_that_fails_spoils_no_other(charts: Charts) -> None:
    answers = await asyncio.gather(*[charts.draw(rates(f"第{number}")) for number in range(25)], return_exceptions=True)
    assert sum(isinstance(answer, bytes) for answer in answers) == 20
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"unavailable"}
    broken = Lines("坏", "", "", ["1月"], [Values("x", [1.0], [])])
    with pytest.raises(RuntimeError):
        await charts.draw(broken)
    assert b"<svg" in await charts.draw(rates("好的"))


async def test_it_ends_with_the_server_even_when_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom tests.test_plots import rates\n"
        "from app.plots.process import Charts\n"
        "async def main():\n charts = Charts(Path(sys.argv[1]))\n await charts.draw(rates())\n"
        " print(charts.pid, flush=True)\n await asyncio.sleep(600)\nasyncio.run(main())\n"
    )
    root = str(Path(__file__).parents[1])
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": root}
    )
    assert server.stdout is not None
    pid = int(await server.stdout.readline())
    assert alive(pid)
    server.kill()
    await server.wait()
    await gone(pid)


def test_the_server_does_not_load_the_drawing_library() -> None:
    program = "import sys, app.main; sys.exit('matplotlib' in sys.modules)"
    root = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0


numbers = st.integers(0, 10**6)
steps = st.lists(st.builds(Step, LABELS, numbers, numbers, LABELS), max_size=9)
rows = st.lists(st.builds(Rate, LABELS, AMOUNTS, LABELS, LABELS), max_size=5)
pair = st.just(("a", "b"))
values = st.builds(Values, LABELS, st.lists(AMOUNTS, min_size=2, max_size=2), st.just(["a", "b"]))
places = st.integers(1, 300) | st.none()
moves = st.builds(Move, LABELS, places, places, LABELS, st.sampled_from(["best", "worst", ""]))
sections = st.builds(Section, LABELS, st.lists(moves, max_size=5))
charts_of_all_kinds = (
    st.builds(Funnel, LABELS, LABELS, steps, pair, LABELS, st.just("funnel"))
    | st.builds(Rates, LABELS, LABELS, rows, st.floats(0, 100), LABELS, pair, st.just("rates"))
    | st.builds(Bars, LABELS, LABELS, st.just(["a", "b"]), st.lists(values, max_size=4), st.just("bars"))
    | st.builds(Moves, LABELS, LABELS, st.lists(sections, max_size=3), pair, st.just("moves"))
    | st.builds(Grid, LABELS, LABELS, st.just(["a", "b"]), st.lists(values, max_size=4), LABELS, st.just("grid"))
    | st.builds(Lines, LABELS, LABELS, LABELS, st.just(["1月", "2月"]), st.lists(values, max_size=4), st.just("lines"))
)


@settings(max_examples=60, deadline=None)
@given(charts_of_all_kinds)
def test_whatever_it_shows_is_well_formed_and_the_same_each_time(chart: Chart) -> None:
    try:
        line = encode(chart)
    except TypeError:  # a lone surrogate, which no answer holds
        return
    picture = worker.draw(line)
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("}svg")
    assert worker.draw(line) == picture


@example(-0.0625, 5e-7)
@given(st.floats(-1e12, 1e12), st.floats(0, 1e12))
def test_marks_of_an_axis_enclose_its_values(low: float, spread: float) -> None:
    high = low + spread
    marks = ticks(low, high)
    steps = {round((b - a) / (marks[-1] - marks[0]), 6) for a, b in itertools.pairwise(marks)}
    # Amounts are exact to the fen, a millionth of 万元; nearer than that to zero is zero.
    slack = max(1e-6, 1e-9 * max(abs(low), abs(high)))
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert len(steps) == 1
    assert 2 <= len(marks) <= 9
    assert not math.isnan(marks[0])


@given(LABELS, st.floats(30, 400))
def test_a_shortened_text_fits(text: str, room: float) -> None:
    short = shortened(text, room, 20)
    assert em(short, 20) <= room or short == "…"
    assert short == text or short.endswith("…")


@pytest.mark.parametrize(
    ("values", "below"),
    [
        # A series that begins low, as all do that are counted from January on, is no dip.
        ([10.0, 20.0, 15.0], []),
        ([20.0, 12.0, 18.0, 4.0], [1]),
        # Over the axis itself there is no room below.
        ([20.0, 0.0, 18.0], []),
    ],
)
def test_figures_stand_beside_their_line(values: list[float], below: list[int]) -> None:
    texts, months = [f"n{n}" for n in range(len(values))], ["月"] * len(values)
    line = Lines("t", "n", "万元", months, [Values("a", list(values), texts)])
    picture = worker.draw(encode(line)).decode()
    stands = [float(y) for y in re.findall(r'<text[^>]* y="([0-9.]+)">n[0-9]', picture)]
    scale = [float(y) for y in re.findall(r'<text[^>]*text-anchor: end[^>]* y="([0-9.]+)">[0-9]', picture)]
    low, high = scale[0], scale[-1]
    marks = ticks(min(values), max(values))
    points = [low + (high - low) * (v - marks[0]) / (marks[-1] - marks[0]) for v in values]
    assert [n for n, (text, point) in enumerate(zip(stands, points, strict=True)) if text > point] == below
