"""Everything that may arrive at the webhook: what is doubtful is refused, one way.

The headers come from an HMAC written here from Stripe's description
(https://docs.stripe.com/webhooks#verify-manually), not from the SDK's own signer.
"""

import contextlib
import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.stripe.webhooks import StripeWebhookVerifier
from application.ports.payment_events import (
    EventKind,
    PaymentEvent,
    PaymentEventVerifier,
    SignatureRefused,
    UnreadableObject,
)
from domain.checkout import CheckoutSession
from domain.ids import PurchaseId
from entrypoints.simulation.outside.clock import ManualClock
from tests.adapters.stripe.objects import (
    EPOCH_NOON,
    METADATA,
    NOON,
    event_json,
    paid_session_json,
    session_event,
)
from tests.adapters.stripe.signing import SECRET, digest, header, signed

OLD_SECRET = "whsec_old"
FOREIGN_SECRET = "whsec_of_somebody_else"
BODY = session_event()
KIB = 1024


def verifier(*secrets: str) -> PaymentEventVerifier:
    return StripeWebhookVerifier(secrets or (SECRET,), clock=ManualClock(NOON))


def about(**facts: Any) -> tuple[bytes, str]:
    """Sign an event about a paid session, some of whose fields are different."""
    return signed(session_event(**facts))


def of_size(size: int) -> tuple[bytes, str]:
    padding = " " * (size - len(BODY))
    return signed(BODY + padding.encode())


GOOD = digest(BODY)
BAD = "0" * 64

