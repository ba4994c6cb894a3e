"""Splink: the only file that imports it. It works on an engine's own tables, in memory, and leaves none behind.

Settings come in as Splink's own JSON and go out so: a model is a document that Splink alone can use too.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from clientela.errors import WarehouseError
from clientela.warehouse.engine import Engine

if TYPE_CHECKING:  # loaded where it works: most commands link nobody
    from splink import DuckDBAPI, Linker

Settings = Mapping[str, Any]
_TOO_SMALL = "below the minimum allowed value"  # of a probability, in Splink's words


@contextmanager
def splink(engine: Engine) -> Iterator[Splink]:
    """Splink at work in an engine's memory, until the block ends."""
    from splink import DuckDBAPI
    from splink.internals.exceptions import SplinkException

    _silence()
    with engine.lent() as cursor:
        api = DuckDBAPI(cursor)
        try:
            yield Splink(api)
        except SplinkException as error:  # its message quotes the statement and the engine's own words
            if isinstance(error.__cause__, duckdb.Error):
                raise error.__cause__ from None  # which the engine turns into one of ours
            raise WarehouseError(f"the linker failed: {_kind(error)}.") from None
        except ValueError as error:
            raise WarehouseError(f"the linker failed: {_kind(error)}.") from None
        finally:
            api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]  # Splink left it untyped


class Splink:
    """What the linking asks of Splink."""

    def __init__(self, api: DuckDBAPI) -> None:
        self._api = api

    def chances(self, table: str, settings: Settings, *, pairs: int) -> Settings:
        """The settings with u of each likeness as it is among all pairs of a (small) table."""
        linker = self._linker(table, settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=pairs, min_count_per_level=None, num_chunks=1)
        return linker.misc.save_model_to_json()

    def habits(self, table: str, settings: Settings, rules: Sequence[str]) -> Settings:
        """The settings with m of each likeness as EM finds it in the pairs of each rule: the median over the rules.

        A rule in whose pairs EM finds a likeness never between records of one teaches nothing: Splink holds no m of 0.
        """
        linker = self._linker(table, settings)
        for rule in rules:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    rule, estimate_without_term_frequencies=True
                )
            except ValueError as error:
                if _TOO_SMALL not in str(error):
                    raise
                # it leaves the model half changed, so the others begin anew
                return self.habits(table, settings, [each for each in rules if each != rule])
        return linker.misc.save_model_to_json()

    def _linker(self, table: str, settings: Settings) -> Linker:
        from splink import Linker

        own = copy.deepcopy(dict(settings))
        return Linker(self._registered(table), own, log_level=None, validate_settings=False)

    def _registered(self, table: str) -> Any:
        return self._api.register(table)


def _silence() -> None:
    """No word of Splink reaches a log: its statements and messages may hold values."""
    logger = logging.getLogger("splink")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False


def _kind(error: Exception) -> str:
    """What went wrong in general, by the class of the error: its message may quote values."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__.removesuffix("Exception")).lower() or "error"
