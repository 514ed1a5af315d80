"""The command `diaodu`: imports the program without garbage collection, then runs it.

What is imported stays, so looking through it for garbage again and again only costs: a quarter of the time until the
program is there.
"""

from __future__ import annotations

import gc


def run() -> None:
    """Run the command line."""
    gc.disable()
    from app.cli import app  # noqa: PLC0415  # the import is what is to go without garbage collection

    gc.enable()
    app()
