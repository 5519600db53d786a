"""How often a request goes to the database and to Stripe, counted on the wire."""

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from tests.bench.figures import Verdict
from tests.bench.requests.asking import Client, Sample
from tests.bench.requests.kinds import Asked, Kind, Round, check_out, tell
from tests.bench.requests.part import (
    Load,
    answered,
    cost_figures,
    over_floor,
    sampled,
    trip_figures,
)
from tests.bench.sides import Name, Side
from tests.bench.wires import is_of_a_request

ALONE: Final = Load(rounds=1, buyers=1, at_once=1)
Trips = Mapping[Kind, tuple[int, int]]  # to the database, to Stripe

OF_THE_PRODUCT: Final[Trips] = {
    Kind.CLASS_REP: (4, 1),
    Kind.CANCEL: (5, 1),
    Kind.CHECKOUT: (3, 1),
    Kind.REPEAT: (2, 0),
    Kind.WEBHOOK: (1, 0),
    Kind.DUPLICATE: (2, 0),
}
OF_THE_FLOOR: Final[Trips] = {
    Kind.CLASS_REP: (4, 1),
    Kind.CANCEL: (4, 1),
    Kind.CHECKOUT: (3, 1),
    Kind.REPEAT: (2, 0),
    Kind.WEBHOOK: (1, 0),
    Kind.DUPLICATE: (2, 0),
}


def trips(samples: Mapping[Kind, list[Sample]]) -> Trips:
    return {
        kind: (sample.commands[0], sample.calls[0])
        for kind, [sample] in samples.items()
    }


async def test_each_kind_of_request_costs_so_many_trips(
    product: Side, floor: Side
) -> None:
    sides = {Name.PRODUCT: product, Name.FLOOR: floor}

    await sampled(sides, ALONE, "first")  # so that the service knows its program
    samples = await sampled(sides, ALONE, "alone")

    assert trips(samples[Name.PRODUCT]) == OF_THE_PRODUCT
    assert trips(samples[Name.FLOOR]) == OF_THE_FLOOR
    checkout = [
        *cost_figures(Kind.CHECKOUT, samples),
        *trip_figures(Kind.CHECKOUT, samples),
    ]
    assert all(value > 0 for figure in checkout for value in figure.rounds)
    judged = [it.name for it in checkout if it.verdict is not Verdict.NONE]
    assert judged == [
        "checkout, CPU over the floor",
        "checkout, database trips",
        "checkout, Stripe calls",
    ]


async def test_the_floor_does_what_it_is_asked(mongo_uri: str, floor: Side) -> None:
    of = {Name.FLOOR: Round(side=floor, tag="f", size=3)}
    async with aiohttp.ClientSession() as http:
        client = {Name.FLOOR: Client(http=http, side=floor)}
        heard = {
            kind: (await answered(client, of, kind, at_once=3))[Name.FLOOR].sample
            for kind in Kind
        }

    first = [
        answer.replace(b":false", b":true") for answer in heard[Kind.CHECKOUT].answers
    ]
    assert first == heard[Kind.REPEAT].answers
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as mongo:
        database = mongo[floor.database]
        rows = await database["purchases"].find({}).to_list()
        program = await database["programs"].find_one({}) or {}
    assert sorted(row["status"] for row in rows) == ["closed"] * 3 + ["completed"] * 3
    assert sorted(row["amount"] for row in rows) == [7_000] * 3 + [10_000] * 3
    assert (program["spots"], program["class_rep_count"]) == ([], 0)


@pytest.mark.parametrize(
    "asked",
    [
        check_out("ada", as_class_rep=True),
        tell({"type": "checkout.session.completed", "data": {}}),
    ],
    ids=["token", "signature"],
)
async def test_the_floor_believes_nobody_unsigned(floor: Side, asked: Asked) -> None:
    name, value = next(iter(asked.headers.items()))
    forged = {**asked.headers, name: value[:-1] + ("a" if value[-1] != "a" else "b")}
    async with (
        aiohttp.ClientSession(floor.url) as http,
        http.request("POST", asked.path, data=asked.body, headers=forged) as answer,
    ):
        assert answer.status == 401


def test_each_round_is_divided_by_its_own_floor() -> None:
    samples = {
        Name.PRODUCT: {Kind.REPEAT: [Sample(wall=4.0), Sample(wall=9.0)]},
        Name.FLOOR: {Kind.REPEAT: [Sample(wall=2.0), Sample(wall=3.0)]},
    }

    assert over_floor(Kind.REPEAT, samples, lambda it: it.wall) == [2.0, 3.0]


def test_the_hundredth_request_tells() -> None:
    sample = Sample(each=[0.1] * 98 + [1.0] * 2, wall=20.0, cpu=0.5)

    assert (sample.p50, sample.per_second, sample.cpu_each) == (0.1, 5.0, 0.005)
    assert sample.p99 == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "is_counted"),
    [
        ("update purchases by _id, status", True),
        ("find purchases by effects.confirm.state, effects.confirm.until", False),
        ("update purchases by _id", False),
        ("GET /v1/payment_intents/pi_1", False),
        ("POST /v1/checkout/sessions", True),
    ],
)
def test_what_only_mail_asks_is_on_no_requests_bill(
    name: str, *, is_counted: bool
) -> None:
    assert is_of_a_request(name) is is_counted
