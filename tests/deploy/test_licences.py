"""What the image holds may be handed on, and the page says under which terms."""

from __future__ import annotations

import pytest

from tests.deploy.licences import PAGE, Licensed, held, page, refused
from tests.deploy.tools import ROOT

LOCK = ROOT / "requirements-image.lock"


def test_every_licence_is_one_of_those_allowed() -> None:
    """And there is one of each package of the lock that this system needs."""
    packages = held()
    assert [] == refused(packages)
    locked = {line.partition("==")[0] for line in LOCK.read_text().splitlines() if line[:1].isalnum()}
    named = {each.name.lower().replace("_", "-").replace(".", "-") for each in packages}
    assert {"colorama", "httpx2-jsfetch"} == locked - named
    assert set() == named - locked


def test_the_page_is_current() -> None:
    """``make licences`` writes it."""
    assert page(held()) == PAGE.read_text()


@pytest.mark.parametrize(
    "licence", ("GPL-3.0-only", "MIT AND GPL-2.0-or-later", "MIT OR AGPL-3.0", "UNKNOWN", "BSD; GPL")
)
def test_another_licence_is_refused(licence: str) -> None:
    """In any part of an expression, and where there is none to be seen."""
    package = Licensed("some", "1", licence)
    assert [package] == refused([Licensed("other", "1", "MPL-2.0 AND (Apache-2.0 OR MIT)"), package])