ACCEPTED: dict[str, tuple[bytes, str | None]] = {
    "valid": (BODY, header(BODY)),
    "two v1, the second good": (BODY, f"t={EPOCH_NOON},v1={BAD},v1={GOOD}"),
    "two v1, the first good": (BODY, f"t={EPOCH_NOON},v1={GOOD},v1={BAD}"),
    "an unknown scheme beside": (BODY, f"t={EPOCH_NOON},v1={GOOD},v0={BAD}"),
    "as old as may be": (BODY, header(BODY, at=EPOCH_NOON - 300)),
    "as early as may be": (BODY, header(BODY, at=EPOCH_NOON + 300)),
    "another api_version": signed(event_json(api_version="2024-06-20")),
    "no api_version": signed(event_json(api_version=None)),
    "the other mode": signed(event_json(livemode=True)),
    "another app": about(metadata={**METADATA, "app": "bookshop"}),
    "no metadata": about(metadata={}),
    "metadata null": about(metadata=None),
    "a purchase that nobody knows": about(metadata={**METADATA, "purchase_id": "?"}),
    "an unknown type": signed(event_json(type="invoice.paid", data={"object": {}})),
    "a null account": signed(event_json(account=None)),
    "escaped letters": about(customer_details={"name": "Zo\u00eb \U0001f600"}),
    "255 kB": of_size(255 * KIB),
}
REFUSED: dict[str, tuple[bytes, str | None]] = {
    "no header": (BODY, None),
    "an empty header": (BODY, ""),
    "blanks": (BODY, "   "),
    "a foreign secret": (BODY, header(BODY, secret=FOREIGN_SECRET)),
    "an empty secret": (BODY, header(BODY, secret="")),
    "v0 only": (BODY, f"t={EPOCH_NOON},v0={GOOD}"),
    "no v1": (BODY, f"t={EPOCH_NOON}"),
    "an empty v1": (BODY, f"t={EPOCH_NOON},v1="),
    "no t": (BODY, f"v1={GOOD}"),
    "an empty t": (BODY, f"t=,v1={digest(BODY, at='')}"),
    "t twice": (BODY, f"t={EPOCH_NOON},t={EPOCH_NOON},v1={GOOD}"),
    "t twice, the first good": (BODY, f"t={EPOCH_NOON},t=1,v1={GOOD}"),
    "t of nought": (BODY, header(BODY, at=0)),
    "t below nought": (BODY, header(BODY, at=-1)),
    "301 s old": (BODY, header(BODY, at=EPOCH_NOON - 301)),
    "301 s ahead": (BODY, header(BODY, at=EPOCH_NOON + 301)),
    "11 days ahead": (BODY, header(BODY, at=EPOCH_NOON + 10**6)),
    "t after the end of time": (BODY, header(BODY, at=10**11 * 9)),
    "t of 5000 digits": (BODY, header(BODY, at="1" * 5000)),
    "t in Arabic digits": (BODY, f"t=١٧٧٢٤٥٢٨٠٠,v1={GOOD}"),
    "t with a fraction": (BODY, header(BODY, at=f"{EPOCH_NOON}.0")),
    "t with an exponent": (BODY, header(BODY, at="17724528e2")),
    "t with a sign": (BODY, f"t=+{EPOCH_NOON},v1={GOOD}"),
    "t with an underscore": (BODY, f"t=1_772452800,v1={GOOD}"),
    "t with a blank": (BODY, f"t= {EPOCH_NOON},v1={GOOD}"),
    "t with a line end": (BODY, f"t={EPOCH_NOON}\n,v1={GOOD}"),
    "v1 in upper case": (BODY, f"t={EPOCH_NOON},v1={GOOD.upper()}"),
    "v1 cut short": (BODY, f"t={EPOCH_NOON},v1={GOOD[:-1]}"),
    "v1 of no hexadecimal digits": (BODY, f"t={EPOCH_NOON},v1={'g' * 64}"),
    "v1 outside ASCII": (BODY, f"t={EPOCH_NOON},v1={'é' * 64}"),
    "v1 of half a surrogate pair": (BODY, f"t={EPOCH_NOON},v1=\udcff"),
    "v1 of 1 MB": (BODY, f"t={EPOCH_NOON},v1={'0' * KIB * KIB}"),
    "a thousand v1": (BODY, header(BODY) + f",v1={BAD}" * 1000),
    "a blank after the comma": (BODY, f"t={EPOCH_NOON}, v1={GOOD}"),
    "the header twice": (BODY, f"{header(BODY)}, {header(BODY)}"),
    "semicolons": (BODY, f"t={EPOCH_NOON};v1={GOOD}"),
    "colons": (BODY, f"t:{EPOCH_NOON},v1:{GOOD}"),
    "a byte more": (BODY + b" ", header(BODY)),
    "a byte changed": (BODY.replace(b"1500", b"1501"), header(BODY)),
    "written anew": (json.dumps(json.loads(BODY), indent=1).encode(), header(BODY)),
    "a byte-order mark put before": (b"\xef\xbb\xbf" + BODY, header(BODY)),
    "a signed byte-order mark": signed(b"\xef\xbb\xbf" + BODY),
    "a line end put after": (BODY + b"\r\n", header(BODY)),
    "compressed": (gzip.compress(BODY, mtime=0), header(BODY)),
    "compressed, then signed": signed(gzip.compress(BODY, mtime=0)),
    "empty": (b"", header(BODY)),
    "empty and signed": signed(b""),
    "no UTF-8": (b"\xff\xfe", header(BODY)),
    "no UTF-8, but signed": signed(BODY.replace(b"Ada", b"\xff")),
    "UTF-16": signed(BODY.decode().encode("utf-16")),
    "a list": signed(b"[]"),
    "null": signed(b"null"),
    "a number": signed(b"1"),
    "an empty object": signed(b"{}"),
    "two objects": signed(b"{}{}"),
    "not a number": signed(session_event(amount_total=float("nan"))),
    "a number of 5000 digits": signed(BODY.replace(b"1500", b"9" * 5000)),
    "deep": signed(b"[" * 100_000),
    "deep inside": signed(
        BODY.replace(b'"pending_webhooks": 1', b'"x":' + b"[" * 9000 + b"]" * 9000)
    ),
    "a field twice": signed(BODY.replace(b'{"id"', b'{"id": "evt_2", "id"', 1)),
    "an amount twice": signed(
        BODY.replace(b'"amount_total"', b'"amount_total": 1, "amount_total"')
    ),
    "a thin event": signed({"id": "evt_1", "object": "v2.core.event", "type": "x"}),
    "no object": signed(event_json(object=None)),
    "no id": signed(event_json(id=None)),
    "an id with a line end": signed(event_json(id="evt_1\n")),
    "no type": signed(event_json(type=None)),
    "no livemode": signed(event_json(livemode=None)),
    "livemode as a text": signed(event_json(livemode="false")),
    "no created": signed(event_json(created=None)),
    "created in five hundred thousand years": signed(event_json(created=10**13)),
    "a connected account": signed(event_json(account="acct_1")),
    "no data": signed(event_json(data=None)),
    "data of another form": signed(event_json(data=[])),
    "half a surrogate pair": about(metadata={**METADATA, "environment": "\ud800"}),
    "257 kB": of_size(257 * KIB),
}
# Ours beyond doubt, and not as Stripe's reference describes it.
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "an amount as a text": about(amount_total="1500"),
    "an amount with a fraction": about(amount_total=1500.0),
    "an amount that is true": about(amount_total=True),
    "no amount": about(amount_total=None),
    "an amount below nought": about(amount_total=-1500),
    "a currency in upper case": about(currency="EUR"),
    "an unknown status": about(status="paused"),
}


