"""Clients generated from the contract work: generate, compile, run a small story against a live demo server.

Python by openapi-python-client, TypeScript by openapi-typescript with openapi-fetch; both into build/clients. And a
photo is sent by the stock tus-js-client, the server being killed half-way.
"""

from __future__ import annotations

import compileall
import importlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from app.ids import Uuid7Sequence
from scripts.live_server import LiveServer, live_server

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi" / "openapi.json"
SOURCES = ROOT / "scripts" / "clients"
BUILD = ROOT / "build" / "clients"
TOOLS = ROOT / "node_modules" / ".bin"
ACCOUNT, REGION, YEAR = "dispatcher", "990102", 2016


class PythonClient:
    """The generated package; `call` finds an operation by method and path, as a reader of the contract would."""

    def __init__(self, package: str, contract: dict[str, Any]) -> None:
        self.package = package
        self.paths = contract["paths"]

    def call(self, client: Any, method: str, path: str, **arguments: Any) -> Any:
        """Status and parsed body of one call."""
        operation = self.paths[path][method]
        tag = operation.get("tags", ["default"])[0].replace("-", "_").replace(" ", "_").lower()
        module = importlib.import_module(f"{self.package}.api.{tag}.{operation['operationId']}")
        answer = module.sync_detailed(client=client, **arguments)
        return int(answer.status_code), answer.parsed


def generate_python(target: Path) -> None:
    """Write the package and compile every module of it; a warning of the generator is a lost operation."""
    program = Path(sys.executable).with_name("openapi-python-client")
    config = SOURCES / "openapi-python-client.yaml"
    options: list[str | Path] = ["--path", CONTRACT, "--output-path", target, "--config", config, "--meta", "none"]
    subprocess.run([program, "generate", *options, "--fail-on-warning"], check=True)
    if not compileall.compile_dir(target, quiet=1):
        sys.exit("the generated Python client does not compile")
    for module in sorted(target.rglob("*.py")):
        importlib.import_module(".".join(module.relative_to(BUILD).with_suffix("").parts))


def python_story(server: LiveServer, contract: dict[str, Any]) -> None:
    """The same story as clients/story.ts, through the generated Python package."""
    package = importlib.import_module("diaodu_client")
    api = PythonClient("diaodu_client", contract)
    form = contract["paths"]["/api/v1/auth/token"]["post"]["requestBody"]["content"]
    schema_name = form["application/x-www-form-urlencoded"]["schema"]["$ref"].rpartition("/")[2]
    credentials = getattr(importlib.import_module("diaodu_client.models"), schema_name.replace("_", ""))
    body = credentials.from_dict({"grant_type": "password", **server.accounts[ACCOUNT]})
    status, tokens = api.call(package.Client(server.url), "post", "/api/v1/auth/token", body=body)
    _expect(status, 200, tokens)
    client = package.AuthenticatedClient(server.url, token=tokens.access_token)

    status, me = api.call(client, "get", "/api/v1/me")
    _expect(status, 200, me)
    status, page = api.call(client, "get", "/api/v1/projects", limit=3)
    _expect(status, 200, page)
    first = page.items[0]
    status, project = api.call(client, "get", "/api/v1/projects/{project_id}", project_id=first.id)
    _expect(status, 200, project)
    if project.name != first.name:
        sys.exit(f"list and project disagree: {first.name}, {project.name}")
    status, overview = api.call(client, "get", "/api/v1/statistics/overview", region=REGION, year=YEAR)
    _expect(status, 200, overview)
    print(f'Python client: {me.username} sees "{project.name}" and the overview')


def generate_typescript(target: Path) -> None:
    """Write the types and compile them with the story, strictly."""
    target.mkdir(parents=True)
    for name in ("story.ts", "uploads.ts", "tsconfig.json"):
        shutil.copy(SOURCES / name, target / name)
    (target / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    # From its own folder: it would lint by the redocly.yaml it finds, which is another check's work.
    subprocess.run([TOOLS / "openapi-typescript", CONTRACT, "--output", "schema.ts"], cwd=target, check=True)
    subprocess.run([TOOLS / "tsc", "--project", target], check=True)


def typescript_story(server: LiveServer, target: Path) -> None:
    """Run the compiled clients/story.ts."""
    credentials = server.accounts[ACCOUNT]
    story = {
        "DIAODU_URL": server.url,
        "DIAODU_USERNAME": credentials["username"],
        "DIAODU_PASSWORD": credentials["password"],
        "DIAODU_REGION": REGION,
        "DIAODU_YEAR": str(YEAR),
    }
    subprocess.run(["node", target / "out" / "story.js"], env=os.environ | story, check=True, timeout=60)  # noqa: S607 -- node is wherever the user has it


def upload_story(server: LiveServer, target: Path) -> None:
    """clients/uploads.ts with the stock tus-js-client: half a photo, the server killed and started again, the rest."""
    photo = target / "photo.jpg"
    Image.effect_noise((1200, 900), 80).save(photo, quality=95)
    # UUIDv7; the phone makes it.
    photo_id = str(Uuid7Sequence(datetime.now(UTC)).next())
    told = {"DIAODU_URL": server.url, "DIAODU_PHOTO": str(photo), "DIAODU_PHOTO_ID": photo_id}

    def run(**more: str) -> str:
        environment = os.environ | told | {"DIAODU_TOKEN": server.token(ACCOUNT)} | more
        done = subprocess.run(
            ["node", target / "out" / "uploads.js"],  # noqa: S607 -- node is wherever the user has it
            env=environment,
            check=True,
            timeout=60,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip()

    address = run(DIAODU_PHASE="begin")
    server.kill_and_start()
    print(run(DIAODU_PHASE="resume", DIAODU_UPLOAD=address))


def _expect(status: int, wanted: int, body: Any) -> None:
    if status != wanted:
        sys.exit(f"{status} instead of {wanted}: {body}")


def main() -> None:
    """Exit code 1, with the tool's own words, at the first thing that does not work."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    sys.path.insert(0, str(BUILD))
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    generate_python(BUILD / "diaodu_client")
    generate_typescript(BUILD / "typescript")
    with live_server() as server:
        python_story(server, contract)
        typescript_story(server, BUILD / "typescript")
        upload_story(server, BUILD / "typescript")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{Path(failed.cmd[0]).name} ended with exit code {failed.returncode}")
