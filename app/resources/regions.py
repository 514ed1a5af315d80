from __future__ import annotations

from sqlalchemy import select

from app.access import Scoping
from app.listing import Resource, Sort, any_of, equals, region_prefix
from app.models import Region
from app.reading import AnySelect
from app.resources.names import name_contains

SCOPING = Scoping(region=Region.code)


def _select() -> AnySelect:
    r = Region
    return select(r.code, r.name, r.kind, r.parent_code, r.version, r.created_at, r.updated_at)


REGION = Resource(
    name="region",
    label=("行政区划", "region"),
    permission="regions.read",
    key=Region.code,
    scoping=SCOPING,
    full=_select,
    filters={
        "under": region_prefix(SCOPING, "under"),
        "parent": equals(Region.parent_code, "parent"),
        "kind": any_of(Region.kind, "kind"),
        "q": name_contains(Region.name),
    },
    sorts={"code": Sort(Region.code), "name": Sort(Region.name)},
)
