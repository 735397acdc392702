"""``/status`` in a real browser, of a real consumer that is well and of one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.browser import Browser, Tab
from tests.deploy.feed import Feed
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import MAPPING, Job, MakeJob, sandbox_of
from tests.redaction import API_KEY
from tests.waiting import until_async

WITHIN_S: Final = 60
OVERLOADS_WITHIN_S: Final = 150
"""What arrives is measured for half a minute before it is called too much."""
RATE_PER_S: Final = 10
PRODUCED_PER_S: Final = 4 * RATE_PER_S
"""Where the machine is slow, twice as many as may leave come all the same."""
PHONE_WIDTH: Final = 390
MARKUP: Final = "<script>alert(1)</script>"
"""Where a page forgets to escape."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all."""
    with Browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    """With the limit that Loops has."""
    return make_job(sandbox_of(RATE_PER_S))


async def test_of_one_that_is_well(browser: Browser, job: Job, run_logs: Path) -> None:
    """Each partition; nobody's identifier and no key; nothing from elsewhere; the browser complains of nothing."""
    page = delivering(job)
    async with browser.tab() as tab:
        await tab.look(width=1200, height=900)
        text = await until_shown(tab, page, "Keeping up")
        await tab.picture(run_logs / "status-well.png")
        assert [] == [word for word in ("user-1", "example.com", API_KEY) if word in await tab.evaluate(HTML)]
        assert all(f"{job.topic} · {partition}" in text for partition in range(product.PARTITIONS))
        assert {page} == {url for url in tab.asked_for if not url.startswith(("about:", "data:"))}
        assert [] == tab.complaints


async def test_it_comes_anew_by_itself_without_a_script_unless_it_is_told_not_to(browser: Browser, job: Job) -> None:
    """A browser that runs no scripts shows all of it."""
    page = delivering(job)
    async with browser.tab() as tab:
        await tab.look(width=1200, height=900, scripts=False)
        await until_shown(tab, page, "Keeping up")
        loads = tab.loads
        await until_async(lambda: tab.loads >= loads + 2, WITHIN_S, "it was loaded twice more")
        assert "Keeping up" in await tab.text()
        assert 0 == await tab.evaluate("document.scripts.length")
        await tab.open(f"{page}?refresh=off")
        assert 0 == await tab.evaluate("document.querySelectorAll('meta[http-equiv=refresh]').length")


async def test_it_fits_a_phone_and_the_dark(browser: Browser, job: Job, run_logs: Path) -> None:
    """No need to move it sideways; bright on dark and dark on bright, with contrast for small text (WCAG: 4.5)."""
    page = delivering(job)
    async with browser.tab() as tab:
        grounds = []
        for dark in (False, True):
            await tab.look(width=PHONE_WIDTH, height=844, dark=dark)
            await until_shown(tab, page, "Keeping up")
            await tab.picture(run_logs / f"status-phone-{'dark' if dark else 'bright'}.png")
            assert PHONE_WIDTH >= await tab.evaluate("document.documentElement.scrollWidth")
            assert [] == await tab.evaluate(TOO_PALE)
            grounds.append(await tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert 2 == len(set(grounds))


async def test_a_refused_mapping_is_shown_as_it_was_written(browser: Browser, job: Job, run_logs: Path) -> None:
    """Its text is text on the page, whatever it holds."""
    page = delivering(job)
    job.map({**MAPPING, "rules": [{**MAPPING["rules"][0], MARKUP: 1}]})
    async with browser.tab() as tab:
        await tab.look(width=1200, height=900)
        text = await until_shown(tab, page, "What the mapping's files hold now is refused, as is said below")
        await tab.picture(run_logs / "status-refused.png")
        assert MARKUP in text
        assert (0, []) == (await tab.evaluate("document.scripts.length"), tab.complaints)


async def test_a_paused_mapping_says_what_stands_still(browser: Browser, job: Job, run_logs: Path) -> None:
    """In general, and of each partition."""
    page = delivering(job)
    job.map({**MAPPING, "paused": True})
    async with browser.tab() as tab:
        text = await until_shown(tab, page, "The mapping is paused: nothing is read and nothing new leaves")
        await tab.picture(run_logs / "status-paused.png")
        assert text.count("mapping paused: not read") == product.PARTITIONS


async def test_an_outage_says_what_is_wrong_and_since_when(browser: Browser, job: Job, run_logs: Path) -> None:
    """Of a key that Loops refuses; and for how long 40 contacts have waited, each by its address and its userId."""
    page = delivering(job)
    job.sandbox.inject(status=401)
    job.produce(product.make(40, users=40, first=100))
    async with browser.tab() as tab:
        await tab.look(width=1200, height=900)
        text = await until_shown(tab, page, "Loops refuses the key (401), for")
        assert "unauthorized" in text.partition("Last errors")[2]
        text = await until_shown(tab, page, "10 s to 1 min 80")
        await tab.picture(run_logs / "status-outage.png")
        assert "Nothing leaves for now." in text


async def test_of_one_that_is_asked_for_more_than_its_limit(browser: Browser, job: Job, run_logs: Path) -> None:
    """How much more, and by which rule."""
    page = delivering(job)
    async with browser.tab() as tab:
        await tab.look(width=1200, height=900)
        with Feed(job, per_s=PRODUCED_PER_S, users=50, first=1_000):
            text = await until_shown(tab, page, f"arrive for {RATE_PER_S} that may leave", OVERLOADS_WITHIN_S)
        await tab.picture(run_logs / "status-overloaded.png")
        assert "Overloaded: more arrives than may leave." in text
        assert str(MAPPING["rules"][0]["name"]) in text.partition("Rules")[2]


HTML: Final = "document.documentElement.outerHTML"

TOO_PALE: Final = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const bright = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return parts(colour)[3] === 0 ? ground(node.parentElement) : colour;
  };
  const pale = (node) => {
    const [low, high] = [bright(getComputedStyle(node).color), bright(ground(node))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05) < 4.5;
  };
  const says = (node) => [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
  return [...document.querySelectorAll("body *")].filter(says).filter(pale).map((node) => node.outerHTML);
})()"""
"""What stands out too little from its ground, by WCAG's measure."""


def delivering(job: Job) -> str:
    """A consumer that has delivered a few events; returns the address of its page."""
    job.produce(product.make(8, users=8))
    consumer = job.start().until_ready()
    job.sandbox.until_events(8, WITHIN_S)
    return address(consumer)


def address(consumer: ConsumerProcess) -> str:
    """Of its page."""
    return f"http://127.0.0.1:{consumer.port}/status"


async def until_shown(tab: Tab, page: str, words: str, within_s: float = WITHIN_S) -> str:
    """Opens the page again and again until it shows these words; spaces count alike. Returns all that it shows."""

    async def shown() -> str:
        await tab.open(page)
        text = " ".join((await tab.text()).split())
        return text if words in text else ""

    return await until_async(shown, within_s, f"the page shows {words}")
