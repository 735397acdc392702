"""The outside world behind the protocols of :mod:`consumer.ports`."""
