"""What the site adds to the pages, which read well in the checkout without it."""

import re
from pathlib import Path
from typing import Any, Final

# In the order in which a newcomer wants them; a new page is listed by itself.
SECTIONS: Final = {
    "Tutorial": "tutorial",
    "How to": "how-to",
    "Reference": "reference",
    "Explanation": "explanation",
    "Runbooks": "runbooks",
    "Decisions": "adr",
}
TEMPLATE: Final = "0000-template.md"
# A page may point at code and tests; the site has neither, and keeps the words.
LINK: Final = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<ups>(?:\.\./)+)(?P<path>[^)]+)\)")


def on_config(config: Any) -> Any:
    config.nav = [
        {"Spothold": "index.md"},
        *({title: _pages(config, name)} for title, name in SECTIONS.items()),
        {"Invariants": "invariants.md"},
    ]
    return config


def _pages(config: Any, folder: str) -> list[str]:
    docs = Path(config.docs_dir)
    pages = sorted((docs / folder).glob("**/*.md"))
    return [str(page.relative_to(docs)) for page in pages if page.name != TEMPLATE]


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    depth = page.file.src_uri.count("/")

    def kept_inside(link: re.Match[str]) -> str:
        leaves = link["ups"].count("../") > depth
        return f"{link['words']} (`{link['path']}`)" if leaves else link[0]

    return LINK.sub(kept_inside, markdown)
