"""Counts, observes and logs what happens: a counter and its log line come from one event."""

from __future__ import annotations

import itertools
import platform
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from logging import DEBUG
from typing import Any, Final, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector
from prometheus_client import disable_created_metrics as leave_out_created_metrics

from consumer.adapters.metrics import BY_NAME, OTHER, Metric
from consumer.adapters.status_metrics import StatusCollector
from consumer.core.effect import (
    Attempt,
    Commit,
    DeadLetter,
    Effect,
    Fate,
    Finished,
    LateOutcome,
    Letter,
    MetadataIgnored,
    OutageBegan,
    OutageEnded,
    Pause,
    Remapped,
    Resume,
    Retried,
    Saved,
    Send,
)
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Received, TopicPartition
from consumer.logs import ContactTags, LineBudget, logger
from consumer.mapping.renewal import RefusalKind
from consumer.status import Status

__all__ = ["PrometheusTelemetry"]

_LETTERS_REMEMBERED: Final = 16_384
"""Numbers of letters, so that one that is written again is counted once."""
_PRECREATED_MAX: Final = 150
"""Series of one metric that are there, at 0, before anything happened: an alert sees the first event as an increase."""

_Kind = TypeVar("_Kind", Counter, Histogram)


class _Family(Generic[_Kind]):
    """One metric and its series; each is looked up once, and its labels stay within the table's bounds."""

    def __init__(self, name: str, make: Callable[[Metric], _Kind]) -> None:
        metric = BY_NAME[name]
        self._labels = metric.labels
        self._seen: list[set[str]] = [set(label.values) for label in metric.labels]
        self._family: _Kind = make(metric)
        self._series: dict[tuple[str, ...], _Kind] = {}
        combinations = list(itertools.islice(itertools.product(*self._seen), _PRECREATED_MAX + 1))
        if self._labels and len(combinations) <= _PRECREATED_MAX:
            for values in combinations:
                self(*values)

    def __call__(self, *values: str) -> _Kind:
        """The series with these labels."""
        found = self._series.get(values)
        return found if found is not None else self._bounded(values)

    def tell_apart(self, label: str, values: Iterable[str]) -> None:
        """Makes room for these in a label: for lack of it, others lose their series."""
        index = [known.name for known in self._labels].index(label)
        seen, wanted = self._seen[index], list(dict.fromkeys(values))[: self._labels[index].values_max]
        others = sorted(seen.difference(wanted))
        too_many = len(others) + len(wanted) - self._labels[index].values_max
        for other in others[: max(0, too_many)]:
            seen.discard(other)
            for series in [series for series in self._series if series[index] == other]:
                self._family.remove(*series)
                del self._series[series]
        seen.update(wanted)

    def _bounded(self, values: tuple[str, ...]) -> _Kind:
        allowed = tuple(value if self._may_have(index, value) else OTHER for index, value in enumerate(values))
        if allowed not in self._series:
            self._series[allowed] = self._family.labels(*allowed) if allowed else self._family
        return self._series[allowed]

    def _may_have(self, index: int, value: str) -> bool:
        seen = self._seen[index]
        if value not in seen and len(seen) < self._labels[index].values_max:
            seen.add(value)
        return value in seen


