"""Look at whether the provider tells us what happens, and whether we can believe it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from application.ports.clock import Clock
from application.ports.probes import Endpoint, ProviderProbe, ToldEvent
from domain.checkups import Checkup

EVERY_KIND: Final = "*"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
LOOK_BACK: Final = timedelta(days=3)  # for as long the provider tries again
TAKEN_WITHIN: Final = timedelta(minutes=5)
SECRET_LENGTH_MIN: Final = 20  # Stripe's have 38


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEndpoint:
    """Find the endpoint with our address, and compare it with what we need.

    Args:
        livemode: of our key.
        probe: how to look.
        url: where we listen, as the provider should know it.
    """

    livemode: bool
    probe: ProviderProbe
    url: str
    name: str = "webhook endpoint"

    async def __call__(self) -> Checkup:
        ours = [each for each in await self.probe.endpoints() if _is(each, self.url)]
        if not ours:
            return self._missing()
        troubles = [why for each in ours for why in self._troubles(each)]
        if troubles:
            return Checkup.broken(
                self.name,
                f"{self.url}: {'; '.join(troubles)}.",
                "Mend the endpoint in Stripe's dashboard, under Webhooks.",
            )
        if any(each.api_version is None for each in ours):
            return Checkup.warning(
                self.name,
                "It speaks the account's own API version, which we cannot see.",
                f"Make an endpoint with API version {self.probe.api_version}.",
            )
        return Checkup.fine(
            self.name, f"{self.url} is told of all {len(self.probe.kinds)} kinds."
        )

    def _missing(self) -> Checkup:
        step = f"Add an endpoint {self.url} in Stripe's dashboard; or set PUBLIC_URL."
        if urlsplit(self.url).hostname in LOOPBACK:
            return Checkup.warning(
                self.name,
                f"Stripe has none with {self.url}, and could not reach it.",
                "For trying out, `stripe listen --forward-to` forwards events here.",
            )
        return Checkup.broken(self.name, f"Stripe has none with {self.url}.", step)

    def _troubles(self, endpoint: Endpoint) -> list[str]:
        missing = sorted(self.probe.kinds - endpoint.kinds)
        told = not missing or EVERY_KIND in endpoint.kinds
        version, ours = endpoint.api_version, self.probe.api_version
        found = {
            f"{endpoint.id} is disabled": not endpoint.is_enabled,
            f"{endpoint.id} is of the other mode": endpoint.livemode != self.livemode,
            f"{endpoint.id} is not told of {', '.join(missing)}": not told,
            f"{endpoint.id} speaks API version {version}, and we {ours}": (
                version is not None and _release(version) != _release(ours)
            ),
        }
        return [why for why, is_so in found.items() if is_so]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSecrets:
    """Stripe shows a secret only once, so it cannot be compared.

    What can be known: that each secret looks like one, that there is one for each
    endpoint of ours, and whether Stripe's newest event was taken by everyone who was to
    be told; we take one only if its signature is right.

    Args:
        clock: ours, to leave out what is being delivered now.
        probe: how to look.
        secrets: what the setting says.
        url: where we listen.
    """

    clock: Clock
    probe: ProviderProbe
    secrets: Sequence[str]
    url: str
    name: str = "webhook secrets"

    async def __call__(self) -> Checkup:
        told = [each for each in await self.probe.endpoints() if each.is_enabled]
        ours = [each for each in told if _is(each, self.url)]
        wrong = self._wrong(len(ours))
        if wrong is not None:
            return Checkup.broken(
                self.name,
                wrong,
                "Put the signing secret of each endpoint in STRIPE_WEBHOOK_SECRET,"
                " comma-separated.",
            )
        at = self.clock.now()
        events = await self.probe.told_since(at - LOOK_BACK)
        due = [each for each in events if each.created_at <= at - TAKEN_WITHIN]
        if not ours:
            return Checkup.warning(
                self.name,
                f"They cannot be proven: Stripe tells nothing to {self.url}.",
                "See to the webhook endpoint, buy something, and look again.",
            )
        return self._judge(due, has_others=len(told) > len(ours))

    def _wrong(self, endpoints: int) -> str | None:
        secrets = self.secrets
        if any(len(secret) < SECRET_LENGTH_MIN for secret in secrets):
            return "One is too short to be Stripe's."
        if len(set(secrets)) < len(secrets):
            return "One is there twice."
        if len(secrets) < endpoints:
            return f"There are {len(secrets)} for {endpoints} endpoints of ours."
        return None

    def _judge(self, due: Sequence[ToldEvent], *, has_others: bool) -> Checkup:
        """Judge by the newest; Stripe counts over all endpoints of the account."""
        if not due:
            return Checkup.warning(
                self.name,
                "They look right; no event of the last days proves that they are.",
                "Buy something, or send a test event, and look again.",
            )
        newest = max(due, key=lambda each: each.created_at)
        if newest.untold:
            # Where others are told too, it may be one of them that did not take it.
            judged = Checkup.warning if has_others else Checkup.broken
            return judged(
                self.name,
                f"Stripe's newest event {newest.id} was not taken by {newest.untold} of"
                " those who were to be told.",
                "See in Stripe's dashboard what we answered; a 400 is a wrong secret.",
            )
        return Checkup.fine(
            self.name,
            f"Everyone who was to be told took Stripe's newest event, {newest.id}.",
        )


def _is(endpoint: Endpoint, url: str) -> bool:
    return endpoint.url.rstrip("/") == url.rstrip("/")


def _release(version: str) -> str:
    """Return the release's name; within one, Stripe only adds.

    https://docs.stripe.com/sdks/versioning
    """
    return version.partition(".")[2] or version
