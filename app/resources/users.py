from __future__ import annotations

from sqlalchemy import select

from app.access import Scoping
from app.listing import Resource, Sort, equals, region_prefix
from app.models import User
from app.reading import AnySelect

SCOPING = Scoping(region=User.region_code)


def _select() -> AnySelect:
    u = User
    return select(
        u.id,
        u.username,
        u.display_name,
        u.region_code,
        u.phone,
        u.leader_id,
        u.disabled,
        u.demo,
        u.password_changed_at,
        u.locked_until,
        u.version,
        u.created_at,
        u.updated_at,
    )


USER = Resource(
    name="user",
    label=("账号", "user"),
    permission="users.read",
    key=User.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "region": region_prefix(SCOPING),
        "username": equals(User.username, "username"),
        "disabled": equals(User.disabled, "disabled"),
    },
    sorts={"id": Sort(User.id), "username": Sort(User.username)},
)
