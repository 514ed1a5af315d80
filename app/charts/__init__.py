"""Charts as SVG, drawn by pure functions: no web, no database, no clock."""
