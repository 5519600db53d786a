"""Price a place and put down all that its checkout will need."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.payments import PaymentGateway
from application.ports.randomness import Randomness
from domain.program import Program
from domain.purchase import Buyer, Purchase, PurchasedProgram
from domain.quote import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPurchase:
    """Compose a purchase that nobody has stored yet, with the price it will keep.

    The provider's request is part of it, so that every try sends the same (I16).
    """

    clock: Clock
    hold: timedelta
    payments: PaymentGateway
    randomness: Randomness

    def __call__(
        self, program: Program, buyer: Buyer, *, as_class_rep: bool
    ) -> Purchase:
        """Return the new purchase.

        Raises:
            BelowMinimumCharge: the provider would not charge the total.
            ProgramIsFree: there is nothing to pay for.
        """
        at = self.clock.now()
        offer = quote(program, as_class_rep=as_class_rep, at=at)
        purchase_id = self.randomness.purchase_id()
        bought = PurchasedProgram(
            id=program.id,
            title=program.title,
            program_type=program.program_type,
            time_zone=program.time_zone,
        )
        request = None
        if not offer.is_free:
            request = self.payments.compose(
                purchase_id=purchase_id,
                buyer=buyer,
                program=bought,
                quote=offer,
                expires_at=self.payments.now() + self.hold,
            )
        return Purchase.begin(
            id=purchase_id,
            order_number=self.randomness.order_number(at=at),
            buyer=buyer,
            program=bought,
            quote=offer,
            request=request,
            at=at,
        )
