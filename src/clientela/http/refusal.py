"""A refusal at the door, before anything is known of who asks: a page of its own, or a problem for a program."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · clientela</title>
{style}</head>
<body class="clientela">
<main class="wrap">
<div class="card state">
<h1>{said}</h1>
<p><a class="button" href="/">To the first page</a></p>
<p class="small">{status} {title}</p>
</div>
</main>
</body>
</html>
"""
API = "/api/"


def refusal(scope: Scope, status: int, said: str, *, style: str = "", **headers: str) -> Response:
    """The response that says in one sentence why nothing else is answered.

    Parameters
    ----------
    style : the address of the stylesheet; '' for none
    headers : written with ``_`` for ``-``
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    title = HTTPStatus(status).phrase
    if scope.get("path", "").startswith(API):
        told = {"type": "about:blank", "title": title, "status": status, "detail": said}
        return JSONResponse(told, status, named, "application/problem+json")
    sheet = f'<link rel="stylesheet" href="{escape(style)}">\n' if style else ""
    page = _PAGE.format(title=escape(title), said=escape(said), status=status, style=sheet)
    return HTMLResponse(page, status, named)
