import pytest

from adapters.smtp.mailer import MailServer


def test_a_plain_server() -> None:
    assert MailServer.from_url("smtp://localhost:1025") == MailServer(
        host="localhost", port=1025
    )


def test_a_server_that_encrypts_after_the_greeting() -> None:
    server = MailServer.from_url("smtp://ada:p%40ss@mail.example?starttls")
    assert server == MailServer(
        host="mail.example",
        port=587,
        username="ada",
        password="p@ss",
        start_tls=True,
    )


def test_a_server_that_encrypts_from_the_start() -> None:
    server = MailServer.from_url("smtps://mail.example")
    assert (server.port, server.use_tls, server.start_tls) == (465, True, False)


def test_a_password_stays_out_of_the_log() -> None:
    assert "hush" not in repr(MailServer.from_url("smtps://ada:hush@mail.example"))


def test_a_password_in_the_clear_is_refused() -> None:
    with pytest.raises(ValueError, match="starttls"):
        MailServer.from_url("smtp://ada:hush@mail.example")


@pytest.mark.parametrize("url", ["http://mail.example", "smtp:", "mail.example", ""])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        MailServer.from_url(url)
