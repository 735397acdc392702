"""How the demo looks while it runs."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from consumer.cli.demo_figures import ConsumerFigures
from consumer.cli.demo_view import Addresses, Frame, panel, plain_line, view_on

FRAME = Frame(
    phase="events are produced",
    passed_s=12.4,
    for_s=30,
    events=1584,
    events_by_s=[*([80] * 40), 301, 131],
    requests_by_s=[10] * 40,
    addresses=Addresses("http://127.0.0.1:1/", "http://127.0.0.1:2/metrics", "http://127.0.0.1:2/status"),
    consumer=ConsumerFigures(
        received=1580,
        filtered=1501,
        dead_letters=3,
        sent={"contacts_create": 310, "contacts_delete": 1, "contacts_update": 800, "events_send": 1190},
        throttled=2,
        in_flight=12,
        on_wire=3,
        rate_used=10,
        rate_limit=10,
        age_median_s=0.064,
    ),
)


def drawn(frame: Frame, width: int) -> list[str]:
    """The panel's lines."""
    out = StringIO()
    Console(file=out, width=width).print(panel(frame))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", (80, 100, 200))
def test_the_panel_fits_on_a_terminal_of_80_by_24(width: int) -> None:
    """With room for the verdict's first lines."""
    lines = drawn(FRAME, width)
    assert 18 >= len(lines)
    assert {78} == {len(line) for line in lines}


def test_the_panel_shows_every_figure_and_address() -> None:
    """In numbers that a person reads."""
    text = "\n".join(drawn(FRAME, 80))
    shown = (
        *(
            "12 of 30 s",
            "1,584",
            "131 a second",
            "1,501",
            "95.0%",
            "2,301",
            "1,190 events, 800 updates, 310 created, 1 deleted",
        ),
        *("of 10 a second", "3 on the wire", "0.06 s", "events are produced"),
        *("http://127.0.0.1:1/", "http://127.0.0.1:2/metrics", "http://127.0.0.1:2/status"),
    )
    assert [] == [each for each in shown if each not in text]


def test_a_frame_before_the_first_figure_is_drawn_too() -> None:
    """Nothing is divided by nothing."""
    empty = Frame("starts", 0, 30, 0, [], [], FRAME.addresses)
    assert "nothing read yet" in "\n".join(drawn(empty, 80))
    assert "age -" in plain_line(empty)


def test_an_outage_is_shown() -> None:
    """Only while there is one."""
    out = replace(FRAME, consumer=replace(FRAME.consumer, outages=("events_send: server_error",)))
    assert "events_send: server_error" in "\n".join(drawn(out, 80))
    assert "events_send: server_error" in plain_line(out)
    assert "outage" not in "\n".join(drawn(FRAME, 80))


def test_elsewhere_than_on_a_terminal_there_is_a_line_every_three_seconds() -> None:
    """And the addresses once."""
    out = StringIO()
    with view_on(Console(file=out), silent=False) as view:
        for moment in range(1, 50):
            view.show(replace(FRAME, passed_s=moment / 4))
    lines = out.getvalue().splitlines()
    assert ["sandbox", "metrics", "status"] == [line.split()[0] for line in lines[:3]]
    assert 4 == len(lines[3:])
    assert all("sent 2,301 (" in line and "rate 10/10" in line for line in lines[3:])


def test_on_a_terminal_the_panel_stays_where_it_is() -> None:
    """The last one is left."""
    out = StringIO()
    with view_on(Console(file=out, force_terminal=True, width=80), silent=False) as view:
        view.show(FRAME)
        view.show(replace(FRAME, phase="the consumer stops"))
    assert "the consumer stops" in out.getvalue()
    assert "\x1b[1A" in out.getvalue()


def test_a_silent_view_writes_nothing() -> None:
    """A program reads the rest."""
    out = StringIO()
    with view_on(Console(file=out, force_terminal=True), silent=True) as view:
        view.show(FRAME)
    assert "" == out.getvalue()
