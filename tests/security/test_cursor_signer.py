"""Page cursors: what was handed out comes back, nothing else does."""

import string

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.security import base64url
from app.security.cursors import MAX_CURSOR_CHARS, CursorSigner, CursorValue, InvalidCursor

SIGNER = CursorSigner(bytes(range(32)))
TEXT = st.text(max_size=60)
PAYLOADS = st.lists(TEXT | st.integers() | st.none(), max_size=6)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=100)
fuzz = settings(max_examples=300, deadline=None)


def refused(text: str, purpose: str = "list", signer: CursorSigner = SIGNER) -> bool:
    try:
        signer.decode(text, purpose)
    except InvalidCursor:
        return True
    return False


@fuzz
@given(PAYLOADS, ANY_TEXT)
@example(["调度", 2**70, None], "q=\ud800\x00")
def test_what_goes_out_comes_back(payload: list[CursorValue], purpose: str) -> None:
    text = SIGNER.encode(payload, purpose)
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    assert SIGNER.decode(text, purpose) == payload


@fuzz
@given(PAYLOADS, ANY_TEXT, ANY_TEXT)
def test_it_fits_one_purpose_only(payload: list[CursorValue], purpose: str, other: str) -> None:
    assume(purpose != other)
    assert refused(SIGNER.encode(payload, purpose), other)


@fuzz
@given(PAYLOADS, st.data())
def test_any_change_is_seen(payload: list[CursorValue], data: st.DataObject) -> None:
    text = SIGNER.encode(payload, "list")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    put = data.draw(st.text(string.ascii_letters + string.digits + "-_=+/. \n", max_size=3))
    changed = text[:start] + put + text[end:]
    assert refused(changed) == (changed != text)


@fuzz
@given(ANY_TEXT | st.binary(max_size=100).map(base64url.encode))
def test_anything_else_is_refused(text: str) -> None:
    assert refused(text)


@given(st.binary(max_size=50), st.text(max_size=30))
def test_base64url_has_one_spelling(data: bytes, text: str) -> None:
    assert base64url.decode(base64url.encode(data)) == data
    try:
        assert base64url.encode(base64url.decode(text)) == text
    except ValueError:
        assume(True)


def test_another_secret_is_another_world() -> None:
    assert refused(SIGNER.encode([1], "list"), signer=CursorSigner(bytes(32)))


def test_purpose_and_values_cannot_trade_places() -> None:
    body = b'["x"]'
    mac = SIGNER._mac(body, "list")
    assert SIGNER.decode(base64url.encode(mac + body), "list") == ["x"]
    assert SIGNER._mac(b"tail" + body, "list") != SIGNER._mac(body, "listtail")


def test_size_is_capped_before_anything_is_computed() -> None:
    body = b'["' + b"x" * MAX_CURSOR_CHARS + b'"]'
    assert refused(base64url.encode(SIGNER._mac(body, "list") + body))


def test_length_has_a_limit_that_ordinary_values_never_reach() -> None:
    longest_name = "调" * 500
    assert SIGNER.decode(SIGNER.encode([longest_name, "id"], "list"), "list") == [longest_name, "id"]
    with pytest.raises(ValueError, match="too long"):
        SIGNER.encode(["调" * 1100], "list")


@pytest.mark.parametrize("value", [True, 1.5, b"x", ["nested"], {"a": 1}])
def test_other_kinds_of_values_are_the_callers_mistake(value: CursorValue) -> None:
    with pytest.raises(TypeError):
        SIGNER.encode([value], "list")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        CursorSigner(b"short")
