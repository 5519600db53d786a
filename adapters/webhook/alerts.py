import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from adapters.webhook.signing import key_of, signature
from application.ports.alerts import Alert, AlertNotTold, Bundle
from application.ports.clock import Clock

TIMEOUT: Final = timedelta(seconds=5)  # of one try
TRIES_MAX: Final = 3
PAUSE: Final = timedelta(seconds=1)  # doubles, and is drawn from the whole of it
TRANSIENT: Final = frozenset({408, 425, 429})
SERVER_ERROR: Final = 500
TYPE: Final = "spothold.alert"


class _Transient(Exception):
    """Not taken this time; another try may do better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedAlerts:
    """Posts alerts as JSON, signed, to one address.

    `text` says all of it in words, which chat tools show; `data` is for programs.  All
    tries of one message carry one `webhook-id`.  A redirect is not followed: what is
    signed is for the address that was set, and no other.
    """

    url: str
    secret: str
    environment: str
    clock: Clock
    pause: timedelta = PAUSE
    timeout: timedelta = TIMEOUT
    name: str = "webhook"

    async def tell(self, bundle: Bundle) -> None:
        body = json.dumps(self._payload(bundle)).encode()
        message_id = f"msg_{secrets.token_hex(16)}"
        tries = AsyncRetrying(
            stop=stop_after_attempt(TRIES_MAX),
            wait=wait_random_exponential(multiplier=self.pause.total_seconds()),
            retry=retry_if_exception_type(_Transient),
            reraise=True,
        )
        try:
            async with httpx.AsyncClient(
                timeout=self.timeout.total_seconds(), follow_redirects=False
            ) as client:
                await tries(self._post, client, message_id, body)
        except _Transient as error:
            raise AlertNotTold(str(error)) from error

    async def _post(
        self, client: httpx.AsyncClient, message_id: str, body: bytes
    ) -> None:
        timestamp = int(self.clock.now().timestamp())
        key = key_of(self.secret)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Spothold",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                key, message_id=message_id, timestamp=timestamp, body=body
            ),
        }
        try:
            response = await client.post(self.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Transient(type(error).__name__) from error
        if response.is_success:
            return
        said = f"HTTP {response.status_code}"
        status = response.status_code
        if status >= SERVER_ERROR or status in TRANSIENT:
            raise _Transient(said)
        raise AlertNotTold(said)

    def _payload(self, bundle: Bundle) -> dict[str, Any]:
        first = bundle.first
        return {
            "type": TYPE,
            "timestamp": self.clock.now().isoformat(),
            "text": self._text(bundle),
            "data": {
                "environment": self.environment,
                **_data(first),
                "also": [_data(other) for other in bundle.others],
                "more": bundle.more,
            },
        }

    def _text(self, bundle: Bundle) -> str:
        first = bundle.first
        lines = [
            f"[Spothold {self.environment}] {first.code}: {first.message}",
            f"Next step: {first.next_step}",
            *(f"{name}: {value}" for name, value in first.facts.items()),
            *(f"Also: {other.message} {_in_words(other)}" for other in bundle.others),
        ]
        if bundle.more:
            lines.append(f"And {bundle.more} more of these, which are in the log.")
        return "\n".join(lines)


def posted_alerts(
    *, url: str | None, secret: str | None, environment: str, clock: Clock
) -> PostedAlerts | None:
    """Return the way to the address, if one is set."""
    if url is None or secret is None:
        return None
    return PostedAlerts(url=url, secret=secret, environment=environment, clock=clock)


def _data(alert: Alert) -> dict[str, Any]:
    return {
        "code": alert.code,
        "message": alert.message,
        "nextStep": alert.next_step,
        "facts": dict(alert.facts),
    }


def _in_words(alert: Alert) -> str:
    return ", ".join(f"{name}: {value}" for name, value in alert.facts.items())
