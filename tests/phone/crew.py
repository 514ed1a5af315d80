"""Some phones, a dispatch office and the network between them and the service; and what must hold in the end."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx

from tests.phone.client import Phone
from tests.phone.model import SAID, Model, Report, moment
from tests.phone.network import Delivery, Network
from tests.photo_files import saved, scene
from tests.world import Client, World

SKEWS = (timedelta(0), timedelta(hours=3), timedelta(days=-2))
"""Of the phones' clocks; the first two are of one account."""
VALUES: dict[str, tuple[Any, ...]] = {
    "completed": (None, 100, 200.5, 300),
    "physical_text": (None, "基础", "主体", "装修"),
    "physical_percent": (None, 10, 20, 30),
    "problems": ([], [{"kind": "power", "text": "容量不足"}], [{"kind": "land", "text": "未交地"}]),
    "note": (None, "甲", "乙", "丙"),
}
_NEXT_COUNTY = """
INSERT INTO regions (code, name, kind, parent_code)
SELECT max(code)::int + 1, '县', 'county', '9901' FROM regions WHERE kind = 'county' RETURNING code
"""
PICTURES = [saved(scene(64, 48, seed)) for seed in range(5)]


class Place(NamedTuple):
    """Where and when: the network's far end, the clocks, the week that is reported."""

    world: World
    base_url: str
    inner: Callable[[], httpx.AsyncBaseTransport]
    clock: Callable[[], datetime]
    week: str
    as_of: str
    due: datetime


