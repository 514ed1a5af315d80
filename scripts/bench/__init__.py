"""`make bench`: speed as ratios against a ceiling that runs side by side on the same data."""
