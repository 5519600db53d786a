"""An admin in front of the pages, and everybody else who tries."""

from dataclasses import dataclass
from typing import Final

from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.backoffice.admin_api import AdminApi
from entrypoints.storefront.config import forms_lead_to
from entrypoints.storefront.visitors import AnyRequest, Visitor, config_of

ADMIN: Final = "admin"
# Our own script and what it fetches, on top of what the shop's pages may.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)


class NobodySignedIn(Exception):
    """Nobody has signed in, so nobody knows whether they are an admin."""


class AdminsOnly(Exception):
    """Somebody signed in who is no admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One admin, the service as they may use it, and how a page is shown to them."""

    visitor: Visitor
    api: AdminApi
    policy: str

    def sees(
        self, template: str, *, area: str, status: int = 200, **facts: object
    ) -> Template:
        """Render a page; `area` is the entry of the navigation that it belongs to."""
        return Template(
            f"admin/{template}",
            context={"visitor": self.visitor, "area": area, "status": status, **facts},
            headers={"Content-Security-Policy": self.policy},
            status_code=status,
        )


async def desk(request: AnyRequest, visitor: NamedDependency[Visitor]) -> Desk:
    """Let an admin in.

    The service asks again at every call: this is so that nobody else meets a form.

    Raises:
        AdminsOnly: it is somebody else.
        NobodySignedIn: it is nobody yet.
    """
    if visitor.person is None:
        raise NobodySignedIn
    if visitor.person.role != ADMIN:
        raise AdminsOnly
    # Whose token ended is led from a form to the page that signs people in.
    forms = forms_lead_to(config_of(request).sign_in_url)
    found = Desk(
        visitor=visitor,
        api=AdminApi(service=visitor.api),
        policy=f"{POLICY}; {forms}",
    )
    request.state.desk = found
    return found
