"""Everything a team has at Loops, and a request as the calls see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.sandbox.contacts import ContactStore
from consumer.sandbox.ids import Ids
from consumer.sandbox.keys import KeyMemory
from consumer.sandbox.options import MailingList, SandboxOptions
from consumer.sandbox.patterns import EventPatterns
from consumer.sandbox.properties import PropertyCatalogue

__all__ = ["Received", "Team"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request that the key and the limit let pass. ``headers`` are asked by lower-case names."""

    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, object] = field(repr=False)
    argument: str = ""
    """What stands in the path in the place of a ``{name}``, decoded."""
    now: float
    wall: float

    @property
    def wall_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return int(self.wall * 1000)


class Team:
    """One team's data; nothing in it outlives the process."""

    def __init__(self, options: SandboxOptions) -> None:
        """A team with the lists and transactional emails that the options name, and without contacts."""
        ids = Ids(options.seed)
        self.name = options.team_name
        self.contacts = ContactStore(ids, options.contacts_max)
        self.properties = PropertyCatalogue(options.custom_properties_max)
        self.patterns = EventPatterns(ids, options.event_names_max)
        self.lists = {each.id: each for each in options.mailing_lists}
        self._lists_max = options.lists_max
        self.transactional = {each.id: each for each in options.transactional_emails}
        self.event_keys = KeyMemory(options.key_mode, options.key_keep_s, options.keys_max)
        self.transactional_keys = KeyMemory(options.key_mode, options.key_keep_s, options.keys_max)
        self.suppression_removals: deque[float] = deque()

    def learn_lists(self, named: Mapping[str, bool]) -> None:
        """A list that a request names and the team has not is made, so that any mapping can be tried here."""
        for key in named:
            if key not in self.lists and len(self.lists) < self._lists_max:
                self.lists[key] = MailingList(key, key, "Named by a request", is_public=False)
