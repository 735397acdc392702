"""What Loops allows the team, as far as its replicas may know."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from consumer.core.effect import Committable
from consumer.core.outcome import Answer, Response
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest
from consumer.core.wish import LEASE_S
from tests.sim.observing import Observer
from tests.sim.planned import Told
from tests.sim.replica import KNOWN_WITHIN_S

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Limits", "is_idle"]

_SECOND_S = 1.0
_HEARD_WITHIN_S = LEASE_S + 1.0
"""What was read before counts for so long, and a second until it is told."""


def is_idle(replica: Replica, now: float) -> bool:
    """Whether it leaves its part to others, but for the slot that all idle ones have together."""
    sharing, pacer = replica.pipeline.sharing, replica.pipeline.wire.pacer
    return sharing.shares and sharing.quota.has_idle_slot(now=now) and pacer.slots <= 1


class Limits(Observer):
    """Follows what each replica was told. It judges nothing; oracles read it. It is added before them."""

    def __init__(self, world: World) -> None:
        """Nobody was told anything."""
        super().__init__(world)
        self._policy = world.scenario.policy
        self._known: dict[Replica, int] = {}
        """By what each goes."""
        self._former: deque[tuple[float, int]] = deque()
        """By what one went before, and until when that counts."""
        self._put_out_at: dict[Replica, float] = {}
        self._idle_since: dict[Replica, float] = {}

    def allowed_per_s(self) -> int:
        """The highest limit that one was told, or began with, now or within the last second, less the reserve."""
        while self._former and self._former[0][0] < self.world.loop.now:
            self._former.popleft()
        limit = max([*self._known.values(), *(former for _, former in self._former)])
        return max(1, limit - self._policy.reserve_per_s)

    def is_outside(self, replica: Replica) -> bool:
        """Whether it was put out of the group, and should know that by now."""
        now = self.world.loop.now
        return bool(self._put_out_at) and now > self._put_out_at.get(replica, now) + KNOWN_WITHIN_S

    def is_known_as_idle(self, replica: Replica) -> bool:
        """Whether it is idle, and all can have heard that."""
        now = self.world.loop.now
        return now > self._idle_since.get(replica, now) + _HEARD_WITHIN_S

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:  # noqa: ARG002 - as declared
        """Nobody can have heard of this one."""
        self._idle_since.pop(replica, None)

    def turned(self, replica: Replica) -> None:
        """After each turn."""
        now = self.world.loop.now
        if is_idle(replica, now):
            self._idle_since.setdefault(replica, now)
        else:
            self._idle_since.pop(replica, None)

    def started(self, replica: Replica) -> None:
        """It goes by what is set until it hears."""
        self._known[replica] = self._policy.rate_per_s

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:  # noqa: ARG002 - as declared
        """It hears, if it is still there."""
        if not isinstance(answer, Response) or "x-ratelimit-limit" not in answer.headers or replica not in self._known:
            return
        limit = int(answer.headers["x-ratelimit-limit"])
        limit = limit if self._policy.follows_limit else min(limit, self._policy.rate_per_s)
        if limit != self._known[replica]:
            self._former.append((self.world.loop.now + _SECOND_S, self._known[replica]))
            self._known[replica] = limit

    def ended(self, replica: Replica, how: str) -> None:  # noqa: ARG002 - as declared
        """What it sent within the last second counts."""
        self._former.append((self.world.loop.now + _SECOND_S, self._known.pop(replica)))

    def put_out(self, replica: Replica) -> None:
        """Others get its part of the rate."""
        self._put_out_at.setdefault(replica, self.world.loop.now)

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:  # noqa: ARG002 - as declared
        """It knows."""
        self._put_out_at.pop(replica, None)
