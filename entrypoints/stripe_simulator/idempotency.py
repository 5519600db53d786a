"""Idempotency keys as Stripe's v1 keeps them.

The first result after an operation began is replayed, errors and 500s included.  A
request that was refused before that, or that met another one in flight, stores nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from entrypoints.stripe_simulator.clock import Clock
from entrypoints.stripe_simulator.exchanges import Answer
from entrypoints.stripe_simulator.refusals import Refusal

KEPT = int(timedelta(hours=24).total_seconds())
LONGEST_KEY = 255


@dataclass(slots=True)
class Entry:
    fingerprint: str
    created: int
    request_id: str
    answer: Answer | None = None


class IdempotencyKeys:
    """Results under (API key, idempotency key)."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.entries: dict[tuple[str, str], Entry] = {}

    def begin(
        self, scope: tuple[str, str], fingerprint: str, request_id: str
    ) -> Answer | None:
        """Claim the key, or return the answer to replay.

        Raises:
            Refusal: The key is too long, is in flight, or belongs to other parameters.
        """
        key = scope[1]
        if len(key) > LONGEST_KEY:
            message = f"Idempotency keys can have at most {LONGEST_KEY} characters."
            raise Refusal(message, kind="idempotency_error", is_saved=False)
        entry = self.entries.get(scope)
        if entry is None or entry.created <= self.clock.now() - KEPT:
            self.entries[scope] = Entry(fingerprint, self.clock.now(), request_id)
            return None
        if entry.fingerprint != fingerprint:
            raise _is_for_another_request(key)
        if entry.answer is None:
            raise _is_in_use(key)
        replayed = {
            "Idempotent-Replayed": "true",
            "Original-Request": entry.request_id,
        }
        headers = {**entry.answer.headers, **replayed}
        return replace(entry.answer, headers=headers)

    def end(self, scope: tuple[str, str], answer: Answer | None) -> None:
        """Keep the outcome, or free the key when there is none to keep."""
        entry = self.entries.get(scope)
        if answer is None:
            self.entries.pop(scope, None)
        elif entry is not None:  # else everything was reset meanwhile
            entry.answer = answer


def _is_for_another_request(key: str) -> Refusal:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they "
        f"were first used with. Try using a key other than '{key}' if you meant to "
        "execute a different request."
    )
    return Refusal(message, kind="idempotency_error", is_saved=False)


def _is_in_use(key: str) -> Refusal:
    message = (
        "There is currently another in-progress request using this Idempotent Key "
        "(that probably means you submitted twice, and the other request is still "
        f"going through): {key}. Please try again later."
    )
    code = "idempotency_key_in_use"
    return Refusal(
        message, status=409, kind="idempotency_error", code=code, is_saved=False
    )
