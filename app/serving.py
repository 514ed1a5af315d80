"""How a process serves: it stops in its own time, and what it begins with is not looked through for garbage."""

from __future__ import annotations

import gc
from typing import Any

import uvicorn
from fastapi import FastAPI


class Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: Any) -> None:
        """Not ready from the moment the signal arrives; what was accepted is still answered."""
        application: Any = self.config.app
        application.state.ready = False
        super().handle_exit(sig, frame)


def settled(application: FastAPI) -> FastAPI:
    """Modules, models and routes stay until the process ends. Without this every full garbage collection looks through
    all of them, a tenth of a second in which nobody is answered; requests of a thousand members bring many about.

    Young objects are looked through every 5 000, not every 700: what is still on its way with its request would be
    found alive, and be looked through again with all that is older.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
    return application
