"""What Stripe says when it says no."""

from typing import Any


class Refusal(Exception):
    """An error answer in Stripe's own shape.

    `is_saved` tells whether Stripe keeps it under the idempotency key: it does once the
    operation has begun, and does not while it is still reading the parameters.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        is_saved: bool = True,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.is_saved = is_saved
        known = {name: value for name, value in details.items() if value is not None}
        self.body = {"error": {"message": message, "type": kind, **known}}


def bad_parameter(message: str, param: str, code: str | None = None) -> Refusal:
    return Refusal(message, param=param, code=code, is_saved=False)


def missing_parameter(param: str) -> Refusal:
    return bad_parameter(
        f"Missing required param: {param}.", param, "parameter_missing"
    )


def unknown_parameter(param: str) -> Refusal:
    return bad_parameter(
        f"Received unknown parameter: {param}", param, "parameter_unknown"
    )


def no_such(kind: str, identifier: str, *, param: str, status: int) -> Refusal:
    return Refusal(
        f"No such {kind}: '{identifier}'",
        status=status,
        param=param,
        code="resource_missing",
    )
