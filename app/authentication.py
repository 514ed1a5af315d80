"""Who is calling: bearer tokens and API keys become an Actor.

What the database says of an account (disabled, signed out, grants) is remembered for half a second per process, so
every change counts within a second on every worker and a busy client costs no query per request.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import orjson

from app.access import Actor, Grant
from app.db import Database
from app.errors import AppError
from app.reading import Prepared
from app.security.access_tokens import AccessTokens
from app.security.opaque_tokens import ApiKey, parse_api_key, same_digest
from app.security.tokens import InvalidToken
from app.uow import SHANGHAI

REMEMBER_SECONDS = 0.5
_REMEMBER_AT_MOST = 10_000

BY_SESSION = Prepared(
    """
SELECT u.id, u.username,
       (SELECT coalesce(json_agg(json_build_array(g.role, g.region_code, g.department_id)), '[]') FROM grants g
         WHERE g.user_id = u.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) AS grants
  FROM users u JOIN sessions s ON s.user_id = u.id
 WHERE u.id = $1 AND NOT u.disabled AND s.id = $3 AND s.revoked_at IS NULL AND s.expires_at > $4
""",
    ("user", "today", "session", "now"),
    {},
)
_BY_KEY = Prepared(
    """
SELECT u.id, u.username, k.permissions, k.region_code, k.key_hash,
       (SELECT coalesce(json_agg(json_build_array(g.role, g.region_code, g.department_id)), '[]') FROM grants g
         WHERE g.user_id = u.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) AS grants
  FROM users u JOIN api_keys k ON k.user_id = u.id
 WHERE k.prefix = $1 AND NOT u.disabled AND k.revoked_at IS NULL AND k.expires_at > $3
""",
    ("prefix", "today", "now"),
    {},
)
_BY_FEED = Prepared(
    """
SELECT u.id, u.username,
       (SELECT coalesce(json_agg(json_build_array(g.role, g.region_code, g.department_id)), '[]') FROM grants g
         WHERE g.user_id = u.id AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) AS grants
  FROM users u JOIN calendar_feeds f ON f.user_id = u.id
 WHERE f.secret_hash = $1 AND NOT u.disabled
""",
    ("digest", "today"),
    {},
)
FEED_PERMISSIONS = frozenset({"projects.read", "permits.read"})
"""All that the secret address of a calendar may be used for."""


class Authenticator:
    def __init__(self, db: Database, tokens: AccessTokens, clock: Callable[[], datetime]) -> None:
        self._db = db
        self.tokens = tokens
        self._clock = clock
        self._remembered: OrderedDict[tuple[object, ...], tuple[float, Actor]] = OrderedDict()

    async def by_token(self, token: str) -> Actor:
        now, tick = self._clock(), time.monotonic()
        try:
            claims = self.tokens.verify(token, now=now, monotonic=tick)
        except InvalidToken:
            raise AppError("not_authenticated") from None
        key = (claims.sub.int, claims.sid.int)
        actor = self._recall(key, tick)
        if actor is None:
            today = now.astimezone(SHANGHAI).date()
            values = {"user": claims.sub, "today": today, "session": claims.sid, "now": now}
            row = await self._db.row(BY_SESSION, values)
            actor = Actor(row["id"], row["username"], _grants(row["grants"]), claims.sid) if row else None
            if actor is None:
                raise AppError("not_authenticated")
            self._remember(key, tick, actor)
        return actor

    async def by_api_key(self, key: str) -> Actor:
        now, tick = self._clock(), time.monotonic()
        parsed = parse_api_key(key)
        if parsed is None:
            raise AppError("not_authenticated")
        actor = self._recall((parsed.digest,), tick)
        if actor is None:
            actor = await self._look_up_key(parsed, now)
            self._remember((parsed.digest,), tick, actor)
        return actor

    async def _look_up_key(self, key: ApiKey, now: datetime) -> Actor:
        values = {"prefix": key.prefix, "today": now.astimezone(SHANGHAI).date(), "now": now}
        row = await self._db.row(_BY_KEY, values)
        if row is None or not same_digest(bytes(row["key_hash"]), key.digest):
            raise AppError("not_authenticated")
        grants = _grants(row["grants"])
        if row["region_code"] is not None:
            grants = _narrow(grants, row["region_code"])
        return Actor(row["id"], row["username"], grants, None, frozenset(row["permissions"]))

    async def by_feed(self, digest: bytes) -> Actor | None:
        """The account whose calendar address this is; None when there is none, or the account is disabled."""
        tick = time.monotonic()
        key = ("feed", digest)
        actor = self._recall(key, tick)
        if actor is None:
            row = await self._db.row(_BY_FEED, {"digest": digest, "today": self._clock().astimezone(SHANGHAI).date()})
            if row is None:
                return None
            actor = Actor(row["id"], row["username"], _grants(row["grants"]), None, FEED_PERMISSIONS)
            self._remember(key, tick, actor)
        return actor

    def forget(self) -> None:
        """Ask the database again from the next request on."""
        self._remembered.clear()

    def _recall(self, key: tuple[object, ...], tick: float) -> Actor | None:
        found = self._remembered.get(key)
        return found[1] if found is not None and found[0] > tick else None

    def _remember(self, key: tuple[object, ...], tick: float, actor: Actor) -> None:
        # `tick` was taken before the query, so the memory never outlives the answer by more than REMEMBER_SECONDS.
        self._remembered[key] = (tick + REMEMBER_SECONDS, actor)
        self._remembered.move_to_end(key)
        if len(self._remembered) > _REMEMBER_AT_MOST:
            self._remembered.popitem(last=False)


def _grants(text: str) -> tuple[Grant, ...]:
    return tuple(
        Grant(role, region, uuid.UUID(department) if department else None)
        for role, region, department in orjson.loads(text)
    )


def _narrow(grants: tuple[Grant, ...], region: str) -> tuple[Grant, ...]:
    """Grants cut down to a region prefix; those that do not touch it fall away."""
    narrowed = []
    for grant in grants:
        if region.startswith(grant.region_code):
            narrowed.append(Grant(grant.role, region, grant.department_id))
        elif grant.region_code.startswith(region):
            narrowed.append(grant)
    return tuple(narrowed)
