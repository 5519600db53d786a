"""A wrong keyword or a typo in the wiring shows only when something is built."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta

from dependency_injector import providers

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.redis.locks import RedisKeyedLock
from application.ports.alerts import Alert
from application.ports.mail import AlertLetter
from entrypoints.container import Container, opened
from entrypoints.simulation.outside.mailer import FakeMailer
from entrypoints.use_cases import UseCases
from tests.test_settings import LIVE, settings

BUILT = (providers.Singleton, providers.Factory, providers.Callable)


def container() -> Container:
    return Container(settings=settings(), mongodb_uri="mongodb://127.0.0.1:1")


async def test_every_adapter_can_be_built() -> None:
    built = {
        name: provider()
        for name, provider in container().providers.items()
        if isinstance(provider, BUILT)
    }
    assert {"payments", "purchases", "verifier", "mailer"} <= built.keys()
    await container().stripe().close()


async def test_every_use_case_can_be_built() -> None:
    use_cases = container().use_cases()
    names = UseCases.providers.keys()
    assert {name: use_cases.providers[name]() for name in names}.keys() == names


def test_the_use_cases_obey_the_settings() -> None:
    """No other test runs on live money, so none would notice the mode."""
    live = settings(
        **LIVE, checkout_hold_minutes=50, frontend_url="https://shop.example/"
    )
    use_cases = Container(settings=live, mongodb_uri="mongodb://db.example").use_cases()

    receive = use_cases.receive_event()
    assert (receive.livemode, receive.settle.livemode) == (True, True)
    assert (receive.app, receive.environment) == ("spothold", "production")
    assert use_cases.begin_purchase().hold == timedelta(minutes=50)
    assert use_cases.watch_storage().quota == 512 * 1024 * 1024
    confirmations = use_cases.deliver_mail().confirmations
    assert confirmations.frontend_url == "https://shop.example"
    assert confirmations.mail_domain == "spothold.example"


def test_a_misspelt_replacement_is_refused() -> None:
    try:
        Container(settings=settings(), paymets=providers.Object(None))
    except AttributeError:
        return
    raise AssertionError("the typo was swallowed")


class SlowMailer(FakeMailer):
    async def send_alert(self, letter: AlertLetter) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await super().send_alert(letter)


async def test_an_alert_on_its_way_is_mailed_before_the_service_ends() -> None:
    mailer = SlowMailer()
    service = Container(
        settings=settings(admin_alert_email="admin@shop.example"),
        mongodb_uri="mongodb://127.0.0.1:1",
        connection=providers.Factory(nullcontext),
        mailer=providers.Object(mailer),
    )
    alert = Alert(code="orphan_payment", message="Money came.", next_step="Look.")

    async with opened(service):
        await service.alerts().send(alert)

    assert [letter.subject for letter in mailer.alerts] == ["orphan_payment"]


async def test_the_lock_is_the_one_that_is_asked_for() -> None:
    assert isinstance(container().locks(), InMemoryKeyedLock)

    shared = settings(lock_backend="redis", redis_url="redis://127.0.0.1:1/0")
    locks = Container(settings=shared, mongodb_uri="mongodb://127.0.0.1:1").locks()
    assert isinstance(locks, RedisKeyedLock)
    await locks.close()
