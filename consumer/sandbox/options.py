"""What a sandbox is told when it is made: its key, its limit, how it forgets, and what its team has already."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__all__ = ["KeyMode", "LimitWay", "MailingList", "SandboxOptions", "TransactionalEmail"]


class LimitWay(Enum):
    """How the team's requests are counted. Loops does not say which of them it uses."""

    FIXED = "fixed"
    SLIDING = "sliding"
    BUCKET = "bucket"


class KeyMode(Enum):
    """What uses an idempotency key up. Loops does not say which of them it does.

    ``ANY``: a 200 or a 400. ``SUCCESS``: a 200 alone. ``BODY``: a 200 or a 400, and a repeat with the same body
    answers 200 without effect.
    """

    ANY = "any"
    SUCCESS = "success"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class MailingList:
    """One mailing list of the team."""

    id: str
    name: str
    description: str | None = None
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class TransactionalEmail:
    """One published transactional email and the names of the variables that it needs."""

    id: str
    name: str
    data_variables: tuple[str, ...] = ()


_LISTS = (
    MailingList("cm06f5v0e45nf0ml5754o9cix", "Product updates", "What is new in the product"),
    MailingList("cm16k73gq014h0mmj5b6jdi9r", "Weekly digest", None, is_public=False),
)
_EMAILS = (TransactionalEmail("cll42l54f20i1la0lfooe3z12", "Sign up confirmation", ("confirmationUrl",)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """Everything that can be chosen. Two sandboxes with equal options and equal requests give equal answers.

    ``rate_per_s`` is the team's limit. ``phase_s`` shifts the edges of the fixed windows, from 0 to 1; ``None`` draws
    it from the seed, as a server's clock is nobody's. ``jitter_s`` is how much longer a request may be on its way
    *before* it is counted (uniform, so requests overtake each other); ``latency_s`` passes between its effect and its
    answer. ``key_keep_s`` is how long an idempotency key is remembered (Loops' OpenAPI document: 24 hours).
    """

    api_key: str = field(default="sandbox", repr=False)
    team_name: str = "Sandbox"
    host: str = "127.0.0.1"
    port: int = 0
    """0: any free one."""
    rate_per_s: int = 10
    limit_way: LimitWay = LimitWay.SLIDING
    phase_s: float | None = None
    key_mode: KeyMode = KeyMode.ANY
    key_keep_s: float = 86_400.0
    seed: int = 0
    latency_s: float = 0.0
    jitter_s: float = 0.0
    hang_s_max: float = 120.0
    """A request that hangs is broken off after this."""
    journal_entries_max: int = 50_000
    contacts_max: int = 200_000
    """The one changed longest ago is forgotten first."""
    keys_max: int = 1_000_000
    event_names_max: int = 10_000
    custom_properties_max: int = 10_000
    lists_max: int = 10_000
    mailing_lists: tuple[MailingList, ...] = _LISTS
    transactional_emails: tuple[TransactionalEmail, ...] = _EMAILS
