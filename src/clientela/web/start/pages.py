"""The first start: who the company is, its files, what they may fill, the first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from clientela import config
from clientela.capture.propose.proposal import Proposal, ProposedSource
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text, text
from clientela.errors import ConfigurationError, UploadError, UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.intake import example
from clientela.pipeline.intake.chosen import (
    PROPOSED,
    Choices,
    Slot,
    SourceChoice,
    date_words,
    dates,
    has_dates,
    has_numbers,
    slots,
)
from clientela.pipeline.intake.uploads import MOST_FILES, Sent
from clientela.pipeline.working import asked
from clientela.present.say import worded
from clientela.web.data.jobs import ask_for, nonce, to_job
from clientela.web.shown import shown
from clientela.web.start.doubts import words

_CORRECTED = "corrected"
MOST_FIELDS = 400  # of a form; the columns of further files are taken as proposed
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "MXN", "COP", "ARS", "CLP", "PEN", "BRL", "PLN", "SEK", "NOK", "DKK", "JPY")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One proposed source as the form shows it. ``open_``: what a person has to look at."""

    number: int
    source: ProposedSource
    slots: tuple[Slot, ...]
    more: tuple[Slot, ...]
    columns: tuple[str, ...]
    samples: Mapping[str, str]
    dates: tuple[tuple[str, str], ...]
    has_numbers: bool
    editable: bool

    @property
    def file(self) -> str:
        """How its files are called."""
        return self.source.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A company to look around in. ``kind``: of the job that makes it."""

    kind: str
    says: Text
    button: Text


def _start(visit: Visit) -> Response:
    """Where one says who the company is and sends its first files."""
    data = visit.workspace.data
    company = config.load(visit.site.folder).company if data.exists else None
    waiting = asked.open_jobs(visit.site.database, "run", "proposal", "example", "company")
    return shown(
        visit,
        "start/start.html",
        company=company,
        first=not data.exists or not config.load(visit.site.folder).sources,
        examples=_examples() if not data.exists else (),
        currencies=CURRENCIES,
        zones=_zones(),
        waiting=waiting[:1],
        most=MOST_FILES,
        megabytes=visit.site.upload_bytes // 1_000_000,
        once=nonce(visit),
    )


def _send(visit: Visit) -> Response:
    """Keep the files that were sent, then have them looked at."""
    data = visit.workspace.data
    told: dict[str, object] = {}
    if not data.exists:
        told = _company(visit)
    sent = [
        Sent(name=each.filename or "", stream=each.file)
        for each in visit.form.getlist("files")
        if isinstance(each, UploadFile) and each.filename
    ]
    upload = data.keep(sent, now=visit.now, chance=visit.site.chance)
    data.say(upload, told)
    return to_job(visit, ask_for(visit, "proposal", {"upload": upload}))


def _company(visit: Visit) -> dict[str, object]:
    name, currency = (visit.param("name") or "").strip(), (visit.param("currency") or "").strip().upper()
    zone = (visit.param("timezone") or "").strip()
    try:
        config.check_company(name=name, currency=currency, timezone=zone)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
    return {"name": name, "currency": currency, "timezone": zone}


def _proposal(visit: Visit) -> Response:
    """What the files may fill, to be corrected and confirmed."""
    upload = visit.request.path_params["upload"]
    data = visit.workspace.data
    form = _corrected(data.proposal(upload), data.said(upload).get(_CORRECTED, {}))
    return _shown_proposal(visit, upload, "", form, 200)


def _shown_proposal(visit: Visit, upload: str, problem: str, form: FormData, status: int) -> Response:
    data = visit.workspace.data
    proposal = data.proposal(upload)
    views = _views(proposal)
    return shown(
        visit,
        "start/proposal.html",
        status=status,
        upload=upload,
        proposal=proposal,
        files=views,
        company=proposal.company if not data.exists else None,
        asks_company=not data.exists,
        tables=[(name, each.description) for name, each in CONTRACTS.items()],
        currencies=CURRENCIES,
        zones=_zones(),
        problem=problem,
        words=words,
        form=form,
        was=form.get,
        unsure=sum(bool(each.source.questions) for each in views),
        rows=sum(each.source.rows for each in views),
        proposed=PROPOSED,
        once=nonce(visit),
    )


def _views(proposal: Proposal) -> tuple[FileView, ...]:
    views, fields = [], 0
    for number, source in enumerate(proposal.sources):
        every = slots(source)
        fields += len(every) + 8
        shown_ = tuple(each for each in every if each.needed or each.proposed is not None)
        views.append(
            FileView(
                number=number,
                source=source,
                slots=shown_,
                more=tuple(each for each in every if each not in shown_),
                columns=tuple(each.name for each in source.seen),
                samples={each.name: ", ".join(each.examples) for each in source.seen},
                dates=tuple((each, date_words(each)) for each in dates(source)) if has_dates(source) else (),
                has_numbers=has_numbers(source),
                editable=fields <= MOST_FIELDS,
            )
        )
    return tuple(views)


def _confirm(visit: Visit) -> Response:
    """Take the files as chosen and run; what is missing is asked again, with everything that was chosen."""
    upload = visit.request.path_params["upload"]
    data = visit.workspace.data
    try:
        data.confirm(upload, _choices(visit, data.proposal(upload)))
    except (UploadError, ConfigurationError) as error:
        return _shown_proposal(visit, upload, worded(error, visit.lang), visit.form, 400)
    number = asked.ask(visit.site.database, "run", {}, by=visit.who.actor, now=visit.now, key=f"settled:{upload}")
    return to_job(visit, number)


def _choices(visit: Visit, proposal: Proposal) -> Choices:
    if visit.workspace.data.exists:
        company = config.load(visit.site.folder).company
        said = {"name": company.name, "currency": company.currency, "timezone": company.timezone}
    else:
        said = {name: str(value) for name, value in _company(visit).items()}
    return Choices(**said, sources=[_choice(visit.form, number, each) for number, each in enumerate(proposal.sources)])


def _choice(form: FormData, number: int, source: ProposedSource) -> SourceChoice:
    def sent(name: str, otherwise: str = PROPOSED) -> str:
        said = form.get(f"{name}-{number}")
        return said if isinstance(said, str) and said else otherwise

    columns = {}
    for slot in slots(source):
        said = form.get(f"column-{number}-{slot.name}")
        if isinstance(said, str):
            columns[slot.name] = said.removeprefix("=") if said.startswith("=") else said
    return SourceChoice(
        use=form.get(f"use-{number}") == "yes",
        name=sent("name"),
        delivery=sent("delivery"),
        date=sent("date"),
        decimal=sent("decimal"),
        columns=columns,
    )


def _again(visit: Visit) -> Response:
    """Look at the files once more, with the tables that a person names."""
    upload = visit.request.path_params["upload"]
    data = visit.workspace.data
    proposal = data.proposal(upload)
    tables = dict(data.said(upload).get("tables", {}))
    for number, source in enumerate(proposal.sources):
        tables |= _table(visit, f"table-{number}", source.path.removeprefix("exports/"))
    for number, unused in enumerate(proposal.unused):
        tables |= _table(visit, f"unused-{number}", unused.path)
    told = {**data.said(upload), "tables": tables, _CORRECTED: _corrections(visit.form, proposal)}
    if not data.exists and visit.param("name"):
        told |= _company(visit)
    data.say(upload, told)
    return to_job(visit, ask_for(visit, "proposal", {"upload": upload}))


def _corrections(form: FormData, proposal: Proposal) -> dict[str, dict[str, str]]:
    """What a person said of each file, to be said again once all are looked at anew; by table and path."""
    return {
        _key(source): {
            name: said for name, field in _fields(number, source).items() if isinstance(said := form.get(field), str)
        }
        for number, source in enumerate(proposal.sources)
    }


def _corrected(proposal: Proposal, told: Mapping[str, Mapping[str, str]]) -> FormData:
    """The form as it was left; a file that is about something else now begins with what is proposed."""
    if not told:
        return FormData()
    said: list[tuple[str, str | UploadFile]] = [("once", "")]
    for number, source in enumerate(proposal.sources):
        fields = _fields(number, source)
        kept = told.get(_key(source), {"use": "yes"})
        said += [(fields[name], value) for name, value in kept.items() if name in fields]
    return FormData(said)


def _fields(number: int, source: ProposedSource) -> dict[str, str]:
    """The fields of a form in which something is said of a file, by what they say it of."""
    plain = {name: f"{name}-{number}" for name in ("use", "name", "delivery", "date", "decimal")}
    return plain | {f"column {slot.name}": f"column-{number}-{slot.name}" for slot in slots(source)}


def _key(source: ProposedSource) -> str:
    return f"{source.table} {source.path}"


def _table(visit: Visit, field: str, path: str) -> dict[str, str]:
    said = visit.param(field)
    if not said:
        return {}
    if said not in CONTRACTS:
        raise UsageError(text("unknown table '{said}'; load the page anew and choose one.", said=said[:40]))
    return {path: said}


def _forget(visit: Visit) -> Response:
    """Throw the files away and begin again."""
    visit.workspace.data.forget(visit.request.path_params["upload"])
    return RedirectResponse(str(visit.request.app.url_path_for("start")), status_code=303)


def _example(visit: Visit) -> Response:
    """Make an example company here, where no company is yet."""
    if visit.workspace.data.exists:
        raise UsageError(text("this folder is a company's already; the example needs an empty one."))
    kind = visit.param("which") or "example"
    if kind not in {each.kind for each in _examples()}:
        raise UsageError(text("there is no such example; load the page anew and choose one."))
    return to_job(visit, ask_for(visit, kind, {}))


def _examples() -> tuple[Example, ...]:
    """The companies one may look around in: the grocer where its files are installed, and one that is made up."""
    grocer = Example(
        kind="example",
        says=text("A grocer's published year: 2,469 households, 1.5 million purchases. It takes about a minute."),
        button=text("Try the grocer"),
    )
    company = Example(
        kind="company",
        says=text(
            "A company that is made up: 300 customers with names, contracts, invoices, cases, surveys and consents, "
            "and files with the faults that real ones have. It takes a few minutes."
        ),
        button=text("Try the made-up company"),
    )
    return (grocer, company) if example.there() else (company,)


@cache
def _zones() -> tuple[str, ...]:
    named = sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/"))
    return (*named, "UTC")


PAGES: tuple[Page, ...] = (
    Page(path="/start", name="start", answer=_start, may="bring-data"),
    Page(path="/start", name="start-send", answer=_send, method="POST", may="bring-data", upload=True),
    Page(path="/start/example", name="start-example", answer=_example, method="POST", may="bring-data"),
    Page(path="/start/{upload}", name="start-proposal", answer=_proposal, may="bring-data", personal=True),
    Page(
        path="/start/{upload}",
        name="start-confirm",
        answer=_confirm,
        method="POST",
        may="bring-data",
        personal=True,
    ),
    Page(
        path="/start/{upload}/again",
        name="start-again",
        answer=_again,
        method="POST",
        may="bring-data",
        personal=True,
    ),
    Page(path="/start/{upload}/forget", name="start-forget", answer=_forget, method="POST", may="bring-data"),
)
