"""Public: what the authors of tests and plug-ins check with; the synthetic company whose truth is known."""
