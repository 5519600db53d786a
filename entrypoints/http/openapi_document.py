"""What every route has in common and Litestar does not say in the OpenAPI document.

A POST of a signed-in caller takes `Idempotency-Key`, and no body has unknown fields.
"""

from dataclasses import dataclass, fields
from typing import Any, Final

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI

from application.claim_key import IdempotencyInProgress, IdempotencyKeyReused
from entrypoints.http.idempotency import HEADER, KEY_MAX, KEY_PATTERN, REPLAYED
from entrypoints.http.problems import MEDIA_TYPE, Problem, problem_of
from entrypoints.http.refusals import InvalidRequest

NUMBER: Final = {"type": "number"}
INTEGER: Final = {"type": "integer"}
REF: Final = "$ref"
OPEN_TO_ALL: Final[Any] = [{}]
PARAMETER: Final[dict[str, Any]] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    "description": (
        "Names this request among yours.  Sent again within 24 hours with the same "
        "name and content it is not done again: the first answer comes back, with "
        f"`{REPLAYED}: true`."
    ),
}
REFUSALS: Final[tuple[Exception, ...]] = (
    InvalidRequest(
        f"{HEADER}: Expected 1 to {KEY_MAX} printable characters.", field=HEADER
    ),
    IdempotencyInProgress(),
    IdempotencyKeyReused(),
)


@dataclass
class WholeDocument(OpenAPI):
    """The document, with what goes without saying in the code."""

    def to_schema(self) -> dict[str, Any]:
        document: dict[str, Any] = super().to_schema()
        for path, operations in document.get("paths", {}).items():
            operation = operations.get("post")
            if operation and operation.get("security") != OPEN_TO_ALL:
                _describe(operation, path)
            for each in operations.values():
                _close(each.get("requestBody", {}), document["components"]["schemas"])
        _tell_numbers_apart(document["components"])
        return document


@dataclass
class WholeConfig(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        plain = super().to_openapi_schema()
        given = {each.name: getattr(plain, each.name) for each in fields(plain)}
        return WholeDocument(**given)


def _describe(operation: dict[str, Any], path: str) -> None:
    operation["parameters"] = [*operation.get("parameters", []), PARAMETER]
    for error in REFUSALS:
        problem = problem_of(
            error, instance=path, request_id="0f7b2c1e9a5d4c3b8e6f7a8b9c0d1e2f"
        )
        _declare(operation["responses"], problem)


def _close(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say of a body that unknown fields are refused, as each of ours does."""
    for content in body.get("content", {}).values():
        shape = content["schema"]
        for part in (shape, *shape.get("allOf", ())):
            if REF in part:
                schemas[part[REF].rpartition("/")[2]]["additionalProperties"] = False


def _tell_numbers_apart(part: Any) -> None:
    """An integer is a number too, so one of both is never exactly one of them."""
    if isinstance(part, dict):
        choices = part.get("oneOf", [])
        if NUMBER in choices and INTEGER in choices:
            choices.remove(INTEGER)
        for each in part.values():
            _tell_numbers_apart(each)
    elif isinstance(part, list):
        for each in part:
            _tell_numbers_apart(each)


def _declare(responses: dict[str, Any], problem: Problem) -> None:
    """Add a refusal to those of the same status, whose schema is the same."""
    declared = responses.setdefault(
        str(problem.status),
        {
            "description": "",
            "content": {MEDIA_TYPE: {"schema": PROBLEM, "examples": {}}},
        },
    )
    declared["description"] = f"{declared['description']} {problem.detail}".strip()
    examples = declared["content"][MEDIA_TYPE].setdefault("examples", {})
    examples[f"key_{problem.code}"] = {
        "summary": problem.code,
        "value": msgspec.to_builtins(problem),
    }


PROBLEM: Final = {REF: "#/components/schemas/Problem"}
