"""``/status`` as a page for people: all of it on the server, without a script, fit for a phone and for the dark.

Whatever comes from outside is escaped. The page asks for itself again every few seconds, unless it is told not to.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from consumer.adapters.status_words import PAUSED_AS, STATES, Tone, duration, notices, number
from consumer.freshness import FRESH_S
from consumer.status import DeadLettersStatus, LaneAges, PartitionStatus, RateStatus, Status

__all__ = ["PAGE_HEADERS", "index_page", "status_page", "wants_page"]

PARTITIONS_SHOWN_MAX: Final = 200
"""Those that are furthest behind, where there are more."""
_RULES_SHOWN_MAX: Final = 20
_REASONS_SHOWN_MAX: Final = 20
_REFRESH_S: Final = 5

_TEMPLATE: Final = Template(files("consumer.adapters").joinpath("status_page.html").read_text(encoding="utf-8"))
_STYLE: Final = _TEMPLATE.template.partition("<style>")[2].partition("</style>")[0]
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_TONES: Final = {Tone.GOOD: "good", Tone.SLOW: "note", Tone.BAD: "wrong"}

PAGE_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""What a browser is told of a page: its one style, by its digest, and a picture in the page; nothing else."""

_LINKS: Final = '<a href="/status?format=json">JSON</a><a href="/metrics">metrics</a><a href="/readyz">ready?</a>'


class _Html(str):
    """Is markup already."""

    __slots__ = ()


def wants_page(accept: str) -> bool:
    """Whether who sends this ``Accept`` names HTML, and likes JSON no better: a browser does; a program does not."""
    liked = {}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        liked[kind] = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    return _quality(liked.get("text/html")) > 0 and _quality(liked.get("text/html")) >= _quality(
        liked.get("application/json")
    )


def index_page(paths: Iterable[str]) -> str:
    """Links to what is served."""
    links = "".join(f'<li><a href="{escape(path)}">{escape(path)}</a></li>' for path in paths)
    return _TEMPLATE.substitute(
        refresh="",
        title="loops-consumer",
        body=f"<header><h1>loops-consumer</h1></header><section><ul>{links}</ul></section>",
    )


def status_page(status: Status, *, refreshes: bool) -> str:
    """The whole page."""
    found = notices(status)
    tone = max((notice.tone for notice in found), default=Tone.GOOD)
    said = "".join(f"<li>{_tag(notice.tone)} {escape(notice.text)}.</li>" for notice in found)
    verdict = f"<p>{escape(STATES[status.load.state])}.</p>" + (f"<ul>{said}</ul>" if said else "")
    left = (("Contacts' lanes by age", _lanes(status)), ("Rules", _rules(status)), ("Last errors", _errors(status)))
    right = (
        ("The limit", _limit(status.rate)),
        ("Mapping", _mapping(status)),
        ("Dead letters", _letters(status.dead_letters)),
        ("Kafka", _kafka(status)),
    )
    parts = (
        _header(status, refreshes=refreshes),
        f'<section class="wide verdict {tone.name.lower()}">{verdict}</section>',
        _figures(status),
        _section("Partitions", _partitions(status.partitions), "wide"),
        *(f'<div class="column">{"".join(_section(*one) for one in column)}</div>' for column in (left, right)),
    )
    refresh = f'<meta http-equiv="refresh" content="{_REFRESH_S}">' if refreshes else ""
    title = f"{status.load.state.value.replace('_', ' ') if tone is Tone.GOOD else found[0].text} · loops-consumer"
    return _TEMPLATE.substitute(refresh=refresh, title=escape(title), body="\n".join(parts))


