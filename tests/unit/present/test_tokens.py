import pytest

from clientela.present.chart.tokens import COLOURS, SERIES, colour, contrast, css

THEMES = {"light": 0, "dark": 1}
TEXT = [
    *((role, ground) for role in ("ink", "second", "third") for ground in ("surface", "page", "sunken")),
    *((role, ground) for role in ("accent", "caution") for ground in ("surface", "page")),
    ("on-accent", "accent"),
    ("accent", "accent-soft"),
    ("caution", "caution-soft"),
    ("ink", "accent-soft"),
    ("ink", "caution-soft"),
    ("second", "accent-soft"),
    *((role, "surface") for role in SERIES),  # the name of a line stands in its colour
]
MARKS = [
    *((role, ground) for role in (*SERIES, "c1-context", "axis", "border") for ground in ("surface", "page")),
    ("c1", "band"),
]


def test_the_measure_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the grey every guide names


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("role", "ground"), TEXT)
def test_text_is_told_from_its_ground(role, ground, theme):
    at = THEMES[theme]
    assert contrast(COLOURS[role][at], COLOURS[ground][at]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("role", "ground"), MARKS)
def test_marks_are_told_from_their_ground(role, ground, theme):
    at = THEMES[theme]
    assert contrast(COLOURS[role][at], COLOURS[ground][at]) >= 3


def test_a_page_has_every_colour_in_both_themes():
    style = css()
    assert all(style.count(f"--{role}:") >= 2 for role in COLOURS)
    assert colour("c2", "dark") == "#f08a4b"
