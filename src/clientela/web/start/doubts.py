"""What is not sure of a file, or why it is not used, in the reader's language."""

from __future__ import annotations

from clientela.contracts.text import Text, ntext, text
from clientela.web.spoken import spoken

_FILES = (
    text("its ending is not that of data"),
    text("it cannot be read: no permission"),
    text("it is empty"),
    text("it has no row"),
    text("it has a header and no row"),
    text("it is a damaged Parquet file"),
    text("it is damaged"),
    text("the zip holds no file"),
    text("it is no text and no table: binary content"),
    text("its lines have no columns: it is no table"),
    ntext(
        "it has {n} column; more than {most} are no table of the contracts",
        "it has {n} columns; more than {most} are no table of the contracts",
        "n",
    ),
    ntext(
        "only the first {n} kind of files is looked at",
        "only the first {n} kinds of files are looked at",
        "n",
    ),
    ntext(
        "the zip holds {n} file; only {file} was looked at",
        "the zip holds {n} files; only {file} was looked at",
        "n",
    ),
    text("none of its columns is known"),
    text("it has no header, so nothing says what its columns are ({columns}); name them in format.header to use it"),
    text("it is nearest to {table}, but {why}"),
    text("no column says who it is about"),
    text("no column holds an answer"),
    text("no column says who bought or what"),
    text("it has a key and nothing else that is known"),
    text("{columns} would be its key, but {share} of the rows repeat one"),
    text("the header of {file} cannot be read: {why}"),
    text("{file} is empty: no sheet of it has a row"),
    text("{file} is empty: it has not even a header"),
    text("{file} is empty: no line of it is a JSON object, so it has no columns"),
    text("{file} is a damaged workbook; have it delivered again"),
    text("{file} is refused: it declares a document type, as no workbook does"),
    text("{file} is an old or password-protected Excel file; save it as .xlsx without a password"),
    text("{file} is an OpenDocument sheet; save it as .xlsx"),
    text("{file} is a binary workbook; save it as .xlsx"),
    text("{file} could not be read as a workbook: {why}. Open and save it in Excel, or deliver it as CSV"),
    ntext(
        "{file} has more than {n} cell that is an error or merged; mend it in the sheet",
        "{file} has more than {n} cells that are errors or merged; mend them in the sheet",
        "n",
    ),
    text("it took too long"),
    text("it used too much processor time"),
    text("it cannot be read: {why}"),
    text("no column says {columns}"),
)
_LAYOUT = (
    text("the first line is already data, so the columns have no names"),
    text("{share} of the lines sampled have another number of cells"),
    text("the accents look odd in every encoding tried; {encoding} fits best"),
    text("some of its columns of numbers have a decimal comma, others a decimal point"),
    text("about {share} of its rows hold a value that cannot be read; they will be refused"),
    text("that it is a table of {table} is a guess"),
    text("its rows are also in the source of {file}, which takes columns from it by '{column}'"),
    text("{share} of its '{column}' have no row in {file}; those are refused"),
    text("the same keys would come twice, and the later file would win"),
    text("its customers have other keys than those of the other files: a system of its own"),
    text("another source fills {table} too; if both hold the same rows, keep one"),
    text("no column says when a record was made; this stands for 'always known'"),
    text("its names speak of coupons"),
    text("by the name of '{column}'"),
)
_VALUES = (
    text("it has no value in what was sampled"),
    text("its values are not from 0 to 1"),
    text("its values are no text"),
    text("its values are no e-mail addresses"),
    text("few of its values look like telephone numbers"),
    text("its values are no currency codes of three letters"),
    text("its values are {what}, not dates"),
    text("its values are {what}, not numbers"),
    text("its values are {what}, no codes"),
    text("its values are {what}"),
    text("its values ({values}) are not those the table takes: {choices}"),
    text("nothing"),
    text("whole numbers"),
    text("numbers"),
    text("dates"),
    text("yes or no"),
    text("text"),
    text("every row has another one, which is odd"),
    text("its name says {column}, but {why}"),
    text("by its name '{column}' it may be something else"),
    text("by its values: they are keys of {file}"),
    text("it does not fit"),
    text("left empty: {why}"),
)
_NUMBERS = (
    text("'1.234' may be 1,234 or 1.234"),
    text("'{column}' may be read with either decimal sign; it is read with a point"),
    text("'{column}' is taken for an amount that was taken off"),
    text("several columns are discounts; their sum is what was taken off if none contains another"),
    text("its name says that tax is in it; net revenue is before tax"),
    text("nothing says whether tax is in it; net revenue is before tax"),
    text("the price's name says that tax is in it; net revenue is before tax"),
    text("the list price is taken for the price paid"),
    text("the discount is taken for that of the whole line, in money, and not yet in the price"),
    text("every line of an order has the same amount: it may be the whole order's, counted many times"),
    ntext(
        "of the groups '{column}' has {n} value, so it was put here",
        "of the groups '{column}' has {n} values, so it was put here",
        "n",
    ),
)
_DATES_AND_KEYS = (
    text("'{column}' is written as {pattern}, and a source has one way for dates"),
    text("'{column}' may be {one} or {other}: no day is above 12 (for example {value})"),
    text("{why}. Say which, then take the comment signs away."),
    text("only so does the file stand in the order of time"),
    text("read as {pattern}, as '{column}' must be; its own days are all below 13"),
    text("read as {pattern}, as the other files of the folder are; no day of its own is above 12"),
    text("read as {pattern}: {why}"),
    text("no column is a key; this makes one"),
    text("no column is a key; this makes one, a customer's purchases of one moment are one order"),
    text("no column is a key; this makes one, and {share} of the rows repeat it: of those the last one stays"),
    text("{why}; it holds an e-mail address in the clear"),
)
FORMS: tuple[Text, ...] = (*_FILES, *_LAYOUT, *_VALUES, *_NUMBERS, *_DATES_AND_KEYS)


def words(said: str | None) -> Text | str:
    """A doubt as a message; as it stands where it is of no known form.

    Examples
    --------
    >>> words("its values are whole numbers, not dates").values["what"].id
    'whole numbers'
    """
    return spoken(said, FORMS)
