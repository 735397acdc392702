"""What a backfill asks and says, on librdkafka's mock cluster and the sandbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from consumer.adapters.kafka_span import Begin, Since
from consumer.backfill.progress import Progress
from consumer.backfill.run import Backfill, Ended
from consumer.cli import backfilling
from consumer.cli.backfilling import Wanted, backfill, begin_of, requests_per_s
from consumer.logs import configure
from tests.backfill.making import event
from tests.backfill.stand import GROUP, Stand, standing

NOW = 1_777_629_600.0
"""2026-05-01T10:00:00Z."""
ALL = Wanted(1.0, Begin.BEGINNING)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A quick sandbox, and events of five users, of whom one is deleted."""
    with standing(tmp_path) as stand:
        stand.trials(range(5))
        stand.add(event(4, "Gone"))
        yield stand


def configured(stand: Stand, **loops: Any) -> Stand:
    """The same with other settings of Loops."""
    stand.settings = stand.settings.model_copy(update={"loops": stand.settings.loops.model_copy(update=loops)})
    return stand


def test_a_share_is_rounded_down_and_one_a_second_at_least() -> None:
    """Of what the team has."""
    assert [3, 1, 1, 10, 29] == [
        requests_per_s(share, rate) for share, rate in ((0.3, 10), (0.19, 10), (0.01, 10), (1.0, 10), (0.29, 100))
    ]


@pytest.mark.parametrize(
    ("text", "begin"),
    (
        ("earliest", Begin.BEGINNING),
        ("2026-05-01", Since(1_777_593_600_000)),
        ("2026-05-01T10:00", Since(1_777_629_600_000)),
        ("2026-05-01T12:00:00+02:00", Since(1_777_629_600_000)),
        ("30d", Since(1_777_629_600_000 - 30 * 86_400_000)),
    ),
)
def test_it_begins_where_it_is_told(text: str, begin: Since | Begin) -> None:
    """Without a zone it is UTC."""
    assert begin == begin_of(text, NOW)


@pytest.mark.parametrize("text", ("latest", "30", "", "2026-13-01", "yesterday"))
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    """Before anything is read."""
    with pytest.raises(typer.BadParameter, match="earliest, an age as 30d, or a time as 2026-05-01"):
        begin_of(text, NOW)


@pytest.mark.parametrize("text", ("1969-12-31T23:59:59.999", "1970-01-01T00:30+01:00", "30000d"))
def test_a_time_before_1970_is_refused(text: str) -> None:
    """Kafka takes one millisecond before it for the end, from where nothing would be sent."""
    with pytest.raises(typer.BadParameter, match=r"is before 1970, .* give earliest"):
        begin_of(text, NOW)


def test_it_says_what_the_consumer_beside_has_to_leave_and_what_became_of_the_past(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its group is the consumer's with a word behind it."""
    configured(stand, reserve_per_s=100)
    backfill(stand.settings, stand.mapping, replace(ALL, share=0.2))

    output = capsys.readouterr()
    assert f"backfill as the group {GROUP}-backfill, at 100 of 500 requests a second" in output.err
    assert "loops.reserve_per_s: 100" in output.err
    assert "warning: " not in output.err
    assert ["4 records delivered", "1 records filtered", "1 records stale"] == [
        line.strip() for line in output.out.splitlines()[:3]
    ]
    assert f"done: the group {GROUP}-backfill has read about 6 records" in output.out.splitlines()[-1]
    assert {f"u{user}" for user in range(4)} == stand.contacts().keys()


def test_it_warns_where_the_settings_leave_less_than_its_share(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where there is nothing to leave."""
    configured(stand, reserve_per_s=99)
    backfill(stand.settings, stand.mapping, replace(ALL, share=0.2))
    assert "warning: loops.reserve_per_s is 99 here" in capsys.readouterr().err
    backfill(stand.settings, stand.mapping, ALL)
    assert "warning: this is the team's whole rate" in capsys.readouterr().err


def test_the_consumer_s_own_group_is_refused(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """Its commits would be the consumer's."""
    with pytest.raises(typer.Exit) as stop:
        backfill(stand.settings, stand.mapping, replace(ALL, group=GROUP))

    assert (1, 0) == (stop.value.exit_code, stand.sandbox.received_count())
    assert f"--group: {GROUP} is the group of the consumer itself" in capsys.readouterr().err


ANY_AGE = [
    "name: r0, when: Trial Started, send: t, max_age: null",
    "name: r1, when: A, send: b, max_age: 25h",
    "name: r2, when: C, send: d",
]


@pytest.mark.parametrize(
    ("wanted", "rules", "reason"),
    (
        (replace(ALL, send_events=True, rekey=True), ANY_AGE[2:], "--rekey sends again"),
        (replace(ALL, send_events=True), ANY_AGE, "events of r0, r1 go out at an age of more than 24 h"),
    ),
)
def test_without_a_terminal_people_get_mails_again_only_where_that_was_said(
    stand: Stand, wanted: Wanted, rules: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --yes; and a terminal is asked."""
    stand.map(*rules)
    with pytest.raises(typer.Exit) as stop:
        backfill(stand.settings, stand.mapping, wanted)

    output = capsys.readouterr()
    assert (1, 0) == (stop.value.exit_code, stand.sandbox.received_count())
    assert f"warning: {reason}" in output.err
    assert "give --yes" in output.err
    backfill(stand.settings, stand.mapping, replace(wanted, yes=True))
    assert "warning: " + reason not in capsys.readouterr().err


def test_one_that_did_not_reach_its_end_says_so_and_exits_1(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With why, and that another run goes on."""
    monkeypatch.setattr(Backfill, "run", lambda *_: Ended(reason="the mapping has changed"))
    with pytest.raises(typer.Exit) as stop:
        backfill(stand.settings, stand.mapping, ALL)

    assert 1 == stop.value.exit_code
    assert "not done: the mapping has changed; run it again" in capsys.readouterr().out


def test_on_no_terminal_a_line_says_how_far_it_is_each_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not before there is anything to say."""
    now = [100.0]
    monkeypatch.setattr("consumer.cli.backfilling.time.monotonic", lambda: now[0])
    written = io.StringIO()
    undo = configure(written, terminal=False)
    try:
        with backfilling._shown(Console(file=io.StringIO())) as progressed:
            for seconds, at in (
                (0, Progress()),
                (0, Progress(1, 9)),
                (9, Progress(2, 9)),
                (1, Progress(3, 9, 2, 61.7)),
            ):
                now[0] += seconds
                progressed(at)
    finally:
        undo()

    lines = [line for line in written.getvalue().splitlines() if "backfill_progress" in line]
    assert 2 == len(lines)
    assert all(part in lines[1] for part in ('"records":3', '"of":9', '"requests":2', '"left_s":62'))
    assert "" == capsys.readouterr().out


def test_on_a_terminal_a_bar_says_how_far_it_is_and_how_long_it_takes() -> None:
    """And why nothing goes on."""
    written = io.StringIO()
    with backfilling._shown(Console(file=written, force_terminal=True, width=200)) as progressed:
        progressed(Progress(500, 1_000, 42, 7_500.0, "Loops does not take it: server_error"))

    assert all(part in written.getvalue() for part in ("500/1000", "42 requests", "2 h 05 min to go", "server_error"))
