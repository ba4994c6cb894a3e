"""Erased persons: who they are by keyed hashes, where a batch names them, and the batch without them.

``scrub`` is what every new batch passes before it gets its name; ``reapply`` does the same to what was landed.
"""

from clientela.capture.suppression.applied import Rewritten, reapply
from clientela.capture.suppression.listed import Suppressed, adopt, suppress, suppressed
from clientela.capture.suppression.rewriting import Scrubbed, scrub

__all__ = ["Rewritten", "Scrubbed", "Suppressed", "adopt", "reapply", "scrub", "suppress", "suppressed"]
