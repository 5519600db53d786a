import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from entrypoints.http.app import create_app
from entrypoints.http.refusals import NotAuthenticated
from entrypoints.http.tokens import JwtVerifier, PublishedKeys, fetch_jwks, tokens_of
from tests.http.people import ADA, AUDIENCE, ISSUER, handmade
from tests.http.service import Http, Service, settings

RSA_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())


def public(kid: str, key: rsa.RSAPrivateKey = RSA_KEY, **more: str) -> dict[str, Any]:
    published = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**published, "kid": kid, "use": "sig"} | more


class Issuer:
    """Publishes keys, counts who asks, and can be away."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.is_away = False
        self.at = 0.0

    async def __call__(self) -> bytes:
        await asyncio.sleep(0)
        self.asked += 1
        if self.is_away:
            raise OSError("planted")
        return json.dumps({"keys": self.keys}).encode()

    def verifier(self, algorithm: str = "RS256") -> JwtVerifier:
        keys = PublishedKeys(self, algorithm=algorithm, now=lambda: self.at)
        return JwtVerifier(
            keys=keys, algorithm=algorithm, issuer=ISSUER, audience=AUDIENCE
        )


def signed(kid: str | None = "k1", key: Any = RSA_KEY, algorithm: str = "RS256") -> str:
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(ADA.claims, key, algorithm=algorithm, headers=headers)


async def test_a_published_key_verifies() -> None:
    claims = await Issuer(public("k1")).verifier().verify(signed())

    assert claims["sub"] == ADA.id


async def test_an_elliptic_key_verifies() -> None:
    key = jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)
    issuer = Issuer({**key, "kid": "k1"})

    claims = await issuer.verifier("ES256").verify(signed("k1", EC_KEY, "ES256"))

    assert claims["sub"] == ADA.id


async def test_keys_of_another_kind_stand_in_nobodys_way() -> None:
    elliptic = jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)
    nameless = {name: it for name, it in public("k0").items() if name != "kid"}
    issuer = Issuer({**elliptic, "kid": "k2"}, nameless, public("k1"))

    assert await issuer.verifier().verify(signed())


async def test_a_public_key_is_no_shared_secret() -> None:
    pem = RSA_KEY.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    header = b'{"alg":"HS256","typ":"JWT","kid":"k1"}'
    confused = handmade(header, json.dumps(ADA.claims).encode(), secret=pem)

    with pytest.raises(NotAuthenticated):
        await Issuer(public("k1")).verifier().verify(confused)


@pytest.mark.parametrize(
    "token",
    [
        signed(key=OTHER_RSA_KEY),
        signed("unknown"),
        signed(None),
        signed(key=RSA_KEY, algorithm="RS512"),
        "x.y.z",
    ],
    ids=["other key", "unknown kid", "no kid", "RS512", "garbage"],
)
async def test_any_other_token_does_not(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        await Issuer(public("k1")).verifier().verify(token)


@pytest.mark.parametrize(
    "key",
    [public("k1", use="enc"), public("k1") | {"kty": "oct", "k": "eHh4"}],
    ids=["for encryption", "symmetric"],
)
async def test_a_key_for_something_else_does_not_verify(key: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        await Issuer(key).verifier().verify(signed())


async def test_keys_are_kept_for_a_while() -> None:
    issuer = Issuer(public("k1"))
    verifier = issuer.verifier()

    await asyncio.gather(*(verifier.verify(signed()) for _ in range(20)))
    issuer.at = 599
    await verifier.verify(signed())
    assert issuer.asked == 1

    issuer.at = 600
    await verifier.verify(signed())
    assert issuer.asked == 2


async def test_a_new_key_is_learned_and_unknown_ones_do_not_flood_the_issuer() -> None:
    issuer = Issuer(public("k1"))
    verifier = issuer.verifier()
    await verifier.verify(signed())
    issuer.keys.append(public("k2", OTHER_RSA_KEY))

    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            await verifier.verify(signed("k2", OTHER_RSA_KEY))
    assert issuer.asked == 1

    issuer.at = 30
    await verifier.verify(signed("k2", OTHER_RSA_KEY))
    assert issuer.asked == 2


async def test_a_key_that_was_withdrawn_ends_with_the_next_look() -> None:
    issuer = Issuer(public("k1"))
    verifier = issuer.verifier()
    await verifier.verify(signed())
    issuer.keys = [public("k2", OTHER_RSA_KEY)]
    issuer.at = 600

    with pytest.raises(NotAuthenticated):
        await verifier.verify(signed())


async def test_while_the_issuer_is_away_the_known_keys_serve_on() -> None:
    issuer = Issuer(public("k1"))
    verifier = issuer.verifier()
    await verifier.verify(signed())
    issuer.is_away = True
    issuer.at = 5_000

    assert await verifier.verify(signed())


async def test_the_app_takes_the_verifier_that_it_is_given() -> None:
    service = Service(is_apart=True)
    verifier = Issuer(public("k1")).verifier()
    app = create_app(service.use_cases, service.settings, tokens=verifier)
    http = Http(app)
    path = "/api/purchases/my-purchases"

    theirs = await http.get(path, headers={"Authorization": f"Bearer {signed()}"})
    ours = await http.get(path, by=ADA)

    assert (theirs.status_code, ours.status_code) == (200, 401)


def test_the_settings_choose_the_keys() -> None:
    published = settings(
        jwt_algorithm="RS256", jwt_jwks_url="https://issuer.example/keys"
    )

    assert isinstance(tokens_of(published).keys, PublishedKeys)
    assert tokens_of(published).algorithm == "RS256"


@pytest.fixture
async def key_server() -> AsyncIterator[str]:
    async def keys(_request: web.Request) -> web.Response:
        return web.json_response({"keys": [public("k1")]})

    async def moved(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/keys")

    async def huge(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 100_000)

    async def broken(_request: web.Request) -> web.Response:
        raise web.HTTPInternalServerError

    app = web.Application()
    for handler in (keys, moved, huge, broken):
        app.router.add_get(f"/{handler.__name__}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_keys_are_fetched(key_server: str) -> None:
    assert json.loads(await fetch_jwks(f"{key_server}/keys")) == {
        "keys": [public("k1")]
    }


@pytest.mark.parametrize("path", ["moved", "huge", "broken"])
async def test_what_is_not_simply_there_is_not_taken(
    key_server: str, path: str
) -> None:
    with pytest.raises(Exception, match=r"not where|too large|Internal"):
        await fetch_jwks(f"{key_server}/{path}")
