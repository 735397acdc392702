"""JSONata for identifiers of which it has to be told what they are: a userId, an address, or a visitor nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["address_in", "distinct_address", "distinct_user_id", "first_of", "user_id_in"]

_SHORT: Final = 19
"""Characters; no anonymous id has fewer: the shortest is ``$posthog_cookieless``."""
_GROUPS_MIN: Final = 36
"""Characters of five groups of hexadecimal digits: a UUID has so many, the former device ids of both libraries more."""

_IS_ADDRESS: Final = "$type($id) = 'string' and $contains($id, '@')"
_OWN: Final = "properties.`$user_id`"
"""Set by PostHog's and Mixpanel's libraries once the product has said who it is; then even a UUID is a userId."""
_ANONYMOUS: Final = (
    "$id = properties.`$device_id` or $length($id) >= "
    f"{_SHORT} and ($substring($id, 0, 8) = '$device:' or $substring($id, 0, 11) = 'cookieless_' "
    f"or $id = '$posthog_cookieless' or $length($id) >= {_GROUPS_MIN} and $count($split($id, '-')) = 5 "
    "and $contains($id, /^[0-9a-f-]+$/i))"
)
"""Sources: the sources of posthog-js, mixpanel-js, and PostHog's ingestion (``cookieless_`` and a hash)."""


def first_of(places: Sequence[str], otherwise: str) -> str:
    """What the first of these expressions finds that is not empty, else what the last one does."""
    return "".join(f"{place} ? {place} : " for place in places) + otherwise


def address_in(identifier: str) -> str:
    """The identifier where it has an ``@``, else nothing."""
    return f"($id := {identifier}; {_IS_ADDRESS} ? $id)"


def user_id_in(identifier: str) -> str:
    """The identifier, but nothing where it has an ``@``."""
    return f"($id := {identifier}; {_IS_ADDRESS} ? () : $id)"


def distinct_address(distinct_id: str) -> str:
    """The address in an event of PostHog or Mixpanel of which a person is called by one."""
    return address_in(first_of([_OWN], distinct_id))


def distinct_user_id(distinct_id: str) -> str:
    """The userId in an event of PostHog or Mixpanel: nothing for an address and for an anonymous visitor."""
    known = f"{_IS_ADDRESS} ? () : {_OWN} ? $id : $type($id) = 'string' and ({_ANONYMOUS}) ? () : $id"
    return f"($id := {first_of([_OWN], distinct_id)}; {known})"
