"""The contract is committed, current, complete, and its docs need no internet."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from typer.testing import CliRunner

from app.cli import app as cli
from app.contract import routes
from app.messages import CATALOGUE
from app.routing import json_body_model

METHODS = ("get", "post", "put", "patch", "delete")


def _operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [(m, path, item[m]) for path, item in paths.items() for m in METHODS if m in item]


def test_the_committed_contract_is_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    result = CliRunner().invoke(cli, ["openapi", "--check"])
    assert result.exit_code == 0, result.output


def test_every_operation_is_named_and_told(app: FastAPI) -> None:
    ids = Counter(operation["operationId"] for _, _, operation in _operations(app))
    assert [name for name, count in ids.items() if count > 1] == []
    for method, path, operation in _operations(app):
        where = f"{method} {path}"
        assert re.fullmatch(r"[a-z][a-z0-9_]+", operation["operationId"]), where
        assert operation.get("summary"), where
        assert len(operation.get("description", "")) >= 10, where
        assert operation["tags"], where


def test_every_json_body_has_an_example_that_is_accepted(app: FastAPI) -> None:
    missing = []
    for route in routes(app):
        model = json_body_model(route)
        if model is None:
            continue
        examples = model.model_json_schema().get("examples")
        if not examples:
            missing.append(model.__name__)
            continue
        for example in examples:
            TypeAdapter(model).validate_python(example)
    assert missing == []


def test_every_query_forbids_what_it_does_not_know(app: FastAPI) -> None:
    """Routes without parameters are refused theirs in `routing`; all others must do it in their model."""
    open_ = [
        (route.path, param.name)
        for route in routes(app)
        for param in route.dependant.query_params
        if getattr(param.field_info.annotation, "model_config", {}).get("extra") != "forbid"
    ]
    assert open_ == []


async def test_docs_load_nothing_from_outside(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert re.findall(r"(?:src|href)=\"(https?:)?//", page.text) == []
    for asset in re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page.text):
        assert (await client.get(asset)).status_code == 200, asset
    assert (await client.get("/api/v1/openapi.json")).json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
async def test_every_problem_type_resolves_to_its_page(client: httpx.AsyncClient, code: str) -> None:
    page = await client.get(f"/problems/{code}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert html.escape(CATALOGUE[code].title_en) in page.text
    assert "{" not in page.text
    assert CATALOGUE[code].title_zh in (await client.get(f"/problems/{code}")).text
