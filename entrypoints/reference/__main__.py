"""Write the pages anew: `make reference`."""

import sys
from pathlib import Path

from entrypoints.reference.pages import PAGES, text_of

FOLDER = Path(__file__).parents[2] / "docs/reference"


def main() -> None:
    for name in PAGES:
        (FOLDER / name).write_text(text_of(name), "utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
