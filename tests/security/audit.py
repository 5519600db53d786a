"""What came with us from elsewhere, and what must not leave with us.

The licences and the secrets need only this machine; known holes need the advisory
database, which is asked by `make audit` alone.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.settings import default_settings

from tests.house.repository import ROOT, files

BASELINE: Final = ROOT / ".secrets.baseline"
LOCKS: Final = ("service", "demo", "dev")

# Each permits use, change and redistribution without a duty on our own code; the MPL
# has one on its own files only, which we do not change.
LICENCES: Final = frozenset(
    {
        "3-Clause BSD License",
        "Apache Software License",
        "Apache-2.0",
        "BSD 3-Clause License",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "0BSD",
        "CC0-1.0",
        "DFSG approved",
        "ISC",
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
        "The Unlicense (Unlicense)",
        "Unlicense",
        "Zlib",
    }
)
# The embedded database: an extra, run as a child process and never imported
# (docs/adr/0007).  The service's own lock must not have it.
ONLY_EMBEDDED: Final = {"secantusdb": "GPL-2.0-only AND CC-BY-4.0"}

_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
_SEVERAL: Final = re.compile(r" AND | OR |; ")


def locked(lock: str) -> set[str]:
    """Return the packages of a lock file, by their plain names."""
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    return {plain(name) for name in _PINNED.findall(text)}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_licences() -> dict[str, str]:
    """Return the licence of each package that is installed beside us."""
    told = subprocess.run(  # our own command
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {plain(row["Name"]): row["License"] for row in json.loads(told.stdout)}


def licence_troubles(licences: dict[str, str], packages: Iterable[str]) -> list[str]:
    """Return what we may not take, or nobody has looked at."""
    return [
        f"{name}: {licences[name]}"
        for name in sorted(packages)
        if name in licences and not is_taken(licences[name])
    ]


def is_taken(licence: str) -> bool:
    """Say whether each part of it is on the list; a whole text goes by its title."""
    title = licence.strip().partition("\n")[0]
    return all(part in LICENCES for part in _SEVERAL.split(title))


def without_hashes(lock: str) -> list[str]:
    """Return the packages of a lock file that any file could stand in for."""
    text = (ROOT / f"requirements/{lock}.txt").read_text().replace("\\\n", " ")
    return [
        line.split()[0]
        for line in text.splitlines()
        if "==" in line and "--hash=sha256:" not in line
    ]


def secrets_in(
    paths: Iterable[Path], *, root: Path = ROOT
) -> Iterator[tuple[str, str]]:
    """Yield what looks like a secret: where it stands, and its hash."""
    with default_settings():
        for path in paths:
            name = path.relative_to(root).as_posix()
            for found in scan_file(str(path)):
                yield name, found.secret_hash


def keys_in(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield where a key stands that its issuer gave a form of its own.

    Quick, because it does not guess: `secrets_in` also looks for what is long, random
    or called a password.
    """
    kinds: list[Any] = list(get_mapping_from_secret_type_to_class().values())
    detectors = [
        kind()
        for kind in kinds
        if issubclass(kind, RegexBasedDetector) and kind not in GUESSING
    ]
    for name, text in texts:
        for detector in detectors:
            if any(detector.analyze_string(text)):
                yield f"{name}: {detector.secret_type}"


GUESSING: Final = (BasicAuthDetector, IPPublicDetector)


def known_secrets() -> set[tuple[str, str]]:
    """Return what looks like a secret and was looked at: examples, and fakes."""
    rows: dict[str, list[str]] = json.loads(BASELINE.read_text())
    return {(name, each) for name, found in rows.items() for each in found}


def write_baseline(found: Iterable[tuple[str, str]]) -> None:
    rows: dict[str, list[str]] = {}
    for name, each in sorted(set(found)):
        rows.setdefault(name, []).append(each)
    BASELINE.write_text(json.dumps(rows, indent=1) + "\n")


def scanned_files() -> Iterator[Path]:
    """Yield the files of the project; hashes of packages only look like secrets."""
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if not any(fnmatch(name, each) for each in LEFT_OUT):
            yield path


LEFT_OUT: Final = ("requirements/*", ".secrets.baseline", "*.png", "*.svg", "*.js")


def known_holes(lock: str = "service") -> tuple[list[str], int, int]:
    """Ask the advisory database about each package of a lock file.

    Returns:
        What is known, and how many packages could and could not be asked about.
    """
    asked = ["--require-hashes", "--disable-pip", "--format=json"]
    told = subprocess.run(  # noqa: S603  # our own command
        [
            *(sys.executable, "-m", "pip_audit", "--progress-spinner=off", *asked),
            *("--requirement", str(ROOT / f"requirements/{lock}.txt")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return read_holes(told.stdout, packages=len(locked(lock)))


def read_holes(report: str, *, packages: int) -> tuple[list[str], int, int]:
    """Read pip-audit's report; without one, nothing could be asked about."""
    try:
        rows: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except ValueError:
        return [], 0, packages
    answered = [row for row in rows if "skip_reason" not in row]
    holes = [
        f"{row['name']} {row['version']}: {hole['id']}"
        for row in answered
        for hole in row["vulns"]
    ]
    return holes, len(answered), len(rows) - len(answered)
