"""Signing keys on disk: made once, rotated, reread while running, retired when no token needs them."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.security import base64url
from app.security.key_files import NoSigningKey, SigningKeyError
from app.security.keys import SigningKeys
from app.security.private_files import load_or_create_secret, write_new

NOW = datetime(2026, 11, 23, 21, 6, 18, tzinfo=UTC)
NAME = "20261123T210618Z-0badcafe.pem"


def pem(key: PrivateKeyTypes, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def kids(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in keys.jwks()["keys"]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_is_private_and_named_by_its_time(directory: Path) -> None:
    path = SigningKeys.generate(directory, now=NOW)
    assert path.name.startswith("20261123T210618Z-")
    assert (mode(path), mode(directory)) == (0o600, 0o700)
    assert not [p for p in directory.iterdir() if p.name.startswith(f".{path.name}")], "a draft was left behind"


def test_jwks_shows_the_public_half_under_its_thumbprint(directory: Path) -> None:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    [shown] = keys.jwks()["keys"]
    assert set(shown) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (shown["kty"], shown["crv"], shown["use"], shown["alg"]) == ("EC", "P-256", "sig", "ES256")
    # RFC 7638 section 3: SHA-256 over the required members in this order, without blanks.
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{shown["x"]}","y":"{shown["y"]}"}}'
    assert shown["kid"] == base64url.encode(hashlib.sha256(canonical.encode()).digest())
    assert len(base64url.decode(shown["x"])) == len(base64url.decode(shown["y"])) == 32


def test_the_newest_signs_and_all_verify(directory: Path) -> None:
    first = SigningKeys.load_or_generate(directory, now=NOW).current
    SigningKeys.generate(directory, now=NOW + timedelta(days=30))
    keys = SigningKeys.load(directory)
    assert keys.current.thumbprint != first.thumbprint
    assert keys.find(first.thumbprint) is not None
    assert kids(keys) == [keys.current.thumbprint, first.thumbprint]
    assert keys.find("unknown") is None


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=-400)])
def test_a_generated_key_signs_even_when_the_clock_stood_still_or_went_back(directory: Path, later: timedelta) -> None:
    known = {SigningKeys.load_or_generate(directory, now=NOW).current.thumbprint}
    for _ in range(5):
        SigningKeys.generate(directory, now=NOW + later)
        signs = SigningKeys.load(directory).current.thumbprint
        assert signs not in known
        known.add(signs)


def test_no_key_is_an_error_of_its_own(directory: Path) -> None:
    with pytest.raises(NoSigningKey):
        SigningKeys.load(directory)
    directory.mkdir()
    (directory / "readme.txt").write_text("not a key")
    with pytest.raises(NoSigningKey):
        SigningKeys.load(directory)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "P-256"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "P-256"),
        (pem(rsa.generate_private_key(65537, 2048)), "P-256"),
        (pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"x")), "encrypted"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "private key",
        ),
        (b"", "PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "PEM"),
    ],
    ids=["P-384", "secp256k1", "Ed25519", "RSA", "encrypted", "public", "empty", "rubbish"],
)
def test_other_keys_are_refused_by_name_and_reason(directory: Path, content: bytes, says: str) -> None:
    SigningKeys.generate(directory, now=NOW - timedelta(days=1))
    (directory / NAME).write_bytes(content)
    with pytest.raises(SigningKeyError, match=says) as caught:
        SigningKeys.load(directory)
    assert NAME in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["key.pem", "20261123T210618Z.pem", "20261399T210618Z-a.pem", "２０261123T210618Z-a.pem"]
)
def test_a_file_name_without_its_time_is_refused(directory: Path, name: str) -> None:
    path = SigningKeys.generate(directory, now=NOW)
    path.rename(directory / name)
    with pytest.raises(SigningKeyError, match=name):
        SigningKeys.load(directory)


def test_a_key_that_cannot_be_read_is_an_error_not_a_crash(directory: Path) -> None:
    (directory / NAME).mkdir(parents=True)
    with pytest.raises(SigningKeyError, match=NAME):
        SigningKeys.load(directory)


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.security.keys import SigningKeys
from app.security.private_files import load_or_create_secret
print("ready", flush=True)
sys.stdin.readline()
keys = SigningKeys.load_or_generate(Path(sys.argv[1]), now=datetime.now(UTC))
print(keys.current.thumbprint, load_or_create_secret(Path(sys.argv[1]) / "cursor.secret").hex())
"""


