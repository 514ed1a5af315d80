"""What tests of syncing start from: operations as a phone makes them, sent as it sends them."""

from __future__ import annotations

from typing import Any

from tests.reports import Site
from tests.world import Client, new_id


def operation(kind: str, resource_id: str | None = None, body: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "type": kind,
        "resource_id": resource_id or str(new_id()),
        "body": {} if body is None else body,
        **fields,
    }


def put(here: Site, resource_id: str | None = None, *, after: str | None = None, **said: Any) -> dict[str, Any]:
    """A report of the site's week."""
    fields = {"after": after} if after else {}
    return operation("report.put", resource_id, here.said(**said), **fields)


def patch(of: dict[str, Any] | str, base: int | None = None, after: dict[str, Any] | None = None, **body: Any) -> Any:
    """An edit of a report: of one made by an operation, or by its id."""
    resource_id = of if isinstance(of, str) else of["resource_id"]
    fields: dict[str, Any] = {} if base is None else {"base_version": base}
    if after is not None:
        fields["after"] = after["id"]
    return operation("report.patch", resource_id, body, **fields)


async def sync(client: Client, *operations: dict[str, Any], **beside: Any) -> dict[str, Any]:
    answer = await client.post("/sync", {"operations": list(operations), **beside})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert [result["id"] for result in found["results"]] == [each["id"] for each in operations]
    return found


def statuses(answer: dict[str, Any]) -> list[str]:
    return [result["status"] for result in answer["results"]]


def codes(answer: dict[str, Any]) -> list[str | None]:
    return [result["problem"] and result["problem"]["code"] for result in answer["results"]]


async def outcome(client: Client, sent: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/sync/operations/{sent['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON
