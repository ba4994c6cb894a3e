"""Tables as files for a spreadsheet, in which nothing is ever computed."""

from clientela.present.files.sheets import CSV_TYPE, MOST_ROWS, XLSX_TYPE, csv_bytes, xlsx_bytes

__all__ = ["CSV_TYPE", "MOST_ROWS", "XLSX_TYPE", "csv_bytes", "xlsx_bytes"]
