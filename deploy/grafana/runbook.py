"""Where in the runbook a panel leads to: the section of an alert, or that of its row."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

__all__ = ["RUNBOOK_URL", "Section", "anchor", "link"]

RUNBOOK_URL: Final = "https://github.com/loops-consumer/loops-consumer/blob/main/deploy/RUNBOOK.md"


class Section(Enum):
    """Headings of the runbook: one an alert, one a row."""

    BUDGET_FAST = "LoopsConsumerFreshnessBudgetBurnsFast"
    BUDGET_SLOW = "LoopsConsumerFreshnessBudgetBurnsSlowly"
    LIMIT_TOO_SMALL = "LoopsConsumerLimitTooSmall"
    NOTHING_DELIVERED = "LoopsConsumerNothingDelivered"
    KEY_REFUSED = "LoopsConsumerKeyRefused"
    LOOPS_UNAVAILABLE = "LoopsConsumerLoopsUnavailable"
    LETTERS_APPEAR = "LoopsConsumerDeadLetters"
    LAG_NEAR_RETENTION = "LoopsConsumerLagNearRetention"
    RECORDS_LOST = "LoopsConsumerRecordsLost"
    COMMITS_FAIL = "LoopsConsumerCommitsFail"
    REBALANCES_ALL_THE_TIME = "LoopsConsumerRebalancesAllTheTime"
    POLL_LOOP_STUCK = "LoopsConsumerPollLoopStuck"
    MAPPING_REFUSED = "LoopsConsumerMappingRefused"
    LIMIT_TAKEN = "LoopsConsumerLimitTakenByOthers"
    ABSENT = "LoopsConsumerAbsent"

    FRESHNESS = "Freshness"
    DELIVERY = "Delivery"
    BACKLOG = "Backlog"
    LIMIT = "The limit"
    LETTERS = "Dead letters"
    REQUESTS = "Requests"
    PACER = "Pacer"
    LANES = "Lanes"
    KAFKA = "Kafka"
    COMMITS = "Commits"
    REBALANCES = "Rebalances"
    MAPPING = "Mapping"
    PROCESS = "Process"


def anchor(heading: str) -> str:
    """What a heading of Markdown is called in an address."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def link(section: Section) -> DashboardLink:
    """A panel's link to a section."""
    url = f"{RUNBOOK_URL}#{anchor(section.value)}"
    return DashboardLink(f"Runbook: {section.value}").type(DashboardLinkType.LINK).url(url).target_blank(True)
