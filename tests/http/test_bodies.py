import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from entrypoints.http.bodies import parse
from entrypoints.http.checkout import CheckoutRequest
from entrypoints.http.refusals import InvalidRequest
from tests.http.people import ADA
from tests.http.service import CREATE, WEBHOOK, Http, Service, refused, sign

JSON: Final = {"Content-Type": "application/json"}

REFUSED: Final = {
    "nothing": (b"", "The body is missing.", None),
    "a null": (b"null", "The body does not fit: Expected `object`, got `null`.", None),
    "a list": (b"[]", "The body does not fit: Expected `object`, got `array`.", None),
    "no JSON": (b"{", "The body is not valid JSON.", None),
    "a comment": (b'{"programId":"a"/**/}', "The body is not valid JSON.", None),
    "two values": (b"{} {}", "The body is not valid JSON.", None),
    "bad UTF-8": (b'{"programId":"\xff"}', "The body is not valid JSON.", None),
    "UTF-16": (json.dumps({"programId": "a"}).encode("utf-16"), None, None),
    "a BOM": (b'\xef\xbb\xbf{"programId":"a"}', "The body is not valid JSON.", None),
    "deep lists": (b"[" * 8000, "The body is not valid JSON.", None),
    "deep objects": (b'{"a":' * 3000, "The body is not valid JSON.", None),
    "a huge int": (b'{"programId":' + b"9" * 5000 + b"}", None, None),
    "NaN": (
        b'{"programId":NaN}',
        "The body holds a number that JSON does not have.",
        None,
    ),
    "infinity": (b'{"programId":-Infinity}', None, None),
    "no id": (b"{}", "The body lacks a field.", "programId"),
    "a key twice": (
        b'{"programId":"a","programId":"choir"}',
        "The body has one field twice.",
        None,
    ),
    "an operator": (
        b'{"programId":{"$ne":null}}',
        "programId: Expected `str`, got `object`.",
        "programId",
    ),
    "a number for an id": (
        b'{"programId":1}',
        "programId: Expected `str`, got `int`.",
        "programId",
    ),
    "a null for an id": (b'{"programId":null}', None, "programId"),
    "a list for an id": (b'{"programId":["choir"]}', None, "programId"),
    "an empty id": (b'{"programId":""}', None, "programId"),
    "a long id": (b'{"programId":"' + b"a" * 65 + b'"}', None, "programId"),
    "an id with a line break": (b'{"programId":"choir\\n"}', None, "programId"),
    "an id with NUL": (b'{"programId":"choir\\u0000"}', None, "programId"),
    "an id with a dollar": (b'{"programId":"$where"}', None, "programId"),
    "half a surrogate": (b'{"programId":"\\ud800"}', None, None),
    "half a surrogate for a key": (b'{"programId":"choir","\\ud800":1}', None, None),
    "true as text": (
        b'{"programId":"choir","isClassRep":"true"}',
        "isClassRep: Expected `bool`, got `str`.",
        "isClassRep",
    ),
    "true as a number": (b'{"programId":"choir","isClassRep":1}', None, "isClassRep"),
    "true as null": (b'{"programId":"choir","isClassRep":null}', None, "isClassRep"),
    "snake case": (b'{"program_id":"choir"}', None, None),
    **{
        f"the field {field}": (
            json.dumps({"programId": "choir", field: 1}).encode(),
            "The body has an unknown field.",
            field,
        )
        for field in (
            "price",
            "amount",
            "finalPrice",
            "userId",
            "status",
            "quote",
            "_id",
        )
    },
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_body_that_is_not_exactly_right_is_refused(
    http: Http, service: Service, name: str
) -> None:
    body, message, field = REFUSED[name]

    response = await http.post(CREATE, by=ADA, content=body, headers=JSON)

    assert refused(response)[:2] == (400, "invalid_request")
    if message is not None:
        assert response.json()["detail"] == message
        assert response.json().get("field") == field
    elif field is not None:
        assert response.json()["field"] == field
    assert not service.store.rows


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-msgpack",
        "application/json; charset=latin-1",
        "application/jsonx",
        "text/json",
    ],
)
async def test_a_body_that_is_not_called_json_is_refused(
    http: Http, service: Service, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = b'{"programId":"choir"}'

    response = await http.post(CREATE, by=ADA, content=body, headers=headers)

    assert refused(response) == (
        415,
        "unsupported_media_type",
        "The body must be sent as application/json.",
    )
    assert not service.store.rows


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=UTF-8"],
)
async def test_json_may_be_called_so_in_every_usual_way(
    http: Http, content_type: str
) -> None:
    headers = {"Content-Type": content_type}

    response = await http.post(
        CREATE, by=ADA, content=b'{"programId":"choir"}', headers=headers
    )

    assert response.status_code == 200


async def test_a_body_of_sixteen_kib_is_read_and_no_larger_one(http: Http) -> None:
    fitting = b'{"programId":"choir"}'.ljust(16 * 1024)

    read = await http.post(CREATE, by=ADA, content=fitting, headers=JSON)
    larger = await http.post(CREATE, by=ADA, content=fitting + b" ", headers=JSON)

    assert read.status_code == 200
    assert refused(larger) == (
        413,
        "body_too_large",
        "The body is larger than this address takes.",
    )


async def test_who_is_not_signed_in_hears_nothing_about_the_body(http: Http) -> None:
    response = await http.post(CREATE, content=b"x" * 100_000, headers=JSON)

    assert refused(response)[0] == 401


JSONISH: Final = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["programId", "isClassRep", "$ne", ""])
            | st.text(max_size=9),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ANYTHING: Final = st.binary(max_size=200) | JSONISH.map(
    lambda it: json.dumps(it).encode()
)


@effort(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=ANYTHING)
async def test_no_body_is_ever_our_fault(http: Http, body: bytes) -> None:
    api = await http.post(CREATE, by=ADA, content=body, headers=JSON)
    signed = await http.deliver(body, headers={"Stripe-Signature": sign(body)})
    unsigned = await http.post(WEBHOOK, content=body)

    assert {api.status_code, signed.status_code, unsigned.status_code} <= {
        200,
        400,
        404,
    }


@effort(deadline=None, max_examples=300)
@given(body=ANYTHING)
def test_what_is_read_is_what_was_asked_for(body: bytes) -> None:
    try:
        read = parse(body, into=CheckoutRequest)
    except InvalidRequest:
        return
    said: dict[str, Any] = json.loads(body)
    assert read.program_id == said["programId"]
    assert read.is_class_rep is said.get("isClassRep", False)


@pytest.mark.parametrize("name", ["", "<script>", "a b", "\u202e", "x" * 65, "`a`"])
async def test_an_unknown_field_is_not_repeated_whatever_its_name(
    http: Http, name: str
) -> None:
    response = await http.post(CREATE, by=ADA, json={"programId": "choir", name: 1})

    assert refused(response) == (
        400,
        "invalid_request",
        "The body has an unknown field.",
    )
    assert "field" not in response.json()
