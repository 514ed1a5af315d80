"""Pictures of statistics: what to draw (`model`), how each kind is drawn, and the process that draws (`process`)."""