class PrometheusTelemetry:
    """Implements :class:`consumer.ports.Telemetry`; one a process. Gauges are read from ``status`` at each scrape.

    ``rules`` are the mapping's rule ids, whose series are there from the start. ``now`` is monotonic seconds: it
    bounds the lines that are written. ``left`` is told the rule of each attempt, None: a probe's; ``finished`` each
    fate, and ``lettered`` each dead letter once, with the time.
    """

    def __init__(
        self,
        status: Callable[[], Status],
        *,
        rules: Iterable[str],
        contact_tags: ContactTags,
        now: Callable[[], float],
        version: str,
        left: Callable[[str | None], None],
        finished: Callable[[Finished], None],
        lettered: Callable[[Letter, float], None],
    ) -> None:
        """Nothing has happened. The registry is this object's own; process and collector figures are in it too."""
        leave_out_created_metrics()  # type: ignore[no-untyped-call] # the library does not annotate it
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.registry.register(StatusCollector(status, version=version, python=platform.python_version()))
        self._tags = contact_tags
        self._now = now
        self._left = left
        self._told_finished = finished
        self._told_lettered = lettered
        self._budget = LineBudget()
        self._log = logger("delivery").bind()
        self._make_families()
        self._show_rules(rules)
        self.fates = {fate.value: 0 for fate in Fate}
        """Records by the fate that became theirs, since the start."""
        self._letters_counted: set[int] = set()
        self._letters_order: deque[int] = deque()
        self._handlers = self._handlers_by_effect()

    def received(self, partition: TopicPartition, received: Received) -> None:
        """Records were read from a partition."""
        self._received_records(partition.topic).inc(received.records)

    def happened(self, effects: Iterable[Effect]) -> None:
        """The pipeline asked for, or reported, these."""
        for effect in effects:
            handler = self._handlers.get(type(effect))
            if handler is not None:
                handler(effect)

    def answered(
        self, attempt: Attempt, outcome: Outcome, seconds: float, exemplar: Mapping[str, str] | None = None
    ) -> None:
        """An attempt ended; ``seconds`` from sending to the end of the answer. ``exemplar`` names its trace."""
        call, verdict = attempt.request.call.value, outcome.verdict.value
        first = attempt.try_number == 1
        self._requests(call, verdict, outcome.reason, "first" if first else "again").inc()
        self._durations(call, verdict).observe(seconds, None if exemplar is None else dict(exemplar))
        if first and outcome.verdict is Verdict.DONE and outcome.reason == "conflict":
            self._line("info", "key_used_before", call=call, key=attempt.request.idempotency_key)

    def delivered(self, age_s: float) -> None:
        """A request was taken by Loops so long after its event happened."""
        self._ages().observe(age_s)

    def rebalanced(self, kind: str, partitions: int) -> None:
        """``kind`` is ``assigned``, ``revoked`` or ``lost``."""
        self._rebalances(kind).inc()
        self._line("warning" if kind == "lost" else "info", "rebalanced", kind=kind, partitions=partitions)

    def committed(self, partitions: int, error: str | None) -> None:
        """A commit ended."""
        self._commits("failed" if error else "ok").inc()
        if error:
            self._commit_failures(error).inc()
            self._line("warning", "commit_failed", error=error, partitions=partitions)

    def committed_read(self, *, known: bool) -> None:
        """What the group has committed was asked for."""
        self._demand_readings("ok" if known else "failed").inc()

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """What is in the mapping's files cannot be used."""
        self._reloads(f"refused_{kind}").inc()
        self._line("error", "mapping_refused", because=kind, reasons=reasons)

    # What the pipeline reports ---------------------------------------------------------------------------------------

    def _handlers_by_effect(self) -> dict[type[Any], Callable[[Any], None]]:
        return {
            Send: self._sent,
            Finished: self._finished,
            Retried: self._retried,
            Saved: self._saved,
            DeadLetter: self._dead_letter,
            Commit: self._commit_begun,
            Pause: self._paused,
            Resume: self._resumed,
            OutageBegan: self._outage_began,
            OutageEnded: self._outage_ended,
            MetadataIgnored: self._metadata_ignored,
            Remapped: self._remapped,
            LateOutcome: self._late,
        }

    def _sent(self, effect: Send) -> None:
        attempt = effect.attempt
        self._left(attempt.rule)
        self._sent_requests(attempt.rule or "").inc()
        self._pacer_waits().observe(attempt.waited_s)
        if self._log.is_enabled_for(DEBUG):
            tag = self._tags(attempt.lanes)
            call, rule = attempt.request.call.value, attempt.rule
            self._log.debug("sent", call=call, rule=rule, contact=tag, try_number=attempt.try_number)

    def _finished(self, effect: Finished) -> None:
        self._finished_records(effect.fate.value, effect.rule or "").inc(effect.count)
        self._told_finished(effect)
        self.fates[effect.fate.value] += effect.count

    def _retried(self, effect: Retried) -> None:
        self._retries(effect.reason, "true" if effect.counted else "false").inc()
        self._line("info", "retry", reason=effect.reason, rule=effect.rule, counted=effect.counted)

    def _saved(self, effect: Saved) -> None:
        self._saved_requests(effect.by).inc(effect.count)

    def _dead_letter(self, effect: DeadLetter) -> None:
        letter = effect.letter
        if self._is_counted(letter):
            self._line("info", "dead_letter_again", **_place(letter))
            return
        self._dead_letters(letter.stage, letter.reason).inc()
        self._told_lettered(letter, self._now())
        about = {"stage": letter.stage, "reason": letter.reason, "rule": letter.rule, "message": _said(letter)}
        self._line("warning", "dead_letter", **about, **_place(letter), attempts=letter.attempts)

    def _commit_begun(self, effect: Commit) -> None:
        self._begun_commits(effect.reason).inc()

    def _paused(self, effect: Pause) -> None:
        self._pauses(effect.reason).inc()
        topic, partition = effect.partition
        self._line("info", "paused", topic=topic, partition=partition, reason=effect.reason)

    def _resumed(self, effect: Resume) -> None:
        topic, partition = effect.partition
        self._line("info", "resumed", topic=topic, partition=partition)

    def _outage_began(self, effect: OutageBegan) -> None:
        self._outages(effect.call or "all", effect.reason).inc()
        self._line("error", "outage_began", call=effect.call or "all", reason=effect.reason)

    def _outage_ended(self, effect: OutageEnded) -> None:
        self._line("info", "outage_ended", call=effect.call or "all", lasted_s=round(effect.lasted_s, 3))

    def _metadata_ignored(self, effect: MetadataIgnored) -> None:
        self._ignored_metadata(effect.reason).inc()
        topic, partition = effect.partition
        self._line("warning", "commit_metadata_ignored", topic=topic, partition=partition, reason=effect.reason)

    def _remapped(self, effect: Remapped) -> None:
        rules = effect.rules
        self._show_rules(rules.ids)
        self._reloads("applied").inc()
        self._line("info", "mapping_applied", mapping=rules.digest, rules=len(rules.ids), paused=rules.paused)
        if effect.gone:
            because = "removed, disabled, or renamed without id"
            self._line("warning", "rules_gone", because=because, rules=len(effect.gone), under_way=effect.gone)

    def _show_rules(self, rules: Iterable[str]) -> None:
        ids = ("", *sorted(rules))
        self._finished_records.tell_apart("rule", ids)
        self._sent_requests.tell_apart("rule", ids)
        for rule, fate in itertools.product(ids, (Fate.DELIVERED, Fate.DEAD_LETTERED)):
            self._finished_records(fate.value, rule)

    def _late(self, effect: LateOutcome) -> None:
        self._late_outcomes().inc()
        topic, partition = effect.partition
        self._line("info", "late_outcome", topic=topic, partition=partition)

    def _line(self, level: str, event: str, **fields: object) -> None:
        kept_back = self._budget.take(event, now=self._now())
        if kept_back is None:
            return
        if kept_back:
            fields["lines_kept_back"] = kept_back
        getattr(self._log, level)(event, **fields)

    def _is_counted(self, letter: Letter) -> bool:
        if letter.number in self._letters_counted:
            return True
        self._letters_counted.add(letter.number)
        self._letters_order.append(letter.number)
        if len(self._letters_order) > _LETTERS_REMEMBERED:
            self._letters_counted.discard(self._letters_order.popleft())
        return False

    def _make_families(self) -> None:
        def counter(metric: Metric) -> Counter:
            return Counter(metric.name, metric.meaning, _names(metric), registry=self.registry)

        def histogram(metric: Metric) -> Histogram:
            names, buckets = _names(metric), metric.buckets
            return Histogram(metric.name, metric.meaning, names, registry=self.registry, buckets=buckets)

        self._received_records = _Family("received_records_total", counter)
        self._finished_records = _Family("finished_records_total", counter)
        self._dead_letters = _Family("dead_letters_total", counter)
        self._requests = _Family("requests_total", counter)
        self._sent_requests = _Family("sent_requests_total", counter)
        self._durations = _Family("request_duration_seconds", histogram)
        self._retries = _Family("retries_total", counter)
        self._saved_requests = _Family("requests_saved_total", counter)
        self._ages = _Family("event_age_seconds", histogram)
        self._outages = _Family("outages_total", counter)
        self._pacer_waits = _Family("pacer_wait_seconds", histogram)
        self._pauses = _Family("pauses_total", counter)
        self._begun_commits = _Family("begun_commits_total", counter)
        self._commits = _Family("commits_total", counter)
        self._commit_failures = _Family("commit_failures_total", counter)
        self._demand_readings = _Family("demand_readings_total", counter)
        self._rebalances = _Family("rebalances_total", counter)
        self._ignored_metadata = _Family("ignored_metadata_total", counter)
        self._late_outcomes = _Family("late_outcomes_total", counter)
        self._reloads = _Family("mapping_reloads_total", counter)


def _names(metric: Metric) -> tuple[str, ...]:
    return tuple(label.name for label in metric.labels)


def _said(letter: Letter) -> str:
    """Why, in our own words; of Loops' words, which may name whom it refuses, the status alone: the letter has them."""
    first = letter.message.partition(" ")[0]
    return first if letter.stage == "deliver" and first.isdigit() else letter.message


def _place(letter: Letter) -> dict[str, object]:
    return {"topic": letter.record.topic, "partition": letter.record.partition, "offset": letter.record.offset}
