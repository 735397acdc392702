"""Options."""

from __future__ import annotations

from consumer.sandbox.options import SandboxOptions


def test_the_key_is_in_no_repr() -> None:
    """Options may be printed."""
    assert "s3cret" not in repr(SandboxOptions(api_key="s3cret"))


def test_a_sandbox_is_as_strict_as_loops_unless_told_otherwise() -> None:
    """Ten a second, keys for a day."""
    options = SandboxOptions()
    assert (10, 86_400.0) == (options.rate_per_s, options.key_keep_s)
