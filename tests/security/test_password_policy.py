"""Which passwords may be chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security.password_policy import is_hashable, normalise
from app.security.passwords import check_policy

GOOD = "Fluss-9und7"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Tr0ub4dor&3",
        "correct horse battery",
        "项目调度要盯成还要盯死不留一个尾巴",
        "调度Office2026室内",
        "Passworte-sind-lang",
        "x7Kq2mPz9w",
    ],
)
def test_good_ones(password: str) -> None:
    assert check_policy(password, "dispatcher_b") == []


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("", ["too_short", "too_simple"]),
        ("Ab1!xyzuv", ["too_short"]),
        ("ab1xyzuvkr", ["too_simple"]),
        ("ABCKRTUVXYZMQ1", ["too_simple"]),
        ("Ab1!Ab1!Ab1!", ["too_simple"]),
        ("correct horses", ["too_simple"]),
        ("aaaaaaaaaaaaaaaaaaaa", ["too_simple", "common"]),
        ("x" * 257, ["too_long"]),
        ("Fluss-9und7\x00", ["not_text"]),
        ("Fluss-9und7\n", ["not_text"]),
        ("Fluss-9und7\ud800", ["not_text"]),
        ("dispatcher_B2026!", ["contains_username"]),
        ("my-DISPATCHER_b-9", ["contains_username"]),
        ("ｄｉｓｐａｔｃｈｅｒ＿ｂ-9X", ["contains_username"]),
    ],
)
def test_bad_ones_say_every_reason(password: str, codes: list[str]) -> None:
    assert check_policy(password, "Dispatcher_b") == codes


@pytest.mark.parametrize(
    "password",
    [
        "Password123!",
        "P@ssw0rd2026",
        "P@$$w0rd12345",
        "2026Password!",
        "Admin@12345",
        "@dmin12345!",
        "Aa123456789",
        "Abc@12345678",
        "Qwerty12345",
        "Qwertyuiop!1",
        "1qaz@WSX3edc",
        "1234567890123456",
        "09876543210987654321",
        "qwertyuiopasdfghjkl",
        "passwordpassword",
        "Zhongguo2026!",
        "Diaodu@2026#",
        "Ｐａｓｓｗｏｒｄ123!",
    ],
)
def test_what_everybody_tries_first(password: str) -> None:
    assert "common" in check_policy(password, "somebody")


@pytest.mark.parametrize("username", ["", "x", "un"])
def test_a_name_too_short_to_matter(username: str) -> None:
    assert check_policy(GOOD, username) == []


def test_limits_are_exact() -> None:
    assert check_policy("kbcde fghi jklm", "u") == ["too_simple"]
    assert check_policy("kbcde fghi jklmn", "u") == []
    assert check_policy("Kb1defghi", "u") == ["too_short"]
    assert check_policy("Kb1defghij", "u") == []
    assert check_policy("Kb1 defg" * 32, "u") == []


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.text(st.characters(exclude_categories=())))
def test_every_text_gets_an_answer_and_what_passes_can_be_hashed(password: str, username: str) -> None:
    if check_policy(password, username) == []:
        assert is_hashable(password)
        normalise(password).encode("utf-8")
