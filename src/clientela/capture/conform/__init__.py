"""Every landed batch typed by its contract; what was typed before is kept."""

from clientela.capture.conform.arrivals import conform
from clientela.capture.conform.conformed import Conformed

__all__ = ["Conformed", "conform"]
