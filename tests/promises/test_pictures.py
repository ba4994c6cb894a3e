"""Every page that can be looked at has its picture in the documentation, or a reason for which it has none."""

import importlib.util
import re
import struct
import sys
from typing import Any

import pytest
from starlette.routing import compile_path

from clientela.web.every import PAGES
from tests.promises.source import DOCS, page

SHOWN_AT = "docs/reference/pages.md"
MOST_BYTES = 150_000
FOLDER = DOCS / "images" / "web"


def declared() -> Any:
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


DECLARED = declared()
PICTURES = {each.name: each for each in DECLARED.PICTURES}
LOOKED_AT = [each for each in PAGES if each.method == "GET"]


def shows(address: str) -> str | None:
    """The name of the page that answers an address; None where there is none."""
    path = re.sub(r"\{\w+\}", "1", address).partition("?")[0]
    return next((each.name for each in LOOKED_AT if compile_path(each.path)[0].match(path)), None)


def alternatives(markdown: str) -> dict[str, str]:
    """What each picture of a page is said to show, by its name."""
    return {name: said for said, name in re.findall(r"!\[([^\]]*)\]\(\.\./images/web/([\w-]+)\.png\)", markdown)}


def test_every_page_has_a_picture_or_a_reason_for_having_none():
    pictured = {shows(each.address) for each in PICTURES.values() if each.status == 200}
    without = {each.name for each in LOOKED_AT} - pictured
    assert without == set(DECLARED.WITHOUT)
    assert all(DECLARED.WITHOUT.values())


def test_a_page_without_a_picture_is_found():
    assert shows("/data/work/{job}") == "data-job"
    assert shows("/insights/churn-risk?list=-5") == "insight"
    assert shows("/nowhere") is None


def test_every_picture_is_there_once_and_small():
    assert len(PICTURES) == len(DECLARED.PICTURES)
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)
    assert {path.name: n for path in FOLDER.iterdir() if (n := path.stat().st_size) > MOST_BYTES} == {}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_wide_as_it_says(name: str):
    with (FOLDER / f"{name}.png").open("rb") as file:
        assert file.read(16)[1:4] == b"PNG"
        width, height = struct.unpack(">II", file.read(8))
    assert width == (390 if PICTURES[name].phone else 1280)
    assert 100 < height <= max(PICTURES[name].height, 900)


def test_every_picture_is_shown_with_a_sentence_of_its_own():
    said = alternatives(page(SHOWN_AT))
    assert set(said) == set(PICTURES)
    assert [name for name, words in said.items() if len(words.split()) < 4 or not words[0].isupper()] == []
    assert len(set(said.values())) == len(said)


def test_every_area_is_shown_on_a_phone_and_in_dark_colours():
    for area in re.split(r"^## ", page(SHOWN_AT), flags=re.MULTILINE)[1:]:
        shown = [PICTURES[name] for name in alternatives(area)]
        assert any(each.phone and each.dark for each in shown), area.splitlines()[0]
