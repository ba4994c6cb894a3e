"""Writes the reference pages from the code; with --check, says which are stale and changes nothing."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
WRITTEN = "<!-- Written by docs/generate.py from the code: change the code, then run `make docs`. -->"

SETTINGS = {
    "company.name": "The company's name, as the report shows it.",
    "company.currency": "Currency of all figures, as an ISO 4217 code; other currencies are converted on arrival.",
    "company.timezone": "The zone in which the company's days begin and end, as an IANA name.",
    "company.lapse_days": "Days without a purchase after which a customer counts as lost. Unset: the gap that "
    "95 % of all gaps between purchases do not exceed, each customer counted once.",
    "company.fiscal_year_starts": "The month and day on which the [fiscal year](../howto/fiscal-year.md) starts, as "
    "`MM-DD`; the day from 01 to 27.",
    "company.fiscal_year_named": "By which year a fiscal year is named: that of its `start` or of its `end`.",
    "run.horizon_days": "How far forecasts look ahead, and how far apart the back-tests lie.",
    "run.keep_snapshots": "How many snapshots stay.",
    "run.threads": "Processor threads to use. Unset: all.",
    "run.memory_limit": 'Memory the engine may use, such as `"2GB"`. Unset: the engine\'s own limit.',
    "run.origin_sample": "Customers a back-test rests on, at most; larger companies are sampled by hash.",
    "run.max_bad": "The share of refused rows above which a file stays out.",
    "run.without": 'Analyses that a run computes nothing for, such as `["clusters"]`; see '
    "[leave analyses out](../howto/leave-analyses-out.md).",
    "source.name": "The system that delivers. Sources of one name share its keys.",
    "source.table": "The [table](tables.md) it fills.",
    "source.path": "The files, relative to the workspace; may hold `*`. CSV, TSV, JSON lines, Parquet or Excel, "
    "also in gz or zip.",
    "source.database": "A table or query of a SQL database, in place of `path`; see below.",
    "source.join": "A second file of the same delivery, such as the heads of orders; see below.",
    "source.fresh_within": 'How old its newest fact may be: `"2 days"`, in hours, days or weeks. Unset: not judged.',
    "source.delivery": "`append`: new rows only; `upsert`: same key replaces; `full`: what is missing was deleted.",
    "source.timezone": "The zone of the times in the files. Unset: the company's.",
    "source.known": "Since when a row counts as known: `happened`, `arrival` or a column of the file. Unset: see "
    "[facts and time](../explanation/facts-and-time.md).",
    "source.keys_of": "The system whose customer keys these are. Unset: this one.",
    "source.max_bad": "The share of refused rows above which a file of this source stays out. Unset: that of `[run]`.",
    "source.owner": "Who answers for this source in the company; shown with its quality.",
    "source.columns": 'Column in clientela = column in the file, or `{ expr = "…" }`.',
    "source.constants": "Column in clientela = the value of every row.",
    "source.format": "How a file writes its values; see below.",
    "format.kind": "`csv`, `json` (one object a line), `parquet` or `excel`. Unset: seen from the content.",
    "format.sheet": "The sheet of an Excel workbook. Unset: the first that has rows.",
    "format.skip": "Lines above the header.",
    "format.member": "Which files of a zip count, as a pattern. Unset: all.",
    "format.delimiter": "The sign between two values.",
    "format.decimal": "The decimal sign. Unset: a point.",
    "format.date": "How dates and times are written, in the codes of strftime. Unset: ISO 8601.",
    "format.encoding": "The encoding. Unset: UTF-8.",
    "format.quote": "The sign around values.",
    "format.header": "Whether the first row has the names; without it, the list of names.",
    "join.path": "The files that are joined, relative to the workspace; may hold `*`.",
    "join.on": "The column, or the list of columns, both files share.",
    "join.format": "How their cells are separated and encoded. Unset: as the source's own.",
    "database.url_from": "The environment variable that holds the database's URL.",
    "database.table": "The table, with its schema if need be.",
    "database.query": "A query, in place of a table.",
    "database.cursor": "A column that only grows: each run asks for what is not below the last it saw.",
    "schedule.run": "When a run is due, as a cron line in the company's zone. Unset: never.",
    "schedule.backup": "When a backup is due. Unset: never.",
    "backup.folder": "Where scheduled backups go, relative to the workspace.",
    "backup.keep": "How many of them stay.",
    "quality.look_above": "The share of weak rows above which a property is to be looked at.",
    "quality.unfit_above": "The share above which no answer may rest on it.",
    "identity.link": "Whether records of several keys may be found to be one customer.",
    "identity.join_above": "The probability from which two records are one customer.",
    "identity.ask_above": "The probability from which a person is asked.",
    "identity.largest": "The most records one customer may have.",
    "identity.shared_by": "A value that more records than this have names nobody: a switchboard, a parcel shop.",
    "identity.pairs_per_record": "The most pairs to compare, for each record; a search that needs more is refused.",
    "identity.believe": "The systems in the order in which their values are believed.",
    "identity.survivorship": "By field, what decides between values in place of the usual order.",
    "measure.fact": "The fact it is counted on; see [measures](measures.md).",
    "measure.aggregate": "`sum`, `count`, `count_distinct`, `average`, `min` or `max`.",
    "measure.of": "What is aggregated: an expression over the fact's columns and dimensions.",
    "measure.where": "Which rows count: a condition over the same.",
    "measure.ratio": "In place of a fact: one measure divided by another.",
    "measure.sum": "In place of a fact: measures of one unit, with + and - between them.",
    "measure.unit": "`money`, `count`, `share`, `number` or `days`, of those that fit. Unset: worked out.",
    "measure.empty": "What it is where no row counts: `zero` or `unknown`. Unset: zero for counts, and for sums of "
    "columns that every row has.",
    "measure.adds_over": "Over what figures may be summed: `time`, `customers`. Unset: what the aggregate allows.",
    "measure.label": 'Its name for people: a text, or one by language: `{ en = "…", es = "…" }`.',
    "measure.description": "What it is, in a sentence; a text, or one by language.",
    "measure.owner": "Who answers for it.",
    "cube.rollups": "Figures that each run [counts beforehand](../explanation/figures-fast.md); at most 16.",
    "rollups.measures": "What is counted: names of measures.",
    "rollups.by": "What it is seen by: names of dimensions.",
    "rollups.within": "For people limited by `territory`, `product` or `campaign`.",
    "serve.host": "Where [`clientela serve`](../howto/serve.md) listens. Another than this machine needs `address`.",
    "serve.port": "At which port.",
    "serve.address": "What people write into the browser, such as `https://crm.example.com`. With `https` a proxy in "
    "front speaks TLS, and cookies are sent over TLS only. Unset: `http://host:port`.",
    "serve.proxies": "Addresses or networks of proxies whose word about the visitor's address is believed.",
    "serve.session_idle": "A session ends when it was not used for so long.",
    "serve.session_lasts": "A session ends after so long in any case.",
    "serve.threads": "So many requests are answered at once; unset: 8.",
    "serve.memory_limit": "The most memory each reader takes for answers, as `1GB`. Unset: 128 MB, and for a single "
    "question that needs more, as the engine decides.",
    "serve.upload_limit": "The largest file that a page or the API takes.",
    "serve.passwords": "Whether one comes in with a password; false needs `[serve.oidc]`.",
    "serve.oidc": "Accounts of another provider with which one comes in; see below.",
    "oidc.issuer": "The [provider](../howto/single-sign-on.md), as it calls itself: an address with `https`.",
    "oidc.client_id": "As which application the provider knows clientela.",
    "oidc.secret_from": "The environment variable that holds the secret of that application.",
    "oidc.secret_file": "A file that holds it, in place of `secret_from`; relative to the workspace.",
    "oidc.label": "What the button of the entry calls it. Unset: the name of the provider's server.",
    "oidc.scopes": "What the provider is asked for; `openid`, `profile` and `email` when left out.",
    "oidc.name_claim": "What a new user is called: the name of a claim.",
    "oidc.groups_claim": "Where the groups of a person stand: the name of a claim.",
    "oidc.link_by_email": "Whether who first comes with a verified address that one user here has is that user.",
    "oidc.leave_there": "Whether who leaves clientela is led to leave the provider too, where it offers that.",
    "oidc.role": "What a group lets one do: as many `[[serve.oidc.role]]` as there are.",
    "group.group": "The group, as the provider calls it.",
    "group.role": "The [role](policy.md) its people hold.",
    "group.scope": 'Within which scope, lists of ids by kind: `{ territories = ["north"] }`. Unset: all it reaches.',
    "segment.where": "Who is in it: [a condition over one customer](../howto/segments.md).",
    "segment.title": 'Its name for people: a text, or one by language: `{ en = "…", es = "…" }`.',
    "segment.description": "What it is, in a sentence; a text, or one by language.",
    "segment.owner": "Who answers for it.",
    "cost_pool.name": "What the cost is called; so it is named in the table `cost_pool`, where that delivers amounts.",
    "cost_pool.line": "Where it stands in the account of a customer: `payment`, `delivery`, `service`, `contact`, "
    "`acquisition` or `other`.",
    "cost_pool.driver": "What it is [shared out by](../howto/cost-drivers.md), such as `orders` or `minutes`; `none` "
    "leaves it unallocated.",
    "cost_pool.channel": "Only what happened on this channel drives it.",
    "cost_pool.period": "How long a delivered amount lasts: `month`, `quarter` or `year`. Unset: until the next one.",
    "cost_pool.since": 'The first month from which on this rule holds, such as `"2025-01"`.',
    "cost_pool.contains_budgets": "Whether its amounts contain what campaigns, their contacts and bought lists cost, "
    "where that is delivered: then it is [taken out](../howto/cost-drivers.md#costs-that-would-count-twice), as it "
    "counts by itself. Of one pool only.",
    "cost_pool.figures": "What it came to, by year or month; these stand above delivered amounts.",
}

EXIT_CODES = {
    "OK": "It worked. An analysis that abstains has worked too.",
    "HANDLED": "It finished, with errors it could handle; they are said.",
    "USAGE": "The command or the call cannot be understood.",
    "CONFIGURATION": "The settings or a table are not as promised.",
    "QUALITY_GATE": "The data did not pass their quality gate; nothing was published.",
    "LOCKED": "Another run is at work in the workspace.",
    "NOT_PERMITTED": "You may not do this.",
    "INTERNAL": "A mistake in clientela; what was published stays.",
    "INTERRUPTED": "Interrupted; what was published stays.",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]


def code(names: Iterable[str]) -> str:
    """Names in code type, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def rules(column: Any) -> str:
    """What a value must keep, and which class it is of, in a few words."""
    said = ["required"] if column.required else []
    said += ["one of " + code(column.choices)] if column.choices else []
    if column.minimum is not None or column.maximum is not None:
        said.append(f"{column.minimum} to {column.maximum}")
    if column.scales:
        said.append(", ".join(f"{choice} {low} to {high}" for choice, low, high in column.scales))
    said += ["personal"] if column.personal else []
    said += ["names a person"] if column.person else []
    said += [f"later: with `{column.known_with}`"] if column.known_with else []
    return ", ".join(said)


