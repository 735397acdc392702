"""A call that bears an idempotency key is carried out once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson

from consumer.sandbox.keys import KEY_LENGTH_MAX, KeyMemory, Use
from consumer.sandbox.options import KeyMode
from consumer.sandbox.reply import Answered, Refused
from consumer.sandbox.team import Received

__all__ = ["once"]


def once(keys: KeyMemory, received: Received, act: Callable[[], Answered]) -> Answered:
    """Carries it out, unless the key is used; what it comes to may use the key up."""
    key = received.headers.get("idempotency-key")
    if not key:
        return act()
    if len(key) > KEY_LENGTH_MAX:
        raise Refused(400, f"The idempotency key must be at most {KEY_LENGTH_MAX} characters.")
    digest = _digest(received) if keys.mode is KeyMode.BODY else b""
    use = keys.look(key, digest, now=received.now)
    if use is Use.REPEAT:
        return Answered(200, {"success": True})
    if use is Use.USED:
        of_another = " with a different request body" if keys.mode is KeyMode.BODY else ""
        raise Refused(409, f"Idempotency key already used{of_another}.")
    try:
        answered = act()
    except Refused as refused:
        keys.settle(key, digest, refused.status, now=received.now)
        raise
    keys.settle(key, digest, answered.status, now=received.now)
    return answered


def _digest(received: Received) -> bytes:
    document = orjson.dumps(received.body, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(document, digest_size=16).digest()
