"""The gate: an answer whose data are unfit is refused, and it is said which data, whose, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clientela.config import Settings
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Level
from clientela.contracts.text import Text, ntext, text
from clientela.pipeline.quality.measures import CURRENT, UNFIT, Measure, stored
from clientela.pipeline.quality.notices import Notice
from clientela.pipeline.quality.notices import stored as stored_notices
from clientela.pipeline.quality.told import NAMES, amount, finding

LOOKING_AHEAD = frozenset({Level.FORECAST, Level.ALERT, Level.ALTERNATIVES})  # what is old cannot say what comes

Owners = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """What a snapshot knows of its data: what is unfit, what stays out, who looks after each source and table.

    ``without``: the analyses that the settings left out of its run.
    """

    unfit: tuple[Measure, ...] = ()
    notices: tuple[Notice, ...] = ()
    without: frozenset[str] = frozenset()
    owners: Owners

    def against(self, analysis: Analysis, *, at_the_run: bool) -> tuple[Measure, ...]:
        """The weaknesses that forbid an answer, the worst first.

        Parameters
        ----------
        at_the_run :
            Whether it is asked as of the run's date: of an earlier one all may be known though the source is silent.
        """
        ahead = analysis.level in LOOKING_AHEAD and at_the_run
        return tuple(each for each in self._touching(analysis) if each.property != CURRENT or ahead)

    def beside(self, analysis: Analysis, *, at_the_run: bool) -> tuple[Text, ...]:
        """What to keep in mind with an answer that is given: old data, and unfit ones that it counts without resting
        on them."""
        told = (*self._touching(analysis), *self._counted(analysis))
        old = [each for each in told if each.property == CURRENT] if at_the_run else []
        return (
            *(
                text(
                    "{source} promises newer data: the newest row of {table} it brought was {age} old at the run.",
                    source=each.source,
                    table=each.table_name,
                    age=amount(each.measured, CURRENT),
                )
                for each in old
            ),
            *(
                text(
                    "Part of it counts data that are not fit. {finding}: {measured} ({place}, {property}).",
                    finding=finding(each),
                    measured=amount(each.measured, each.property),
                    place=f"{each.table_name}.{each.column_name}" if each.column_name else each.table_name,
                    property=NAMES[each.property],
                )
                for each in self._counted(analysis)
                if each.property != CURRENT
            ),
        )

    def uncomputed(self, analysis: Analysis) -> tuple[Text, Text] | None:
        """Why the run has nothing for an analysis, and what to do; None where its fit did not fail and was wanted."""
        if analysis.name in self.without:
            return left_out(analysis), take_in(analysis)
        failed = next((each.said for each in self.notices if each.analysis == analysis.name), None)
        return None if failed is None else (failed, run_again())

    def missing(self, analysis: Analysis) -> tuple[Text, ...]:
        """What stays out of the tables that an answer needs or counts."""
        tables = {*analysis.needs, *analysis.instead, *(each.partition(".")[0] for each in analysis.counts)}
        return tuple(each.said for each in self.notices if each.table in tables)

    def stays_out(self, table: str) -> Text | None:
        """Why nothing of what was to be delivered to a table is used; None where nothing of it stays out."""
        return next((each.said for each in self.notices if each.table == table), None)

    def _touching(self, analysis: Analysis) -> list[Measure]:
        columns = set(analysis.rests_on)
        return [
            each
            for each in self.unfit
            if (each.table_name in analysis.needs and (not each.column_name or each.property == CURRENT))
            or f"{each.table_name}.{each.column_name}" in columns
        ]

    def _counted(self, analysis: Analysis) -> list[Measure]:
        """Weaknesses of what is counted beside what the answer rests on."""
        tables = {each.partition(".")[0] for each in analysis.counts}
        resting = self._touching(analysis)
        return [
            each
            for each in self.unfit
            if each not in resting
            and (
                (each.table_name in tables and (not each.column_name or each.property == CURRENT))
                or f"{each.table_name}.{each.column_name}" in analysis.counts
            )
        ]


def fitness(manifest: Mapping[str, object], settings: Settings) -> Fitness:
    """What the manifest of a snapshot says of its data; who owns a source stands in the settings."""
    measures = stored(manifest.get("quality", ()))  # type: ignore[arg-type]  # a manifest is plain data
    unfit = [each for each in measures if each.verdict == UNFIT]
    return Fitness(
        unfit=tuple(sorted(unfit, key=lambda each: -(each.measured or 0))),
        notices=stored_notices(manifest.get("warnings", ())),  # type: ignore[arg-type]  # as above
        without=frozenset(manifest.get("without", ())),  # type: ignore[call-overload]  # as above
        owners=owners(settings),
    )


def owners(settings: Settings) -> Owners:
    """Who looks after what a source delivers to a table, where the settings name someone."""
    return {(each.name, each.table): each.owner for each in settings.sources if each.owner}


def reason(unfit: tuple[Measure, ...]) -> Text:
    """Why an answer is refused: the worst weakness, and how many more there are."""
    worst, more = unfit[0], len(unfit) - 1
    if worst.property == CURRENT:
        said = text(
            "The data behind this answer are too old to look ahead: {source} promises newer, and the newest row "
            "of {table} it brought was {measured} old at the run.",
            source=worst.source,
            table=worst.table_name,
            measured=amount(worst.measured, CURRENT),
        )
    else:
        said = text(
            "The data behind this answer are not fit. {finding}: {measured} ({place}, {property}).",
            finding=finding(worst),
            measured=amount(worst.measured, worst.property),
            place=f"{worst.table_name}.{worst.column_name}" if worst.column_name else worst.table_name,
            property=NAMES[worst.property],
        )
    if not more:
        return said
    return ntext(
        "{reason} And {n} weakness more is as grave.",
        "{reason} And {n} weaknesses more are as grave.",
        "n",
        reason=said,
        n=more,
    )


def next_steps(unfit: Iterable[Measure], owners: Owners) -> tuple[Text, ...]:
    """What to do so that it can be answered: whom to ask, where to look, what to run."""
    steps: dict[str, Text] = {}
    for each in unfit:
        owner = owners.get((each.source, each.table_name))
        if owner:
            steps[f"{each.source}.{each.table_name}"] = text(
                "Ask {owner}, who looks after {source}, to mend {table} and deliver it again.",
                owner=owner,
                source=each.source,
                table=each.table_name,
            )
        else:
            steps[f"{each.source}.{each.table_name}"] = text(
                "Nobody is named who looks after {source}: set owner in its [[source]], and have {table} mended and "
                "delivered again.",
                source=each.source,
                table=each.table_name,
            )
    return (
        *steps.values(),
        after_correction(),
    )


def after_correction() -> Text:
    """Where to look, and that it is to be run again."""
    return text("The command clientela status shows what was measured; after the correction, run clientela again.")


def run_again() -> Text:
    """What to do about an analysis that a run could not compute."""
    return text("Run clientela again. If it says the same, report it with the line that clientela status shows.")


def left_out(analysis: Analysis) -> Text:
    """Why there is no answer of an analysis that the settings leave out of the runs."""
    return text(
        "The settings of this company leave {analysis} out of its runs, so nothing was computed for it.",
        analysis=analysis.name,
    )


def take_in(analysis: Analysis) -> Text:
    """What to do to have an analysis that the settings leave out."""
    return text(
        "To have it, take {analysis} out of the list without in [run] of clientela.toml, then run clientela again.",
        analysis=analysis.name,
    )


def refusals(n: int, worst: Measure) -> Text:
    """That questions are not answered, and the weakness that weighs most."""
    return ntext(
        "{n} question is not answered, because its data are not fit. {finding}: {measured}.",
        "{n} questions are not answered, because their data are not fit. {finding}: {measured}.",
        "n",
        n=n,
        finding=finding(worst),
        measured=amount(worst.measured, worst.property),
    )


def with_owner(said: Text, source: str, table: str, owners: Owners) -> Text:
    """A sentence about a source, and who looks after it."""
    owner = owners.get((source, table))
    if not source:
        return said
    if owner:
        return text("{notice} {owner} looks after {source}.", notice=said, owner=owner, source=source)
    return text(
        "{notice} Nobody is named who looks after {source}: set owner in its [[source]].", notice=said, source=source
    )
