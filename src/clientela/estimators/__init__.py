"""Pure numbers: arrays in, a frozen fit out; no table, no engine, no clock."""
