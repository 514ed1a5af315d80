"""Pictures of statistics: what to draw (`model`), drawing it (`draw` and below), and the process that does (`process`)."""
