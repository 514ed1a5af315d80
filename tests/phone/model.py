"""What the service should hold and answer, written down as plainly as can be: one thing after another, in memory."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.phone.network import Delivery

SAID = ("as_of", "completed", "physical_text", "physical_percent", "milestones_done", "problems", "photos", "note")
_EMPTY: dict[str, Any] = {name: [] if name in {"milestones_done", "problems", "photos"} else None for name in SAID}
HOLD, TOLD_AGAIN = timedelta(days=7), timedelta(hours=24)


@dataclass
class Version:
    number: int
    before: dict[str, Any]
    """Field → what it was, of the fields it changed."""
    content: dict[str, Any] | None = None
    """None: only reviewed."""
    round: int = 1
    verdict: str | None = None


@dataclass
class Report:
    id: str
    project_id: str
    author: str
    corrects: str | None
    content: dict[str, Any]
    made_at: datetime | None
    late: bool
    status: str = "submitted"
    version: int = 1
    versions: list[Version] = field(default_factory=list)

    def last(self) -> Version:
        return [v for v in self.versions if v.content is not None][-1]


@dataclass
class Operation:
    sent: dict[str, Any]
    user: str
    status: str = "held"
    version: int | None = None
    seen: int | None = None
    own: list[int] = field(default_factory=list)
    code: str | None = None
    fields: list[str] | None = None
    held_until: datetime | None = None
    settled_at: datetime | None = None

    def told(self) -> tuple[Any, ...]:
        return self.sent["id"], self.status, self.version, self.code, self.fields


class Refused(Exception):
    def __init__(self, code: str, fields: list[str] | None = None) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields


class Model:
    def __init__(self, offices: set[str], clock: Callable[[], datetime], due: datetime) -> None:
        self.offices, self.clock, self.due = offices, clock, due
        self.reports: dict[str, Report] = {}
        self.operations: dict[tuple[str, str], Operation] = {}
        self.again = 0
        """Operations that came once more."""
        self.standing: dict[str, dict[str, Any]] = {}
        """Project → what is known of it by the reports accepted."""

    def twin(self) -> Model:
        """Goes its own way from here; contents are replaced as wholes, so both may keep them."""
        other = Model(self.offices, self.clock, self.due)
        other.operations = {key: replace(o, own=list(o.own)) for key, o in self.operations.items()}
        other.reports = {key: replace(r, versions=[*map(copy.copy, r.versions)]) for key, r in self.reports.items()}
        other.standing, other.again = dict(self.standing), self.again
        return other

    def explain(self, deliveries: Sequence[Delivery]) -> None:
        """Take them over in an order that gives the answers they got; there must be one."""
        if len(deliveries) == 1:
            self._expect(deliveries[0])
            return
        first: AssertionError | None = None
        for order in itertools.permutations(deliveries):
            twin = self.twin()
            try:
                for delivery in order:
                    twin._expect(delivery)  # its own twin
            except AssertionError as error:
                first = first or error
            else:
                self.reports, self.operations = twin.reports, twin.operations
                self.standing, self.again = twin.standing, twin.again
                return
        raise AssertionError(f"no order explains these {len(deliveries)} answers; the first: {first}")

    def _expect(self, delivery: Delivery) -> None:
        expected = self._take(delivery)
        if delivery.answer is not None:
            found = _seen(delivery)
            assert found == expected, f"{delivery.method} {delivery.path}: answered {found}, expected {expected}"

    def _take(self, delivery: Delivery) -> Any:
        if delivery.path == "/sync":
            return self._sync(delivery.user, delivery.body["operations"])
        report_id = delivery.path.split("/")[2]
        try:
            if delivery.method == "PUT":
                new = self._put(delivery.user, report_id, delivery.body, delivery.body.get("made_at"))
                return 201 if new else 200, self.reports[report_id].version, None
            report = self.reports[report_id]
            self._require_match(delivery, report)
            if delivery.method == "POST":
                self._review(report, delivery.body)
                return 201, report.version, None
            self._patch(delivery.user, report, delivery.body, delivery.body.get("made_at"))
        except Refused as refused:
            status = {"precondition_failed": 412, "not_your_report": 403, "unknown_reference": 422}
            return status.get(refused.code, 409), None, refused.code
        return 200, report.version, None

    # POST /sync

    def _sync(self, user: str, sent: Sequence[dict[str, Any]]) -> Any:
        before = {key for key in self.operations if key[0] == user}
        for operation in self._held(user):
            if operation.held_until is not None and operation.held_until <= self.clock():
                self._settle(operation, "expired", "operation_expired")
        fresh, again = [], []
        for each in sent:
            key = (user, each["id"])
            again.append(key in self.operations)
            if key not in self.operations:
                self.operations[key] = Operation(each, user)
                fresh.append(self.operations[key])
        for operation in fresh:
            self._carry_out(operation)
        answered = {each["id"] for each in sent}
        since = self.clock() - TOLD_AGAIN
        earlier = {
            o.told()[:2]
            for key, o in self.operations.items()
            if key in before and key[1] not in answered and o.held_until and o.settled_at and o.settled_at > since
        }
        self.again += sum(again)
        results = [(*self.operations[user, each["id"]].told(), a) for each, a in zip(sent, again, strict=True)]
        return results, sorted(earlier)

    def _held(self, user: str) -> list[Operation]:
        return [o for o in self.operations.values() if o.user == user and o.status == "held" and o.held_until]

    def _settle(self, operation: Operation, status: str, code: str | None = None) -> None:
        operation.status, operation.code, operation.settled_at = status, code, self.clock()

    def _carry_out(self, operation: Operation) -> None:
        after = operation.sent.get("after")
        first = self.operations.get((operation.user, after)) if after else None
        if after and (first is None or first.status == "held"):
            operation.held_until = operation.held_until or self.clock() + HOLD
            return
        if first is not None and (first.status in {"refused", "expired"} or first.seen is None):
            self._settle(operation, "refused", "earlier_operation_failed")
        else:
            self._apply(operation, first)
        for waiting in self._held(operation.user):
            if waiting.sent["after"] == operation.sent["id"]:
                self._carry_out(waiting)

    def _apply(self, operation: Operation, first: Operation | None) -> None:
        sent = operation.sent
        report_id, body, made_at = sent["resource_id"], sent["body"], sent["made_at"]
        if first is not None:
            operation.own = list(first.own)
        try:
            if sent["type"] == "report.put":
                made = self._put(operation.user, report_id, body, made_at)
                operation.seen = 1
            else:
                report = self.reports.get(report_id)
                operation.seen = sent.get("base_version") or (first.seen if first else None)
                assert report is not None
                assert operation.seen is not None
                self._require_editable(operation.user, report)
                self._merge(operation, report)
                made = self._patch(operation.user, report, body, made_at)
        except Refused as refused:
            self._settle(operation, "conflict" if refused.fields else "refused", refused.code)
            operation.fields = refused.fields
            return
        operation.version = self.reports[report_id].version
        if made:
            operation.own.append(operation.version)
        self._settle(operation, "applied")

    def _merge(self, operation: Operation, report: Report) -> None:
        """Whoever touched a field since the phone read it, other than this chain of edits, stands in its way."""
        before: dict[str, Any] = {}
        for version in report.versions:
            if operation.seen is not None and version.number > operation.seen and version.number not in operation.own:
                before = {**version.before, **before}
        sent = operation.sent["body"]
        fields = sorted(name for name in sent if name in before and report.content[name] != sent[name])
        if fields:
            raise Refused("edit_conflict", fields)

    # What all ways of writing come to

    def _put(self, user: str, report_id: str, body: dict[str, Any], made_at: str | None) -> bool:
        content = {**_EMPTY, **{name: body[name] for name in SAID if name in body}}
        known = self.reports.get(report_id)
        if known is not None:
            beside = [name for name in ("project_id", "corrects") if getattr(known, name) != body.get(name)]
            kept = [v.content for v in known.versions if v.content is not None]
            if beside or content not in (kept[0], kept[-1]):
                raise Refused("id_taken", sorted([*beside, *(n for n in SAID if kept[-1][n] != content[n])]))
            return False
        corrects = body.get("corrects")
        if corrects is not None and self.reports[corrects].status != "accepted":
            raise Refused("not_correctable")
        late = self.clock() > self.due
        self.reports[report_id] = Report(
            report_id, body["project_id"], user, corrects, content, moment(made_at), late,
            versions=[Version(1, dict.fromkeys(SAID), content)],
        )  # fmt: skip
        return True

    def _patch(self, user: str, report: Report, body: dict[str, Any], made_at: str | None) -> bool:
        self._require_editable(user, report)
        said = {name: body[name] for name in SAID if name in body}
        before = {name: report.content[name] for name in said if report.content[name] != said[name]}
        if not before:
            return False
        number = report.last().round + (report.status == "returned")
        report.status, report.made_at = "submitted", moment(made_at)
        report.version += 1
        report.content = {**report.content, **said}
        report.versions.append(Version(report.version, before, report.content, number))
        return True

    def _require_editable(self, user: str, report: Report) -> None:
        if user != report.author and user not in self.offices:
            raise Refused("not_your_report")
        if report.status == "accepted":
            raise Refused("report_accepted")

    def _require_match(self, delivery: Delivery, report: Report) -> None:
        if delivery.if_match not in {None, f'"{report.version}"'}:
            raise Refused("precondition_failed")

    def _review(self, report: Report, body: dict[str, Any]) -> None:
        if report.status != "submitted":
            raise Refused("report_not_submitted")
        report.last().verdict = report.status = body["verdict"]
        report.version += 1
        report.versions.append(Version(report.version, {}))
        if body["verdict"] == "accepted":
            said = {name: report.content[name] for name in ("completed", "physical_text", "physical_percent")}
            given = {name: value for name, value in said.items() if value is not None}
            if given:
                known = self.standing.get(report.project_id, dict.fromkeys(said))
                self.standing[report.project_id] = {**known, **given}


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _seen(delivery: Delivery) -> Any:
    assert delivery.answer is not None
    found = delivery.answer.json()
    if delivery.path == "/sync":
        assert delivery.answer.status_code == 200, delivery.answer.text
        return list(_results(found["results"])), sorted((o["id"], o["status"]) for o in found["earlier"])
    status = delivery.answer.status_code
    if status < 300:
        return status, found["version"], None
    return status, None, found["code"]


def _results(results: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for result in results:
        problem = result["problem"] or {}
        if result["status"] == "conflict":
            assert {"current", "sent"} <= problem.keys(), problem
        yield (
            result["id"], result["status"], result["version"], problem.get("code"), problem.get("fields"),
            result["again"],
        )  # fmt: skip
