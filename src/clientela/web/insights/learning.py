"""Learning anew with other parameters: a job that is asked for by a form, watched on its own page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from clientela import config
from clientela.contracts.analysis import Analysis
from clientela.contracts.text import text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.pipeline.answer import typed
from clientela.pipeline.questions import questions
from clientela.pipeline.working import asked as work
from clientela.present.views import Show
from clientela.web.insights import words
from clientela.web.insights.asked import Field, written

PREFIX = "learn-"  # of the fields' names: an answer parameter may bear the same name
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The form with which a fit is asked for. ``nonce``: sent twice, it is answered once."""

    fields: tuple[Field, ...]
    nonce: str


def learning(visit: Visit, analysis: Analysis) -> Learning | None:
    """The form of an analysis that learns with parameters one may set; None where there is none for them."""
    if not analysis.fit_parameters or not visit.who.may("bring-data"):
        return None
    show = Show(visit.lang)
    now = {**analysis.fit_parameters, **config.load(visit.site.folder).analysis.get(analysis.name, {})}
    made = []
    for name, default in analysis.fit_parameters.items():
        label, hint = words.parameter(analysis.name, name)
        number = isinstance(default, int | float) and not isinstance(default, bool)
        value = now.get(name, default)
        made.append(
            Field(
                name=PREFIX + name,
                label=show.say(label),
                value=written(value),
                kind="number" if number else "text",
                hint=show.say(hint) if hint is not None else "",
                choices=(("yes", show.t("yes")), ("no", show.t("no"))) if isinstance(default, bool) else (),
            )
        )
    return Learning(fields=tuple(made), nonce=visit.site.chance(NONCE_BYTES).hex())


def learn(visit: Visit) -> Response:
    """Ask for a run in which an analysis learns with other parameters; its page shows how far that is.

    Raises
    ------
    UsageError
        A parameter has the wrong type, or the analysis learns with none.
    """
    analysis = questions().get(visit.request.path_params["name"])
    if not analysis.fit_parameters:
        raise UsageError(text("'{name}' learns with nothing that one could set.", name=analysis.name))
    told = {}
    for name, default in analysis.fit_parameters.items():
        sent = visit.form.get(PREFIX + name)
        if isinstance(sent, str) and sent:
            told[name] = typed(analysis.name, name, sent, default)
    once = visit.form.get("once")
    if once is not None and not (isinstance(once, str) and once.isalnum() and len(once) <= 64):
        raise UsageError(text("this form is damaged; load the page anew and send it again."))
    key = f"fit:{visit.who.came.user_id}:{once}" if once else None
    arguments = {"analysis": analysis.name, "parameters": told}
    number = work.ask(visit.site.database, "fit", arguments, by=visit.who.actor, now=visit.now, key=key)
    return RedirectResponse(str(visit.request.app.url_path_for("data-job", job=number)), status_code=303)