class Crew:
    def __init__(self, place: Place, folder: Path, dice: Random) -> None:
        self.place, self.folder, self.dice = place, folder, dice
        self.phones: list[Phone] = []
        self.photos: list[tuple[Phone, str, str]] = []
        """Who sent it, its id, and the SHA-256 of its bytes."""
        self.projects: list[str] = []
        self.busy = 0
        self.acts = 0
        """Of the office, as far as it heard what came of them."""

    async def settle_in(self) -> None:
        world, region = self.place.world, await self._county()
        office = await world.user("dispatcher", region)
        for n in range(2):
            body = {"name": f"项目{n}", "region_code": region, "stage": "started"}
            self.projects.append((await office.created("/projects", body))["id"])
        people = [await world.user("reporter", region) for _ in range(2)]
        for project in self.projects:
            for one in people:
                body = {"role": "reporter", "user_id": str(one.user_id)}
                await office.created(f"/projects/{project}/assignments", body)
        self.model = Model({str(office.user_id)}, self.place.clock, self.place.due)
        self.network = Network(self.place.inner(), self._witness)
        self.office = self._line(office)
        for n, skew in enumerate(SKEWS):
            clock = self._clock(skew)
            path = self.folder / f"{uuid.uuid4()}.sqlite"
            self.phones.append(Phone(self._line(people[n // 2]), path, clock, self._ids(clock)))
        for phone in self.phones:
            await phone.start_day()

    async def _county(self) -> str:
        """One of its own, so that nobody here sees anything of the weeks before."""
        code: str = await self.place.world.pool.fetchval(_NEXT_COUNTY)
        self.dice.seed(code)  # ids are drawn from it
        return code

    async def _witness(self, group: list[Delivery]) -> None:
        """What was answered 503 is not to have happened at all; who sent it sends it again."""
        taken = [each for each in group if each.answer is None or each.answer.status_code != 503]
        self.busy += len(group) - len(taken)
        if taken:
            self.model.explain(taken)

    def _line(self, who: Client) -> httpx.AsyncClient:
        return self.network.client(str(who.user_id), who.headers, self.place.base_url)

    def _clock(self, skew: timedelta) -> Callable[[], datetime]:
        return lambda: self.place.clock() + skew

    def _ids(self, clock: Callable[[], datetime]) -> Callable[[], str]:
        def new() -> str:
            milliseconds, low = int(clock().timestamp() * 1000), self.dice.getrandbits(74)
            number = milliseconds << 80 | 7 << 76 | low >> 62 << 64 | 0b10 << 62 | low & (1 << 62) - 1
            return str(uuid.UUID(int=number))

        return new

    # What people do

    def work(self, phone: Phone, dice: Random, most: int = 50) -> None:
        """Some reports and edits, offline."""
        for _ in range(dice.randint(most // 5, most)):
            known, fate = phone.editable(), dice.random()
            accepted = [r for r in phone.store.copies().values() if r["status"] == "accepted"]
            if fate < 0.1 or not known:
                phone.report(dice.choice(self.projects), self._said(phone, dice))
            elif fate < 0.12 and accepted:
                corrected = dice.choice(accepted)
                phone.report(corrected["project_id"], {**self._said(phone, dice), "corrects": corrected["id"]})
            elif fate < 0.13:  # a phone set up from an old backup may use an id again
                phone.report(dice.choice(self.projects), self._said(phone, dice), dice.choice(known))
            else:
                phone.edit(dice.choice(known), _some(dice))

    def _said(self, phone: Phone, dice: Random) -> dict[str, Any]:
        said = {"week": self.place.week, "as_of": self.place.as_of, **_some(dice)}
        if dice.random() < 0.03:
            content = dice.choice(PICTURES)
            digest = hashlib.sha256(content).hexdigest()
            photo_id = phone.photograph(content)
            self.photos.append((phone, photo_id, digest))
            said["photos"] = [{"id": photo_id, "sha256": digest, "taken_at": phone.clock().isoformat()}]
        return said

    async def try_to(self, *attempts: Awaitable[None]) -> None:
        """All at once; what the network breaks is left for later."""
        for outcome in await asyncio.gather(*attempts, return_exceptions=True):
            if outcome is not None and not isinstance(outcome, httpx.TransportError):
                raise outcome

    async def put_by_itself(self, phone: Phone, number: int) -> None:
        """A report by its own request, beside the operation that is in the queue."""
        puts = [each for each in phone.store.unsettled() if each.sent["type"] == "report.put"]
        if puts:
            sent = puts[number % len(puts)].sent
            body = {**sent["body"], "made_at": sent["made_at"]}
            await phone.http.put(f"/api/v1/reports/{sent['resource_id']}", json=body)

    async def office_acts(self, dice: Random) -> None:
        """Looks at a report and edits, returns or accepts it; sometimes on an old look."""
        if not self.model.reports:
            return
        report = self.model.reports[dice.choice(sorted(self.model.reports))]
        version = max(1, report.version - (dice.random() < 0.2))
        path, headers = f"/api/v1/reports/{report.id}", {"If-Match": f'"{version}"'}
        fate = dice.random()
        if fate < 0.55:
            await self.office.patch(path, json=_some(dice), headers=headers)
        else:
            verdict = {"verdict": "accepted"} if fate < 0.7 else {"verdict": "returned", "comment": "请补充"}
            guarded = headers if dice.random() < 0.5 else {}
            await self.office.post(f"{path}/reviews", json=verdict, headers=guarded)
        self.acts += 1

    # The end

    async def come_to_rest(self) -> None:
        """The network heals, and everybody sends what is left."""
        self.network.faults.clear()
        while self.network.late:
            await self.network.bring_late(0)
        for phone in self.phones:
            while phone.store.unsettled():
                await phone.send()
            await phone.send_photos()
        for phone in self.phones:
            await phone.catch_up()

    async def check(self) -> None:
        await self._check_reports()
        await self._check_told()
        await self._check_log()
        for phone, photo_id, digest in self.photos:
            photo = (await phone.http.get(f"/api/v1/photos/{photo_id}")).json()
            assert (photo["state"], photo["sha256"]) == ("ready", digest)
        for project, known in self.model.standing.items():
            path = f"/api/v1/projects/{project}/figures?as_of={self.place.as_of}"
            found = (await self.office.get(path)).json()
            assert found["completed"] == known["completed"]

    async def _check_reports(self) -> None:
        """The service has those of the model and no others, and whoever took part has them as they are."""
        listed = [item["id"] for item in await self._all("/reports", "next_cursor", "cursor")]
        assert sorted(listed) == sorted(self.model.reports)
        copies: dict[str, Any] = {}
        for phone in self.phones:
            assert not phone.store.stale()
            for report_id, copy in phone.store.copies().items():
                # Flags have a feed of their own; whoever shows their number follows that, too.
                copy.pop("open_flags")
                assert copies.setdefault(report_id, copy) == copy
        assert copies.keys() == self.model.reports.keys()
        for report_id, report in self.model.reports.items():
            assert _shown(copies[report_id]) == _kept(report)

    async def _check_told(self) -> None:
        """Every operation that was not applied was told to the phone that made it; all others were."""
        told = {key: status for phone in self.phones for key, status in phone.store.told().items()}
        expected = {o.sent["id"]: o.status for o in self.model.operations.values() if o.status != "applied"}
        assert told == expected

    async def _check_log(self) -> None:
        """One row for each version of each report."""
        rows = await self._all("/changes", "next", "after", resource="report")
        # That a report was corrected is noted beside its version.
        found = [(row["id"], row["version"]) for row in rows if "corrected_by" not in row["diff"]]
        versions = [(r.id, version.number) for r in self.model.reports.values() for version in r.versions]
        assert sorted(found) == sorted(versions)

    async def _all(self, path: str, following: str, parameter: str, **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        query["limit"] = "100"
        while True:
            page = (await self.office.get(f"/api/v1{path}", params=query)).json()
            items += page["items"]
            if not page.get("more", page[following]):
                return items
            query[parameter] = page[following]


def _some(dice: Random) -> dict[str, Any]:
    names = dice.sample(sorted(VALUES), dice.randint(1, 3))
    return {name: dice.choice(VALUES[name]) for name in names}


def _shown(copy: dict[str, Any]) -> dict[str, Any]:
    rounds = [(r["version"], r["number"], _plain(r["content"]), r["verdict"]) for r in copy["rounds"]]
    beside = {name: copy[name] for name in ("project_id", "corrects", "status", "late", "version")}
    made_at = moment(copy["made_at"])
    return {**beside, "author": copy["reporter"]["id"], "made_at": made_at, **_plain(copy), "rounds": rounds}


def _kept(report: Report) -> dict[str, Any]:
    written = [(v.number, v.round, _plain(v.content), v.verdict) for v in report.versions if v.content is not None]
    beside = {name: getattr(report, name) for name in ("project_id", "corrects", "status", "late", "version")}
    made_at = report.made_at
    return {**beside, "author": report.author, "made_at": made_at, **_plain(report.content), "rounds": written}


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    return {**{name: content[name] for name in SAID}, "photos": [photo["id"] for photo in content["photos"]]}
