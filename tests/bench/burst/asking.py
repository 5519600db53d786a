"""Asking all at once, and again where the answer is to come again later."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import msgspec

PATIENCE: Final = 300.0  # seconds, of each with a thousand others before it
ROUNDS_MAX: Final = 200
LATER: Final = 503
JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A POST, worded before any clock runs."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came; `later` is in how many seconds to come again, if it says so."""

    status: int
    later: str | None = None
    body: bytes = b""


Send = Callable[[Asked], Awaitable[Reply]]


@dataclass(kw_only=True)
class Answers:
    """What all were told in the end.

    `later` counts the answers to come again, `odd` whatever nobody may be told: a 5xx
    that does not say when to come again, or no answer at all.
    """

    told: Counter[str] = field(default_factory=Counter)
    later: int = 0
    odd: list[str] = field(default_factory=list)

    def take(self, reply: Reply) -> float | None:
        """Return in how many seconds to ask again; None: this is the answer."""
        if reply.status == LATER and reply.later is not None:
            self.later += 1
            return float(reply.later)
        if reply.status >= 500:
            self.odd.append(f"{reply.status}: {reply.body[:200].decode()}")
        self.told[word_of(reply)] += 1
        return None


def word_of(reply: Reply) -> str:
    """Return the code of a refusal, or the status."""
    if reply.status >= 400:
        try:
            return str(msgspec.json.decode(reply.body)["code"])
        except (ValueError, KeyError, TypeError):
            pass
    return str(reply.status)


@asynccontextmanager
async def sender_to(url: str) -> AsyncIterator[Send]:
    """Send to a service on any number of connections.

    Not by httpx: its pool looks at every connection for every request, which is a
    million looks for a thousand, and while it looks the wires in this process wait.
    """
    # Idle ones are let go before the five seconds after which the server hangs up.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    async with aiohttp.ClientSession(
        url, connector=connector, timeout=aiohttp.ClientTimeout(total=PATIENCE)
    ) as http:

        async def send(asked: Asked) -> Reply:
            headers = {**JSON, **asked.headers}
            async with http.post(
                asked.path, data=asked.body, headers=headers
            ) as answer:
                return Reply(
                    status=answer.status,
                    later=answer.headers.get("Retry-After"),
                    body=await answer.read(),
                )

        yield send


async def all_at_once(send: Send, requests: Sequence[Asked]) -> Answers:
    """Send them all before the first is answered; ask until each has its answer."""
    answers = Answers()

    async def ask(request: Asked) -> None:
        for _ in range(ROUNDS_MAX):
            try:
                again_in = answers.take(await send(request))
            except (aiohttp.ClientError, TimeoutError) as error:
                answers.odd.append(type(error).__name__)
                return
            if again_in is None:
                return
            await asyncio.sleep(again_in)
        answers.odd.append("told to come later for ever")

    await asyncio.gather(*map(ask, requests))
    return answers
