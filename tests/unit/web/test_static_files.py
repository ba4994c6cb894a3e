import gzip
import hashlib

from clientela.web.assets import STYLE, assets


def test_the_address_of_a_file_names_its_content():
    for asset in assets().values():
        mark = hashlib.sha256(asset.content).hexdigest()[:12]
        assert f".{mark}." in asset.address


def test_a_packed_file_is_the_same_file():
    packed = [asset for asset in assets().values() if asset.packed is not None]
    assert {"style.css", "script.js", "icon.svg"} <= {asset.name for asset in packed}
    assert all(gzip.decompress(asset.packed) == asset.content for asset in packed)


def test_the_style_names_only_colours_that_there_are():
    import re

    from clientela.present.chart.tokens import COLOURS

    style = assets()[STYLE].content.decode()
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) <= set(COLOURS)


def test_every_rule_of_the_pages_is_of_the_house():
    style = assets()[STYLE].content.decode()
    assert "{{" not in style
    assert "http://" not in style.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in style


def test_scripts_are_few_and_run_nothing_that_is_written():
    script = assets()["script.js"].content.decode()
    assert len(script) < 30_000
    assert not any(
        word in script for word in ("eval(", "innerHTML", "document.write", "new Function", "insertAdjacentHTML")
    )
