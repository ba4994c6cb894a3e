"""The source of the project as the promises look at it: files, trees of syntax, pages."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from clientela.present.extract import Message, messages

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "clientela"
DOCS = ROOT / "docs"


def modules(*packages: str) -> Iterator[Path]:
    """Every Python file of the packages, or of all of clientela."""
    for top in packages or (".",):
        place = SOURCE / top
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that stands in a module: to walk through one takes longer than what a promise asks of it."""
    return tuple(ast.walk(tree(path)))


@cache
def said() -> tuple[Message, ...]:
    """Every message there is."""
    return messages()


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute of a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def page(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def fenced(markdown: str, language: str) -> list[str]:
    """The fenced blocks of a language in a page."""
    blocks: list[str] = []
    inside = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            if inside:
                inside = False
            elif line[3:].split(" ")[0] == language:
                inside = True
                blocks.append("")
            continue
        if inside:
            blocks[-1] += line + "\n"
    return blocks
