"""What every table, question and answer promises; frozen, plain, without behaviour."""