def _quality(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _header(status: Status, *, refreshes: bool) -> str:
    state = status.source.state.value.replace("_", " ")
    up = f"{escape(status.version)} · {escape(state)} · up for {duration(status.uptime_s)}"
    other = (
        '<a href="/status?refresh=off">stop refreshing</a>' if refreshes else '<a href="/status">refresh by itself</a>'
    )
    return f'<header><h1>loops-consumer</h1><span class="dim">{up}</span><nav>{_LINKS}{other}</nav></header>'


def _figures(status: Status) -> str:
    load, lags = status.load, [partition.lag_s for partition in status.partitions if partition.lag_s is not None]
    behind = sum(partition.lag_records or 0 for partition in status.partitions)
    never = "never" if load.waiting_requests or load.unread_requests or load.unread_requests is None else "0 s"
    figures = (
        (f"{number(load.leaving_per_s)} / s", f"leaving, of {number(load.allowed_per_s)} allowed"),
        ("unknown" if load.arriving_per_s is None else f"{number(load.arriving_per_s)} / s", "arriving"),
        (duration(max(lags)) if lags else "unknown", f"behind, by {number(behind)} records"),
        (never if load.drains_in_s is None else duration(load.drains_in_s), "until nothing waits, at this rate"),
        (number(status.in_flight_records), f"in flight, of {number(status.in_flight_records_max)} records"),
        (_in_time(status), f"delivered within {duration(FRESH_S)}, {number(status.records_late)} not"),
    )
    boxes = "".join(
        f'<div class="figure"><b>{escape(value)}</b><span>{escape(what)}</span></div>' for value, what in figures
    )
    return f'<div class="figures">{boxes}</div>'


def _in_time(status: Status) -> str:
    """Rounded down: all is said only where it is."""
    judged = status.records_fresh + status.records_late
    return f"{math.floor(1_000 * status.records_fresh / judged) / 10:g} %" if judged else "none yet"


def _partitions(partitions: Sequence[PartitionStatus]) -> str:
    if not partitions:
        return _empty("None is this replica's.")
    shown: Sequence[PartitionStatus] = sorted(partitions, key=lambda one: (one.topic, one.partition))
    if len(partitions) > PARTITIONS_SHOWN_MAX:
        shown = sorted(partitions, key=lambda one: -(math.inf if one.lag_s is None else one.lag_s))[
            :PARTITIONS_SHOWN_MAX
        ]
    rows = (
        (
            _Html(f"{escape(one.topic)} · {one.partition} {' '.join(map(_pause, one.paused))}"),
            number(one.lag_records),
            duration(one.lag_s),
            number(one.watermark),
            number(one.committed),
            number(one.high_watermark),
            number(one.in_flight_records),
        )
        for one in shown
    )
    heads = ("Partition", "#Lag", "#Lag in time", "#Watermark", "#-Committed", "#-End", "#-In flight")
    more = len(partitions) - len(shown)
    note = (
        f'<p class="dim">{number(more)} more, less far behind, are in the <a href="/status?format=json">JSON</a>.</p>'
    )
    return _table(heads, rows) + (note if more else "")


def _lanes(status: Status) -> str:
    if not status.lanes_waiting:
        return _empty("Nobody waits.")
    most = max(band.lanes for band in status.lanes_by_age) or 1
    named = ((_band(band), band.lanes) for band in status.lanes_by_age)
    rows = (
        (name, number(lanes), _Html(f'<progress max="{most}" value="{lanes}"></progress>')) for name, lanes in named
    )
    note = "By the time of the oldest record that waits for an identifier (an address or a userId)."
    return _table(("Age", "#Lanes", ""), rows) + f'<p class="dim">{note}</p>'


def _band(ages: LaneAges) -> str:
    if ages.below_s is None:
        return f"{duration(ages.from_s)} and more"
    return f"{duration(ages.from_s)} to {duration(ages.below_s)}" if ages.from_s else f"under {duration(ages.below_s)}"


def _limit(rate: RateStatus) -> str:
    read_ago = "not needed" if rate.others_read_ago_s is None else f"{duration(rate.others_read_ago_s)} ago"
    return _facts(
        ("The team's limit, less the reserve", f"{number(rate.limit_per_s)} / s"),
        ("This replica's part", f"{number(rate.allowed_per_s)} / s"),
        ("Sent within the last second", number(rate.used_last_s)),
        ("What this replica wants of it", f"{number(rate.wanted_per_s)} / s"),
        ("Taken by other programs", f"{number(rate.taken_by_others_per_s)} / s"),
        ("What the other replicas want was read", read_ago),
        ("Added to each second, for an uneven way", f"{rate.margin_s * 1000:,.0f} ms"),
    )


def _rules(status: Status) -> str:
    rules = status.load.rules[:_RULES_SHOWN_MAX]
    rows = ((one.rule or "(probes of an outage)", number(one.leaving_per_s), number(one.waiting)) for one in rules)
    return _table(("Rule", "#Leaving / s", "#Waiting"), rows) if rules else _empty("None has sent or waits.")


def _mapping(status: Status) -> str:
    mapping = status.mapping
    facts = _facts(
        ("Digest", _Html(f'<span class="mono">{escape(mapping.digest or "none")}</span>')),
        ("Rules", number(mapping.rules)),
        ("In use for", duration(mapping.since_s)),
        ("Paused", "yes" if mapping.paused else "no"),
    )
    gone = [f"{rule}: {number(count)} under way then" for rule, count in mapping.rules_gone.items()]
    refused = f"<p>{_tag(Tone.BAD)} The files as they are now are refused:</p>" + _list(mapping.refused)
    return facts + (refused if mapping.refused else "") + ("<p>Rules that are gone:</p>" + _list(gone) if gone else "")


def _kafka(status: Status) -> str:
    source = status.source
    return _facts(
        ("State", source.state.value.replace("_", " ")),
        ("Dead letters not confirmed yet", number(status.letters_waiting)),
        ("Last poll", f"{duration(source.poll_age_s)} ago"),
        ("Jumps in offsets, looked at", f"{number(source.jumps)}, {number(source.jumps_checked)}"),
        ("Records missed", number(source.records_missed)),
        ("Records gone before they were read", number(source.records_skipped_by_retention)),
        ("Positions lost", number(source.positions_lost)),
        ("Revokes that ended late", number(source.handovers_late)),
    )


def _letters(letters: DeadLettersStatus) -> str:
    if not letters.count:
        return _empty("None since the start.")
    row = (letters.last_reason, letters.last_stage, letters.last_rule or "none", duration(letters.last_ago_s))
    last = _table(("Reason", "Stage", "Rule", "#Ago"), [row])
    return f'<p class="dim">{number(letters.count)} since the start; the last one:</p>{last}'


def _errors(status: Status) -> str:
    return _list(status.last_errors) or _empty("None.")


def _section(name: str, inside: str, style: str = "") -> str:
    return f'<section class="{style}"><h2>{escape(name)}</h2>{inside}</section>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """``#`` before a heading: a column of numbers; ``-``: one that a phone leaves out."""
    styles = [f"{'number' if '#' in head[:2] else ''} {'less' if '-' in head[:2] else ''}".strip() for head in heads]
    top = "".join(_cells("th", [head.lstrip("#-") for head in heads], styles))
    body = "".join(f"<tr>{''.join(_cells('td', row, styles))}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(kind: str, texts: Sequence[str], styles: Sequence[str]) -> Iterator[str]:
    for text, style in zip(texts, styles, strict=True):
        styled = f' class="{style}"' if style else ""
        yield f"<{kind}{styled}>{_escaped(text)}</{kind}>"


def _facts(*facts: tuple[str, str]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{_escaped(value)}</dd>" for name, value in facts) + "</dl>"


def _list(texts: Sequence[str]) -> str:
    """A list, cut short; empty where there is nothing."""
    more = len(texts) - _REASONS_SHOWN_MAX
    shown = [*texts[:_REASONS_SHOWN_MAX], *([f"and {number(more)} more"] if more > 0 else [])]
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in shown) + "</ul>" if shown else ""


def _empty(text: str) -> str:
    return f'<p class="empty">{escape(text)}</p>'


def _pause(reason: str) -> str:
    said = escape(PAUSED_AS.get(reason, reason))
    return f'<span class="tag slow" title="{said}">{escape(reason.replace("_", " "))}: not read</span>'


def _tag(tone: Tone) -> str:
    return f'<span class="tag {tone.name.lower()}">{_TONES[tone]}</span>'


def _escaped(text: str) -> str:
    return text if isinstance(text, _Html) else escape(text)
