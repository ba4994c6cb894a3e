"""Coming in with an account one has elsewhere: there, and back again."""

from __future__ import annotations

import base64
import logging
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from clientela.appdb.entry import outside
from clientela.appdb.entry.outside import LASTING, Begun
from clientela.appdb.users import User
from clientela.config import Oidc
from clientela.errors import OutsideError, TooManyError, UnknownNameError
from clientela.http.attempts import network_of
from clientela.http.cookies import give_elsewhere, take_elsewhere
from clientela.http.oidc.provider import Provider, Told
from clientela.http.visit import Visit
from clientela.pipeline.asking.scope import read_policy
from clientela.web.entry.entering import NOBODY, form, let_in, new_session, wanted

GROUPS = "oidc:groups"  # who gives and takes what groups say, in the audit log
_BYTES = 32
_LONGEST = 4_096
_LOG = logging.getLogger("clientela.serve")


def go(visit: Visit) -> Response:
    """To the provider, with what makes its answer good for this browser and once."""
    provider = _provider(visit)
    if visit.visitor is not None:
        return RedirectResponse(wanted(visit), status_code=303)
    try:
        visit.site.entering.elsewhere.take(network_of(visit.address), visit.now)
    except TooManyError as error:
        return form(visit, wait=error.seconds, status=429)
    secret, state, nonce, verifier = (_random(visit) for _ in range(4))
    try:
        place = provider.begin(state, nonce, verifier, visit.now)
    except OutsideError as error:
        return _failed(visit, error)
    begun = Begun(nonce=nonce, verifier=verifier, wanted=wanted(visit))
    outside.begin(visit.site.database, secret, state, begun, now=visit.now)
    response = RedirectResponse(place, status_code=303)
    give_elsewhere(response, visit.site, secret, int(LASTING.total_seconds()))
    return response


def back(visit: Visit) -> Response:
    """Back from the provider: in, as the user of that account, with the roles of its groups."""
    provider = _provider(visit)
    try:
        begun, told = _answered(visit, provider)
        user = _user(visit, provider.settings, told)
    except OutsideError as error:
        return _failed(visit, error)
    with visit.site.database.change(by=user.actor, now=visit.now) as change:
        change.audit("session.outside", user.actor)
        made = new_session(visit, change, user)
        outside.remember(change, made.token.token_id, told.id_token)
    response = let_in(visit, made.text, begun.wanted)
    take_elsewhere(response, visit.site)
    return response


def _answered(visit: Visit, provider: Provider) -> tuple[Begun, Told]:
    """The entry that the answer ends, and what the provider says of who comes."""
    said = visit.request.query_params
    secret, state = visit.request.cookies.get(visit.site.elsewhere_cookie, ""), said.get("state", "")
    begun = outside.spend(visit.site.database, secret[:_LONGEST], state[:_LONGEST], now=visit.now)
    issuer, code = said.get("iss"), said.get("code", "")
    if issuer is not None and issuer != provider.settings.issuer:
        raise OutsideError("state", "iss")  # RFC 9207: the answer of another provider
    if not 0 < len(code) <= _LONGEST:
        raise OutsideError("refused", "error" if "error" in said else "code")
    return begun, provider.finish(code, begun.verifier, begun.nonce, visit.now)


def _user(visit: Visit, settings: Oidc, told: Told) -> User:
    """The user of an account, with the grants of its groups; nobody is made whom nothing gives a role."""
    roles = read_policy(visit.site.folder).roles
    of_groups = [
        (each.role, {str(kind): ids for kind, ids in each.scope.items()})
        for each in settings.role
        if each.group in told.groups
    ]
    refused: OutsideError | None = None
    with visit.site.database.change(by=NOBODY, now=visit.now) as change:
        by_email = told.email if settings.link_by_email else None
        if not of_groups and not outside.has_user(change.connection, told.issuer, told.subject, email=by_email):
            raise OutsideError("role")
        user = outside.user_of(
            change,
            told.issuer,
            told.subject,
            name=told.name,
            email=told.email,
            link=settings.link_by_email,
            language=visit.lang,
            chance=visit.site.chance,
        )
        change.by = GROUPS
        if not outside.set_grants(change, user, of_groups, roles=roles, chance=visit.site.chance):
            refused = OutsideError("role")  # what was taken back stays taken back
    if refused is not None:
        raise refused
    return user


def _provider(visit: Visit) -> Provider:
    if visit.site.elsewhere is None:
        raise UnknownNameError("way to come in", "elsewhere", ())
    return visit.site.elsewhere


def _failed(visit: Visit, error: OutsideError) -> Response:
    """Back to the form, which says what went wrong; the log has the word for it, and no address keeps the answer."""
    told = {"reason": error.reason, "detail": error.detail}
    _LOG.warning("an entry with an account elsewhere came to nothing", extra={"told": told})
    response = RedirectResponse(f"/enter?{urlencode({'why': error.reason})}", status_code=303)
    take_elsewhere(response, visit.site)
    return response


def _random(visit: Visit) -> str:
    return base64.urlsafe_b64encode(visit.site.chance(_BYTES)).decode("ascii").rstrip("=")
