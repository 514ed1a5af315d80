"""What the application uses to issue and verify access tokens: `tokens` bound to one issuer, with a memory.

Checking an ECDSA signature costs about 100 µs and a dashboard sends the same token thousands of times, so verdicts
are remembered. This is safe because
- only tokens that verified are remembered, under the SHA-256 of the whole text: the same characters under the same
  keys give the same verdict, and one character more or less is another entry;
- the two things that can change are asked again each time: the clock (an entry dies at its `exp`) and the keys (a
  reload that adds, replaces or drops a key forgets everything);
- the verdict only says "we signed this and it has not expired". Whether the session was logged out, the account
  disabled or a grant changed is looked up elsewhere on every request, remembered token or not;
- the text itself is not kept, so the memory holds no bearer token, and its size is bounded (least recently used
  entries go first; garbage never enters, so nobody can flush it without valid tokens).
"""

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from app.security import tokens
from app.security.keys import SigningKeys
from app.security.tokens import DEFAULT_LIFETIME, MAX_TOKEN_CHARS, Claims, InvalidToken


class AccessTokens:
    """Issues and verifies the tokens of one issuer and audience. Safe to share between threads.

    `now` is an aware datetime, `monotonic` seconds as time.monotonic() gives; both belong to the caller's clock.
    """

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        audience: str,
        lifetime: timedelta = DEFAULT_LIFETIME,
        cache_size: int = 4096,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._cache = _Verdicts(cache_size)

    @property
    def lifetime(self) -> timedelta:
        """How long a new token lives: `expires_in` of the token answer."""
        return self._lifetime

    def issue(self, *, subject: UUID, session_id: UUID, now: datetime, monotonic: float) -> str:
        self._keys.poll(monotonic)
        return tokens.issue(
            self._keys,
            subject=subject,
            session_id=session_id,
            now=now,
            issuer=self._issuer,
            audience=self._audience,
            lifetime=self._lifetime,
        )

    def verify(self, token: str, *, now: datetime, monotonic: float) -> Claims:
        """Claims of a token of ours alive at `now`; InvalidToken otherwise. See `tokens.verify`."""
        tokens.require_aware(now)
        self._keys.poll(monotonic)
        if len(token) > MAX_TOKEN_CHARS or not token.isascii():
            raise InvalidToken("malformed")
        digest = hashlib.sha256(token.encode("ascii")).digest()
        generation = self._keys.generation
        claims = self._cache.get(digest, generation)
        if claims is None:
            claims = self._verify_afresh(token, now)
            self._cache.put(digest, generation, claims)
            return claims
        try:
            tokens.check_times(claims, now)
        except InvalidToken:
            self._cache.forget(digest)
            raise
        return claims

    def jwks(self, *, monotonic: float) -> dict[str, list[dict[str, str]]]:
        """Public key set for `/.well-known/jwks.json`."""
        self._keys.poll(monotonic)
        return self._keys.jwks()

    def _verify_afresh(self, token: str, now: datetime) -> Claims:
        try:
            return tokens.verify(self._keys, token, now=now, issuer=self._issuer, audience=self._audience)
        except InvalidToken as error:
            # Another replica may have signed with a key that came less than a poll ago.
            if error.reason != "unknown_key" or not self._keys.reload_if_changed():
                raise
        return tokens.verify(self._keys, token, now=now, issuer=self._issuer, audience=self._audience)


class _Verdicts:
    """Bounded memory of verified tokens, emptied whenever the keys are of another generation."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._generation = 0
        self._entries: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: bytes, generation: int) -> Claims | None:
        with self._lock:
            if generation != self._generation:
                self._entries.clear()
                self._generation = generation
            claims = self._entries.get(digest)
            if claims is not None:
                self._entries.move_to_end(digest)
            return claims

    def put(self, digest: bytes, generation: int, claims: Claims) -> None:
        """`generation` is the one read before verifying: a verdict under keys since replaced is not kept."""
        with self._lock:
            if generation != self._generation:
                return
            self._entries[digest] = claims
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def forget(self, digest: bytes) -> None:
        with self._lock:
            self._entries.pop(digest, None)
