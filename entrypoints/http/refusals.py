"""What HTTP itself refuses, before any rule of the business is asked."""

from collections.abc import Mapping
from typing import ClassVar

from litestar import status_codes as http


class Refusal(Exception):
    """A request that no use case gets to see.

    `code` follows the same promise as `DomainError.code`; `field` says which part of
    the request is meant; `reason` is for our log and never answered.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    detail: str = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(detail or self.detail)
        self.field = field
        self.headers = dict(headers or {})
        self.reason = reason


class InvalidRequest(Refusal):
    status = http.HTTP_400_BAD_REQUEST
    code = "invalid_request"
    detail = "The request is malformed."


class InvalidHost(Refusal):
    status = http.HTTP_400_BAD_REQUEST
    code = "invalid_host"
    detail = "This service does not answer for that host."


class NotAuthenticated(Refusal):
    """Whatever is wrong with a token, the answer is this one (hazards 7.1)."""

    status = http.HTTP_401_UNAUTHORIZED
    code = "authentication_required"
    detail = "Authentication required."

    def __init__(self, *, reason: str | None = None) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"}, reason=reason)


class AccessDenied(Refusal):
    status = http.HTTP_403_FORBIDDEN
    code = "access_denied"
    detail = "Access denied."


class NoSuchRoute(Refusal):
    status = http.HTTP_404_NOT_FOUND
    code = "not_found"
    detail = "There is nothing at this address."


class MethodNotAllowed(Refusal):
    status = http.HTTP_405_METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    detail = "This address does not answer that method."


class BodyTooLarge(Refusal):
    status = http.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    detail = "The body is larger than this address takes."


class UnsupportedMediaType(Refusal):
    status = http.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    detail = "The body must be sent as application/json."


class RateLimited(Refusal):
    status = http.HTTP_429_TOO_MANY_REQUESTS
    code = "rate_limited"
    detail = "Too many requests; please wait."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})


class Overloaded(Refusal):
    status = http.HTTP_503_SERVICE_UNAVAILABLE
    code = "overloaded"
    detail = "Too many are asking at this moment; please try again."


class InternalError(Refusal):
    """The answer to a bug: it says nothing, the log says the rest."""

    status = http.HTTP_500_INTERNAL_SERVER_ERROR
    code = "internal_error"
    detail = "Something went wrong on our side."
