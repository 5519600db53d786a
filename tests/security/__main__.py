"""`python -m tests.security`, or `make audit`: packages, licences and secrets.

Exits with 1 where something is wrong, and with 69 where all that could be looked at is
right but the advisory database did not answer for every package.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from tests.security import audit

WRONG: Final = 1
NOT_ANSWERED: Final = 69  # EX_UNAVAILABLE of sysexits.h


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.security", description=__doc__
    )
    parser.add_argument(
        "--accept-secrets",
        action="store_true",
        help="take all that looks like a secret now for examples and fakes",
    )
    if parser.parse_args().accept_secrets:
        audit.write_baseline(audit.secrets_in(audit.scanned_files()))
        return 0
    holes, answered, unanswered = audit.known_holes()
    say(f"known holes, {answered} packages asked about, {unanswered} unanswered", holes)
    licences = audit.installed_licences()
    packages = audit.locked("dev") - audit.ONLY_EMBEDDED.keys()
    refused = audit.licence_troubles(licences, packages)
    say(f"licences of {len(packages & licences.keys())} packages", refused)
    found = set(audit.secrets_in(audit.scanned_files()))
    new = [f"{name} ({each[:8]})" for name, each in found - audit.known_secrets()]
    say("what looks like a secret and is not in .secrets.baseline", new)
    return verdict([*holes, *refused, *new], unanswered=unanswered)


def verdict(troubles: Sequence[str], *, unanswered: int) -> int:
    if troubles:
        return WRONG
    return NOT_ANSWERED if unanswered else 0


def say(what: str, troubles: Sequence[str]) -> None:
    sys.stdout.write(f"{what}: {', '.join(sorted(troubles)) or 'none amiss'}\n")


if __name__ == "__main__":
    sys.exit(main())
