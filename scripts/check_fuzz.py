"""Schemathesis against a live demo server: no input makes a 500, every answer is as the contract says.

Several passes, because no one account may do everything: business data as the dispatcher, accounts as the two
administrators of them, and the sign-in routes without an account. The seed is fixed, so that a run says something of
the change and not of luck; `python -m scripts.check_fuzz --examples 200 --seed 7` looks further. What fails is printed
with a curl line that shows it again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.live_server import LiveServer, live_server

CONTRACT = Path(__file__).resolve().parent.parent / "openapi" / "openapi.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
SIGN_IN = r"^/api/v1/auth/"
"""Routes that end or change the sign-in itself: with a token they would take it away from the rest of the pass."""
ADMINISTRATION = r"^/api/v1/(users|grants|roles|api-keys|regions|departments|leaders|supervisions|dictionaries)"
PASSES: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    # In two parts: a token lives a quarter of an hour.
    ("dispatcher", ("--include-path-regex", r"^/api/v1/(?!auth/|me/)[a-o]")),
    ("dispatcher", ("--exclude-path-regex", r"^/api/v1/[a-o]")),
    ("system_admin", ("--include-path-regex", ADMINISTRATION)),
    ("security_admin", ("--include-path-regex", ADMINISTRATION)),
    ("viewer", ("--include-path-regex", r"^/api/v1/me/")),
    (None, ("--include-path-regex", SIGN_IN)),
)
# Thousands of requests a minute from one address are the point here.
NO_RATE_LIMITS = {"DIAODU_RATE_LIMIT_PER_MINUTE": "1000000", "DIAODU_ANONYMOUS_RATE_LIMIT_PER_MINUTE": "1000000"}
PASS_SECONDS = 840


def fuzz(server: LiveServer, account: str | None, limits: list[str]) -> bool:
    """One pass as one account (None: signed in as nobody). True when nothing was found."""
    print(f"\nSchemathesis as {account or 'nobody'}", flush=True)
    # One worker: Hypothesis in two threads trips over CPython 3.11's ast.parse, which then raises SystemError.
    words = ["--url", server.url, "--phases", "examples,coverage,fuzzing", "--workers", "1", *limits]
    words += ["--checks", ",".join(CHECKS), "--warnings", "off", "--no-color"]
    words += ["--request-timeout", "30", "--generation-database", "none"]
    if account is not None:
        words += ["--header", f"Authorization: Bearer {server.token(account)}"]
    program = Path(sys.executable).with_name("schemathesis")
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "scripts.fuzz_hooks"}
    run = subprocess.run([program, "run", CONTRACT, *words], env=environment, timeout=PASS_SECONDS, check=False)
    return run.returncode == 0


def _exceptions(log: Path) -> list[str]:
    """Tracebacks of the JSON log, each with its request id and cut to the end that tells."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        if '"exception":' in line and '"request_id":' in line:
            entry = json.loads(line)
            found.append(f"{entry['request_id']}\n{entry['exception'][-1500:]}")
    return found


def main() -> None:
    """Exit code 1 when any pass found something; every pass is run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", default="12", help="cases per operation")
    options.add_argument("--seed", default="1")
    chosen = options.parse_args()
    limits = ["--max-examples", chosen.examples, "--seed", chosen.seed]
    with live_server(extra_environment=NO_RATE_LIMITS) as server:
        passed = [fuzz(server, account, [*limits, *filters]) for account, filters in PASSES]
        if not all(passed):
            print("\nunhandled errors in the server's log, the last ones:", *_exceptions(server.log)[-5:], sep="\n\n")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
