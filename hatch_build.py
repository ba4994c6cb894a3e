"""Before the wheel is built, or by hand: fetch what the pages load but this repository does not hold.

htmx and the letters (Inter) come from their npm packages, checked by hash. Without npm or the network the pages work
all the same, with the letters of the reader's machine and a reload more; the build says so and goes on.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by hand, where hatchling is not installed
    BuildHookInterface = object  # type: ignore[assignment,misc] # the hook is then only a class nobody makes

TARGET = Path(__file__).parent / "src/clientela/web/static/fetched"
INTER = "@fontsource-variable/inter@5.3.0"
# package, the file in it, what it is called here, its sha256
FILES = (
    (
        "htmx.org@4.0.1",
        "package/dist/htmx.min.js",
        "htmx.min.js",
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    ),
    (
        INTER,
        "package/files/inter-latin-wght-normal.woff2",
        "inter-latin-wght-normal.woff2",
        "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
    ),
    (INTER, "package/LICENSE", "inter-OFL.txt", "3b0a5fca3d17942cde889069889dedbbbd075e9b599968c82a95f4d944e9b345"),
)


class Fetched(BuildHookInterface):  # type: ignore[type-arg] # of hatchling, whose type here is of no use
    """Fetches the files before they are packed."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Called by hatchling before a build; ``version`` is ``editable`` for an installation in place."""
        if version != "editable":
            for problem in fetch():
                self.app.display_warning(problem)


def fetch() -> list[str]:
    """Fetch what is not there yet; what could not be had, a sentence each."""
    npm, problems = shutil.which("npm"), []
    for package, inside, name, digest in FILES:
        place = TARGET / name
        if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == digest:
            continue
        place.unlink(missing_ok=True)
        if npm is None:
            problems.append(f"npm is not installed, so the pages do without {place.name}.")
            continue
        content = _from_npm(npm, package, inside)
        if content is None:
            problems.append(f"{package} cannot be fetched, so the pages do without {place.name}.")
        elif hashlib.sha256(content).hexdigest() != digest:
            raise SystemExit(f"{place.name} of {package} is not the file that was checked: its sha256 differs.")
        else:
            TARGET.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    return problems


def _from_npm(npm: str, package: str, inside: str) -> bytes | None:
    """One file of a package; None where it cannot be fetched. No script of the package runs."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603 - the arguments are those above
            [npm, "pack", package, "--silent", "--ignore-scripts", "--pack-destination", folder],
            check=False,
            capture_output=True,
            timeout=120,
        )
        packed = next(Path(folder).glob("*.tgz"), None)
        if done.returncode != 0 or packed is None:
            return None
        with tarfile.open(fileobj=io.BytesIO(packed.read_bytes()), mode="r:gz") as archive:
            member = archive.extractfile(inside)
            return None if member is None else member.read()


if __name__ == "__main__":
    for told in fetch():
        print(told, file=sys.stderr)  # noqa: T201 - it is run by hand
