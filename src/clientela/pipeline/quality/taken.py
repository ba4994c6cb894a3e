"""What a run took of the deliveries: the ground on which notices and measurements stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clientela.capture.arrive import Delivery
from clientela.capture.conform import Conformed
from clientela.pipeline.quality.quarantine import HELD, MENDED, BatchKey, BatchState, key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a run found of the deliveries: files, batches as they read, and the state of each batch."""

    deliveries: Sequence[Delivery]
    conformed: Sequence[Conformed]
    states: Mapping[BatchKey, BatchState]

    def state(self, conformed: Conformed) -> str:
        """Whether the bad rows of a batch are open, held or mended."""
        return self.states[key_of(conformed)].status

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Source and table of everything that is delivered, in the order of the settings."""
        return tuple(dict.fromkeys((each.source, each.table) for each in self.deliveries))

    def batches(self, source: str, table: str) -> list[Conformed]:
        """The batches of a source in force, each once."""
        once = {
            key_of(each): each for each in self.conformed if (each.batch.source, each.batch.table) == (source, table)
        }
        full = [each for each in once.values() if not each.kept_out]
        if full and full[0].section.source.delivery == "full":
            return [each for each in full if self.state(each) not in (HELD, MENDED)]
        return full