def contract_section(contract: Any) -> list[str]:
    """One table: what it is, its key, its columns."""
    said = [f"Key: {code(contract.key)}."]
    if contract.event_time:
        said.append(f"Happened at: `{contract.event_time}`.")
    columns = (
        (
            f"`{c.name}`",
            c.type.value,
            "the company's currency" if c.unit == "currency" else c.unit or "",
            rules(c),
            c.description,
        )
        for c in contract.columns
    )
    head = ("column", "type", "unit", "rules", "what it is")
    return [f"## {contract.name}", "", contract.description, "", " ".join(said), "", *table(head, columns), ""]


def tables_page() -> list[str]:
    """Every table a source may deliver."""
    from clientela.contracts.tables import CONTRACTS

    opening = """# Tables a source may deliver

Every table is optional; `order_line` alone is enough. A column that is not delivered is unknown, which is never 0.

- **Types.** `instant` is a moment, stored as UTC; beside every instant `x_at` stands its date `x_on` in the company's
  zone. `money` has four decimals, `number` six, `share` goes from 0 to 1. Money and numbers are rounded half up to
  their decimals; whole numbers and dates are never rounded.
- **source** in a key is the name of the source; it is added, not delivered.
- **required**: a row without it is refused. So is a row that breaks its type or a rule.
- **personal**: kept in the people file. **names a person**: a customer key of the source, kept as a pseudonym.
- **later: with** another column: unknown as of any day that is not after that moment.
- Tables with a *happened at* are facts; the others are references.
"""
    return [opening, *(line for each in CONTRACTS.values() for line in contract_section(each))]


