"""Capture: what the sources deliver, landed unchanged, typed by contract, kept as versions."""
