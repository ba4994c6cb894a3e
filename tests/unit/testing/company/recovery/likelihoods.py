"""How likely purchases and subscriptions are under the numbers of a world, written from the papers."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1


def pareto_nbd(logs: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> float:
    """The log likelihood of a Pareto/NBD with the logarithms of r, α, s, β, as Fader & Hardie (2005) derive it.

    Parameters
    ----------
    x : purchases after the first
    t_x : from the first to the last
    age : from the first to the end of what was seen
    """
    r, a, s, b = np.exp(logs)
    high, low = max(a, b), min(a, b)
    second = s + 1 if a >= b else r + x

    def log_part(t: np.ndarray) -> np.ndarray:
        return np.log(hyp2f1(r + s + x, second, r + s + x + 1, (high - low) / (high + t))) - (r + s + x) * np.log(
            high + t
        )

    common = gammaln(r + x) - gammaln(r) + r * np.log(a) + s * np.log(b)
    stayed = -(r + x) * np.log(a + age) - s * np.log(b + age)
    later = log_part(t_x) + np.log1p(-np.minimum(np.exp(log_part(age) - log_part(t_x)), 1 - 1e-12))
    return float(np.sum(common + np.logaddexp(stayed, np.log(s / (r + s + x)) + later)))


def shifted_beta_geometric(logs: np.ndarray, months: np.ndarray, ended: np.ndarray) -> float:
    """The log likelihood of subscriptions with the logarithms of a and b, Fader & Hardie (2007), equations (5) and (6).

    Parameters
    ----------
    months : after which it ended, or which it has outlived
    """
    a, b = np.exp(logs)
    return float(np.sum(np.where(ended, betaln(a + 1, b + months - 1), betaln(a, b + months)) - betaln(a, b)))


def most_likely(likelihood: object, start: list[float], *seen: np.ndarray) -> tuple[np.ndarray, float]:
    """The logarithms of the numbers under which what was seen is most likely, and how likely it then is."""
    found = minimize(lambda logs: -likelihood(logs, *seen), np.log(start), method="Nelder-Mead")  # type: ignore[operator]
    return found.x, -float(found.fun)
