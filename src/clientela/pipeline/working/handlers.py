"""What each kind of job does.

A handler gets the workspace, the job's arguments and where to say how far it is. Among the arguments are also ``job``
(its number), ``by`` (as the audit log names who asked), ``asked_at`` and ``now``. It may be called again for the same
job after a crash: what a first attempt did is found by the job's number or by the moment it was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clientela import config
from clientela.errors import SnapshotError, UsageError
from clientela.pipeline import erasures
from clientela.pipeline.asking.watched import acting_for, entered, look
from clientela.pipeline.care import rollback
from clientela.pipeline.identities import decide
from clientela.pipeline.intake import example, fitted, proposed
from clientela.pipeline.joining import learning
from clientela.pipeline.persons import erase
from clientela.pipeline.run import RUNS, ready, run
from clientela.unify import decisions
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Snapshot, current

Progress = Callable[[str], None]
Handler = Callable[[Path, Mapping[str, Any], Progress], Any]


def _run(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Run, unless this job has published already."""
    number, moment = int(told["job"]), _moment(told, "now")
    before = _published_by(folder, number, moment)
    if before is not None:
        return before
    done = run(folder, config.load(folder), now=moment, as_of=None, strict=False, progress=progress, job=number)
    return {
        "run": done.run,
        "snapshot": done.snapshot,
        "as_of": done.as_of,
        "last_day": done.last_day,
        "warnings": len(done.warnings),
    }


def _published_by(folder: Path, job: int, now: datetime) -> dict[str, Any] | None:
    """What a job published before its worker was killed; None when it did not."""
    records = [each for each in JsonLines(folder / RUNS).read() if each.get("job") == job]
    if not records:
        return None
    last, snapshot = records[-1], _current(folder)
    if last.get("outcome") != "published":
        if snapshot is None or snapshot.number != int(last["run"]):
            return None
        with lock.builder(folder, now=now):  # killed when it had published: the journal is told so
            ready(folder, now=now)
    if snapshot is None or snapshot.number != int(last["run"]):
        return {"run": int(last["run"]), "snapshot": last.get("message"), "as_of": last.get("as_of"), "warnings": 0}
    manifest = snapshot.manifest
    return {
        "run": snapshot.number,
        "snapshot": snapshot.name,
        "as_of": manifest.get("as_of"),
        "last_day": manifest.get("last_day"),
        "warnings": len(manifest.get("warnings", ())),
    }


def _current(folder: Path) -> Snapshot | None:
    try:
        return current(folder)
    except SnapshotError:
        return None


def _proposal(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Look at the uploaded files and write down what they may fill."""
    return proposed.look(folder, str(told["upload"]), progress=progress)


def _fit(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Set the parameters of a fit in the settings, then run with them."""
    if _published_by(folder, int(told["job"]), _moment(told, "now")) is None:
        progress("Setting the parameters")
        fitted.write(folder, str(told["analysis"]), told["parameters"])
    return _run(folder, told, progress)


def _identity(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Keep a decision about who is who; with ``publish`` also run, so that it shows."""
    if told["verb"] == "learn":
        found = learning.learn_again(folder, config.load(folder), now=_moment(told, "now"), progress=progress)
        return {"model": found.version}
    made = _kept(folder, told, progress)
    shown = _run(folder, told, progress) if told.get("publish") else {}
    return {"decision": made, **shown}


def _kept(folder: Path, told: Mapping[str, Any], progress: Progress) -> str:
    """The decision's id: that of an earlier attempt, else it is journalled now."""
    name, asked = str(told["name"]), _moment(told, "asked_at")
    for each in decisions.read(Landing(folder)):
        if each.by == name and each.at == asked:
            return each.id
    settings, verb = config.load(folder), told["verb"]
    who = decide.Who(by=name, now=asked, reason=str(told.get("reason", "")), later=True)
    with acting_for(str(told["by"])):
        entered(folder, look("", _moment(told, "now")), f"identity.{verb}", counts={})
    if verb == "join":
        return decide.join(folder, settings, told["one"], told["other"], who, progress=progress).id
    if verb == "split":
        return decide.split(folder, settings, told["one"], [told["other"]], who, progress=progress).id
    if verb == "undo":
        return decide.undo(folder, settings, told["decision"], who, progress=progress).id
    raise UsageError(f"unknown decision '{verb}'; known: 'join', 'split', 'undo'.")


def _erase(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Erase the person of a customer number; an erasure that was begun is ended by the run alone."""
    asked = _moment(told, "asked_at")
    since = [each for each in erasures.records(folder) if datetime.fromisoformat(str(each["at"])) >= asked]
    if since:
        name = str(since[-1]["erasure"])
        shown = _run(folder, told, progress) if name in erasures.unfinished(folder) else {}
        return {"erasure": name, **shown}
    settings, moment = config.load(folder), _moment(told, "now")
    with acting_for(str(told["by"])):
        entered(folder, look("", moment), "person.erasure-asked", counts={"identifiers": 1})
        done = erase.erase(
            folder, settings, [str(told["customer"])], reason=str(told.get("reason", "")), now=moment, progress=progress
        )
        entered(folder, look("", moment), "person.erased", counts={"keys": done.records})
    return {"erasure": done.erasure, "snapshot": done.snapshot}


def _rollback(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Let a named snapshot serve."""
    progress("Going back")
    serving = _current(folder)
    if serving is not None and serving.name == told["to"]:
        return {"snapshot": serving.name}
    return {"snapshot": rollback.rollback(folder, to=str(told["to"]), now=_moment(told, "now")).snapshot}


def _example(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Make a workspace of a grocer's published data, and run it."""
    example.make(folder, progress=progress)
    return _run(folder, told, progress)


def _moment(told: Mapping[str, Any], name: str) -> datetime:
    moment: datetime = told[name]
    return moment


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "run": _run,
        "proposal": _proposal,
        "fit": _fit,
        "identity": _identity,
        "erase": _erase,
        "rollback": _rollback,
        "example": _example,
    }
)