def derived_page() -> list[str]:
    """Every table a run makes."""
    from clientela.contracts.derived import DERIVED

    opening = """# Tables a run makes

Published in every snapshot, beside the tables that were delivered. Personal columns stand in the people file, by
the same key.
"""
    return [opening, *(line for each in DERIVED.values() for line in contract_section(each))]


def truth_page() -> list[str]:
    """Every table of the truth of a synthetic company."""
    from clientela.testing.company.truth import TRUTH

    opening = """# Tables of the truth

What really is and happened in a [synthetic company](../explanation/synthetic-company.md), for tests alone: the product
never sees it. `clientela.testing.company.truth.read(folder, name)` reads one. Moments are weeks from midnight of the
world's first Monday, by the company's clock; money is in cents of its currency; customers, accounts and products are
told by their place, from 0.
"""
    return [opening, *(line for each in TRUTH.values() for line in contract_section(each))]


def measures_page() -> list[str]:
    """Every measure, every dimension, and what a company's own measure may be made of."""
    from clientela.cube.declared.facts import FACTS
    from clientela.cube.declared.measure import MEASURES, Measure, Ratio, Sum, parts_of

    def adds(measure: Measure) -> str:
        over = (("time", measure.adds_over_time), ("customers", measure.adds_over_customers))
        return " and ".join(name for name, holds in over if holds) or "nothing"

    lines = [
        "# Measures and dimensions",
        "",
        "What the cube counts, and by what; `clientela query` lists the same, with [measures of your own]"
        "(../howto/own-measures.md). Each is labelled and described in English, Spanish, Italian and Dutch (`--lang`).",
        "",
        "- **unit**: `money` is in the company's currency, `share` goes from 0 to 1.",
        "- **adds over**: of what separate figures may be summed. Whatever it says, a total is counted anew; see "
        "[how figures add up](../explanation/figures-add-up.md).",
        "- **counted as**: the SQL over the rows of the fact.",
        "- **owner**: these are clientela's own; yours name theirs.",
        "",
        "## Measures",
        "",
    ]
    for fact in FACTS.values():
        counted = [each for each in MEASURES.values() if isinstance(each, Measure) and each.fact == fact.name]
        lines += [f"### On {fact.name}", "", f"{fact.description} Made of {code(sorted(fact.tables))}.", ""]
        lines += [f"Seen by {code(name for name in ordered_dimensions() if name in fact.dimensions)}.", ""]
        rows = ((f"`{m.name}`", said(m), f"{m.unit.value}; {adds(m)}", f"`{m.aggregate}`") for m in counted)
        lines += [*table(("measure", "what it is", "unit; adds over", "counted as"), rows), ""]
    lines += ["### Ratios", "", "Divided at every level, and never summed; seen by what all of their facts have.", ""]
    ratios = (
        (
            f"`{m.name}`",
            said(m),
            m.unit.value,
            f"`{m.numerator}` / `{m.denominator}`",
            code(dict.fromkeys(part.fact for part in parts_of(m))),
        )
        for m in MEASURES.values()
        if isinstance(m, Ratio)
    )
    head = ("measure", "what it is", "unit", "divided", "facts")
    sums = (
        (
            f"`{m.name}`",
            said(m),
            m.unit.value,
            " ".join(f"{'+' if times > 0 else '-'} `{name}`" for times, name in m.terms).removeprefix("+ "),
            code(dict.fromkeys(part.fact for part in parts_of(m))),
        )
        for m in MEASURES.values()
        if isinstance(m, Sum)
    )
    lines += [*table(head, ratios), "", "### Sums", "", "Put together at every level of what is counted.", ""]
    lines += table(("measure", "what it is", "unit", "put together", "facts"), sums)
    return [*lines, "", *dimensions_section(), *columns_section()]


