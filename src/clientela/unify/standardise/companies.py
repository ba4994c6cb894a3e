"""Names of companies: folded, the word "and" gone in every language, the legal form apart."""

from __future__ import annotations

from clientela.unify.standardise.placeholders import says_no_company
from clientela.unify.standardise.text import Form, both, choose, column, fits, folded, is_there, no

# How each legal form is written, folded; spaces within an abbreviation may be there or not ("S.L." folds to "s l").
LEGAL_FORMS = {
    "sl": "s l|sociedad limitada|sociedad de responsabilidad limitada",
    "slu": "s l u|s l unipersonal|sociedad limitada unipersonal",
    "sll": "s l l|sociedad limitada laboral",
    "slp": "s l p|sociedad limitada profesional",
    "slne": "s l n e",
    "sa": "s a|sociedad anonima|societe anonyme|sociedade anonima",
    "sau": "s a u|sociedad anonima unipersonal",
    "sal": "s a l|sociedad anonima laboral",
    "scoop": "s coop|soc coop|scoop|sociedad cooperativa|societa cooperativa|cooperativa|cooperatie",
    "cb": "comunidad de bienes",
    "srl": "s r l|societa a responsabilita limitata",
    "srls": "s r l s|societa a responsabilita limitata semplificata|srl semplificata",
    "srlu": "s r l u|s r l unipersonale",
    "spa": "s p a|societa per azioni",
    "snc": "s n c|societa in nome collettivo|societe en nom collectif",
    "sas": "s a s|societa in accomandita semplice|societe par actions simplifiee",
    "sasu": "s a s u",
    "sapa": "s a p a",
    "bv": "b v|besloten vennootschap",
    "nv": "n v|naamloze vennootschap",
    "vof": "v o f|vennootschap onder firma",
    "cv": "commanditaire vennootschap",
    "bvba": "b v b a",
    "ltd": "ltd|limited|co ltd|company limited",
    "plc": "p l c|public limited company",
    "llp": "l l p",
    "llc": "l l c|limited liability company",
    "inc": "inc|incorporated",
    "corp": "corp|corporation",
    "co": "company",
    "gmbh": "g m b h|gesellschaft mit beschrankter haftung",
    "gmbh co kg": "gmbh co kg|gmbh co|gmbh cie kg",
    "ag": "ag|aktiengesellschaft",
    "kg": "kg|kommanditgesellschaft",
    "ohg": "ohg",
    "ug": "ug|ug haftungsbeschrankt",
    "sarl": "s a r l|societe a responsabilite limitee",
    "eurl": "e u r l",
    "lda": "lda|limitada|sociedade por quotas",
    "unipessoal lda": "unipessoal lda",
}


def _written(form: str) -> str:
    letters = form.split(" ")
    return " ?".join(letters) if all(len(each) == 1 for each in letters) else form


_SAID = {written: name for name, ways in LEGAL_FORMS.items() for written in ways.split("|")}
_WAYS = "|".join(sorted((_written(each) for each in _SAID), key=lambda each: (-len(each), each)))
_ENDS = f"^(.+?)((?: (?:{_WAYS}))+)$"
_BEGINS = "^(?:soc|sociedad|societa|ditta|firma|fa|the) (.+)$"
_AND = " (?:(?:and|y|e|en|und|et|i) )+"
# Two readings of "S.L.": the letters apart or together.
_TOGETHER = {"".join(each.split(" ")): name for each, name in _SAID.items()}

# In a whole name two letters are a legal form only where they are written as one: "Sá" is a family name.
_SURELY = "(?:[A-Za-z][.] ?[A-Za-z][.]?|,[^,]*)[ .]*$"

_name = column("name")
COMPANY = Form(
    given=("company",),
    steps=(
        {"name": folded(column("company").sub("[&+]", " and ")).sub(_AND, " ")},
        {"name": _name.unless(says_no_company(_name))},
        {"company": choose((fits(_name, _ENDS), _name.part(_ENDS)), otherwise=_name), "form": _name.part(_ENDS, 2)},
        {"company": column("company").unless(says_no_company(column("company"))), "form": column("form").sub(" ")},
        {"legal_form": choose((is_there(column("company")), column("form").mapped(_TOGETHER)))},
    ),
    gives=("company", "legal_form"),
)

# The name of an organisation that stands where a person's whole name would.
WHOLE_COMPANY = Form(
    given=("company",),
    steps=(
        {**COMPANY.steps[0], "written": column("company")},
        *COMPANY.steps[1:],
        {
            "sure_form": column("legal_form").unless(
                both(no(fits(column("legal_form"), "^...")), no(fits(column("written"), _SURELY)))
            )
        },
    ),
    gives=("company", "legal_form", "sure_form"),
)
