"""Read JSON bodies strictly: what is not exactly asked for is refused, never guessed.

Litestar's own reading lets `"true"` pass for true and the last of two equal keys win,
and answers 500 to bad UTF-8 and to deep nesting (hazards 7.2, traps 4 and 5).
"""

import json
import re
from typing import Any, Final, NoReturn

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType

from entrypoints.http.refusals import InvalidRequest, UnsupportedMediaType

BODY_MAX: Final = 16 * 1024
WEBHOOK_BODY_MAX: Final = 256 * 1024
LACKS: Final = {"unknown": "has an unknown field", "required": "lacks a field"}
UNKNOWN: Final = "unknown field `"
CHARSETS: Final = frozenset({"", "utf-8", "utf8"})

_WHERE: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_NAMED: Final = re.compile(r"(unknown|required) field `([A-Za-z0-9_]{1,64})`")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is read by the rules of this file."""

    async def json(self) -> Any:  # whatever the handler declares
        kind, options = self.content_type
        charset = options.get("charset", "").lower()
        if kind != RequestEncodingType.JSON or charset not in CHARSETS:
            raise UnsupportedMediaType
        field = self.route_handler.parsed_data_field
        return parse(await self.body(), into=field.annotation if field else None)


def parse(body: bytes, *, into: Any) -> Any:
    """Return the body as `into`.

    Raises:
        InvalidRequest: it is not UTF-8, not JSON, has a key twice, nests too deeply,
            or is not of that shape.
    """
    try:
        raw = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant
        )
    except InvalidRequest:
        raise
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not valid JSON.") from None
    try:
        return msgspec.convert(raw, into, strict=True)
    except (msgspec.ValidationError, ValueError) as error:
        raise _mismatch(str(error)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise InvalidRequest("The body has one field twice.")
    return read


def _constant(_name: str) -> NoReturn:
    raise InvalidRequest("The body holds a number that JSON does not have.")


def _mismatch(message: str) -> InvalidRequest:
    """Say which field is meant, and never what stood in it."""
    named = _NAMED.search(message)
    if named:
        return InvalidRequest(f"The body {LACKS[named[1]]}.", field=named[2])
    if UNKNOWN in message:  # under a name that is not repeated
        return InvalidRequest(f"The body {LACKS['unknown']}.")
    where = _WHERE.search(message)
    why = _WHERE.sub("", message)
    if where and where[1]:
        return InvalidRequest(f"{where[1]}: {why}.", field=where[1])
    return InvalidRequest(f"The body does not fit: {why}.")
