"""The colours and letters of the house, for the page (CSS) and for the picture (hex)."""

from __future__ import annotations

from typing import Literal

Theme = Literal["tokens", "light", "dark"]

COLOURS: dict[str, tuple[str, str]] = {  # role: on light, on dark
    "page": ("#f7f6f3", "#131619"),
    "surface": ("#ffffff", "#1b1f23"),
    "sunken": ("#f1efea", "#23282d"),
    "ink": ("#1b1f24", "#eceef0"),
    "second": ("#474f59", "#bcc3ca"),
    "third": ("#626973", "#98a0a8"),
    "line": ("#e2dfd8", "#30363c"),
    "border": ("#858a91", "#7b838c"),
    "accent": ("#0b5a8a", "#86c5ee"),
    "on-accent": ("#ffffff", "#0d1a24"),
    "accent-soft": ("#e4eff6", "#17313f"),
    "caution": ("#8a4500", "#f3b671"),
    "caution-soft": ("#fdf0df", "#37280f"),
    "c1": ("#0072b2", "#56b4e9"),
    "c1-context": ("#6b8ea6", "#4f7387"),
    "c2": ("#c24e00", "#f08a4b"),
    "c3": ("#007f5c", "#35c49a"),
    "c4": ("#a8528a", "#dd93bf"),
    "c5": ("#8f6400", "#e0b040"),
    "axis": ("#858a91", "#858d95"),
    "grid": ("#e8e5df", "#2c3238"),
    "band": ("#cfe3ef", "#1f4259"),
}
SERIES = ("c1", "c2", "c3", "c4", "c5")
FONT = "Inter Variable, Inter, system-ui, -apple-system, Segoe UI, Roboto, Liberation Sans, Arial, sans-serif"
TEXT_PX = 13


def colour(role: str, theme: Theme) -> str:
    """The colour of a role: a CSS variable for a page that has both themes, else its hex.

    Examples
    --------
    >>> colour("c1", "tokens"), colour("c1", "light")
    ('var(--c1)', '#0072b2')
    """
    light, dark = COLOURS[role]
    return {"tokens": f"var(--{role})", "light": light, "dark": dark}[theme]


def css(selector: str = ":root", *, switched: bool = False) -> str:
    """The tokens as CSS variables: light, dark where the reader prefers it, white on paper.

    Parameters
    ----------
    switched : for pages whose ``data-theme`` says ``light`` or ``dark`` where the reader chose one
    """
    light = "".join(f"--{role}:{colours[0]};" for role, colours in COLOURS.items())
    dark = "".join(f"--{role}:{colours[1]};" for role, colours in COLOURS.items())
    asked = f"{selector}:not([data-theme=light])" if switched else selector
    chosen = (
        f"{selector}[data-theme=light]{{color-scheme:light}}\n"
        f"@media screen{{{selector}[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    )
    return (
        f"{selector}{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{asked}{{{dark}}}}}\n"
        f"{chosen if switched else ''}"
        f"@media print{{{selector}{{--page:#ffffff;--sunken:#ffffff}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """The contrast of two hex colours, 1 to 21.

    Source
    ------
    WCAG 2.2, definitions of "relative luminance" and "contrast ratio".

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
