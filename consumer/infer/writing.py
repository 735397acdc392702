"""A first mapping as text: YAML that loads as it stands and sends nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from consumer.infer.candidates import Candidate, candidates
from consumer.infer.own_json import OwnJson
from consumer.infer.quoting import camel_case, expression, scalar, slug
from consumer.infer.recognizing import Recognized
from consumer.infer.sample import Sample
from consumer.mapping.envelope import Encoding
from consumer.mapping.formats.identifiers import first_of
from consumer.mapping.head import NO_NAME
from consumer.preview.tally import NO_VALUE, UNREADABLE

__all__ = ["Topic", "written"]

_ADDRESSES_SHOWN: Final = 5
_EVENTS_SHOWN: Final = 50
_SHARE_MIN: Final = 0.01
"""In less of the events an address is not worth a word."""
_COMMENT_COLUMN_MAX: Final = 50
_NO_EVENTS: Final = frozenset({NO_NAME, NO_VALUE, UNREADABLE})
_TOLD: Final = re.compile(r"\{[A-Za-z_]+: ([A-Za-z_]+)\}")
"""How an event is called that has no name: as ``when`` would have it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What was found out about one topic."""

    name: str
    recognized: Recognized
    sample: Sample
    own: OwnJson | None = None
    """Where things stand, for ``json``."""
    encoding: Encoding | None = None
    """What its values are encoded with."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One of the file, with what is said about it."""

    text: str
    about: str = ""


