"""The graph of a run: models and fits in the order that the tables they read and write give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, Union

import numpy as np
from sqlglot import exp
from threadpoolctl import threadpool_limits

from clientela.config import Settings
from clientela.contracts.analysis import Analysis, Arrays, FitContext, Parameter
from clientela.contracts.schema import Contract
from clientela.errors import ClientelaError, UndefinedError
from clientela.pipeline.clock import Clock
from clientela.pipeline.quality.notices import Notice, uncomputed
from clientela.warehouse.build import Build
from clientela.warehouse.model import ALL, Model, in_order, load_models

UNIFY = "clientela.unify"
FIRST = frozenset(  # written with the base tables
    {"identity", "identity_pair", "identity_evidence", "identifier", "customer_consent", "customer_relation"}
)
FEATURES = "clientela.features"  # the only as-of tables that are built for the back-test origins too
SEED = 20171001


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every step of a run shares. The origins rest on ``sample_permille`` of 1000 customers; None: on all."""

    build: Build
    clock: Clock
    settings: Settings
    now: datetime
    sample_permille: int | None

    @property
    def parameters(self) -> Mapping[str, object]:
        """The parameters a model may name beside the dates."""
        return {"horizon_days": self.settings.run.horizon_days, "lapse_days": self.settings.company.lapse_days}


@dataclass(frozen=True, slots=True)
class FitStep:
    """The fit of an analysis as a step between models."""

    analysis: Analysis

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.analysis.name} (fit)"

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables its fit is given."""
        return self.analysis.reads

    @property
    def writes(self) -> tuple[str, ...]:
        """The tables its fit gives back."""
        return self.analysis.writes


@cache
def models() -> tuple[Model, ...]:
    """Every model of a run but those that name the customers before the base tables are written."""
    unify = tuple(each for each in load_models(UNIFY) if each.name not in FIRST)
    return (*unify, *load_models(FEATURES, "clientela.analyse", "clientela.pipeline.quality"))


@cache
def _features() -> tuple[Model, ...]:
    """The models that are also computed as of the back-test's origins."""
    return load_models(FEATURES)


def read_by_models() -> frozenset[str]:
    """The tables that some model reads: they must be there even if nobody delivers them."""
    return frozenset(table for model in models() for table in model.reads)


def compute(
    build: Build,
    clock: Clock,
    settings: Settings,
    analyses: Iterable[Analysis],
    *,
    now: datetime,
    progress: Callable[[str], None],
) -> tuple[Notice, ...]:
    """Carry out every model and every fit, each after what it reads; returns which fits failed, if any.

    One that fails writes nothing: what reads its tables finds them empty, and its answer abstains. So does one that
    ``without`` in ``[run]`` names, and that is no failure.
    """
    features = {model.name for model in _features()}
    fits = [FitStep(each) for each in analyses if each.fit is not None]
    steps: list[Union[Model, FitStep]] = [*models(), *fits]
    run = Run(
        build=build,
        clock=clock,
        settings=settings,
        now=now,
        sample_permille=_sample(build, settings.run.origin_sample),
    )
    failed: list[Notice] = []
    for step in in_order(steps, build.tables()):
        if isinstance(step, FitStep) and step.analysis.name in settings.run.without:
            _nothing(run, step.analysis)
            continue
        progress(f"Computing {step.name}")
        if isinstance(step, FitStep):
            failed += _fit_or_nothing(run, step.analysis)
        else:
            _model(run, step, at_origins=step.name in features)
    return tuple(failed)


