"""`Idempotency-Key`: what a caller names is done once, and answered each time.

Every POST of a signed-in caller takes the header; a route need not say so.  A guard
claims the key once it is known who asks, and the layer around the app keeps the answer
before it goes out (docs/adr/0024).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPMethod
from typing import Any, Final, cast

import msgspec
import structlog
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.claim_key import Claim, ClaimKey, NamedRequest
from application.keep_answer import KeepAnswer
from application.ports.idempotency import KeptAnswer
from application.ports.storage import StorageUnavailable
from entrypoints.http.bodies import StrictRequest, parse
from entrypoints.http.refusals import InvalidRequest

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEY_MAX: Final = 255
_CLAIM: Final = "idempotency_claim"
# One word or more, or in the draft's own notation: RFC 9651, section 3.3.3.
_BARE: Final = rf"[!#-~]([ -~]{{0,{KEY_MAX - 2}}}[!-~])?"
_INNER: Final = r'([!#-\[\]-~]|\\["\\])'
_QUOTED: Final = rf'"{_INNER}(({_INNER}| ){{0,{KEY_MAX - 2}}}{_INNER})?"'
KEY_PATTERN: Final = rf"^({_BARE}|{_QUOTED})$"
_KEY: Final = re.compile(rf"{_BARE}|{_QUOTED}")

log = structlog.get_logger(__name__)


class AnsweredBefore(Exception):
    """Not a refusal: the answer is there already, and the handler is not asked."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__("answered before")
        self.kept = kept

    def response(self) -> Response[bytes]:
        return Response(
            self.kept.body,
            status_code=self.kept.status,
            media_type=self.kept.media_type,
            headers={REPLAYED: "true"},
        )


def key_of(given: Sequence[str]) -> str:
    """Read the header, with the quotes of the draft or without.

    Raises:
        InvalidRequest: it is there twice, or is not 1 to 255 printable characters.
    """
    text = given[0] if len(given) == 1 else ""
    if _KEY.fullmatch(text) is None:
        raise InvalidRequest(
            f"{HEADER}: Expected 1 to {KEY_MAX} printable characters.", field=HEADER
        )
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def canonical(body: bytes) -> bytes:
    """Return what two bodies that say the same have in common."""
    try:
        return msgspec.json.encode(parse(body, into=Any), order="deterministic")
    except (InvalidRequest, RecursionError, ValueError):
        return body  # no JSON: what is refused is told apart byte for byte


@dataclass(frozen=True, slots=True, kw_only=True)
class HonourKeys:
    """A guard for the whole app, behind those that say who asks and how often."""

    claim_key: Callable[[], ClaimKey]

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Claim the key of a request that has one.

        Raises:
            AnsweredBefore: the answer to it is known.
            IdempotencyInProgress: somebody works on it.
            IdempotencyKeyReused: the key stands for another request.
            InvalidRequest: the header is malformed.
        """
        scope = connection.scope
        given = connection.headers.getall(HEADER, [])
        if not given or not _is_a_post(scope) or "user" not in scope:
            return
        key = key_of(given)
        body = await cast("StrictRequest", connection).body()
        request = NamedRequest(
            caller=connection.user.id,
            route=str(handler),
            key=key,
            content=b"\n".join(
                (scope["raw_path"], scope["query_string"], canonical(body))
            ),
        )
        told = await self.claim_key()(request)
        if isinstance(told, KeptAnswer):
            raise AnsweredBefore(told)
        cast("Any", scope)["state"][_CLAIM] = told


def claim_of(scope: Any) -> Claim | None:  # any flavour of ASGI scope
    """Return the claim under which a request is answered."""
    claim: Claim | None = scope["state"].get(_CLAIM)
    return claim


def request_name(request: StrictRequest) -> str | None:
    """Return what is the same each time this very request is answered, if named."""
    claim = claim_of(request.scope)
    return None if claim is None else claim.name


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAnswers:
    """Around the app: the answer to a claimed request is kept before it is sent."""

    app: ASGIApp
    keep_answer: Callable[[], KeepAnswer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_named = _is_a_post(scope) and HEADER in Headers.from_scope(scope)
        if not is_named:
            await self.app(scope, receive, send)
            return
        held = _HeldBack()

        async def hold(message: Message) -> None:
            held.messages.append(message)
            if held.is_whole:
                await self._keep(claim_of(scope), held)
                await held.release(send)

        await self.app(scope, receive, hold)

    async def _keep(self, claim: Claim | None, held: "_HeldBack") -> None:
        """Keep it; what is done is done, so a storage that fails stops no answer."""
        if claim is None:
            return
        try:
            await self.keep_answer()(claim, held.answer())
        except StorageUnavailable:
            log.warning("answer not kept; a repeat does the work again")


@dataclass(slots=True)
class _HeldBack:
    messages: list[Any] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        last = self.messages[-1]
        return last["type"] == "http.response.body" and not last.get("more_body")

    def answer(self) -> KeptAnswer:
        start, *parts = self.messages
        headers = dict(start["headers"])
        return KeptAnswer(
            status=start["status"],
            media_type=headers.get(b"content-type", b"").decode("latin-1"),
            body=b"".join(part.get("body", b"") for part in parts),
        )

    async def release(self, send: Send) -> None:
        messages, self.messages = self.messages, []
        for message in messages:
            await send(message)


def _is_a_post(scope: Any) -> bool:
    is_http: bool = scope["type"] == ScopeType.HTTP
    return is_http and scope["method"] == HTTPMethod.POST