@pytest.mark.parametrize("case", sorted(ACCEPTED))
def test_what_stripe_may_send_is_accepted(case: str) -> None:
    body, signature = ACCEPTED[case]

    event = verifier().verify(body, signature)

    assert event.id == "evt_1"
    assert event.created_at == NOON


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_doubtful_is_refused(case: str) -> None:
    body, signature = REFUSED[case]

    with pytest.raises(SignatureRefused):
        verifier().verify(body, signature)


@pytest.mark.parametrize("case", sorted(UNREADABLE))
def test_what_is_ours_and_odd_is_believed_and_said_to_be_odd(case: str) -> None:
    event = verifier().verify(*UNREADABLE[case])

    assert (event.id, event.kind) == ("evt_1", EventKind.SESSION_COMPLETED)
    assert event.subject is None
    assert event.unreadable == UnreadableObject(
        why=f"{_field(case)} in api_version 2026-10-28.endive",
        id=paid_session_json()["id"],
        payment_intent=paid_session_json()["payment_intent"],
        purchase_id=PurchaseId(METADATA["purchase_id"]),
        app=METADATA["app"],
        environment=METADATA["environment"],
    )


def _field(case: str) -> str:
    if "amount" in case:
        return "amount_total"
    return "currency" if "currency" in case else "status"


def test_the_corpus_is_as_large_as_it_was_meant_to_be() -> None:
    assert len(ACCEPTED) + len(REFUSED) >= 40


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_either_secret_will_do_while_one_is_replaced(secret: str) -> None:
    both = verifier(SECRET, OLD_SECRET)

    assert both.verify(BODY, header(BODY, secret=secret)).id == "evt_1"


def test_a_foreign_secret_will_not_do_beside_two_of_ours() -> None:
    with pytest.raises(SignatureRefused):
        verifier(SECRET, OLD_SECRET).verify(BODY, header(BODY, secret=FOREIGN_SECRET))


@pytest.mark.parametrize("secrets", [[], [""], [SECRET, ""], [SECRET, " \t"], SECRET])
def test_a_blank_secret_is_no_secret(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        StripeWebhookVerifier(secrets, clock=ManualClock(NOON))


def test_age_is_told_by_the_clock_that_was_given() -> None:
    clock = ManualClock(NOON)
    believer = StripeWebhookVerifier([SECRET], clock=clock)
    believer.verify(BODY, header(BODY))

    clock.advance(timedelta(seconds=301))

    with pytest.raises(SignatureRefused):
        believer.verify(BODY, header(BODY))


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("an empty object", "unreadable: object"),
        ("a connected account", "unreadable: account"),
        ("deep", "unreadable"),
    ],
)
def test_what_stripe_itself_cannot_be_understood_in_is_worth_an_alert(
    case: str, reason: str
) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        verifier().verify(*REFUSED[case])

    assert refusal.value.is_authentic
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("no header", "no_signature"),
        ("v1 of 1 MB", "long_signature"),
        ("t twice", "malformed_signature"),
        ("a byte more", "wrong_signature"),
        ("301 s old", "stale_signature"),
        ("v1 outside ASCII", "unverifiable"),
        ("257 kB", "long_body"),
    ],
)
def test_noise_from_strangers_is_worth_none(case: str, reason: str) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        verifier().verify(*REFUSED[case])

    assert not refusal.value.is_authentic
    assert refusal.value.reason == reason


