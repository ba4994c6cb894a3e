"""``clientela --help`` answers at once, because nothing heavy is imported for it."""

import json
import subprocess
import sys

HEAVY = [
    "alembic",
    "altair",
    "babel",
    "duckdb",
    "jinja2",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "pydantic_settings",
    "rich",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "sqlglot",
    "vl_convert",
]


# What only a run needs that fits or links, or a server: to open a workspace and ask of it takes none of them.
FOR_A_RUN = [
    *("alembic", "babel", "fastapi", "jinja2", "lightgbm", "pandas", "rich", "scipy", "sklearn", "splink"),
    *("sqlalchemy", "uvicorn", "vl_convert", "xlsxwriter"),
]


def imported_by(program: str, heavy: list[str] = HEAVY) -> set[str]:
    """The heavy packages that are loaded after a program ran in a fresh interpreter."""
    ending = f"import json, sys; print(json.dumps([n for n in {heavy!r} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{ending}"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_command_line_imports_nothing_heavy():
    assert imported_by("import clientela, clientela.cli") == set()


def test_help_imports_nothing_heavy():
    assert imported_by("from clientela.cli.app import run\nassert run(['--help']) == 0") == set()


def test_contracts_import_no_numbers():
    assert imported_by("import clientela.contracts.tables, clientela.contracts.analysis") == set()


def test_opening_a_workspace_imports_nothing_that_only_a_run_needs():
    assert imported_by("import clientela.workspace, clientela.cli.app", FOR_A_RUN) == set()
