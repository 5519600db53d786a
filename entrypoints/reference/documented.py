"""The OpenAPI document of the service, without a service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import SecretStr

from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.settings import Settings

NOBODYS: Final = SecretStr("sk_test_nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API."""

    method: str
    path: str
    operation: Mapping[str, Any]


@cache
def document() -> Mapping[str, Any]:
    """Return the document; nothing is connected, for nothing is asked."""
    settings = Settings(
        _env_file=None,
        mongodb_uri=SecretStr("mongodb://127.0.0.1:9"),
        stripe_secret_key=NOBODYS,
        stripe_webhook_secret=(SecretStr("whsec_nobody"),),
        jwt_secret=SecretStr("nobody signs anything with this one"),
        smtp_url=SecretStr("smtp://127.0.0.1:9"),
    )
    container = Container(settings=settings, mongodb_uri="mongodb://127.0.0.1:9")
    app = create_app(container.use_cases(), settings)
    schema: Mapping[str, Any] = app.openapi_schema.to_schema()
    return schema


def every_route() -> Iterator[Route]:
    for path, methods in sorted(document()["paths"].items()):
        for method, operation in methods.items():
            yield Route(method=method.upper(), path=path, operation=operation)
