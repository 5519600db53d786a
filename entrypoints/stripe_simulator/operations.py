"""Which call does what; paths are written as in Stripe's OpenAPI description."""

from collections.abc import Callable
from functools import partial

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.balance import (
    list_transactions,
    retrieve_balance,
    retrieve_transaction,
)
from entrypoints.stripe_simulator.calls import Call, Operation
from entrypoints.stripe_simulator.catalogue import (
    create_payment_method,
    create_price,
    create_product,
    retrieve_payment_method,
    retrieve_price,
    retrieve_product,
)
from entrypoints.stripe_simulator.cli_sessions import open_cli_session
from entrypoints.stripe_simulator.disputes import list_disputes, retrieve_dispute
from entrypoints.stripe_simulator.endpoints import list_endpoints
from entrypoints.stripe_simulator.history import (
    list_events,
    resend_event,
    retrieve_event,
)
from entrypoints.stripe_simulator.intents import (
    list_charges,
    list_intents,
    retrieve_charge,
    retrieve_intent,
)
from entrypoints.stripe_simulator.payments import (
    confirm_payment_page,
    create_intent,
    show_payment_page,
)
from entrypoints.stripe_simulator.refunds import (
    create_refund,
    list_refunds,
    retrieve_refund,
    update_refund,
)
from entrypoints.stripe_simulator.session_creation import create_session
from entrypoints.stripe_simulator.sessions import (
    expire_session,
    list_line_items,
    list_sessions,
    retrieve_session,
)
from entrypoints.stripe_simulator.webhooks import Webhooks

ON_THE_ACCOUNT: dict[tuple[str, str], Callable[[Account, Call], JsonObject]] = {
    ("POST", "/v1/checkout/sessions"): create_session,
    ("GET", "/v1/checkout/sessions"): list_sessions,
    ("GET", "/v1/checkout/sessions/{id}"): retrieve_session,
    ("POST", "/v1/checkout/sessions/{id}/expire"): expire_session,
    ("GET", "/v1/checkout/sessions/{id}/line_items"): list_line_items,
    ("POST", "/v1/payment_intents"): create_intent,
    ("GET", "/v1/payment_intents"): list_intents,
    ("GET", "/v1/payment_intents/{id}"): retrieve_intent,
    ("GET", "/v1/charges"): list_charges,
    ("GET", "/v1/charges/{id}"): retrieve_charge,
    ("POST", "/v1/refunds"): create_refund,
    ("GET", "/v1/refunds"): list_refunds,
    ("GET", "/v1/refunds/{id}"): retrieve_refund,
    ("POST", "/v1/refunds/{id}"): update_refund,
    ("GET", "/v1/disputes"): list_disputes,
    ("GET", "/v1/disputes/{id}"): retrieve_dispute,
    ("GET", "/v1/balance"): retrieve_balance,
    ("GET", "/v1/balance_transactions"): list_transactions,
    ("GET", "/v1/balance_transactions/{id}"): retrieve_transaction,
    ("GET", "/v1/events"): list_events,
    ("GET", "/v1/events/{id}"): retrieve_event,
    ("POST", "/v1/products"): create_product,
    ("GET", "/v1/products/{id}"): retrieve_product,
    ("POST", "/v1/prices"): create_price,
    ("GET", "/v1/prices/{id}"): retrieve_price,
    ("POST", "/v1/payment_methods"): create_payment_method,
    ("GET", "/v1/payment_methods/{id}"): retrieve_payment_method,
    # Not in the public description: how Stripe's own page and command pay a session.
    ("GET", "/v1/payment_pages/{id}"): show_payment_page,
    ("POST", "/v1/payment_pages/{id}/confirm"): confirm_payment_page,
}


def all_operations(account: Account, webhooks: Webhooks) -> list[Operation]:
    return [
        *(
            Operation(method, path, partial(run, account))
            for (method, path), run in ON_THE_ACCOUNT.items()
        ),
        Operation(
            "GET", "/v1/webhook_endpoints", partial(list_endpoints, account, webhooks)
        ),
        # Not in the public description either: `stripe listen` and `events resend`.
        Operation(
            "POST", "/v1/stripecli/sessions", partial(open_cli_session, webhooks)
        ),
        Operation(
            "POST", "/v1/events/{id}/retry", partial(resend_event, account, webhooks)
        ),
    ]
