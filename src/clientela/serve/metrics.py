"""Counters for those who look after the server, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from clientela.appdb import jobs
from clientela.errors import ClientelaError
from clientela.http.site import Site
from clientela.pipeline import serving
from clientela.web.mains import MAINS

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATES = ("queued", "running", "done", "failed")


class Metrics:
    """What happened since the server began; and of the moment it is asked, the jobs and how old the figures are."""

    def __init__(self, site: Site) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "clientela_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "clientela_request_seconds", "How long answers took.", ("route",), buckets=SECONDS, registry=self._registry
        )
        self._registry.register(_AtTheMoment(site))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(route, method if method in _METHODS else "OTHER", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it, in the text format of Prometheus."""
        return generate_latest(self._registry)


class _AtTheMoment(Collector):
    """What is looked up when it is asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterable[Metric]:
        yield from self._jobs()
        yield from self._snapshot()
        yield from _shown_again()

    def describe(self) -> Iterable[Metric]:
        return ()  # else registering would ask the database

    def _jobs(self) -> Iterable[Metric]:
        told = GaugeMetricFamily("clientela_jobs", "Jobs by state.", labels=["state"])
        with self._site.database.reading() as connection:
            found = jobs.counted(connection)
        for state in STATES:
            told.add_metric([state], found.get(state, 0))
        yield told

    def _snapshot(self) -> Iterable[Metric]:
        try:
            served = serving.served_now(self._site.folder)
        except ClientelaError:
            served = None
        if served is None:
            return
        known_at = datetime.fromisoformat(str(served.snapshot.manifest["known_at"]))
        now = self._site.clock()
        age = (now - (known_at if known_at.tzinfo else known_at.replace(tzinfo=now.tzinfo))).total_seconds()
        yield GaugeMetricFamily("clientela_snapshot_age_seconds", "How old the figures are that serve.", value=age)
        yield GaugeMetricFamily("clientela_snapshot_number", "Which snapshot serves.", value=served.snapshot.number)
        yield GaugeMetricFamily(
            "clientela_snapshot_damaged", "1: an older one stands in.", value=int(bool(served.damage))
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _shown_again() -> Iterable[Metric]:
    """How often a page of a scope was shown again, and how often it had to be made."""
    told = CounterMetricFamily("clientela_pages_kept", "Main parts of pages asked for.", labels=["found"])
    told.add_metric(["kept"], MAINS.hits)
    told.add_metric(["made"], MAINS.misses)
    yield told
    yield GaugeMetricFamily("clientela_pages_kept_characters", "How much of pages is kept.", value=MAINS.held)
