"""Look at the payment provider: that it knows us, what our key may, what time it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.payments import PaymentGatewayUnavailable
from application.ports.probes import ProviderProbe, ProviderRefusesUs
from domain.checkups import Checkup

# A signature is refused when it is 300 s old; a Date header is cut to the second.
SKEW_MAX: Final = timedelta(seconds=120)
SKEW_TOLD: Final = timedelta(seconds=10)
MODES: Final = {True: "live", False: "test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProvider:
    """Compare the key's mode, in Stripe's word, with what the settings mean it to be.

    Args:
        is_production: the setting APP_ENV.
        livemode: what our key looks like.
        probe: how to look.
    """

    is_production: bool
    livemode: bool
    probe: ProviderProbe
    name: str = "stripe"

    async def __call__(self) -> Checkup:
        try:
            livemode = await self.probe.livemode()
        except ProviderRefusesUs as error:
            return Checkup.broken(
                self.name, str(error), "Put a key of your account in STRIPE_SECRET_KEY."
            )
        except PaymentGatewayUnavailable as error:
            return Checkup.broken(
                self.name,
                f"Stripe does not answer ({error.reason}).",
                "See that this machine reaches STRIPE_API_BASE.",
            )
        if livemode is not self.livemode or livemode is not self.is_production:
            return self._wrong(MODES[livemode])
        return Checkup.fine(
            self.name, f"It answers; our key is of {MODES[livemode]} mode."
        )

    def _wrong(self, mode: str) -> Checkup:
        env = "production" if self.is_production else "no production"
        return Checkup.broken(
            self.name,
            f"Stripe says that our key is of {mode} mode, and APP_ENV is {env}.",
            "Set STRIPE_SECRET_KEY and APP_ENV to match: live money is for production.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRights:
    """Only reading is tried; that a restricted key may write, the first sale shows."""

    probe: ProviderProbe
    name: str = "stripe rights"

    async def __call__(self) -> Checkup:
        missing = await self.probe.missing_rights()
        if missing:
            return Checkup.broken(
                self.name,
                f"The key may not read: {'; '.join(missing)}.",
                "Give the restricted key these rights in Stripe's dashboard, and to"
                " write Checkout Sessions and Refunds.",
            )
        return Checkup.fine(
            self.name, "The key may read all that is needed; writing was not tried."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckClock:
    probe: ProviderProbe
    name: str = "clock"

    async def __call__(self) -> Checkup:
        skew = await self.probe.skew()
        seconds = round(abs(skew).total_seconds())
        where = "behind" if skew > timedelta() else "ahead of"
        said = f"It is {seconds} s {where} Stripe's."
        if abs(skew) > SKEW_MAX:
            return Checkup.broken(
                self.name,
                f"{said}  Webhooks are refused from 300 s on.",
                "Let this machine set its clock by NTP.",
            )
        if abs(skew) > SKEW_TOLD:
            return Checkup.warning(
                self.name, said, "Let this machine set its clock by NTP."
            )
        return Checkup.fine(self.name, f"Within {SKEW_TOLD.seconds} s of Stripe's.")
