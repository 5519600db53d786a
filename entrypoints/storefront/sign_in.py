"""Sign-in with one click, because the demo's people have no passwords."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import ValidationException
from litestar.params import BodyKwarg, QueryParameter
from litestar.response import Redirect, Template

from entrypoints.storefront.people import BY_KEY, PEOPLE, now, token_for
from entrypoints.storefront.visitors import (
    SESSION_COOKIE,
    AnyRequest,
    Visitor,
    local_path,
    see,
    session_cookie,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    person: str
    next: str = "/"


class SignInPages(Controller):
    @get("/sign-in")
    async def offer(
        self,
        visitor: NamedDependency[Visitor],
        back_to: Annotated[str, QueryParameter(name="next")] = "/",
    ) -> Template:
        return visitor.sees("sign_in.html", people=PEOPLE, next=local_path(back_to))

    @post("/sign-in")
    async def sign_in(
        self,
        request: AnyRequest,
        data: Annotated[
            SignInForm, BodyKwarg(media_type=RequestEncodingType.URL_ENCODED)
        ],
    ) -> Redirect:
        person = BY_KEY.get(data.person)
        if person is None:
            raise ValidationException("Nobody of that name can sign in here.")
        answer = see(local_path(data.next))
        token = token_for(person, request.app.state.config, at=now())
        answer.cookies.append(session_cookie(token))
        return answer

    @post("/sign-out")
    async def sign_out(self) -> Redirect:
        answer = see("/")
        answer.delete_cookie(SESSION_COOKIE)
        return answer
