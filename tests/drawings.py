"""Drawings as their readers get them, held to what every one of them promises."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx

from tests.world import Client

NS = "{http://www.w3.org/2000/svg}"


async def draw(client: Client, path: str, **params: Any) -> ElementTree.Element:
    """The root of a drawing that keeps all promises of one."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return drawing(answer)


def drawing(answer: httpx.Response) -> ElementTree.Element:
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "private, no-cache"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{NS}svg"
    for element in root.iter():
        assert element.tag.removeprefix(NS) in {
            "svg", "g", "title", "rect", "line", "circle", "polygon", "polyline", "text",
        }  # fmt: skip
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value
            assert "nan" not in value.lower() or name == "font-family"
    return root


def texts(root: ElementTree.Element) -> list[str]:
    """What can be read without pointing at anything."""
    found = []
    for element in root.iter(f"{NS}text"):
        title = element.find(f"{NS}title")
        found.append((element.text or "") + ((title.tail or "") if title is not None else ""))
    return found


def tips(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NS}title")]


def inside(root: ElementTree.Element) -> bool:
    """Nothing is drawn outside the sheet."""
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    return all(
        -1 <= float(e.attrib.get("x", 0)) <= width + 1 and -1 <= float(e.attrib.get("y", 0)) <= height + 1
        for e in root.iter()
    )
