"""A server on loopback that speaks as much S3 as is used here: put, ranged get, DeleteObjects. Requests must be signed
(AWS Signature Version 4) with its keys, and their bodies whole; else they are refused as S3 does."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET  # of a client of our own

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from scripts.live_server import free_port

BUCKET, REGION, KEY, SECRET = "photos", "cn-north-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
Trouble = Literal["slow_down", "broken_off"]
_XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


class S3:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.objects: dict[str, bytes] = {}
        """Key → content, of the one bucket there is."""
        self.troubles: deque[Trouble] = deque()
        """Of the coming requests, in their order."""
        self.asked: list[str] = []

    def environment(self, **changes: str) -> dict[str, str]:
        """What the service is told of it."""
        return {
            "AWS_ENDPOINT": self.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, **changes,
        }  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        body = b""
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(scope["method"])
        told: dict[str, str]
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble == "slow_down":
            status, told, answer = 503, {}, _error("SlowDown")
        elif not _signed(scope, headers, body):
            status, told, answer = 403, {}, _error("SignatureDoesNotMatch")
        else:
            status, told, answer = self._answer(scope, headers, body)
        told |= {"content-length": str(len(answer))}
        lines = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        if trouble == "broken_off":
            # Less than was announced: the server closes the connection over it.
            answer = answer[: len(answer) // 2]
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, scope: Scope, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        bucket, _, key = unquote(scope["raw_path"].decode()).removeprefix("/").partition("/")
        if bucket != BUCKET:
            return 404, {}, _error("NoSuchBucket")
        if scope["method"] == "PUT":
            self.objects[key] = body
            return 200, {"etag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        if scope["method"] == "POST" and scope["query_string"] == b"delete":
            return 200, {"content-type": "application/xml"}, self._delete(body)
        if scope["method"] == "GET" and key in self.objects:
            return _part(self.objects[key], headers.get("range"))
        return 404, {}, _error("NoSuchKey")

    def _delete(self, body: bytes) -> bytes:
        """What is not there counts as deleted."""
        keys = [str(key.text) for key in ET.fromstring(body).iter(f"{_XMLNS}Key")]
        for key in keys:
            self.objects.pop(key, None)
        result = ET.Element("DeleteResult", xmlns=_XMLNS.strip("{}"))
        for key in keys:
            ET.SubElement(ET.SubElement(result, "Deleted"), "Key").text = key
        return ET.tostring(result)


def _part(content: bytes, asked: str | None) -> tuple[int, dict[str, str], bytes]:
    told = {"etag": f'"{hashlib.md5(content).hexdigest()}"', "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    if asked is None:
        return 200, told, content
    start, end = asked.removeprefix("bytes=").split("-")
    last = min(int(end), len(content) - 1) if end else len(content) - 1
    if int(start) > last:
        return 416, {}, _error("InvalidRange")
    told["content-range"] = f"bytes {start}-{last}/{len(content)}"
    return 206, told, content[int(start) : last + 1]


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def _signed(scope: Scope, headers: dict[str, str], body: bytes) -> bool:
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    digest = hashlib.sha256(body).hexdigest()
    if found is None or headers.get("x-amz-content-sha256") != digest:
        return False
    credential, names, signature = found.groups()
    key, _, where = credential.partition("/")
    query = "&".join(f"{name}={value}" for name, value in sorted(_query(scope["query_string"].decode())))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))
    path = scope["raw_path"].decode()
    request = "\n".join([scope["method"], path, query, lines, names, digest])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], where, hashlib.sha256(request.encode()).hexdigest()])
    secret = f"AWS4{SECRET}".encode()
    for part in where.split("/"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    expected = hmac.digest(secret, text.encode(), "sha256").hex()
    return key == KEY and where.split("/")[1:] == [REGION, "s3", "aws4_request"] and expected == signature


def _query(text: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in text.split("&") if part)
    return [(quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, _, value in pairs]


@asynccontextmanager
async def serving_s3() -> AsyncIterator[S3]:
    port = free_port()
    s3 = S3(port)
    config: Any = uvicorn.Config(s3, port=port, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())  # `serve` would take over the signals of the tests
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield s3
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
