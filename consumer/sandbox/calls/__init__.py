"""Loops' calls, one file a subject: each takes the team and a request, and answers or raises ``Refused``."""
