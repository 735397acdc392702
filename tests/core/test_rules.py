"""What the pipeline knows of a mapping."""

from __future__ import annotations

from consumer.core.rules import NO_RULES, Rules, fingerprint


def test_a_mapping_s_fingerprint_is_32_bits_of_its_digest() -> None:
    """Two mappings that share them share 8 of 12 characters."""
    assert 0x0123ABCD == fingerprint("0123abcd4567") == Rules("0123abcd4567").fingerprint
    assert 2**32 - 1 == fingerprint("ffffffffffff")


def test_no_mapping_has_the_fingerprint_0() -> None:
    """As a text beside an offset has that was written without one."""
    assert 0 == NO_RULES.fingerprint
