"""RudderStack's calls: Segment's, with other habits about who and when."""

from __future__ import annotations

from dataclasses import dataclass

from consumer.mapping.formats.format import FieldPath
from consumer.mapping.formats.segment import Segment

__all__ = ["RudderStack"]


@dataclass(frozen=True, kw_only=True)
class RudderStack(Segment):
    """``originalTimestamp`` is the producer's clock, ``timestamp`` the same put right by the server's."""

    name: str = "rudderstack"
    time_paths: tuple[FieldPath, ...] = (("originalTimestamp",), ("timestamp",))
    email: str | None = "context.traits.email ? context.traits.email : traits.email ? traits.email : properties.email"
    user_id: str | None = "userId ? userId : traits.id"
