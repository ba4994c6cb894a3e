"""What the commands about the audit log show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela.appdb.audit.listing import Entered
    from clientela.appdb.audit.verify import Verified


def verified_lines(found: Verified) -> Iterator[str]:
    """What the check of the log found."""
    if found.broken is not None:
        yield f"Broken: entry {found.broken.seq:,} {found.broken.says}."
        sound = min(found.entries, found.broken.seq - 1)
        if sound:
            yield f"Entries 1 to {sound:,} are what was written."
        yield "Compare with a backup of app.sqlite and audit.anchor, and find out who could write to the workspace."
        return
    if not found.entries:
        yield "Nothing was entered yet."
        return
    yield f"Sound: all {found.entries:,} entries are what was written."
    if found.anchored < found.entries:
        yield f"The anchor vouches for the first {found.anchored:,}; the next entry makes it vouch for all."
    yield f"Head: {found.head.seq}:{found.head.hash}"
    yield "Note it elsewhere: with --head, this command then finds a log that was replaced as a whole too."


def entered_lines(found: Sequence[Entered], names: Mapping[str, str]) -> Iterator[str]:
    """The entries, a line each."""
    if not found:
        yield "No such entry."
    for each in found:
        about = " ".join(names.get(one, one) for one in each.objects)
        counts = ", ".join(f"{name} {number:,}" for name, number in sorted(each.counts.items()))
        purpose = f"  for {each.purpose}" if each.purpose else ""
        said = (
            f"{each.seq:>7}  {each.at:%Y-%m-%d %H:%M:%S}  {names.get(each.actor, each.actor)}  {each.action}  {about}"
        )
        yield said.rstrip() + (f"  ({counts})" if counts else "") + purpose


def entered_document(each: Entered, names: Mapping[str, str]) -> dict[str, Any]:
    """An entry as plain data, with the name its actor bears now."""
    return {
        "entry": each.seq,
        "at": each.at.isoformat(),
        "actor": each.actor,
        "name": names.get(each.actor),
        "action": each.action,
        "purpose": each.purpose or None,
        "objects": list(each.objects),
        "counts": dict(each.counts),
        "snapshot": each.snapshot,
        "hash": each.hash,
    }
