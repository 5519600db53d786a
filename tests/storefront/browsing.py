"""A browser as far as forms and cookies go."""

import re
from dataclasses import dataclass
from html import unescape

import httpx

FIELD = re.compile(r'name="_csrf_token" value="([^"]+)"')
TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Browser:
    client: httpx.AsyncClient

    async def open(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, with the token that every page of the shop carries."""
        page = await self.client.get("/sign-in")
        found = FIELD.search(page.text)
        assert found is not None
        return await self.client.post(path, data={**fields, "_csrf_token": found[1]})

    async def sign_in(self, person: str) -> httpx.Response:
        return await self.submit("/sign-in", person=person)


def text_of(page: httpx.Response) -> str:
    """Return what a reader sees, in one line."""
    return " ".join(unescape(TAGS.sub(" ", page.text)).split())
