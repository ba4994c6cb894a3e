"""How alike two records are in each field, as SQL: the likenesses of a field tried in their order, each sum done once.

The answers are those of the conditions as they stand; what is dear in them (the similarity of two texts, their
edits) is computed once for a pair however many likenesses ask for it, and edits only where a glance does not settle it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Field

UNKNOWN = -1  # the likeness where nothing can be said; the others count up from the last, 0
_JARO_LETTERS, _JARO_LEAST = 4, 0.75


@dataclass(frozen=True, slots=True)
class Dear:
    """What is computed once for each pair, by the name of its column."""

    columns: dict[str, exp.Expr] = field(default_factory=dict)
    _named: dict[exp.Expr, str] = field(default_factory=dict)  # by the dear part as it stood

    def taken(self, condition: exp.Expr) -> exp.Expr:
        """The condition with a column in place of each dear part."""
        return condition.copy().transform(self._taken, copy=False)

    def _taken(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.LTE) and _is_edits(node.this) and node.expression == exp.Literal.number(1):
            return self._column("edit", node.this, _one_edit)
        if isinstance(node, exp.JarowinklerSimilarity):
            return self._column("alike", node, _similarity)
        return node

    def _column(self, kind: str, dear: exp.Expr, meaning: Callable[[exp.Expr], exp.Expr]) -> exp.Column:
        """The column that stands for a dear part; what it means is written once."""
        name = self._named.get(dear)
        if name is None:
            name = self._named[dear.copy()] = f"{kind}_{len(self.columns)}"
            self.columns[name] = meaning(dear)
        return exp.column(name)


def likeness(each: Field, dear: Dear) -> exp.Expr:
    """The number of the first likeness of a field that holds for a pair."""
    last = len(each.levels) - 1
    tried = [] if each.unknown is None else [(each.unknown, UNKNOWN)]
    tried += [(level.when, last - place) for place, level in enumerate(each.levels) if level.when is not None]
    ifs = [exp.If(this=soon(dear.taken(when)), true=exp.Literal.number(number)) for when, number in tried]
    return exp.cast(exp.Case(ifs=ifs, default=exp.Literal.number(0)), "tinyint")


def likenesses(comparing: Comparing) -> tuple[dict[str, exp.Expr], dict[str, exp.Expr]]:
    """Of each field the likeness, and what must be computed before by the names they use."""
    dear = Dear()
    found = {each.name: likeness(each, dear) for each in comparing.fields}
    return found, dear.columns


def soon(condition: exp.Expr, *, denied: bool = False, only_true: bool = True) -> exp.Expr:
    """A condition of the same value, written so that the engine stops as soon as it knows.

    The engine stops early in what a CASE asks, but not below a NOT or a COALESCE: there it works all out for all pairs.
    So a NOT is taken to the parts, and what counts as false where it is unknown is asked by a CASE of its own.

    Parameters
    ----------
    denied : it is the condition's opposite that is wanted
    only_true : false may stand for unknown
    """
    node = condition.unnest()
    if isinstance(node, exp.Not):
        return soon(node.this, denied=not denied, only_true=only_true)
    if isinstance(node, (exp.And, exp.Or)):
        every = isinstance(node, exp.And) != denied
        parts = [soon(each.unnest(), denied=denied, only_true=only_true) for each in node.flatten()]
        return exp.and_(*parts, copy=False) if every else exp.or_(*parts, copy=False)
    if isinstance(node, exp.Coalesce) and [str(each) for each in node.expressions] == ["FALSE"]:
        if only_true and not denied:
            return soon(node.this)
        then, other = (exp.false(), exp.true()) if denied else (exp.true(), exp.false())
        return exp.Case(ifs=[exp.If(this=soon(node.this), true=then)], default=other)
    return exp.not_(node.copy()) if denied else node.copy()


def _is_edits(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "damerau_levenshtein"


def _similarity(node: exp.Expr) -> exp.Expr:
    """The similarity of two texts; of one with itself it need not be worked out."""
    same = exp.If(this=node.this.eq(node.expression), true=exp.cast(exp.Literal.number(1), "double"))
    return exp.Case(ifs=[same], default=node.copy())


def _one_edit(edits: exp.Expr) -> exp.Expr:
    """Whether one edit at most makes the one the other of two texts whose edits would be counted.

    An edit that leaves the length as it is changes two letters at most (a swap of neighbours), and no edit changes
    the length by more than one. Where a letter was put in, all letters of the shorter are found in the longer, next to
    their place: then Jaro's similarity is no less than (1 + 4/5 + 1/2) / 3 from four letters on, and it is had sooner.
    """

    one, other = edits.expressions

    def call(name: str) -> exp.Expr:
        return exp.func(name, one.copy(), other.copy(), dialect="duckdb")

    lengths = [exp.func("strlen", each.copy(), dialect="duckdb") for each in (one, other)]
    apart = exp.Abs(this=exp.Sub(this=lengths[0], expression=lengths[1]))
    shorter = exp.func("least", *(each.copy() for each in lengths), dialect="duckdb")
    number = exp.Literal.number
    edited = exp.LTE(this=call("damerau_levenshtein"), expression=number(1))
    unlike = exp.and_(shorter >= _JARO_LETTERS, exp.LT(this=call("jaro_similarity"), expression=number(_JARO_LEAST)))
    return exp.Case(
        ifs=[
            exp.If(this=one.copy().eq(other.copy()), true=exp.true()),
            exp.If(this=apart > 1, true=exp.false()),
            exp.If(this=exp.and_(apart.copy().eq(1), unlike), true=exp.false()),
            exp.If(this=apart.copy().eq(1), true=edited),
            exp.If(this=call("hamming") > 2, true=exp.false()),
        ],
        default=edited.copy(),
    )
