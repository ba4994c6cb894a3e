"""A new workspace: a folder with clientela.toml and the secret behind its pseudonyms."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from clientela.config import refuse_unopenable
from clientela.errors import ConfigurationError, WorkspaceError

SETTINGS_FILE = "clientela.toml"
SECRET_FILE = Path("secrets") / "pseudonym.key"
SECRET_BYTES = 32
CURSOR_FILE = Path("secrets") / "cursor.key"
_OF_THIS_PROCESS = secrets.token_bytes(SECRET_BYTES)

TEMPLATE = """\
# The settings of one company. Everything clientela does in this folder follows from this file.

[company]
name = {name}
currency = {currency}          # figures are shown in it; other currencies are converted on arrival
timezone = {timezone}          # a day begins and ends here
# lapse_days = 90              # without a purchase for so long, a customer counts as lost; unset: measured

# One [[source]] for each table a system delivers. One file of orders is enough to start:
#
# [[source]]
# name = "shop"                        # the system that delivers; its customer keys are its own
# table = "order_line"                 # which table it fills: see the reference of tables
# path = "exports/orders-*.csv"        # csv or parquet, relative to this folder
# delivery = "upsert"                  # append: new rows; upsert: same key replaces; full: what is missing was deleted
# timezone = "UTC"                     # of the times in the file; unset: the company's
# format = {{ delimiter = ";", decimal = ",", date = "%d/%m/%Y", encoding = "cp1252" }}
#
# [source.columns]                     # our column = the column in the file
# order_id = "InvoiceNo"
# customer_ref = "CustomerID"
# ordered_at = "InvoiceDate"
# product_id = "StockCode"
# quantity = "Quantity"
# net_revenue = {{ expr = "Quantity * UnitPrice" }}
#
# [source.constants]                   # what the file does not say
# channel = "web"
"""


def create(folder: Path, *, name: str, currency: str, timezone: str) -> tuple[Path, ...]:
    """Write the files of a new workspace; those written, in order.

    Raises
    ------
    ConfigurationError
        The folder is a workspace already: nothing is overwritten.
    """
    text = TEMPLATE.format(name=json.dumps(name), currency=json.dumps(currency), timezone=json.dumps(timezone))
    return create_with(folder, text)


def refuse_existing(folder: Path) -> None:
    """Refuse a folder that is a workspace already.

    Raises
    ------
    ConfigurationError
        It holds settings, and nothing is overwritten; or the engine could not open a file in it.
    """
    refuse_unopenable(folder)
    settings = folder / SETTINGS_FILE
    if settings.exists() or settings.is_symlink():
        raise ConfigurationError(f"{settings} exists already; nothing was changed. Edit it, or choose another folder.")


def create_with(folder: Path, text: str) -> tuple[Path, ...]:
    """Write the files of a new workspace with these settings; those written, in order.

    Raises
    ------
    ConfigurationError
        The folder is a workspace already: nothing is overwritten.
    WorkspaceError
        The folder cannot be written to.
    """
    refuse_existing(folder)
    settings = folder / SETTINGS_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # who can read the folder owns what is in it
        key = make_secret(folder)
        settings.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror}. Choose a folder you may write to.") from None
    return settings, key


def make_secret(folder: Path) -> Path:
    """The key behind the pseudonyms of customers, readable by its owner alone; an existing one stays."""
    path = folder / SECRET_FILE
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
    return path


def read_secret(folder: Path) -> bytes:
    """The key behind the pseudonyms; made when the workspace has never landed anything.

    Raises
    ------
    ConfigurationError
        The key is missing although files were landed with it (a new one would make every customer a
        stranger), it is damaged, or others may read it.
    """
    path = folder / SECRET_FILE
    if not path.exists():
        if (folder / "landing").exists():
            raise ConfigurationError(
                f"{path} is missing, and customers were landed with it; restore it from a backup before the next run."
            )
        make_secret(folder)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) < SECRET_BYTES:
        raise ConfigurationError(
            f"{path} is damaged: it must hold {SECRET_BYTES} bytes as hex; restore it from a backup."
        )
    return key


def cursor_key(folder: Path) -> bytes:
    """The key that cursors are sealed with, made when it is first needed.

    Where it cannot be kept, in a folder that is only read or when the file is damaged, it is one of this process: a
    cursor then lives no longer than it.
    """
    path = folder / CURSOR_FILE
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(SECRET_BYTES) + "\n")
            try:
                with suppress(FileExistsError):  # whoever made one at the same time was first
                    os.link(made, path)
            finally:
                made.unlink()
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return _OF_THIS_PROCESS
    return key if len(key) >= SECRET_BYTES else _OF_THIS_PROCESS
