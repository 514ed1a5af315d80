"""Schemathesis against a live demo server: no input makes a 500, every answer is as the contract says.

Three passes, because no one account may do everything: business data as the dispatcher, accounts as the system
administrator, and the sign-in routes without an account. `python -m scripts.check_fuzz EXAMPLES` sets how many
cases are generated per operation (default 12); what fails is printed with a curl line that shows it again.
"""

from __future__ import annotations

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
OWN_ACCOUNT = r"^/api/v1/(auth|me)/"
PASSES: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("dispatcher", ("--exclude-path-regex", OWN_ACCOUNT)),
    ("system_admin", ("--exclude-path-regex", OWN_ACCOUNT, "--exclude-path-regex", r"^/api/v1/projects")),
    (None, ("--include-path-regex", SIGN_IN)),
)
# Thousands of requests a minute from one address are the point here.
NO_RATE_LIMITS = {"DIAODU_RATE_LIMIT_PER_MINUTE": "1000000", "DIAODU_ANONYMOUS_RATE_LIMIT_PER_MINUTE": "1000000"}
PASS_SECONDS = 600


def fuzz(server: LiveServer, account: str | None, filters: tuple[str, ...], examples: int) -> bool:
    """One pass as one account (None: signed in as nobody). True when nothing was found."""
    print(f"\nSchemathesis as {account or 'nobody'}", flush=True)
    words = ["--url", server.url, "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)]
    words += ["--checks", ",".join(CHECKS), "--workers", "2", "--warnings", "off", "--no-color"]
    words += ["--request-timeout", "30", "--generation-database", "none", *filters]
    if account is not None:
        words += ["--header", f"Authorization: Bearer {server.token(account)}"]
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run([program, "run", CONTRACT, *words], timeout=PASS_SECONDS, check=False).returncode == 0


def main() -> None:
    """Exit code 1 when any pass found something; every pass is run."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    with live_server(extra_environment=NO_RATE_LIMITS) as server:
        passed = [fuzz(server, account, filters, examples) for account, filters in PASSES]
        if not all(passed):
            print("\nthe last errors in the server's log:", file=sys.stderr)
            errors = [line for line in server.log.read_text(errors="replace").splitlines() if "rror" in line]
            print("\n".join(errors[-20:]), file=sys.stderr)
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
