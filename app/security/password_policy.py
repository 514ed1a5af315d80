"""Which passwords people may choose, decided by the text alone.

Passwords are compared in Unicode normal form NFKC, so that the full-width letters and digits of a Chinese keyboard and
the plain ones are the same.
"""

import re
import unicodedata

MIN_CHARS = 10
MAX_CHARS = 256
PASSPHRASE_CHARS = 16
"""From this length on the kinds of characters no longer matter."""

_MIN_CLASSES = 3
_MIN_DISTINCT = 5
_MIN_USERNAME = 3  # shorter names are inside most passwords by chance
_LOOKALIKES = str.maketrans("@4301!$5789", "aaeoiisstbg")
_RUNS = ("1234567890", "0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_CORES = (
    "a aa aaa abc abcd abcde admin administrator asd asdf baby changeit changeme china default diaodu dragon guest "
    "hello iloveyou letmein login manager master monkey office pass passwd password princess project qaz qazwsx qwe "
    "qwer qwert qwerty qwertyuiop root sa secret sunshine super superman system test tester user welcome woaini "
    "wodemima xiangmu zaq zhongguo zxc zxcvbnm"
)
_WHOLE = (
    "1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz@wsx3edc !qaz2wsx3edc 1qaz2wsx!qaz@wsx qwer1234!@#$ 1234qwer!@#$ "
    "qwe123!@#asd asd123!@#qwe abc123!@#qwe q1w2e3r4t5 zaq12wsxcde3 !@#$%^&*() 5201314aini"
)
_COMMON_CORES = frozenset(_CORES.split())
_COMMON_WHOLE = frozenset(_WHOLE.split())


def normalise(password: str) -> str:
    """The form that is hashed and judged (NFKC). Pass in at most `MAX_CHARS`: NFKC can make a text 18 times longer."""
    return unicodedata.normalize("NFKC", password)


def is_hashable(password: str) -> bool:
    """False for what no account can have: more than `MAX_CHARS` characters, or lone surrogates (not UTF-8)."""
    if len(password) > MAX_CHARS:
        return False
    try:
        password.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def check_policy(password: str, username: str) -> list[str]:
    """Codes of every rule `password` breaks, empty when it may be used.

    too_long (over 256 characters), not_text (lone surrogates or control characters), too_short (under 10),
    too_simple (under 16 characters with fewer than three of lower, upper, digit, other; or under 5 different
    characters), contains_username (in any case), common (a word, row of keys or count everybody tries first).
    """
    if len(password) > MAX_CHARS:
        return ["too_long"]
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in password):
        return ["not_text"]
    text = normalise(password)
    folded = text.casefold()
    name = normalise(username[:MAX_CHARS]).casefold()
    broken = {
        "too_short": len(text) < MIN_CHARS,
        "too_simple": _is_simple(text),
        "contains_username": len(name) >= _MIN_USERNAME and name in folded,
        "common": _is_common(folded),
    }
    return [code for code, applies in broken.items() if applies]


def _is_simple(text: str) -> bool:
    if len(set(text)) < _MIN_DISTINCT:
        return True
    return len(text) < PASSPHRASE_CHARS and len({_character_class(char) for char in text}) < _MIN_CLASSES


def _character_class(char: str) -> str:
    if char.isdecimal():
        return "digit"
    if char.islower():
        return "lower"
    return "upper" if char.isupper() else "other"


def _is_common(folded: str) -> bool:
    """Also common words dressed up: `P@ssw0rd2026!` is "password" between digits and signs."""
    period = (folded + folded).find(folded, 1)
    folded = folded[:period]  # "passwordpassword" is "password"
    if folded in _COMMON_WHOLE or any(_continues(folded, run) for run in _RUNS):
        return True
    trimmed = re.sub(r"[\W\d_]+$", "", folded)
    return any(core.translate(_LOOKALIKES) in _COMMON_CORES for core in (trimmed, re.sub(r"^[\W\d_]+", "", trimmed)))


def _continues(folded: str, run: str) -> bool:
    endless = run * (len(folded) // len(run) + 2)
    return folded != "" and (folded in endless or folded in endless[::-1])
