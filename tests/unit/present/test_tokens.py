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
    ("accent", "sunken"),  # a link in the scope bar
    ("accent", "caution-soft"),  # a link in a notice
    ("ink", "page"),
    *((role, "surface") for role in SERIES),  # the name of a line stands in its colour
]
MARKS = [
    *((role, ground) for role in (*SERIES, "c1-context", "axis", "border") for ground in ("surface", "page")),
    ("c1", "band"),
    ("c1", "grid"),  # how far a work is, and the bar in a cell
    ("accent", "surface"),  # the ring of what has the focus
    ("accent", "page"),
    ("accent", "sunken"),
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


def test_a_reader_who_chose_a_theme_gets_it_whatever_the_machine_prefers():
    style = css(switched=True)
    assert ":root:not([data-theme=light]){--page:#131619" in style
    assert "@media screen{:root[data-theme=dark]{color-scheme:dark;--page:#131619" in style
    assert "data-theme" not in css()