def test_a_refusal_says_the_same_to_everybody() -> None:
    said = set()
    for body, signature in REFUSED.values():
        with pytest.raises(SignatureRefused) as refusal:
            verifier().verify(body, signature)
        said.add(str(refusal.value))

    assert len(said) == 1


# --- What an accepted event says --------------------------------------------------


def accepted(case: str) -> PaymentEvent:
    return verifier().verify(*ACCEPTED[case])


@pytest.mark.parametrize(
    "kind", [kind for kind in EventKind if kind.startswith("checkout.session.")]
)
def test_each_kind_that_we_act_on_carries_its_session(kind: EventKind) -> None:
    event = verifier().verify(*signed(session_event(kind.value)))

    assert (event.kind, event.type_name) == (kind, kind.value)
    assert isinstance(event.subject, CheckoutSession)
    assert event.subject.is_paid
    assert event.subject.purchase_id == "p-1"


def test_other_kinds_keep_their_name() -> None:
    event = accepted("an unknown type")

    assert (event.kind, event.type_name) == (EventKind.OTHER, "invoice.paid")
    assert event.subject is None


def test_the_mode_is_told_and_not_judged() -> None:
    assert accepted("the other mode").livemode
    assert not accepted("valid").livemode


def test_a_stranger_in_the_same_account_is_passed_over() -> None:
    foreign = paid_session_json(metadata={}, amount_total=None)

    event = verifier().verify(*signed(event_json(data={"object": foreign})))

    assert (event.kind, event.subject) == (EventKind.OTHER, None)
    assert event.type_name == "checkout.session.completed"


# --- Anything at all --------------------------------------------------------------

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = sorted(event_json())
SESSION_FIELDS = sorted(paid_session_json())


def only_ever_refuses(body: bytes, signature: str | None) -> None:
    with contextlib.suppress(SignatureRefused):
        verifier().verify(body, signature)


@given(body=st.binary(max_size=300), signature=st.none() | st.text(max_size=200))
@example(body=b"\xff", signature="t=1,v1=é")
def test_strangers_are_only_ever_refused(body: bytes, signature: str | None) -> None:
    with pytest.raises(SignatureRefused):
        verifier().verify(body, signature)


@given(
    at=st.text(max_size=20) | st.integers().map(str),
    rest=st.text(alphabet="tv01=,; 9a\u0660é", max_size=40),
)
def test_headers_of_the_right_shape_are_only_ever_refused(at: str, rest: str) -> None:
    with pytest.raises(SignatureRefused):
        verifier().verify(BODY, f"t={at},v1={rest}")


@given(body=st.binary(max_size=300) | ANY_JSON.map(lambda x: json.dumps(x).encode()))
def test_signed_nonsense_is_only_ever_refused(body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verifier().verify(body, header(body))


@given(name=st.sampled_from(FIELDS), value=ANY_JSON)
def test_an_odd_field_of_an_event_is_only_ever_refused(name: str, value: Any) -> None:
    only_ever_refuses(*signed(event_json(**{name: value})))


@given(name=st.sampled_from(SESSION_FIELDS), value=ANY_JSON)
def test_an_odd_field_of_a_session_is_only_ever_refused(name: str, value: Any) -> None:
    session = paid_session_json(**{name: value})
    only_ever_refuses(*signed(event_json(data={"object": session})))
