"""What the make targets run: environment, locks, checks against a live server."""