def said(each: Any) -> str:
    """The label of a measure or a dimension, and what it is."""
    return f"**{each.label.id}**: {each.description.id}"


def ordered_dimensions() -> list[str]:
    """The dimensions by hierarchy, the coarsest level first."""
    from clientela.cube.declared.dimension import DIMENSIONS

    places = {name: place for place, name in enumerate(dict.fromkeys(d.hierarchy for d in DIMENSIONS.values()))}
    return [d.name for d in sorted(DIMENSIONS.values(), key=lambda d: (places[d.hierarchy], -d.level))]


def dimensions_section() -> list[str]:
    """Every dimension, by what it rolls up with."""
    from clientela.cube.declared.dimension import DIMENSIONS, HIERARCHIES
    from clientela.cube.declared.facts import FACTS

    lines = ["## Dimensions", "", "The coarsest level of a hierarchy first; figures roll up and drill down in it.", ""]
    rows = []
    for name in ordered_dimensions():
        each = DIMENSIONS[name]
        on = sum(name in fact.dimensions for fact in FACTS.values())
        rolls = f"{HIERARCHIES[each.hierarchy].id} (`{each.hierarchy}`), {each.level}"
        rows.append((f"`{name}`", said(each), each.type.value, rolls, on))
    return [*lines, *table(("dimension", "what it is", "type", "hierarchy, level", "facts"), rows), ""]