def _sample(build: Build, at_most: int) -> int | None:
    """How many of 1000 customers the back-test rests on; None: all of them."""
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"))
    customers = int(build.engine.fetch(counted.from_("identity"))["n"][0].as_py())
    return None if customers <= at_most else max(1, 1000 * at_most // customers)


def _model(run: Run, model: Model, *, at_origins: bool) -> None:
    clock = run.clock
    run.build.run_model(model, as_of=clock.as_of, known_at=clock.known_at, parameters=run.parameters)
    if model.kind == "as-of" and at_origins:
        for origin in clock.origins:
            run.build.run_model(
                model,
                as_of=origin,
                known_at=clock.start_of(origin),
                parameters=run.parameters,
                sample_permille=run.sample_permille,
            )


def _fit_or_nothing(run: Run, analysis: Analysis) -> tuple[Notice, ...]:
    """Fit an analysis; when it raises what nobody foresaw, write nothing of it and say so.

    What a person or the machine has to mend stops the run, as in any other step.
    """
    try:
        _fit(run, analysis)
    except (MemoryError, OSError):
        raise
    except Exception as error:
        if isinstance(error, ClientelaError) and not isinstance(error, UndefinedError):
            raise
        _nothing(run, analysis)
        return (uncomputed(analysis.name, error),)
    return ()


def _nothing(run: Run, analysis: Analysis) -> None:
    """Let the tables of an analysis stand without its rows."""
    for name in analysis.writes:
        run.build.write_none(name, _part(run, analysis, name), step=f"{analysis.name} (fit)", reads=analysis.reads)


def _fit(run: Run, analysis: Analysis) -> None:
    if analysis.fit is None:
        return
    tables = {name: run.build.arrays(name) for name in analysis.reads}
    parameters: dict[str, Parameter] = {
        **analysis.fit_parameters,
        **run.settings.analysis.get(analysis.name, {}),
    }
    context = FitContext(
        as_of=run.clock.as_of,
        origins=run.clock.origins,
        horizon_days=run.settings.run.horizon_days,
        first_day=run.clock.first_day,
        version=version_of(tables, parameters),
        parameters=parameters,
        sample=1.0 if run.sample_permille is None else run.sample_permille / 1000,
        rng=np.random.default_rng(SEED),
        threads=run.settings.run.threads,
    )
    with threadpool_limits(limits=1, user_api="blas"):  # more make sums differ by machine, and small ones slower
        computed = analysis.fit(tables, context)
    for name in analysis.writes:
        given = {column: values for column, values in computed[name].items() if column != "analysis"}
        part = _part(run, analysis, name)
        run.build.append(name, given, part, step=f"{analysis.name} (fit)", reads=analysis.reads)


def _part(run: Run, analysis: Analysis, table: str) -> dict[str, object]:
    """What the rows of an analysis in a table have in common; of a table of its own, nothing."""
    contract = ALL[table]
    part: dict[str, object] = {}
    if "analysis" in contract.names:
        part["analysis"] = analysis.name
    if "learned_at" in contract.names:
        part |= {"learned_at": run.now.replace(tzinfo=None), "contract_hash": contract_hash(analysis.reads)}
    return part


def version_of(tables: Mapping[str, Arrays], parameters: Mapping[str, Parameter]) -> str:
    """Eight hex digits that are the same for the same inputs: the version of what is learned from them.

    Examples
    --------
    >>> version_of({}, {}) == version_of({}, {}), len(version_of({}, {}))
    (True, 8)
    """
    digest = hashlib.sha256(json.dumps(dict(parameters), sort_keys=True).encode())
    for name, arrays in sorted(tables.items()):
        for column, values in sorted(arrays.items()):
            digest.update(f"{name}.{column}:".encode())
            digest.update(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
    return digest.hexdigest()[:8]


def contract_hash(tables: Iterable[str]) -> str:
    """Sixteen hex digits of what the tables promise; a model learned under another promise is not comparable."""
    return _hash_of(tuple(tables))


@cache
def _hash_of(tables: tuple[str, ...]) -> str:
    promised = [_plain(ALL[name]) for name in sorted(tables)]
    return hashlib.sha256(json.dumps(promised, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _plain(contract: Contract) -> dict[str, Any]:
    return asdict(contract)
