"""Self-contained security primitives: no database, no FastAPI, no settings; secrets and clocks are passed in."""
