"""Gender and day of birth, and what a record as a whole is: a person or an organisation, under which name."""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from clientela.unify.standardise.placeholders import DAYS, OLDEST_YEARS
from clientela.unify.standardise.text import (
    Form,
    among,
    both,
    choose,
    column,
    constant,
    either,
    first_of,
    fits,
    folded,
    is_there,
    joined,
    no,
    same,
)

GENDERS = {
    "f": "f w female woman girl femenino femenina mujer hembra femmina femminile donna vrouw vrouwelijk weiblich frau "
    "mrs ms miss sra srta mevrouw mevr",
    "m": "m h male man boy masculino varon hombre maschio maschile uomo mannelijk mannlich herr mr sr dhr",
    "x": "x other otro otra altro anders overig divers diverse nonbinary non-binary nb neutral",
}
_LETTERS = {form: letter for letter, forms in GENDERS.items() for form in forms.split()}
_said = column("said")
GENDER = Form(
    given=("gender", "country"),
    steps=(
        {"said": folded(column("gender").sub("[ -]"))},
        {
            # V is vrouw in Dutch and varón in Spanish, and says nothing elsewhere.
            "gender": choose(
                (both(fits(_said, "^v$"), fits(column("country"), "^(?:NL|BE)$")), constant("f")),
                (both(fits(_said, "^v$"), fits(column("country"), "^ES$")), constant("m")),
                (fits(_said, among(sorted(_LETTERS))), _said.mapped(_LETTERS)),
            )
        },
    ),
    gives=("gender",),
)


def birth_date(day: date | None, today: date | None) -> date | None:
    """A day of birth; none where it stands for no day, is still to come or 120 years ago.

    Examples
    --------
    >>> birth_date(date(1980, 5, 4), date(2026, 1, 1)), birth_date(date(1900, 1, 1), None)
    (datetime.date(1980, 5, 4), None)
    """
    if day is None or day in DAYS or (today is not None and not _oldest(today) <= day <= today):
        return None
    return day


def birth_date_sql(today: date | None) -> exp.Expr:
    """`birth_date` in SQL, of the column ``birth_date``."""
    day = exp.cast(exp.column("birth_date"), "date")
    refused: list[exp.Expr] = [day.copy().isin(*(_day(each) for each in sorted(DAYS)))]
    if today is not None:
        refused += [day.copy() > _day(today), day.copy() < _day(_oldest(today))]
    return exp.Case(ifs=[exp.If(this=exp.or_(*refused), true=exp.cast(exp.null(), "date"))], default=day)


def _oldest(today: date) -> date:
    return date(max(today.year - OLDEST_YEARS, 1), today.month, min(today.day, 28))


def _day(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


_first, _last, _company = column("own_first"), column("own_last"), column("own_company")
_whole_company, _full = column("whole_company"), column("whole_full")
_nobody = both(no(is_there(_first)), no(is_there(_last)))
_named_so = either(no(is_there(_full)), same(_whole_company, _company))
_only_company = both(is_there(_company), _nobody, _named_so)
_called_so = both(no(is_there(_company)), _nobody, is_there(column("whole_form")))
_is_organisation = fits(column("kind"), "^organisation$")
_whole_is_company = fits(column("whole_is"), "^company$")

# The values of one record, each in its form, put together.
RECORD = Form(
    given=(
        *("kind", "own_first", "own_last", "whole_full", "whole_first", "whole_last", "own_company", "own_form"),
        *("whole_company", "whole_form", "address", "role", "local", "key"),
        *("first_generation", "last_generation", "whole_generation"),
    ),
    steps=(
        {
            "kind": choose(
                (fits(column("kind"), "^(?:person|organisation)$"), column("kind")),
                (either(_only_company, _called_so), constant("organisation")),
                otherwise=constant("person"),
            )
        },
        {
            # The whole name of an organisation is its own, unless it is somebody's who works there.
            "whole_is": choose(
                (
                    both(_is_organisation, either(no(is_there(_company)), same(_whole_company, _company))),
                    constant("company"),
                ),
            )
        },
        {
            "first_name": first_of(_first, column("whole_first").unless(_whole_is_company)),
            "last_name": first_of(_last, column("whole_last").unless(_whole_is_company)),
            "company": choose((_whole_is_company, first_of(_company, _whole_company)), otherwise=_company),
            "legal_form": choose(
                (_whole_is_company, first_of(column("own_form"), column("whole_form"))), otherwise=column("own_form")
            ),
            "whole_full": _full.unless(_whole_is_company),
            "generation": first_of(
                column("last_generation"),
                column("first_generation"),
                column("whole_generation").unless(_whole_is_company),
            ),
            # A role's address says nothing about a person; an organisation is written to there.
            "is_role": choose((both(is_there(column("role")), no(_is_organisation)), constant("yes"))),
        },
        {
            "full_name": choose(
                (
                    both(is_there(column("first_name")), is_there(column("last_name"))),
                    joined(column("first_name"), column("last_name"), by=" "),
                ),
                otherwise=first_of(column("whole_full"), column("first_name"), column("last_name")),
            ).sorted_words(),
            "email": column("address").unless(is_there(column("is_role"))),
            "email_local": column("local").unless(is_there(column("is_role"))),
            "email_key": column("key").unless(is_there(column("is_role"))),
        },
    ),
    gives=(
        *("kind", "first_name", "last_name", "full_name", "company", "legal_form", "email", "email_local"),
        *("email_key", "generation"),
    ),
)
