"""What to do about each quality of the data, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from clientela.contracts.text import Text, text
from clientela.pipeline.quality.measures import ACCESSIBLE, COMPLETE, CORRECT, CURRENT, UNIQUE, VALID

WHAT_TO_DO: Mapping[str, Text] = {
    VALID: text(
        "Look at the rows that stay out: mend them where they were written and deliver the file again, or correct how "
        "the file is read."
    ),
    CURRENT: text("Ask who looks after the source for a newer delivery, or upload it yourself."),
    COMPLETE: text("Have the field filled where it is kept, or name the column of the file that holds it."),
    CORRECT: text("Compare the rows with the system they come from; correct them there and deliver them again."),
    UNIQUE: text("Decide about the pairs that may be one customer, and stop files from being delivered twice."),
    ACCESSIBLE: text("See which delivery is missing or stays out, and deliver it again."),
}
NOT_JUDGED = text("It is measured and not judged. For each source say how new it must be (fresh_within), and it is.")
NOTHING_YET = text("Nothing: there is nothing yet that it could be measured on.")
NOTHING_TO_DO = text("Nothing: all of it is good.")
PLACES: Mapping[str, str] = {  # the page where one does something about it
    VALID: "data-quarantine",
    CURRENT: "data-sources",
    COMPLETE: "data-sources",
    CORRECT: "data-sources",
    UNIQUE: "data-review",
    ACCESSIBLE: "data-batches",
}
