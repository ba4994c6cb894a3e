"""In whole runs too, contacts that go by the published tiers earn more than those by RFM groups or churn scores."""

from __future__ import annotations

import pytest

from tests.pipeline.targeted import WORLDS, compared, difference, say

CUSTOMERS = 1_500
SEEDS = 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORLDS)
def test_the_tiers_of_a_run_are_not_behind_by_two_percent(kind: str) -> None:
    earned = compared(kind, SEEDS, CUSTOMERS)
    for rival in ("rfm", "churn score"):
        mean, low, _ = difference(earned, rival)
        assert mean >= 0, say(kind, earned)
        assert low >= -0.02, say(kind, earned)
