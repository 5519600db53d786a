"""Signing in: with one click in a demo, else by a token that is handed over."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import BodyKwarg, QueryParameter
from litestar.response import Redirect, Template

from entrypoints.storefront.demo_people import BY_KEY, ROLES
from entrypoints.storefront.people import now
from entrypoints.storefront.refusals import Advice
from entrypoints.storefront.session import TOKEN_MAX, forgotten, kept
from entrypoints.storefront.visitors import (
    AnyRequest,
    Visitor,
    config_of,
    local_path,
    see,
    visitor_of,
)

NextPage = Annotated[str, QueryParameter(name="next")]
NOT_SIGNED_IN: Final = Advice(
    heading="You are not signed in", link="/sign-in", label="Sign in again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoForm:
    person: str
    next: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenForm:
    """What the identity provider's page sends, by way of the visitor's browser."""

    token: str
    next: str = "/"


class DemoSignInPages(Controller):
    """The demo's people have no passwords."""

    path = "/sign-in"

    @get()
    async def offer(
        self, visitor: NamedDependency[Visitor], back_to: NextPage = "/"
    ) -> Template:
        return visitor.sees("sign_in.html", roles=ROLES, next=local_path(back_to))

    @post()
    async def sign_in(
        self,
        request: AnyRequest,
        data: Annotated[
            DemoForm, BodyKwarg(media_type=RequestEncodingType.URL_ENCODED)
        ],
    ) -> Redirect:
        config, person = config_of(request), BY_KEY.get(data.person)
        if config.demo is None:
            raise NotFoundException
        if person is None:
            raise ValidationException("Nobody of that name can sign in here.")
        session = await config.read_token(config.demo.token_for(person, at=now()))
        if session is None:
            raise ValidationException("The service has another secret.")
        answer = see(local_path(data.next))
        answer.cookies.append(kept(session, config))
        return answer


class SignInPages(Controller):
    """The organisation's identity provider signs people in and hands their token over.

    `/session` takes it without a form of ours.  The token itself proves that somebody
    signed in, and the page it comes from must be the provider's: a stranger's page
    could sign a visitor in as the stranger, who then reads what they buy.
    """

    @get("/sign-in")
    async def leave(self, request: AnyRequest, back_to: NextPage = "/") -> Redirect:
        """Send the visitor to the provider, with the way back."""
        config = config_of(request)
        if config.sign_in_url is None:
            raise NotFoundException
        way_back = urlencode(
            {"return_to": f"{config.shop_url}/session", "next": local_path(back_to)}
        )
        glue = "&" if "?" in config.sign_in_url else "?"
        return see(f"{config.sign_in_url}{glue}{way_back}")

    @post("/session", exclude_from_csrf=True)
    async def hand_over(
        self,
        request: AnyRequest,
        data: Annotated[
            TokenForm, BodyKwarg(media_type=RequestEncodingType.URL_ENCODED)
        ],
    ) -> Redirect | Template:
        config = config_of(request)
        if request.headers.get("Origin", "") not in config.hand_over_origins:
            return _not_signed_in(request, "This page does not sign people in here.")
        if len(data.token) > TOKEN_MAX:
            return _not_signed_in(request, "The token is too large for a cookie.")
        session = await config.read_token(data.token)
        if session is None:
            return _not_signed_in(request, "Your sign-in is not valid any more.")
        answer = see(local_path(data.next))
        answer.cookies.append(kept(session, config))
        return answer


class SignOutPages(Controller):
    @post("/sign-out")
    async def sign_out(self, request: AnyRequest) -> Redirect:
        config = config_of(request)
        answer = see("/")
        answer.cookies.append(forgotten(config.session_cookie, config))
        return answer


def _not_signed_in(request: AnyRequest, why: str) -> Template:
    return visitor_of(request).sees(
        "refusal.html",
        status=HTTPStatus.FORBIDDEN,
        advice=NOT_SIGNED_IN,
        detail=why,
        retry=None,
        wait=None,
    )
