"""Every command, option, exit code, setting, table, measure and analysis stands in the pages."""

import importlib.util
import re
from datetime import date
from typing import Any

import pytest
import typer.main

from clientela import config, errors
from clientela.cli.app import app
from clientela.contracts.derived import DERIVED
from clientela.contracts.insight import Evidence, Insight, Level
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.measure import MEASURES
from clientela.present.document import insight_json
from clientela.workspace import analyses
from tests.promises.source import DOCS, ROOT, page


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = generator()


@pytest.mark.parametrize("name", GENERATE.PAGES)
def test_the_reference_is_what_the_code_says(name: str):
    assert page(f"docs/reference/{name}") == GENERATE.page(name), "run `make docs` and commit what it writes"


def test_every_command_and_option_is_documented():
    said = page("docs/reference/command-line.md")
    for name, command in GENERATE.every_command(typer.main.get_command(app)):
        section = said.split(f"## clientela {name}\n")[1].split("\n## ")[0]
        assert command.help and command.help in section
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else [parameter.name.upper()]:
                assert f"`{option}" in section, (name, option)
            assert parameter.help, f"{name} {parameter.name} has no help"


def test_every_exit_code_is_documented_twice_what_it_means_and_what_to_do():
    codes = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    assert codes == {0, 1, 2, 3, 4, 5, 6, 70, 130}
    for path in ("docs/reference/exit-codes.md", "docs/howto/exit-codes.md"):
        assert all(f"| {code} |" in page(path) for code in codes), path


def test_every_error_has_a_sentence():
    said = page("docs/reference/exit-codes.md")
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ClientelaError)
    ]
    assert len(kinds) > 10
    for kind in kinds:
        assert (kind.__doc__ or "").strip().endswith((".", "first.")), kind
        assert f"`{kind.__name__}`" in said


def test_every_setting_is_documented():
    said = page("docs/reference/configuration.md")
    for section in (config.Company, config.Run, config.Source, config.Format):
        for key in section.model_fields:
            assert f"| `{key}` |" in said, key


def test_every_table_and_column_is_documented():
    for path, tables in (("tables.md", CONTRACTS), ("derived-tables.md", DERIVED)):
        said = page(f"docs/reference/{path}")
        for table in tables.values():
            section = said.split(f"## {table.name}\n")[1].split("\n## ")[0]
            assert all(f"| `{column}` |" in section for column in table.names), table.name


def test_every_measure_and_dimension_is_documented():
    said = page("docs/reference/measures.md")
    assert all(f"| `{name}` |" in said for name in [*MEASURES, *DIMENSIONS])


def test_every_analysis_has_its_page_and_stands_in_the_readme():
    readme = page("README.md")
    for analysis in analyses():
        path = f"docs/explanation/{analysis.name}.md"
        assert (ROOT / path).is_file()
        assert f"[{analysis.name}]({path})" in readme
        assert analysis.question.id in page(path), f"{path} does not say the question"


def test_every_key_of_an_insight_is_documented_in_its_order():
    evidence = Evidence(
        method=text("A method."),
        baseline=text("A baseline."),
        metric="auc",
        value=0.88,
        baseline_value=0.86,
        interval=(0.85, 0.91),
        n=2446,
    )
    insight = Insight(
        analysis="churn-risk",
        area="customer",
        level=Level.FORECAST,
        question=text("Who leaves?"),
        as_of=date(2018, 1, 1),
        snapshot="1",
        evidence=evidence,
    )
    said = insight_json(insight)
    shown = page("docs/reference/insight-json.md")
    assert re.findall(r"^\| `(\w+)` \|", shown, re.MULTILINE) == list(said)
    sentence = " ".join(shown.split("`evidence` has")[1].split(".")[0].split())
    assert re.findall(r"`(\w+)`", sentence) == list(said["evidence"])


def test_every_page_can_be_reached():
    settings = page("zensical.toml")
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert {path for path in pages if f'"{path}"' not in settings} == set()
