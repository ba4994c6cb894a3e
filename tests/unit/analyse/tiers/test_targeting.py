"""Contacts that go where the tiers say earn more than those that go by RFM or by the churn score."""

import pytest

from tests.unit.analyse.tiers.targeting import WORLDS, compared, difference


@pytest.mark.parametrize("kind", WORLDS)
def test_contacts_earn_at_least_as_much_as_by_rfm_and_by_churn_score(kind: str):
    earned = compared(kind, 2, 800)
    for rival in ("rfm", "churn score", "chance"):
        assert earned["tiers"].mean() > earned[rival].mean(), rival


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORLDS)
def test_over_twenty_companies_they_are_not_behind_by_two_percent(kind: str):
    earned = compared(kind, 20, 3_000)
    for rival in ("rfm", "churn score"):
        mean, low, _ = difference(earned, rival)
        assert mean >= 0, rival
        assert low >= -0.02, rival
