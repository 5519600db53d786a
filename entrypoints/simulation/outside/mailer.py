from dataclasses import dataclass, field

from application.ports.mail import (
    AlertLetter,
    ConfirmationLetter,
    MailNotSent,
    NoticeLetter,
)
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class FakeMailer:
    """A mail server that keeps what it accepted, and can be down, picky or vague."""

    gate: Gate = give_way
    letters: list[ConfirmationLetter] = field(default_factory=list)
    notices: list[NoticeLetter] = field(default_factory=list)
    alerts: list[AlertLetter] = field(default_factory=list)
    _refusals: int = 0
    _lost_answers: int = 0
    _poison: dict[str, Exception] = field(default_factory=dict)

    async def send_confirmation(self, letter: ConfirmationLetter) -> None:
        async with passing(self.gate, "mailer.send_confirmation"):
            self._refuse()
            if letter.to_email in self._poison:
                raise self._poison[letter.to_email]
            self.letters.append(letter)
            self._lose_answer()

    async def send_notice(self, letter: NoticeLetter) -> None:
        async with passing(self.gate, "mailer.send_notice"):
            self._refuse()
            if letter.to_email in self._poison:
                raise self._poison[letter.to_email]
            self.notices.append(letter)
            self._lose_answer()

    async def send_alert(self, letter: AlertLetter) -> None:
        async with passing(self.gate, "mailer.send_alert"):
            self._refuse()
            self.alerts.append(letter)
            self._lose_answer()

    def refuse(self, times: int) -> None:
        """Be down: accept nothing."""
        self._refusals += times

    def lose_answers(self, times: int) -> None:
        """Accept a mail, and say so to nobody."""
        self._lost_answers += times

    def choke_on(self, email: str, error: Exception) -> None:
        """Fail for ever on one address, in a way that no port names."""
        self._poison[email] = error

    @property
    def message_ids(self) -> list[str]:
        return [letter.message_id for letter in self.letters]

    def _refuse(self) -> None:
        if self._refusals > 0:
            self._refusals -= 1
            raise MailNotSent("down")

    def _lose_answer(self) -> None:
        if self._lost_answers > 0:
            self._lost_answers -= 1
            raise MailNotSent("no answer")
