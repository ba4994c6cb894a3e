"""What speaks for somebody, in words; why there is no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from clientela.contracts.text import Amount, Text, Value, ntext, text

METHOD = text("Likeness of traits (logistic regression)")
SIMPLY: Mapping[str, Text] = MappingProxyType(
    {
        "customer": text("Likeness of what they brought lately, and how often"),
        "prospect": text("Likeness of the system they came by"),
    }
)
PLAIN: Mapping[str, Text] = MappingProxyType(
    {"customer": text("Who brought most lately"), "prospect": text("The system most of the best came by")}
)
WHO: Mapping[str, Text] = MappingProxyType({"customer": text("Customer"), "prospect": text("Has not bought yet")})
CONSENT: Mapping[str, Text] = MappingProxyType(
    {"given": text("yes"), "not given": text("never asked"), "unknown": text("not known"), "withdrawn": text("no")}
)
_SILENCE: Mapping[str, Text] = MappingProxyType(
    {
        "1": text("bought very lately"),
        "2": text("bought lately"),
        "3": text("bought not long ago"),
        "4": text("bought some time ago"),
        "5": text("has not bought for long"),
    }
)
_PURCHASES: Mapping[str, Text] = MappingProxyType(
    {
        "0": text("no purchase day lately"),
        "1": text("1 purchase day lately"),
        "2": text("2 purchase days lately"),
        "3": text("3 or 4 purchase days lately"),
        "5": text("5 to 9 purchase days lately"),
        "10": text("10 purchase days or more lately"),
    }
)
_AGE: Mapping[str, Text] = MappingProxyType(
    {
        "1": text("a new customer"),
        "2": text("a rather new customer"),
        "3": text("a customer for some time"),
        "4": text("a customer for long"),
    }
)
_BASKET: Mapping[str, Text] = MappingProxyType(
    {
        "1": text("small baskets (lowest fifth)"),
        "2": text("rather small baskets (second fifth)"),
        "3": text("middling baskets (third fifth)"),
        "4": text("rather large baskets (fourth fifth)"),
        "5": text("large baskets (highest fifth)"),
    }
)
_CLASSES: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {"silence": _SILENCE, "purchases": _PURCHASES, "age": _AGE, "basket": _BASKET}
)
NOTHING_SPEAKS = text("nothing in particular; like the average")


_NAMED: Mapping[str, Callable[[str], Text]] = MappingProxyType(
    {
        "kind": lambda value: text("an organisation") if value == "organisation" else text("a person"),
        "country": lambda value: text("country: {value}", value=value),
        "region": lambda value: text("region: {value}", value=value),
        "sector": lambda value: text("sector: {value}", value=value),
        "came_by": lambda value: text("came by: {value}", value=value),
        "list_kind": lambda value: (
            text("on no list") if value == "no list" else text("on a list: {value}", value=value)
        ),
        "channel": lambda value: text("first purchase by: {value}", value=value),
        "recent": lambda value: (
            text("brought nothing lately")
            if value == "0"
            else text("what they brought lately: tenth {tenth} of 10", tenth=int(value))
        ),
    }
)


def reason(said: Value) -> Text | None:
    """A trait and its value, as ``sector=Hotels``, in words; None where there is none."""
    if said is None:
        return None
    trait, _, value = str(said).partition("=")
    if trait in _CLASSES:
        return _CLASSES[trait].get(value)
    return _NAMED[trait](value) if trait in _NAMED else None


def reasons(said: tuple[Value, ...]) -> Text:
    """What speaks for somebody, the strongest first."""
    told = [each for each in map(reason, said) if each is not None]
    if not told:
        return NOTHING_SPEAKS
    if len(told) == 1:
        return told[0]
    if len(told) == 2:
        return text("{one}; {two}", one=told[0], two=told[1])
    return text("{one}; {two}; {three}", one=told[0], two=told[1], three=told[2])


def decided(task: str, said: Mapping[str, Any]) -> tuple[Text, ...]:
    """How it was decided, before the test, which of two likenesses serves; nothing where there was one only."""
    if not {"chosen_by", "chosen_traits", "chosen_simple"} <= said.keys():
        return ()
    values: dict[str, Value] = {
        "lift": Amount(said["chosen_traits"], digits=1),
        "simple": SIMPLY[task],
        "other": Amount(said["chosen_simple"], digits=1),
    }
    if said["chosen_by"] == "dates":
        return (
            ntext(
                "Which of two likenesses serves was decided before the test, at {n} older date: that of all that is "
                "known found {lift} times as many of the best as chance, “{simple}” {other} times as many.",
                "Which of two likenesses serves was decided before the test, at {n} older dates: that of all that is "
                "known found {lift} times as many of the best as chance, “{simple}” {other} times as many.",
                "n",
                n=int(said["chosen_times"]),
                **values,
            ),
        )
    return (
        text(
            "Which of two likenesses serves was decided before the test, within those it was learned from, as there "
            "is no older date that tells enough: each of {n} parts was judged by what the others teach. That of all "
            "that is known found {lift} times as many of the best as chance, “{simple}” {other} times as many.",
            n=Amount(said["chosen_times"], "count"),
            **values,
        ),
    )


def why_not(task: str, said: Mapping[str, Any]) -> Text:
    """Why nobody is proposed among customers, or among people who have not bought."""
    match said["reason"]:
        case "nobody_asked":
            return text("there is nobody to look among")
        case "too_short":
            return ntext(
                "{days} day of history is too short to learn at one time and test at another; it needs {needed}",
                "{days} days of history are too short to learn at one time and test at another; it needs {needed}",
                "days",
                days=said["days"],
                needed=said["needed"],
            )
        case "few_best":
            return ntext(
                "{n} customer became one of the best in the time to learn from or to be tested on; it needs {needed} "
                "in each",
                "{n} customers became some of the best in the time to learn from or to be tested on; it needs {needed} "
                "in each",
                "n",
                n=said["best"],
                needed=said["needed"],
            )
        case "no_traits":
            return text("nothing that is known tells one from another")
    return text(
        "in the test the likeness found {lift} times as many of the best as chance would ({low} to {high}), and the "
        "plain order “{plain}” {rival} times as many",
        lift=Amount(said["lift"], digits=1),
        low=Amount(said["low"], digits=1),
        high=Amount(said["high"], digits=1),
        plain=PLAIN[task],
        rival=Amount(said["plain"], digits=1),
    )
