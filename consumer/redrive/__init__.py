"""Dead letters, sent again: each by its own rule, through the same pipeline, at a share of the rate."""
