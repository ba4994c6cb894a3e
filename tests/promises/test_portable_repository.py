"""The repository works on any machine: it names no home folder, no place to download from, no build leftovers."""

import re
import subprocess

from tests.promises.source import ROOT, pyproject

# split, so that this file does not contain what it looks for
PLACES = re.compile(
    "|".join(["/" + "home/[a-z]", "/" + "root/", "/" + "Users/", "file" + "://", "index" + "-url", "/simple" + "/"])
)
BINARY = {".png", ".parquet", ".woff2", ".ico", ".mo"}


def test_no_file_names_a_machine_or_a_place_to_download_from():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).suffix not in BINARY]
    assert len(files) > 50
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in files
        if path.is_file() and (match := PLACES.search(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}


def test_pins_are_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


def test_every_requirement_is_pinned_by_the_tested_set():
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["demo"], *extras["dev"]]
    assert {re.split(r"[<>=[]", each)[0].lower() for each in wanted} - pinned == set()
