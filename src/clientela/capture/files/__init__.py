"""Files of every kind, read to Parquet with each record accounted for."""
