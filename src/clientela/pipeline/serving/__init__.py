"""Which snapshot serves, and reading it: opened for one question, or held open by a process that answers many."""

from clientela.pipeline.serving.chosen import Serving, english, serving
from clientela.pipeline.serving.held import hold
from clientela.pipeline.serving.reading import opened, read, remembered, served_now
from clientela.pipeline.serving.settled import looking_once, marks, once, settled

__all__ = [
    "Serving",
    "english",
    "hold",
    "looking_once",
    "marks",
    "once",
    "opened",
    "read",
    "remembered",
    "served_now",
    "serving",
    "settled",
]
