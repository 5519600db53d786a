"""The way to Stripe: one pooled HTTP client, and what it learns about Stripe's time."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import Any, Final, NoReturn

import aiohttp
import stripe

from adapters.stripe.exchanges import note_request
from adapters.stripe.line import StripeLine
from application.ports.clock import Clock

CONNECTIONS: Final = 20  # open at once; how many a second, the line decides
SERVER_ERROR: Final = 500


class ProviderClock:
    """Stripe's time: ours, and how far Stripe's was from it when it last answered.

    A `Date` header is cut to the second and old by the way home, so this time runs up
    to a second or two behind: whoever waits for a moment to pass waits long enough.
    """

    def __init__(self, ours: Clock) -> None:
        self._ours = ours
        self._offset = timedelta()

    def now(self) -> datetime:
        return self._ours.now() + self._offset

    def observe(self, date: str | None) -> None:
        """Learn from a `Date` header; one that says nothing teaches nothing."""
        theirs = moment_of(date or "")
        if theirs is not None:
            self._offset = theirs - self._ours.now()


@lru_cache(maxsize=8)  # all answers of one second have the same
def moment_of(date: str) -> datetime | None:
    """Read a `Date` header; None: it says nothing."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    # "-0000": some time, of nobody knows where.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class SafeAIOHTTPClient(stripe.HTTPClient):
    """Sends requests for the SDK; whatever happens on the way has one name.

    The SDK's own aiohttp client reads the body outside its `try`, so that a half-sent
    or stalled one escapes as an error of aiohttp; it also follows redirects and keeps
    cookies.  This one lets nothing but `stripe.APIConnectionError` out.
    """

    name = "aiohttp"

    def __init__(
        self,
        observe_date: Callable[[str | None], None],
        *,
        per_try: timedelta,
        line: StripeLine | None = None,
    ) -> None:
        super().__init__()
        self._line = line
        self._observe_date = observe_date
        self._timeout = aiohttp.ClientTimeout(total=per_try.total_seconds())
        self._session: aiohttp.ClientSession | None = None

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        if self._line is not None:
            await self._line.turn()
        try:
            async with self._opened().request(
                method, url, headers=headers, data=post_data, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            _fail(error)
        if self._line is not None:
            self._line.heard(answer.status, answer.headers, body)
        note_request(answer.headers.get("Request-Id"))
        if answer.status < SERVER_ERROR:  # a broken proxy's clock is nobody's
            self._observe_date(answer.headers.get("Date"))
        # The SDK lets a UnicodeDecodeError out, which would hide a proxy's 502.
        return body.decode(errors="replace").encode(), answer.status, answer.headers

    def sleep_async(self, secs: float) -> Any:
        """Wait as the SDK asks; it never does, for its own retries are off."""
        return asyncio.sleep(secs)

    async def close_async(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the one session; it can only be made where a loop runs."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=_trusted(), limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._session


def stripe_client(
    secret_key: str, *, api_base: str, http: SafeAIOHTTPClient
) -> stripe.StripeClient:
    """Build the SDK's client: no telemetry, no retries beside ours, no word in a log.

    At DEBUG the SDK logs whole requests and answers, with the buyer's address in them.
    """
    stripe.enable_telemetry = False  # it writes to the home folder and adds headers
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        secret_key,
        http_client=http,
        base_addresses={"api": api_base},
        max_network_retries=0,
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Trust whom the SDK trusts; its bundle takes long to read."""
    return ssl.create_default_context(cafile=stripe.ca_bundle_path)


def _fail(error: Exception) -> NoReturn:
    raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
        f"{type(error).__name__} on the way"
    ) from error
