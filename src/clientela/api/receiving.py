"""A file that a program sends: written to the disk piece by piece as it comes, never whole in memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO

from anyio import to_thread
from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from clientela.errors import UnreadableFormError, UploadError, machine_trouble
from clientela.pipeline.intake.uploads import FOLDER

MULTIPART = "multipart/form-data"
_PIECE = 1 << 20
_LONGEST_FIELD = 4_000


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came: what it is called, its bytes from the first on, and the SHA-256 of them."""

    name: str
    stream: IO[bytes]
    sha256: str


@asynccontextmanager
async def received(request: Request, folder: Path, said: str | None) -> AsyncIterator[Received]:
    """The file of a request: the one part of a form that holds a file, else the body itself.

    Parameters
    ----------
    said : the name of the file, where the request says one in its address

    Raises
    ------
    UploadError
        There is no file, or nothing says what it is called.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART:
        async with _part(request) as part:
            name = said or part.filename or ""
            yield Received(name, part.file, await to_thread.run_sync(_sha256, part.file))
        return
    name = said or _of_header(request)
    if not name:
        raise UploadError("say what the file is called: ?file=orders-07.csv, or a header Content-Disposition.")
    with await to_thread.run_sync(_unnamed, folder) as stream:
        sha256 = await _written(request, folder, stream)
        yield Received(name, stream, sha256)


@asynccontextmanager
async def _part(request: Request) -> AsyncIterator[UploadFile]:
    """The one file of a form; its parts are kept on the disk, by the reader of forms."""
    try:
        form = await request.form(max_fields=10, max_files=2, max_part_size=_LONGEST_FIELD)
    except HTTPException as error:
        raise UnreadableFormError(str(error.detail)) from None
    try:
        files = [each for _, each in form.multi_items() if isinstance(each, UploadFile)]
        if len(files) != 1:
            raise UploadError(f"a form brings one file at a time, and this one holds {len(files)}.")
        yield files[0]
    finally:
        await form.close()


async def _written(request: Request, folder: Path, stream: IO[bytes]) -> str:
    """Write the body to the disk; its SHA-256."""
    found, kept = hashlib.sha256(), bytearray()

    def put() -> None:
        with machine_trouble(folder):
            stream.write(kept)

    try:
        async for piece in request.stream():
            found.update(piece)
            kept += piece
            if len(kept) >= _PIECE:
                await to_thread.run_sync(put)
                kept.clear()
    except ClientDisconnect:
        raise UploadError("the file did not come whole; send it again.") from None
    await to_thread.run_sync(put)
    stream.seek(0)
    return found.hexdigest()


def _unnamed(folder: Path) -> IO[bytes]:
    """A file without a name beside the uploads: it is gone with the request, also when the server is killed."""
    with machine_trouble(folder):
        place = folder / FOLDER
        place.mkdir(mode=0o700, exist_ok=True)
        return tempfile.TemporaryFile(dir=place)


def _sha256(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(_PIECE):
        found.update(piece)
    stream.seek(0)
    return found.hexdigest()


def _of_header(request: Request) -> str:
    """The name in ``Content-Disposition``, as RFC 6266 writes it."""
    said = request.headers.get("content-disposition")
    if said is None:
        return ""
    header = Message()
    header["content-disposition"] = said
    return header.get_filename("") or ""
