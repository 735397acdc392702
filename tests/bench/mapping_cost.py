"""Figure 6: what a rule costs, and what it does not cost the records that it does not want."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from timeit import Timer
from typing import Final

import orjson
from confluent_kafka import Message

from consumer.core.record import Rejection
from consumer.mapping.rules import CompiledMapping, load_mapping
from consumer.mapping.select import Selector
from tests.bench.figure import Baseline, Figure
from tests.bench.fill import records
from tests.bench.stand import Stand

__all__ = ["GOAL_RATIO", "GOAL_REQUEST_US", "GOAL_RULE_US", "measure"]

GOAL_RULE_US: Final = 10
GOAL_REQUEST_US: Final = 40
GOAL_RATIO: Final = 1.1
"""No more, but for what two runs of the same differ by."""
RULES: Final = 1_000
_REPEATS: Final = 15
_SECONDS: Final = 0.2
"""Of one repeat, about."""
_BATCH: Final = 1_000
_WANTED: Final = 100
"""Of a batch that a rule wants, record by record."""

_METHOD: Final = f"""\
Without Kafka, in one process. A rule is `where` and five properties, beside whom it is about, over a Segment record of
460 bytes that is decoded already. From record to request is all that lies between what the client gives and the bytes
of the body: the glance at the name, decoding, the rule, the checks, the key, the body; {_WANTED} in a batch. A record
that no rule wants is one in a batch of {_BATCH:,}, once with one rule, once with {RULES:,} about as many others.
Each is the fastest of {_REPEATS} repeats of some {_SECONDS:g} s, the last two in turn."""

_RULE: Final = """\
  - name: rule-{number}
    when: {when}
    where: properties.number >= 0 and userId != "nobody"
    send: trialStarted
    event: {{number: properties.number, path: properties.path, library: context.library.name}}
    contact: {{version: context.library.version, lastSeenAt: timestamp}}
    max_age: null
"""


def measure(stand: Stand) -> list[Figure]:
    """A rule, a request, and 1,000 rules beside one."""
    del stand
    one, many = _mapping("Trial Started"), _mapping(*(f"Some Event {number}" for number in range(RULES)))
    made = [
        _message(0, key, value, offset)
        for offset, (_, key, value) in enumerate(records(_BATCH + _BATCH // 50, wanted_alone=False))
    ]
    wanted, *_ = (message for message in made if b"Trial Started" in (message.value() or b""))
    unwanted = [message for message in made if b"Trial Started" not in (message.value() or b"")][:_BATCH]
    selecting_one, selecting_many = _selecting(one, unwanted), _selecting(many, unwanted)
    costs = [(_cost_us(selecting_one), _cost_us(selecting_many)) for _ in range(_REPEATS)]
    one_us, many_us = (min(each) / len(unwanted) for each in zip(*costs, strict=True))
    rule_us = min(_cost_us(_evaluating(one, wanted)) for _ in range(_REPEATS))
    copies = [_message(0, wanted.key() or b"", wanted.value() or b"", offset) for offset in range(_WANTED)]
    requesting = _requesting(one, copies)
    request_us = min(_cost_us(requesting) for _ in range(_REPEATS)) / _WANTED
    ratio = Baseline(f"1 rule, {one_us:.2f} µs a record", 1)
    return [
        Figure("a rule: condition and five properties", "µs", rule_us, GOAL_RULE_US, _METHOD),
        Figure("record to request bytes", "µs", request_us, GOAL_REQUEST_US, _METHOD),
        Figure(
            f"an unwanted record under {RULES:,} rules",
            "times",
            many_us / one_us,
            GOAL_RATIO,
            _METHOD,
            baselines=(ratio,),
        ),
    ]


def _mapping(*whens: str) -> CompiledMapping:
    rules = "".join(_RULE.format(number=number, when=when) for number, when in enumerate(whens))
    return load_mapping(f"format: segment\nrules:\n{rules}", "mapping.yaml")


def _message(partition: int, key: bytes, value: bytes, offset: int) -> Message:
    """As the client gives it."""
    made: Callable[..., Message] = Message
    return made(
        topic="events", partition=partition, offset=offset, key=key, value=value, timestamp=(1, 1_777_629_600_000)
    )


def _evaluating(mapping: CompiledMapping, message: Message) -> Callable[[], object]:
    """Of one event, again and again."""
    form, (rule,) = mapping.format_of("events"), mapping.rules
    if form is None:
        raise LookupError("events")
    document, program = orjson.loads(message.value() or b""), rule.programs[form]
    if program.evaluate(document, now_ms=0) is None:
        raise RuntimeError("the condition does not hold")
    return lambda: program.evaluate(document, now_ms=0)


def _requesting(mapping: CompiledMapping, messages: Sequence[Message]) -> Callable[[], object]:
    """From a batch of the client's messages to requests whose bytes have been made, as the Kafka thread does it."""
    selector = Selector(mapping)
    ((received,),) = (selector.select(messages).values(),)
    plans = [plan for wanted in received.wanted for plan in wanted.plans]
    if len(plans) != len(messages) or any(isinstance(plan, Rejection) for plan in plans):
        raise RuntimeError("a record comes to no request")
    return lambda: selector.select(messages)


def _selecting(mapping: CompiledMapping, messages: Sequence[Message]) -> Callable[[], object]:
    """A batch that no rule wants."""
    selector = Selector(mapping)
    if any(received.wanted for received in selector.select(messages).values()):
        raise RuntimeError("a record is wanted")
    return lambda: selector.select(messages)


def _cost_us(what: Callable[[], object]) -> float:
    """µs of one call, of as many as take some time."""
    timer = Timer(what)
    count, seconds = timer.autorange()
    count = max(1, int(count * _SECONDS / seconds))
    return timer.timeit(count) / count * 1e6