def test_processes_that_start_together_agree(directory: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(directory)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = {child.communicate(timeout=60)[0] for child in children}
    assert len(answers) == 1, answers
    assert [child.returncode for child in children] == [0] * 4
    assert len(list(directory.glob("*.pem"))) == 1


def test_a_running_process_follows_the_directory(directory: Path) -> None:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    first, generation = keys.current.thumbprint, keys.generation
    keys.poll(100.0)
    settled = keys.generation
    SigningKeys.generate(directory, now=NOW)
    assert not keys.poll(100.9), "the directory is looked at once a second, not on every call"
    assert keys.current.thumbprint == first
    assert keys.poll(101.0)
    assert keys.current.thumbprint != first
    assert keys.generation > settled >= generation
    assert keys.find(first) is not None
    min(directory.glob("*.pem")).unlink()
    assert keys.poll(102.0)
    assert keys.find(first) is None


def test_an_unchanged_directory_is_not_reread(directory: Path) -> None:
    SigningKeys.generate(directory, now=NOW)
    keys = SigningKeys.load(directory)
    assert not keys.reload_if_changed()
    assert keys.generation == 0


def test_a_running_process_outlives_bad_files(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    first = keys.current.thumbprint
    (directory / "20270101T000000Z-half.pem").write_bytes(b"-----BEGIN PRIV")
    keys.reload_if_changed()
    assert keys.current.thumbprint == first
    assert "20270101T000000Z-half.pem" in caplog.text
    assert not keys.reload_if_changed(), "the same bad file is reported once"
    for path in directory.glob("*.pem"):
        path.unlink()
    keys.reload_if_changed()
    assert keys.current.thumbprint == first
    SigningKeys.generate(directory, now=NOW)
    assert keys.reload_if_changed()
    assert keys.find(first) is None


def test_a_bad_file_does_not_keep_a_removed_key_alive(directory: Path) -> None:
    compromised = SigningKeys.generate(directory, now=NOW)
    SigningKeys.generate(directory, now=NOW)
    keys = SigningKeys.load(directory)
    gone = kids(keys)[1]
    compromised.unlink()
    (directory / NAME).write_bytes(b"?")
    keys.reload_if_changed()
    assert keys.find(gone) is None


def test_a_key_replaced_in_place_is_noticed(directory: Path) -> None:
    path = SigningKeys.generate(directory, now=NOW)
    keys = SigningKeys.load(directory)
    first = keys.current.thumbprint
    times = path.stat()
    path.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert keys.reload_if_changed()
    assert keys.current.thumbprint != first


def test_retirement_waits_for_the_last_token(directory: Path) -> None:
    made = datetime.now(UTC)  # a successor counts from when it really came to lie there, which only the system knows
    hour = timedelta(hours=1)
    old = SigningKeys.load_or_generate(directory, now=made - timedelta(days=30)).current.thumbprint
    # The name claims to be ten days old, as if copied from elsewhere; the old key signed until this moment.
    SigningKeys.generate(directory, now=made - timedelta(days=10))
    keys = SigningKeys.load(directory)
    assert keys.retire(now=made + timedelta(minutes=59), max_age=hour) == []
    assert len(kids(keys)) == 2
    generation = keys.generation
    assert keys.retire(now=made + timedelta(minutes=62), max_age=hour) == [old]
    assert kids(keys) == [keys.current.thumbprint]
    assert keys.generation > generation
    assert len(list(directory.glob("*.pem"))) == 1
    assert keys.retire(now=made + timedelta(days=4000), max_age=hour) == [], "the signing key never retires"


def test_retirement_counts_from_the_successor_not_from_the_key_itself(directory: Path) -> None:
    made = datetime.now(UTC)
    SigningKeys.generate(directory, now=made)
    SigningKeys.generate(directory, now=made + timedelta(hours=3))
    keys = SigningKeys.load(directory)
    assert keys.retire(now=made + timedelta(hours=3.9), max_age=timedelta(hours=1)) == []
    assert len(keys.retire(now=made + timedelta(hours=4.1), max_age=timedelta(hours=1))) == 1


def test_existing_keys_need_no_right_to_write(directory: Path) -> None:
    SigningKeys.generate(directory, now=NOW)
    lock = directory / ".lock"
    lock.unlink()
    lock.mkdir()  # as on a directory mounted read-only, no lock can be had
    SigningKeys.load_or_generate(directory, now=NOW)
    with pytest.raises(OSError, match=r"\.lock"):
        SigningKeys.generate(directory, now=NOW)


def test_a_directory_that_turned_into_something_else_is_reported(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    directory.rename(directory.with_name("elsewhere"))
    directory.write_text("a file")
    assert not keys.reload_if_changed()
    assert keys.current is not None
    assert "cannot be reread" in caplog.text


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_new(path, b"first")
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_secret_is_made_once_and_must_be_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cursor.secret"
    secret = load_or_create_secret(path)
    assert len(secret) == 32
    assert load_or_create_secret(path) == secret
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match=r"cursor\.secret"):
        load_or_create_secret(path)


def test_jwks_is_json_and_no_copy_of_the_caller_changes_it(directory: Path) -> None:
    keys = SigningKeys.load_or_generate(directory, now=NOW)
    before = json.dumps(keys.jwks())
    keys.jwks()["keys"][0]["d"] = "leak"
    assert json.dumps(keys.jwks()) == before