def columns_section() -> list[str]:
    """What the expressions of a company's own measures may read of each fact."""
    from clientela.cube.declared.facts import FACTS
    from clientela.cube.declared.own.columns import columns_of

    rows = []
    for fact in FACTS.values():
        known = {each.name: each.sort.said for each in columns_of(fact.name).values()}
        own = (f"`{name}` ({known[name]})" for name in fact.rows.named_selects)
        rows.append((f"`{fact.name}`", ", ".join(own)))
    opening = (
        "A [measure of your own](../howto/own-measures.md) reads these columns of its fact, and every dimension that "
        "the fact is seen by. A key can be counted, and asked whether it is there."
    )
    return ["## Columns for your own measures", "", opening, "", *table(("fact", "columns"), rows), ""]


def analyses_page() -> list[str]:
    """Every built-in analysis with its parameters."""
    from clientela.workspace import analyses

    lines = ["# Analyses", "", "`clientela ask NAME` answers; `clientela ask` lists.", ""]
    for each in analyses():
        lines += [f"## {each.name}", "", f"*{each.question.id}*", ""]
        lines += [f"Area: {each.area}. Level: {each.level.value}. Needs: {code(each.needs) or 'nothing'}."]
        lines += [f"[How it works](../explanation/{each.name}.md).", ""]
        lines += parameters("Set when asked, with `--set`", each.parameters)
        lines += parameters(f"Set in `[analysis.{each.name}]` of clientela.toml, used in the run", each.fit_parameters)
    return lines


def parameters(title: str, values: Mapping[str, object]) -> list[str]:
    """The parameters of an analysis with their defaults; nothing when there is none."""
    if not values:
        return []
    rows = ((f"`{name}`", type(value).__name__, f"`{value}`") for name, value in values.items())
    return [f"{title}:", "", *table(("parameter", "type", "default"), rows), ""]


def commands_page() -> list[str]:
    """Every command with its arguments and options."""
    import typer.main

    from clientela.cli.app import app

    group: Any = typer.main.get_command(app)
    lines = ["# Commands", "", group.help, "", "Data go to standard output, progress and errors to standard error.", ""]
    lines += ["## clientela", "", *options(group)]
    for name, command in every_command(group):
        lines += [f"## clientela {name}", "", command.help, "", *options(command)]
    return lines


def every_command(group: Any, before: str = "") -> list[tuple[str, Any]]:
    """Every command of a group by its name, those of the groups in it after each."""
    found: list[tuple[str, Any]] = []
    for name, command in group.commands.items():
        found.append((before + name, command))
        if hasattr(command, "commands"):
            found += every_command(command, f"{before}{name} ")
    return found


def options(command: Any) -> list[str]:
    """The table of a command's arguments and options; nothing when there is none."""
    rows = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            called = f"`{parameter.name.upper()}`"
        else:
            value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.strip('_').upper()}"
            called = ", ".join(f"`{name}{value}`" for name in (*parameter.opts, *parameter.secondary_opts))
        default = parameter.default if not callable(parameter.default) else None
        shown = "" if default in (None, False, ()) else f"`{default}`"
        rows.append((called, parameter.help or "", shown))
    return [*table(("argument or option", "what it does", "default"), rows), ""] if rows else []