def written(topics: Sequence[Topic], names: Counter[str], *, read: str, rules_max: int) -> str:
    """The whole file.

    ``names`` are what events are called, with how often they came; ``read`` says of how many records this is made.
    So many of the most frequent are proposed as rules. A name that may hold an address is not shown.
    """
    names = Counter({name: count for name, count in names.items() if "@" not in name})
    lines = [
        *_head(topics, names, read),
        "",
        *_PAUSED,
        "",
        *_formats(topics),
        "",
        *_contact(topics),
        "",
        *_rules(topics, names, rules_max),
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


_PAUSED: Final = (
    "# Nothing is read. Without this line run finishes what no rule wants: a rule that is enabled later never sees it,",
    "# but for a backfill. Take the line away when the rules are those that you want.",
    "paused: true",
)


def _head(topics: Sequence[Topic], names: Counter[str], read: str) -> Iterator[str]:
    yield f"# A first mapping for {', '.join(topic.name for topic in topics)}, made of {read}."
    yield "#"
    yield "# It sends nothing: it is paused, one rule is disabled, the others are comments. Take what you need, then"
    yield "#   loops-consumer check      says what is wrong with it"
    yield "#   loops-consumer preview    shows what it would come to on the topic"
    yield "# docs/mapping.md is the language in one page."
    if names:
        yield "#"
        yield "# Events by name, and how often they came:"
    width = max((len(f"{count:,}") for count in names.values()), default=0)
    for name, count in names.most_common(_EVENTS_SHOWN):
        yield f"#   {count:>{width},}  {_one_line(name)}"
    if (more := len(names) - _EVENTS_SHOWN) > 0:
        yield f"#   and {more:,} more names"


def _formats(topics: Sequence[Topic]) -> Iterator[str]:
    for topic in topics:
        found = topic.recognized
        of_topic = f" of {topic.name}" if len(topics) > 1 else ""
        if found.name is None:
            yield f"# No format was recognized in the {found.looked_at:,} records{of_topic} that were looked at."
            continue
        if topic.own is not None and topic.own.event is None:
            yield f"# No name of events was found{of_topic}: say where it stands with {{name: json, event: PATH}}."
        line = f"# {found.fitting:,} of {found.looked_at:,} records{of_topic} that were looked at fit"
        others = ", ".join(f"{count:,} fit {name} better" for name, count in found.others.items())
        yield f"{line}; {others}." if others else f"{line}."
    said = [_format(topic) for topic in topics]
    if len(set(said)) == 1:
        yield f"format: {said[0]}"
    else:
        yield "format:"
        yield from (f"  {scalar(topic.name)}: {form}" for topic, form in zip(topics, said, strict=True))
    for topic in topics:
        if topic.own is not None and topic.own.id is not None:
            path = scalar(".".join(topic.own.id))
            yield f"# In {topic.name} no two records have the same {path}. If it is the event's own id, the same in"
            yield f"# each copy of the event, then add id: {path} to the format."


def _format(topic: Topic) -> str:
    """The format's name, or a mapping with all that has to be said."""
    name, wrapping = topic.recognized.name or "json", topic.recognized.wrapping
    options: dict[str, str] = {}
    if topic.own is not None:
        options = {
            key: scalar(".".join(path))
            for key, path in (("event", topic.own.event), ("time", topic.own.time))
            if path is not None and path != (_DEFAULTS[key],)
        }
    if wrapping.compression is not None:
        options["compression"] = wrapping.compression
    if topic.encoding is not None:
        options["encoding"] = topic.encoding
    if wrapping.wrapped:
        options["wrapped"] = "true"
    if not options:
        return name
    return f"{{name: {name}, {', '.join(f'{key}: {value}' for key, value in options.items())}}}"


_DEFAULTS: Final = {"event": "event", "time": "timestamp"}
"""Of ``json``."""


def _contact(topics: Sequence[Topic]) -> Iterator[str]:
    """Who it is about: the format's own expressions where they find somebody, else what was found."""
    yield "# Who an event is about. Check it: mail goes to whom this says."
    written_out: list[_Line] = []
    for name in ("email", "userId"):
        own = [share for topic in topics if (share := _own_share(topic, name)) is not None]
        found = _found(topics, name)
        if len(own) == len(topics) and (any(own) or found is None):
            finds = f"finds one in {_percent(max(own))} of the events" if any(own) else "finds none in these events"
            yield f"#   {name}: the format's own expression {finds}"
        elif found is not None:
            written_out.append(found)
        else:
            yield f"#   {name}: nothing was found that looks like one"
    if not written_out and all(topic.sample.form.email is topic.sample.form.user_id is None for topic in topics):
        written_out.append(_Line("  userId: userId", "a guess: a mapping has to say it"))
    if written_out:
        yield "contact:"
        yield from _aligned(written_out)
    if addresses := list(_addresses(topics)):
        yield "# Addresses stand at"
        yield from _aligned(addresses)


def _own_share(topic: Topic, name: str) -> float | None:
    """In how much of the events the format's own expression finds one; ``None`` where it has none."""
    sample = topic.sample
    own, times = (sample.form.email, sample.emails) if name == "email" else (sample.form.user_id, sample.user_ids)
    return None if own is None else times / max(1, sample.looked_at)


def _found(topics: Sequence[Topic], name: str) -> _Line | None:
    """The likeliest place; of several topics one behind the other, and what their formats say."""
    sources: dict[str, float] = {}
    for topic in topics:
        own = topic.sample.form.email if name == "email" else topic.sample.form.user_id
        if own is not None and _own_share(topic, name):
            sources.setdefault(f"({own})", 1)
            continue
        places = topic.sample.addresses() if name == "email" else topic.sample.ids()
        place, share = next(((source, share) for place, share in places if (source := expression(place))), ("", 0.0))
        if place:
            sources.setdefault(place, share)
    if not sources:
        return None
    inner = list(sources)
    about = f"in {_percent(sources[inner[0]])} of the events" if len(inner) == 1 else "of each topic in turn"
    return _Line(f"  {name}: {scalar(first_of(inner[:-1], inner[-1]))}", about)


def _addresses(topics: Sequence[Topic]) -> Iterator[_Line]:
    for topic in topics:
        of_topic = f" of {topic.name}" if len(topics) > 1 else ""
        for place, share in topic.sample.addresses()[:_ADDRESSES_SHOWN]:
            if share >= _SHARE_MIN and (source := expression(place)) is not None:
                yield _Line(f"#   {source}", f"in {_percent(share)} of the events{of_topic}")


def _rules(topics: Sequence[Topic], names: Counter[str], rules_max: int) -> Iterator[str]:
    """One rule that is disabled, so that the mapping has one; then comments that become rules without their mark."""
    yield "# Every rule that matches an event acts. What no rule names is passed over."
    yield "rules:"
    taken: set[str] = set()
    named_first = sorted(names, key=lambda name: (_TOLD.fullmatch(name) is not None, -names[name]))
    proposed = (rule for name in named_first if (rule := _rule(topics, name, names[name], taken)) is not None)
    first, *others = [*islice(proposed, rules_max)] or [_placeholder()]
    yield from _aligned(first)
    for rule in others:
        yield ""
        yield from (f"  # {line.removeprefix('  ')}" for line in _aligned(rule[:1] + rule[2:]))


def _placeholder() -> list[_Line]:
    return [
        _Line("  - name: example", "no event was found"),
        _ENABLED,
        _Line("    when: Trial Started"),
        _Line("    send: trialStarted"),
    ]


_ENABLED: Final = _Line("    enabled: false", "without this line it acts")


def _rule(topics: Sequence[Topic], name: str, count: int, taken: set[str]) -> list[_Line] | None:
    """Lines of a rule about events of this name, the second says that it is disabled; ``None`` for what is no event."""
    if name in _NO_EVENTS:
        return None
    told = _TOLD.fullmatch(name)
    if told is None and name.startswith("{") and name.endswith("}"):
        return None
    sent = camel_case(name)
    called = _free(slug(name if told is None else told[1]) or "event", taken)
    topic, properties = _properties(topics, name)
    act = "update: true" if told is not None or sent is None else f"send: {scalar(sent)}"
    lines = [
        _Line(f"  - name: {called}", f"{count:,} {'event' if count == 1 else 'events'}{topic}"),
        _ENABLED,
        _Line(f"    when: {name if told is not None else scalar(name)}"),
        _Line(f"    {act}"),
    ]
    if properties:
        lines.append(_Line("    contact:" if act.startswith("update") else "    event:"))
        lines += [_Line(f"      {scalar(one.name)}: {scalar(one.source)}", one.about) for one in properties]
    return lines


def _properties(topics: Sequence[Topic], name: str) -> tuple[str, list[Candidate]]:
    """What the topic has to offer in which most such events were looked at, and that topic where there are several."""
    having = [topic for topic in topics if name in topic.sample.by_name]
    if not having:
        return "", []
    topic = max(having, key=lambda each: each.sample.by_name[name].events)
    own = topic.own
    apart_from = () if own is None else tuple(path for path in (own.event, own.id, own.time) if path is not None)
    found = candidates(topic.sample.form.name, topic.sample.by_name[name], apart_from)
    return (f" of {topic.name}" if len(topics) > 1 else ""), found


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken; quoted where YAML wants it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return scalar(free)


def _aligned(lines: Sequence[_Line]) -> Iterator[str]:
    """Comments stand under each other, but for lines that are longer than most."""
    short = [len(line.text) for line in lines if line.about and len(line.text) <= _COMMENT_COLUMN_MAX]
    column = max(short, default=0)
    for line in lines:
        yield f"{line.text.ljust(column)}    # {line.about}" if line.about else line.text


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or not share else "<1%"
