"""The templates of the pages, compiled once for each language: what is the same on every page is said beforehand."""

from __future__ import annotations

from functools import cache
from keyword import iskeyword
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import escape

from clientela.contracts.text import Text
from clientela.present.say import say

try:
    from markupsafe import _escape_inner as _inner  # type: ignore[attr-defined] # what `escape` itself calls
except ImportError:  # only `escape` is promised: then each page takes a little longer
    _inner = escape

MESSAGE = "t"  # what a message of a template is asked for with
OURS = frozenset({MESSAGE, "nt", "say", "url", "linked", "here", "url_static"})
SHOWING = frozenset({"show", "said_as"})  # whose methods are ours too
"""What templates call that is a plain function: jinja need not look at each call what else it may be."""


@cache
def environment(language: str) -> Environment:
    """The templates of the pages in a language, and the parts they share with the report."""
    return _Spoken(
        language,
        loader=ChoiceLoader([PackageLoader("clientela.web"), PackageLoader("clientela.present")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each page would look whether its templates were changed
    )


def escaped(value: Any) -> str:
    """A value as it stands in a page.

    A page joins hundreds of them to one text: to mark each as safe on the way there costs as much as to escape it.

    Examples
    --------
    >>> escaped("<b>"), escaped(1.5)
    ('&lt;b&gt;', '1.5')
    """
    kind = type(value)
    if kind is str:
        told: str = _inner(value)
        return told
    return str(value) if kind is int or kind is float else escape(value)


class _Calling(CodeGenerator):
    """Calls what is ours as Python does; a macro and whatever else may be called goes jinja's way."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - as jinja names what visits a call
        """Write a call."""
        if forward_caller or not _is_ours(node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for each in node.args:
            self.visit(each, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write(")")


def _is_ours(node: nodes.Call) -> bool:
    if node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs):
        return False
    called = node.node
    if isinstance(called, nodes.Getattr):
        return isinstance(called.node, nodes.Name) and called.node.name in SHOWING
    return isinstance(called, nodes.Name) and called.name in OURS


class _Spoken(Environment):
    """Templates whose messages without a value stand in them already, as text beside text."""

    code_generator_class = _Calling
    escaped = staticmethod(escaped)

    def __init__(self, language: str, **given: Any) -> None:
        super().__init__(**given)
        self.language = language

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        said = _Said(self).visit(source)
        return super()._generate(said, name, filename, defer_init=defer_init)


class _Said(NodeTransformer):
    """Puts the sentence in the place of each message that has no value: ``t("Orders")``."""

    def __init__(self, environment: _Spoken) -> None:
        self._environment = environment

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - as jinja names what visits a call
        """A call; a message without a value as what it says."""
        self.generic_visit(node)
        alone = len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not (alone and isinstance(node.node, nodes.Name) and node.node.name == MESSAGE):
            return node
        (message,) = node.args
        if not isinstance(message, nodes.Const) or not isinstance(message.value, str):
            return node
        said = say(Text(message.value, {}), self._environment.language)
        return nodes.Const(said, lineno=node.lineno, environment=self._environment)