def exit_codes_page() -> list[str]:
    """Every exit code with the errors that end in it."""
    from clientela import errors

    numbers = {name: value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    behind: dict[int, list[str]] = {}
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, errors.ClientelaError):
            behind.setdefault(kind.exit_code, []).append(name)
    rows = ((value, EXIT_CODES[name], code(behind.get(value, ()))) for name, value in numbers.items())
    kinds = (
        (f"`{name}`", kind.exit_code, (kind.__doc__ or "").strip())
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, errors.ClientelaError)
    )
    return [
        "# Exit codes",
        "",
        "[Read the exit codes](../howto/exit-codes.md) says what to do about each.",
        "",
        *table(("code", "meaning", "errors"), rows),
        "",
        "## Errors",
        "",
        "All are in `clientela.errors`, under `ClientelaError` and the built-in error they resemble.",
        "",
        *table(("error", "code", "what it says"), kinds),
        "",
    ]


def configuration_page() -> list[str]:
    """Every key of clientela.toml."""
    from clientela import config
    from clientela.capture.formula import ALLOWED

    opening = """# Settings

They stand in `clientela.toml` in the workspace. A key that is not known is refused, with the nearest that is. What is
set in the environment goes before the file: `CLIENTELA_RUN__THREADS=1` is `threads` in `[run]`. `CLIENTELA_WORKSPACE`
names the workspace when `-w` does not.
"""
    sections: dict[str, tuple[str, Any]] = {
        "[company]": ("company", config.Company),
        "[run]": ("run", config.Run),
        "[[source]]": ("source", config.Source),
        "format of a [[source]]": ("format", config.Format),
        "join of a [[source]]": ("join", config.Join),
        "database of a [[source]]": ("database", config.Database),
        "[schedule]": ("schedule", config.Schedule),
        "[backup]": ("backup", config.Backup),
        "[serve]": ("serve", config.Serve),
        "[serve.oidc]": ("oidc", config.Oidc),
        "[[serve.oidc.role]]": ("group", config.GroupRole),
        "[quality]": ("quality", config.Quality),
        "[identity]": ("identity", config.Identity),
        "[cube]": ("cube", config.Cube),
        "one of the rollups of [cube]": ("rollups", config.CountedBefore),
        "[measure.NAME]": ("measure", config.OwnMeasure),
        "[segment.NAME]": ("segment", config.Segment),
        "[[cost_pool]]": ("cost_pool", config.CostPool),
    }
    left, lines = set(SETTINGS), [opening]
    for title, (prefix, section) in sections.items():
        rows = []
        for name, field in section.model_fields.items():
            left.discard(f"{prefix}.{name}")
            rows.append((f"`{name}`", SETTINGS[f"{prefix}.{name}"], default_of(field)))
        lines += [f"## {title}", "", *table(("key", "what it says", "default"), rows), ""]
    if left:
        raise SystemExit(f"docs/generate.py describes settings there are not: {', '.join(sorted(left))}")
    lines += ["## Formulas", "", f"An `expr` may use columns of the file, constants and: {code(ALLOWED)}.", ""]
    return [*lines, "## [analysis.NAME]", "", "The parameters of the run's part of an [analysis](analyses.md).", ""]


def default_of(field: Any) -> str:
    """A setting's default in a few words."""
    if field.is_required():
        return "required"
    value = field.default
    if value is None:
        return "unset"
    return (
        f"`{str(value).lower() if isinstance(value, bool) else value}`" if isinstance(value, str | int | float) else ""
    )


PAGES = {
    "tables.md": tables_page,
    "derived-tables.md": derived_page,
    "truth-tables.md": truth_page,
    "measures.md": measures_page,
    "analyses.md": analyses_page,
    "command-line.md": commands_page,
    "exit-codes.md": exit_codes_page,
    "configuration.md": configuration_page,
}


def page(name: str) -> str:
    """The text of one reference page."""
    return "\n".join([WRITTEN, "", *PAGES[name]()]).rstrip() + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with --check say which are stale."""
    stale = []
    for name in PAGES:
        path, text = REFERENCE / name, page(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"docs/reference is stale: {', '.join(stale)}. Run `make docs` and commit what it writes.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
