"""``loops-consumer why``: what is known of a person, for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

from consumer.adapters.letter_headers import iso
from consumer.cli.contact_view import contact_lines
from consumer.cli.rule_words import shown, span, where_lines
from consumer.cli.terminal import Hanging, printable
from consumer.cli.why_words import MARKS, counted, said, where_it_lies
from consumer.core.record import Rejection
from consumer.why.account import Account, Became, Outcome
from consumer.why.answer import Answer, meant_by

__all__ = ["show"]

_STYLES: Final = {
    Became.SENT: "bold green",
    Became.REDRIVEN: "bold green",
    Became.DEAD_LETTER: "bold red",
    Became.LETTER_GONE: "bold red",
    Became.WAITING: "yellow",
    Became.STALE: "yellow",
    Became.REPEATED: "yellow",
}
_MARK_WIDTH: Final = 11
"""Columns of the longest, ``dead letter``."""
_NAME_WIDTH_MAX: Final = 24
_NAMES_SHOWN: Final = 12
_BELOW: Final = "  "
_INDENT: Final = "    "
_SHOWS_REQUEST: Final = frozenset({Became.SENT, Became.WAITING, Became.UNKNOWN, Became.DEAD_LETTER, Became.REDRIVEN})
_ABOUT_OTHERS: Final = " about somebody else, or nobody, as the mapping reads"
_LATE_MS: Final = 60_000
"""An event is said to be older than its record from here on."""


def show(screen: Console, answer: Answer) -> None:
    """Prints all of it. What may be copied is not broken into lines."""
    for line in _about(answer):
        screen.print(Hanging(Text(), line))
    for account in answer.accounts:
        screen.print()
        for part in _record(account, answer):
            screen.print(part)
    others = [*_others(answer)]
    if others:
        screen.print()
    for line in others:
        screen.print(Hanging(Text(), line))
    screen.print()
    for part in _contacts(answer):
        screen.print(part)


def _about(answer: Answer) -> Iterator[Text]:
    whom, group = answer.whom, answer.group
    emails = [_named(email, source) for email, source in whom.emails.items()]
    user_ids = [_named(f"userId {user_id}", source) for user_id, source in whom.user_ids.items()]
    more = f", and {whom.left_out} more that are not looked for" if whom.left_out else ""
    yield Text(f"{', '.join((*emails, *user_ids))}{more}", style="bold")
    yield _read(answer)
    yield Text(_counted(answer), style="bold")
    members = {None: "", 1: ", 1 consumer in it"}.get(group.members, f", {group.members} consumers in it")
    yield Text(f"group {group.name}{members}; mapping {answer.mapping.digest}", style="dim")
    if answer.accounts:
        yield Text("told by this mapping; under another one it may have come to other things", style="dim")
    for problem in _problems(answer):
        yield Text(problem, style="yellow")


def _read(answer: Answer) -> Text:
    coverage = answer.coverage
    since = f"since {iso(coverage.since_ms)}" if coverage.since_ms else "from the beginning"
    is_part = coverage.stopped or coverage.partitions < coverage.partitions_of
    count = f"{coverage.records:,} of {coverage.of:,}" if is_part else f"all {coverage.records:,}"
    partitions = f", {coverage.partitions} of {coverage.partitions_of} partitions" if is_part else ""
    text = Text(f"{count} records of {', '.join(coverage.topics)} {since}{partitions}", style="dim")
    if coverage.stopped:
        text.append("; stopped before the end", style="yellow")
    return text


def _named(name: str, source: str) -> str:
    return f"{printable(name)} (as {source} says)" if source else printable(name)


def _counted(answer: Answer) -> str:
    records = len(answer.accounts)
    if not records:
        return "no record about this person that a rule wants"
    return f"{records} {'record' if records == 1 else 'records'} that a rule wants: {counted(answer.counts)}"


def _problems(answer: Answer) -> Iterator[str]:
    group, found = answer.group, answer.found
    if group.members == 0:
        yield "no consumer is in the group: nothing is sent while none runs"
    if group.has_committed is False:
        yield "the group has committed nothing yet"
    if group.problem is not None:
        yield f"what the group has finished is not known: {group.problem}"
    if answer.mapping.paused:
        yield "the mapping says paused: true, so nothing leaves for now"
    if answer.letters_problem is not None:
        yield f"dead letters could not be read: {answer.letters_problem}"
    for waits, count in found.not_decoded.items():
        yield f"{count} records could not be decoded: {waits}"
    if found.left_out:
        yield f"{found.left_out} further records are not shown; ask of a shorter time"


def _record(account: Account, answer: Answer) -> Iterator[RenderableType]:
    record, event = account.record, account.explanation.event
    name = "(cannot be read)" if event is None else "(no event name)" if event.name is None else printable(event.name)
    head = Text.assemble((iso(record.timestamp_ms) or "no time", "bold"), "  ", (name, "bold"))
    head.append(f"  {where_it_lies(record.position)}", style="dim")
    older_ms = record.timestamp_ms - account.explanation.time_ms
    if account.explanation.time_ms and older_ms >= _LATE_MS:
        head.append(f"  happened {span(older_ms / 1000)} before", style="yellow")
    yield Hanging(Text(), head)
    width = min(max((len(_name(outcome)) for outcome in account.outcomes), default=0), _NAME_WIDTH_MAX)
    for outcome in account.outcomes:
        mark = (f"{MARKS[outcome.became]:<{_MARK_WIDTH}}  ", _STYLES.get(outcome.became, "dim"))
        title = Text.assemble(_BELOW, mark, f"{printable(_name(outcome)):<{width}}  ")
        yield Hanging(title, Text(said(outcome, account, answer)))
        yield from _details(outcome)


def _details(outcome: Outcome) -> Iterator[RenderableType]:
    told = outcome.told
    if told is None:
        return
    if outcome.became is Became.NOTHING:
        for line in where_lines(told):
            yield Hanging(Text(_INDENT), Text(line, style="dim"))
    plan = told.plan
    if outcome.became in _SHOWS_REQUEST and plan is not None and not isinstance(plan, Rejection):
        http = plan.http()
        yield Text(f"{_INDENT}{http.method} {http.path}", style="dim")
        if http.idempotency_key is not None:
            yield Text(f"{_INDENT}key {http.idempotency_key}", style="dim")
        body = json.dumps(json.loads(http.body or b"{}"), ensure_ascii=False)
        yield Hanging(Text(_INDENT), Text(printable(body), style="dim"))


def _name(outcome: Outcome) -> str:
    if outcome.told is not None:
        return outcome.told.rule.name
    return outcome.rule or "(no rule)"


def _others(answer: Answer) -> Iterator[Text]:
    found = answer.found
    if found.unwanted:
        names = [_unwanted(name, count, answer) for name, count in found.unwanted.most_common(_NAMES_SHOWN)]
        more = f", and {len(found.unwanted) - _NAMES_SHOWN} more names" if len(found.unwanted) > _NAMES_SHOWN else ""
        records = "record" if found.unwanted.total() == 1 else "records"
        yield Text(f"{found.unwanted.total():,} more {records} that no rule wants: {', '.join(names)}{more}")
    if found.mentions_count == 1:
        at = where_it_lies(found.mentions[0])
        yield Text(f"{at} holds an address of this person and is{_ABOUT_OTHERS} it: loops-consumer explain {at}")
    elif found.mentions:
        more = " and others" if found.mentions_count > len(found.mentions) else ""
        places = ", ".join(map(where_it_lies, found.mentions))
        count = f"{found.mentions_count:,} records"
        yield Text(f"{count} hold an address of this person and are{_ABOUT_OTHERS} them: {places}{more}")


def _unwanted(name: str | None, count: int, answer: Answer) -> str:
    text = f"{'(no event name)' if name is None else shown(name)} {count:,}"
    if (meant := meant_by(name, answer.mapping)) is not None:
        text += f" ({printable(meant.rule)} wants {shown(meant.wants)})"
    return text


def _contacts(answer: Answer) -> Iterator[RenderableType]:
    contacts = answer.contacts
    if contacts is None:
        yield Text(f"in Loops: not known: {answer.contacts_problem}", style="yellow")
        return
    if not contacts:
        yield Text("in Loops now: no such contact", style="bold")
        return
    if len(contacts) > 1:
        warning = "a request that names two of them is refused"
        yield Text(f"in Loops now: {len(contacts)} contacts; {warning}", style="bold yellow")
    else:
        yield Text("in Loops now", style="bold")
    for contact in contacts:
        yield from contact_lines(contact, _BELOW)
