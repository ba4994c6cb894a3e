"""The rows of an answer as an Arrow table, which any frame library takes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Value
from clientela.present.document import plain_value

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_table(table: Table | None, locale: str = "en") -> pa.Table:
    """The rows with the types of the contract; texts are said in the language. None gives a table without columns."""
    import pyarrow as pa  # not needed to show anything

    if table is None:
        return pa.table({})
    schema = pa.schema([_field(column) for column in table.columns])
    columns = [
        pa.array([_cell(row[at], column, locale) for row in table.rows], type=schema.field(at).type)
        for at, column in enumerate(table.columns)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _field(column: TableColumn) -> pa.Field:
    import pyarrow as pa

    types = {
        Type.TEXT: pa.string(),
        Type.INT: pa.int64(),
        Type.BOOL: pa.bool_(),
        Type.DATE: pa.date32(),
        Type.INSTANT: pa.timestamp("us"),
        Type.MONEY: pa.decimal128(18, 4),
        Type.NUMBER: pa.decimal128(18, 6),
        Type.SHARE: pa.decimal128(18, 6),
    }
    return pa.field(column.name, types[column.type], metadata={"unit": column.unit} if column.unit else None)


def _cell(value: Value, column: TableColumn, locale: str) -> Any:  # what pyarrow takes for a column's type
    value = value.value if isinstance(value, Amount) else value
    if value is None:
        return None
    match column.type:
        case Type.TEXT:
            return str(plain_value(value, locale))
        case Type.MONEY | Type.NUMBER | Type.SHARE if isinstance(value, Decimal | int | float):
            places = 4 if column.type is Type.MONEY else 6
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
        case Type.DATE | Type.INSTANT if isinstance(value, date | datetime):
            return value
        case _:
            return value
