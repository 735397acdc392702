"""What the machine took for itself is told apart from what the program took."""

from __future__ import annotations

import os
import signal
import sys
import time
from subprocess import PIPE, Popen

from tests.kafka.consumer_process import clean_environment
from tests.kafka.standstills import StandStill, StandStills
from tests.waiting import until

TELLS = """
import time
from tests.kafka.standstills import StandStills
with StandStills() as stills:
    began = time.monotonic()
    print(flush=True)
    input()
    print(stills.within_s(began, time.monotonic()))
"""


def test_only_what_lies_between_the_moments_counts() -> None:
    """A standstill that had begun before, or goes on behind, counts in part."""
    stills = StandStills([StandStill(1.0, 3.0), StandStill(5.0, 5.5)])

    assert 2.5 == stills.within_s(0.0, 9.0)
    assert 0.5 == stills.within_s(2.5, 5.0)
    assert 0.0 == stills.within_s(3.0, 5.0)
    assert 6.5 == stills.took_s(0.0, 9.0)
    assert [False, True, True, False] == [stills.touch(at, for_s=1.0) for at in (0.5, 1.5, 4.0, 4.5)]


def test_a_process_that_is_stopped_notices_for_how_long() -> None:
    """It stands for a machine that is."""
    with Popen([sys.executable, "-c", TELLS], stdin=PIPE, stdout=PIPE, text=True, env=clean_environment()) as process:  # noqa: S603 - a program of ours
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        began = time.monotonic()
        until(lambda: time.monotonic() - began >= 0.5, 5, "half a second is over")
        stood_s = time.monotonic() - began
        process.send_signal(signal.SIGCONT)
        process.stdin.write("\n")
        process.stdin.flush()
        assert stood_s - 0.1 <= float(process.stdout.readline())
