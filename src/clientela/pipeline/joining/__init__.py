"""Records become customers: compared by a kept model, joined, named; the work of a run."""
