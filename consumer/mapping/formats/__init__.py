"""How events lie in the records of a topic: one file a format."""
