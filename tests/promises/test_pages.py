"""What the pages show can be typed: commands, options and settings exist, links lead somewhere."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from clientela import config
from clientela.access.policy import policy
from clientela.cli.app import app
from clientela.cube.declared.own.measures import with_own
from clientela.cube.scoped import nameable
from tests.promises.source import DOCS, ROOT, fenced

PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
IDS = [str(path.relative_to(ROOT)) for path in PAGES]
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group


def commands(path: Path) -> list[list[str]]:
    """Every call of clientela in a page's consoles, scripts and inline code, as words."""
    markdown = path.read_text(encoding="utf-8")
    blocks = [block for language in ("console", "bash", "cron") for block in fenced(markdown, language)]
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`(clientela [^`]+)`", markdown)
    calls = [call for line in lines for call in re.findall(r"(?:^|[$;&|]|then)\s*clientela\s+([^;&|>#]+)", line)]
    return [shlex.split(call) for call in calls]


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_commands_in_the_pages_exist(path: Path):
    for verb, *words in commands(path):
        if verb.startswith("-"):
            assert verb in {"-h", "--help", "--version"}
            continue
        assert verb in COMMANDS, f"clientela {verb}"
        command = COMMANDS[verb]
        if inner := getattr(command, "commands", None):  # a group: the next word is the command
            assert words and words[0] in inner, f"clientela {verb} {' '.join(words)}"
            command = inner[words[0]]
        options = {option for parameter in command.params for option in parameter.opts}
        for word in words:
            assert not word.startswith("-") or word.split("=")[0] in options, f"clientela {verb} {word}"


def test_the_search_finds_commands():
    found = commands(DOCS / "tutorial" / "first-steps.md")
    assert ["demo"] in found
    assert ["ask", "churn-risk", "--chart", "churn.svg", "-w", "clientela-demo"] in found


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_settings_in_the_pages_exist(path: Path, tmp_path: Path):
    for block in fenced(path.read_text(encoding="utf-8"), "toml"):
        written = tomllib.loads(block)
        if "company" not in written:
            continue  # a part, to be put into a whole
        (tmp_path / "clientela.toml").write_text(block, encoding="utf-8")
        assert config.load(tmp_path, {}).company.name == written["company"]["name"]


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_keys_of_a_part_of_the_settings_exist(path: Path):
    sections = (config.Company, config.Run, config.Source)
    known = {key for section in sections for key in section.model_fields}
    for block in fenced(path.read_text(encoding="utf-8"), "toml"):
        written = tomllib.loads(block)
        if "roles" in written:  # policy.toml
            columns, measures = nameable()
            assert policy(block, columns=columns, measures=measures).own == set(written["roles"])
        elif "company" not in written:
            assert set(written) <= known | set(config.Settings.model_fields), block


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_measures_declared_in_the_pages_are_measures(path: Path):
    said: dict[str, config.OwnMeasure] = {}
    for block in fenced(path.read_text(encoding="utf-8"), "toml"):
        for name, each in tomllib.loads(block).get("measure", {}).items():
            said[name] = config.OwnMeasure(**each)
    assert with_own(said).keys() >= said.keys()


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_links_between_files_lead_somewhere(path: Path):
    markdown = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", markdown):
        if "://" not in target:
            assert (path.parent / target).exists(), target
