"""How two forecasts are mixed: as they were mixed, whatever befell everybody."""

import numpy as np
import pytest

from clientela.estimators.arrays import Floats
from clientela.estimators.lifetime.accuracy import mixed


def told(seed: int, share: float, level: float) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    one, other = rng.gamma(1.0, 50.0, (2, 3_000))
    return one, other, level * rng.poisson((1 - share) * one + share * other)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_shock_does_not_change_the_mixture(share: float):
    calm = [told(seed, share, 1.0) for seed in range(3)]
    shocked = [told(0, share, 1.0), told(1, share, 0.5), told(2, share, 0.7)]
    assert mixed(calm) == pytest.approx(share, abs=0.02)
    assert mixed(shocked) == pytest.approx(share, abs=0.02)


def test_where_nothing_was_said_nothing_is_mixed():
    nothing = np.zeros(5)
    assert mixed([(nothing, nothing, nothing)]) == 0.0
