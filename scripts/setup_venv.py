"""Make the virtual environment, or bring it up to the lock files: setup_venv.py VENV LOCK [LOCK ...].

Started by whatever Python the user has, an old one too, which is then told so in plain words.
Needs the standard library only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MINIMUM = (3, 11)
TOO_OLD = "Diaodu needs Python {0}.{1} or newer; this one is {2}. Name another: make PYTHON=python3.12 ..."
NO_VENV = """This Python cannot make virtual environments.
On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: make PYTHON=python3.12 ..."""


def interpreter(venv: Path) -> Path:
    """Where the environment's own Python is."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(python: Path) -> bool:
    """Whether an interpreter is there, starts, is new enough and has pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {MINIMUM})"
    if not python.exists():
        return False
    return subprocess.run([python, "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode == 0


def create(venv: Path) -> None:
    """Make an empty environment, in place of a broken one if there is one."""
    print(f"making {venv} with Python {sys.version.split()[0]}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
    except subprocess.CalledProcessError:
        sys.exit(NO_VENV)


def install(python: Path, locks: list[str]) -> None:
    """Install the locked packages, every one checked by hash, then the project itself, editable."""
    print(f"installing packages from {', '.join(locks)} (a minute or two the first time)", flush=True)
    # Twice quiet: pip also warns of every package that an extra local index does not have.
    pip = [str(python), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check"]
    requirements = [word for lock in locks for word in ("--requirement", lock)]
    for words in (["--require-hashes", *requirements], ["--no-deps", "--no-build-isolation", "--editable", "."]):
        done = subprocess.run([*pip, *words], check=False)
        if done.returncode:
            sys.exit(f"pip failed with exit code {done.returncode}; its own words are above")
    # pip compiles packages but nothing editable; where Python may not do so by itself, a start takes 1 s longer.
    subprocess.run([str(python), "-m", "compileall", "-q", "app"], check=True)


def main(venv: Path, locks: list[str]) -> None:
    """Create what is missing, install what the locks say."""
    if sys.version_info < MINIMUM:
        sys.exit(TOO_OLD.format(*MINIMUM, sys.version.split()[0]))
    if not works(interpreter(venv)):
        create(venv)
    install(interpreter(venv), locks)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
