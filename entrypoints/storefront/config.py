"""What the shop has to know about the world around it."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from entrypoints.storefront.demo_people import DemoSigner
from entrypoints.storefront.people import ReadToken

# A browser refuses a cookie of this name unless it is Secure, of this very host and of
# the whole of it, so that no neighbouring subdomain can plant one.
HOST_PREFIX: Final = "__Host-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontConfig:
    """Where the service is, who signs people in, and where they pay.

    Attributes:
        api_url: where the service's API begins, `/api` included.
        payment_origin: where the buyer pays; a form may lead there and nowhere else.
        form_secret: proves that a form was handed out by us; of 32 bytes or more.
        read_token: who is behind a token, by the service's own rules.
        shop_url: where the pages are, as a browser sees them, without a slash.
        sign_in_url: the identity provider's page; None in a demo.
        demo: signs people in with one click; None everywhere but in a demo.
        inbox_url: the page with the mails, if there is one to link to.
        is_secure: the pages come over HTTPS, and so do their cookies.
        moves_money: payments are real, and the pages need not say otherwise.
    """

    api_url: str
    payment_origin: str
    form_secret: str = field(repr=False)
    read_token: ReadToken = field(repr=False)
    shop_url: str
    sign_in_url: str | None = None
    demo: DemoSigner | None = None
    inbox_url: str | None = None
    is_secure: bool = False
    moves_money: bool = False

    @property
    def session_cookie(self) -> str:
        return self._cookie("spothold_session")

    @property
    def form_cookie(self) -> str:
        return self._cookie("spothold_form")

    @property
    def hand_over_origins(self) -> frozenset[str]:
        """Return from whose pages a token may be handed over."""
        urls = (self.shop_url, self.sign_in_url)
        return frozenset(origin_of(url) for url in urls if url)

    def _cookie(self, name: str) -> str:
        return f"{HOST_PREFIX}{name}" if self.is_secure else name


def forms_lead_to(*urls: str | None) -> str:
    """Say as a rule of a policy that forms lead here and to where these addresses are.

    A form that answers with a redirect is bound by the policy at each step.
    """
    return " ".join(["form-action 'self'", *map(origin_of, filter(None, urls))])


def origin_of(url: str) -> str:
    """Return an address's origin as browsers write it: without a default port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}".lower()
