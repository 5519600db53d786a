"""The OpenAPI document: every refusal of every route, word for word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Router
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPIMediaType,
    Operation,
    RequestBody,
    Schema,
    SecurityRequirement,
    SecurityScheme,
)
from litestar.status_codes import HTTP_202_ACCEPTED, HTTP_503_SERVICE_UNAVAILABLE

from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY, PUBLIC
from entrypoints.http.openapi_document import WholeConfig
from entrypoints.http.problems import MEDIA_TYPE, Problem, problem_of
from entrypoints.http.swagger_ui import PAGE_CSP, PATH, asset_routes, swagger_page

CSP: Final = "csp"  # the name under which a route declares its own policy
OPEN_TO_ALL: Final[list[SecurityRequirement]] = [{}]
BEARER: Final = "bearer"

Responses = dict[int, ResponseSpec]


def refusals(*errors: Exception) -> Responses:
    """Declare what a route for signed-in people refuses."""
    return public_refusals(samples.NO_TOKEN, samples.NO_STORAGE, *errors)


def public_refusals(*errors: Exception) -> Responses:
    """Declare what a route refuses; any may meet a wrong host, a bug, and a crowd."""
    return refusals_of_all(samples.CROWDED, *errors)


def refusals_of_all(*errors: Exception) -> Responses:
    """Declare what a route refuses that is answered in any crowd."""
    by_status: dict[int, list[Problem]] = {}
    for error in (samples.BAD_HOST, samples.BUG, *errors):
        problem = problem_of(
            error,
            instance="/api/example",
            request_id="0f7b2c1e9a5d4c3b8e6f7a8b9c0d1e2f",
        )
        by_status.setdefault(problem.status, []).append(problem)
    return {status: _spec(problems) for status, problems in by_status.items()}


def accepted(shape: Any) -> Responses:  # a generic shape
    """Declare that the answer may also be: begun, not finished yet."""
    spec = ResponseSpec(shape, generate_examples=False, description="Not finished yet")
    return {HTTP_202_ACCEPTED: spec}


def not_ready(shape: Any) -> Responses:
    """Declare that the same answer also comes as a 503."""
    spec = ResponseSpec(shape, generate_examples=False, description="Not ready")
    return {HTTP_503_SERVICE_UNAVAILABLE: spec}


def _spec(problems: Sequence[Problem]) -> ResponseSpec:
    return ResponseSpec(
        Problem,
        generate_examples=False,
        media_type=MEDIA_TYPE,
        description=" ".join(problem.detail for problem in problems),
        examples=[
            Example(summary=problem.code, value=msgspec.to_builtins(problem))
            for problem in problems
        ],
    )


@dataclass
class SignedBody(Operation):
    """Tell of the webhook's body, which Litestar does not read."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={"application/json": OpenAPIMediaType(schema=Schema())},
            description="Stripe's event, signed in the header Stripe-Signature.",
            required=True,
        )


def openapi_config(*, version: str, is_production: bool) -> OpenAPIConfig:
    """Describe the API at `/schema`: to everybody, or to admins in production."""
    who = {ADMIN_ONLY: True} if is_production else {PUBLIC: True}
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return WholeConfig(
        title="Spothold",
        version=version,
        description="Places in programs and class-rep spots, sold through Stripe.",
        components=Components(security_schemes={BEARER: bearer}),
        security=[{BEARER: []}],
        use_handler_docstrings=True,
        openapi_router=Router(
            PATH,
            route_handlers=asset_routes(),
            opt={**who, CSP: PAGE_CSP},
            include_in_schema=False,
        ),
        render_plugins=[swagger_page(), JsonRenderPlugin(), YamlRenderPlugin()],
    )
