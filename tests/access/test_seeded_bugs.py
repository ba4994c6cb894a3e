"""Bugs put into the compiler on purpose: each must make some answer differ from that of plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import exp

from clientela.access import area, grants, rights, rows
from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.cube import records, scoped, view
from clientela.cube.figures import query
from clientela.warehouse.engine import Engine
from tests.access.test_scoped_figures import asked_of
from tests.access.test_scoped_rows import compared
from tests.unit.cube.published import Published

Patch = pytest.MonkeyPatch
TRIES = 150

AMONG, WITHIN, CONDITION, CAN_TELL = rows._among, rows._within, rows.condition, rows.can_tell
UNITED, BELOW, ALLOW, REACH_OF = area.united, grants.below, Names.allow, scoped.reach_of
MASKED, FLAGS, SIGHT = records._masked, records._flags, records._sight


def limited(patch: Patch, limit: str, condition: Callable[..., exp.Expr]) -> None:
    patch.setattr(rows, "_LIMITED", {**rows._LIMITED, limit: condition})


def own_territory_only(patch: Patch) -> None:
    limited(patch, "territories", lambda asked, keys, bind: (
        AMONG(exp.column("territory_id"), keys, bind) if "territory_id" in asked.columns else exp.false()
    ))  # fmt: skip


def home_beats_the_line_s_own_territory(patch: Patch) -> None:
    def territories(asked: Any, keys: list[object], bind: Any) -> exp.Expr:
        home = exp.select("customer_id").from_(rows._as_stored(rows.HOME))
        home = home.where(AMONG(exp.column("territory_id"), keys, bind))
        return exp.and_(*(exp.column(name).isin(query=home.copy()) for name in asked.customers))

    limited(patch, "territories", territories)


def territory_or_home(patch: Patch) -> None:
    def territories(asked: Any, keys: list[object], bind: Any) -> exp.Expr:
        home = exp.select("customer_id").from_(rows._as_stored(rows.HOME))
        home = home.where(AMONG(exp.column("territory_id"), keys, bind))
        theirs = exp.and_(*(exp.column(name).isin(query=home.copy()) for name in asked.customers))
        own = AMONG(exp.column("territory_id"), keys, bind) if "territory_id" in asked.columns else exp.false()
        return exp.paren(exp.or_(own, theirs))

    limited(patch, "territories", territories)


def every_home(patch: Patch) -> None:
    patch.setattr(rows, "_among", lambda column, keys, bind: (
        exp.true() if column.name == "territory_id" else AMONG(column, keys, bind)
    ))  # fmt: skip


def all_let_through(limit: str) -> Callable[[Patch], None]:
    return lambda patch: limited(patch, limit, lambda asked, keys, bind: exp.true())


def one_limit_is_enough(patch: Patch) -> None:
    def within(asked: Any, each: Area, bind: Any) -> exp.Expr | None:
        parts = [part for name in each.limits if (part := WITHIN(asked, _only(each, name), bind)) is not None]
        return exp.paren(exp.or_(*parts)) if parts else None

    patch.setattr(rows, "_within", within)


def _only(each: Area, name: str) -> Area:
    return Area(**{name: getattr(each, name)})


def first_area_only(patch: Patch) -> None:
    changed(patch, lambda asked, reach, bind: CONDITION(asked, reach[:1], bind))


def last_area_only(patch: Patch) -> None:
    changed(patch, lambda asked, reach, bind: CONDITION(asked, reach[-1:], bind))


def every_area_at_once(patch: Patch) -> None:
    def condition(asked: Any, reach: Any, bind: Any) -> exp.Expr | None:
        told = [each for one in reach if (each := CONDITION(asked, (one,), bind)) is not None]
        return exp.and_(*told) if told else None

    changed(patch, condition)


def no_condition(patch: Patch) -> None:
    changed(patch, lambda asked, reach, bind: None)


def lines_are_open_to_all(patch: Patch) -> None:
    patch.setattr(rows, "OPEN", rows.OPEN | {"order_line"})


def products_are_open_to_none(patch: Patch) -> None:
    patch.setattr(rows, "OPEN", rows.OPEN - {"product"})


def scores_are_not_narrowed(patch: Patch) -> None:
    changed(patch, lambda asked, reach, bind: None if asked.name == "score" else CONDITION(asked, reach, bind))


def changed(patch: Patch, condition: Callable[..., exp.Expr | None]) -> None:
    patch.setattr(scoped, "condition", condition)
    patch.setattr(rows, "condition", condition)


def what_cannot_be_told_is_counted(patch: Patch) -> None:
    patch.setattr(scoped, "can_tell", lambda asked, reach: True)


def what_can_be_told_is_refused(patch: Patch) -> None:
    patch.setattr(scoped, "can_tell", lambda asked, reach: reach == EVERYTHING)


def a_limit_of_two_is_lost(patch: Patch) -> None:
    patched_union(patch, lambda each: _only(each, each.limits[0]) if len(each.limits) > 1 else each)


def areas_of_two_limits_are_lost(patch: Patch) -> None:
    patched_union(patch, lambda each: Area(customers=frozenset()) if len(each.limits) > 1 else each)


def everything_is_lost(patch: Patch) -> None:
    patched_union(patch, lambda each: each if each.limits else Area(customers=frozenset()))


def patched_union(patch: Patch, change: Callable[[Area], Area]) -> None:
    def united(areas: Any) -> Any:
        return UNITED(map(change, areas))

    for module in (area, grants, rights):
        patch.setattr(module, "united", united)


def nothing_lies_below(patch: Patch) -> None:
    patch.setattr(grants, "below", lambda roots, above: frozenset(roots))


def one_level_lies_below(patch: Patch) -> None:
    patch.setattr(grants, "below", lambda roots, above: (
        frozenset(roots) | {each for each, parent in above.items() if parent in roots}
    ))  # fmt: skip


def what_lies_above_lies_below(patch: Patch) -> None:
    patch.setattr(grants, "below", lambda roots, above: (
        BELOW(roots, above) | {parent for each, parent in above.items() if each in roots and parent is not None}
    ))  # fmt: skip


def a_grant_never_ends(patch: Patch) -> None:
    patch.setattr(grants.Grant, "holds", lambda self, on: self.since is None or self.since <= on)


def a_grant_ends_a_day_late(patch: Patch) -> None:
    patch.setattr(grants.Grant, "holds", lambda self, on: (
        (self.since is None or self.since <= on) and (self.until is None or on <= self.until)
    ))  # fmt: skip


def a_grant_begins_a_day_late(patch: Patch) -> None:
    patch.setattr(grants.Grant, "holds", lambda self, on: (
        (self.since is None or self.since < on) and (self.until is None or on < self.until)
    ))  # fmt: skip


def no_limit_is_everything(patch: Patch) -> None:
    whole = grants.area
    patch.setattr(grants, "area", lambda grant, role, company: (
        whole(grant, role, company) if grant.within else EVERYTHING
    ))  # fmt: skip


def roles_of_other_measures_are_put_together(patch: Patch) -> None:
    def scope(given: Any, policy: Any, company: Any, *, on: Any) -> Scope:
        told = grants.scope(given, policy, company, on=on)
        reach = UNITED(each for right in told.rights for each in right.reach)
        return Scope(tuple(Right(reach=reach, columns=r.columns, measures=r.measures) for r in told.rights))

    patch.setattr("tests.access.cases.scope_of", scope)


def columns_do_not_matter(patch: Patch) -> None:
    figure(patch, lambda self, measure, columns: (
        each for right in self.rights if right.measures.allow(measure) for each in right.reach
    ))  # fmt: skip


def measures_do_not_matter(patch: Patch) -> None:
    figure(patch, lambda self, measure, columns: (
        each for right in self.rights if all(map(right.columns.allow, columns)) for each in right.reach
    ))  # fmt: skip


def one_column_is_enough(patch: Patch) -> None:
    figure(patch, lambda self, measure, columns: (
        each
        for right in self.rights
        if right.measures.allow(measure) and (not columns or any(map(right.columns.allow, columns)))
        for each in right.reach
    ))  # fmt: skip


def measure_and_columns_of_two_grants(patch: Patch) -> None:
    figure(patch, lambda self, measure, columns: (
        each
        for right in self.rights
        if right.measures.allow(measure)
        and all(any(other.columns.allow(name) for other in self.rights) for name in columns)
        for each in right.reach
    ))  # fmt: skip


def figure(patch: Patch, areas: Callable[..., Any]) -> None:
    patch.setattr(Scope, "of_figure", lambda self, measure, columns, *, also=(): UNITED(areas(self, measure, columns)))


def what_is_taken_out_stays_in(patch: Patch) -> None:
    patch.setattr(Names, "allow", lambda self, name, *, personal=False: ALLOW(
        Names(tuple(each for each in self.patterns if not each.startswith("!"))), name, personal=personal
    ))  # fmt: skip


def a_star_takes_in_personal_columns(patch: Patch) -> None:
    patch.setattr(Names, "allow", lambda self, name, *, personal=False: ALLOW(self, name))  # noqa: PLW0108 - it drops what it is told


def a_filter_needs_no_right(patch: Patch) -> None:
    patch.setattr("clientela.cube.figures.question.Question.dimensions", property(lambda self: self.by))


def all_measures_in_the_reach_of_the_first(patch: Patch) -> None:
    told: dict[int, Any] = {}

    def reach_of_figure(self: Any, name: str, facts: Any, by: Any) -> Any:
        found = REACH_OF(self.scope, name, facts, by, self.tables)
        return told.setdefault(id(self), found)

    patch.setattr(view.View, "reach_of_figure", reach_of_figure)


def every_branch_in_the_reach_of_the_first(patch: Patch) -> None:
    first: list[Any] = []

    def within(tree: Any, reach: Any, kinds: Any = None) -> Any:
        if not tree.find(exp.Union):
            first.append(reach)
        return scoped.within(tree, first[0] if first else reach, kinds)

    patch.setattr(query, "within", within)


def a_customer_in_two_segments_counts_twice(patch: Patch) -> None:
    lookups = {name: replace(each, many=False) for name, each in query.LOOKUPS.items()}
    patch.setattr(query, "LOOKUPS", lookups)


def a_total_is_of_more_than_its_parts(patch: Patch) -> None:
    whole = query.understood
    patch.setattr(query, "understood", lambda *asked: whole(*asked[:-1]))


def whose_segments_they_are_does_not_matter(patch: Patch) -> None:
    changed(patch, lambda asked, reach, bind: None if asked.name == "segment_member" else CONDITION(asked, reach, bind))


FIGURES = (
    own_territory_only, home_beats_the_line_s_own_territory, territory_or_home, every_home,
    all_let_through("customers"), all_let_through("products"), all_let_through("campaigns"),
    all_let_through("territories"), one_limit_is_enough, first_area_only, last_area_only, every_area_at_once,
    no_condition, lines_are_open_to_all, products_are_open_to_none, scores_are_not_narrowed,
    what_cannot_be_told_is_counted, what_can_be_told_is_refused, a_limit_of_two_is_lost, areas_of_two_limits_are_lost,
    everything_is_lost, nothing_lies_below, one_level_lies_below, what_lies_above_lies_below, a_grant_never_ends,
    a_grant_ends_a_day_late, a_grant_begins_a_day_late, no_limit_is_everything,
    roles_of_other_measures_are_put_together, columns_do_not_matter, measures_do_not_matter, one_column_is_enough,
    measure_and_columns_of_two_grants, what_is_taken_out_stays_in, a_filter_needs_no_right,
    all_measures_in_the_reach_of_the_first, every_branch_in_the_reach_of_the_first,
    a_customer_in_two_segments_counts_twice, a_total_is_of_more_than_its_parts, whose_segments_they_are_does_not_matter,
)  # fmt: skip


@pytest.mark.parametrize("bug", FIGURES, ids=lambda bug: getattr(bug, "__name__", "bug"))
def test_a_bug_in_how_figures_are_narrowed_is_caught(bug: Callable[[Patch], None], monkeypatch: Patch) -> None:
    bug(monkeypatch)
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        assert any(_differs(lambda seed=seed: asked_of(seed, 20, published)) for seed in range(TRIES))


def nothing_is_masked(patch: Patch) -> None:
    patch.setattr(records, "_masked", lambda page, name, table=None: records.quoted(name, table))


def every_cell_is_seen(patch: Patch) -> None:
    patch.setattr(records, "_flags", lambda page, bound, tables: [
        exp.alias_(exp.true(), name) for name in page.sight.flags
    ])  # fmt: skip


def a_hidden_cell_is_null_to_a_filter(patch: Patch) -> None:
    whole = records.condition
    patch.setattr(records, "condition", lambda where, types, column, bound, seen, *more: (
        whole(where, types, column, bound, {}, *more)
    ))  # fmt: skip


def rows_of_the_first_column_only(patch: Patch) -> None:
    def sight(scope: Any, contract: Any, named: Any, shown: Any, personal: Any, beside: Any) -> Any:
        first = next(name for name in named if name in shown)
        return SIGHT(scope, contract, named, {first}, personal, beside)

    patch.setattr(records, "_sight", sight)


def hidden_is_not_told(patch: Patch) -> None:
    patch.setattr(records, "_hidden", lambda page, seen: frozenset())


def what_a_row_is_made_of_may_be_shown_by_another_grant(patch: Patch) -> None:
    whole = Scope.of_cells

    def of_cells(self: Scope, table: str, columns: Any, *, personal: Any = ()) -> Any:
        cells = whole(self, table, columns, personal=personal)
        return replace(cells, kinds=tuple(self.of_kinds(table)[1].items()))

    patch.setattr(Scope, "of_cells", of_cells)


def what_tells_rows_apart_is_always_shown(patch: Patch) -> None:
    def sight(scope: Any, contract: Any, *more: Any) -> Any:
        found = SIGHT(scope, contract, *more)
        keys = records.key_fields(contract)
        partial, veiled = ({k: v for k, v in told.items() if k not in keys} for told in (found.partial, found.veiled))
        return replace(found, partial=partial, veiled=veiled)

    patch.setattr(records, "_sight", sight)


ROWS = (
    nothing_is_masked, what_a_row_is_made_of_may_be_shown_by_another_grant, what_tells_rows_apart_is_always_shown,
    every_cell_is_seen, a_hidden_cell_is_null_to_a_filter, rows_of_the_first_column_only,
    hidden_is_not_told, a_star_takes_in_personal_columns, no_condition, first_area_only,
)  # fmt: skip


@pytest.mark.parametrize("bug", ROWS, ids=lambda bug: getattr(bug, "__name__", "bug"))
def test_a_bug_in_how_rows_are_narrowed_is_caught(bug: Callable[[Patch], None], monkeypatch: Patch) -> None:
    bug(monkeypatch)
    assert any(_differs(lambda seed=seed: compared(seed, 15)) for seed in range(TRIES))


def _differs(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except AssertionError:
        return True
    return False
