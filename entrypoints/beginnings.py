"""The part of the use cases that is there before a purchase is."""

from datetime import timedelta

from dependency_injector import providers

from application.abandoned_lately import AbandonedLately
from application.begin_purchase import BeginPurchase
from application.check_cool_down import CheckCoolDown
from domain.cool_down import CoolDown
from entrypoints.nobodys_money import NobodysMoney


class Beginnings(NobodysMoney):
    """What a purchase is begun with, and who has to wait for the next one."""

    cool_down: providers.Provider[CoolDown] = providers.Dependency(instance_of=CoolDown)
    hold: providers.Provider[timedelta] = providers.Dependency(instance_of=timedelta)

    abandoned_lately: providers.Provider[AbandonedLately] = providers.Singleton(
        AbandonedLately,
        clock=NobodysMoney.clock,
        cool_down=cool_down,
        purchases=NobodysMoney.purchases,
    )
    begin_purchase: providers.Provider[BeginPurchase] = providers.Singleton(
        BeginPurchase,
        clock=NobodysMoney.clock,
        hold=hold,
        payments=NobodysMoney.payments,
        randomness=NobodysMoney.randomness,
    )
    check_cool_down: providers.Provider[CheckCoolDown] = providers.Singleton(
        CheckCoolDown,
        clock=NobodysMoney.clock,
        cool_down=cool_down,
        lately=abandoned_lately,
        purchases=NobodysMoney.purchases,
    )
