"""What a limit, so many replicas and so many arrivals come to: the real pipelines on virtual time."""
