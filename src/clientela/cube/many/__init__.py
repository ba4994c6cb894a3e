"""Figures of many customers only: what is hidden of them, and their answers."""
