"""Asking all at once, and again where the answer is to come again later."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

PATIENCE: Final = 300.0  # seconds, of each with a thousand others before it
ROUNDS_MAX: Final = 200
LATER: Final = httpx.codes.SERVICE_UNAVAILABLE


@dataclass(kw_only=True)
class Answers:
    """What all were told in the end.

    `later` counts the answers to come again, `odd` whatever nobody may be told: a 5xx
    that does not say when to come again, or no answer at all.
    """

    told: Counter[str] = field(default_factory=Counter)
    later: int = 0
    odd: list[str] = field(default_factory=list)

    def take(self, answer: httpx.Response) -> bool:
        """Say whether this is an answer, or one must ask again."""
        if answer.status_code == LATER and "Retry-After" in answer.headers:
            self.later += 1
            return False
        if answer.is_server_error:
            self.odd.append(f"{answer.status_code}: {answer.text[:200]}")
        self.told[word_of(answer)] += 1
        return True


def word_of(answer: httpx.Response) -> str:
    """Return the code of a refusal, or the status."""
    if answer.is_success:
        return str(answer.status_code)
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError):
        return str(answer.status_code)


async def all_at_once(
    http: httpx.AsyncClient, requests: Sequence[httpx.Request]
) -> Answers:
    """Send them all before the first is answered; ask until each has its answer."""
    answers = Answers()

    async def ask(request: httpx.Request) -> None:
        for _ in range(ROUNDS_MAX):
            try:
                answer = await http.send(request)
            except httpx.TransportError as error:
                answers.odd.append(type(error).__name__)
                return
            if answers.take(answer):
                return
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        answers.odd.append("told to come later for ever")

    await asyncio.gather(*map(ask, requests))
    return answers
