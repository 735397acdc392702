"""Decides what to send, retry, dead-letter and commit: no I/O, clock, logging or chance of its own."""
