"""The command line in a process of its own, under whatever a test does to it."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 180
_INTERPRETER = re.compile(
    r"Exception ignored in(: | sys\.unraisablehook)"
)  # without the memory to say more, or a new line


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence it says of its end; nothing beside it but the steps it told of before."""
        assert "Traceback" not in self.err, self.err
        written = _INTERPRETER.sub("", self.err).splitlines()
        lines = [line for line in written if line.startswith("clientela: ")]
        others = [line for line in written if line not in lines and " s  " not in line]
        assert len(lines) == 1, self.err
        assert others == [], self.err
        return lines[0].removeprefix("clientela: ")


def clientela(
    *arguments: str | Path, before: Sequence[str] = (), limit: tuple[int, int] | None = None, out: Path | None = None
) -> Ended:
    """Run a command as a user would: ``before`` it what starts it, ``limit`` a resource and how much of it there is."""

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(limit[0], (limit[1], limit[1]))

    command = [*before, sys.executable, "-m", "clientela", *map(str, arguments)]
    with (out or Path("/dev/null")).open("w") as told:
        done = subprocess.run(
            command,
            stdout=told if out else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
            preexec_fn=limited,
            timeout=SECONDS,
        )
    return Ended(done.returncode, done.stdout or "", done.stderr)
