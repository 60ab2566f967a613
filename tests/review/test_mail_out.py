"""Handing messages to a mail server: what goes over the line, and what is said when it does not work."""

import logging
import socket
from collections.abc import Iterator

import pytest

from models.settings import Settings
from review.mail_out import MailError, MailServer, Trouble, message_to
from tests.mailbox import Mailbox, parts
from tests.web import closed_port

#: Longer than a line of a header usually is.
UNSUBSCRIBE = f"https://een-lange-naam.{'gemeente-' * 12}.example/e-mail/afmelden/1/{'a1' * 16}"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


def using(settings: Settings, address: str, password: str = "") -> Settings:
    return settings.model_copy(
        update={"mail_out": address, "mail_out_password": password, "mail_from": "netwerk@voorbeeld.example"}
    )


def message(settings: Settings, to: str = "noor@voorbeeld.example", number: int = 1, **more: str):  # type: ignore[no-untyped-def]
    return message_to(
        settings,
        to,
        "Eén signaal wacht – kijk je mee?",
        "Tekst met é en een heel lange regel: " + "woord " * 300 + "\n.punt aan het begin\n",
        "<p lang=nl>Tekst met é</p>",
        message_id=f"<{number}@voorbeeld.example>",
        language="nl",
        **more,
    )


def test_a_message_comes_over_as_it_was_written(settings: Settings, mailbox: Mailbox) -> None:
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server:
        server.send(message(mine, unsubscribe=UNSUBSCRIBE))

    (taken,) = mailbox.taken
    assert taken["From"] == "Participatienetwerk Scout <netwerk@voorbeeld.example>"
    assert taken["To"] == "noor@voorbeeld.example"
    assert taken["Subject"] == "Eén signaal wacht – kijk je mee?"
    assert taken["Message-ID"] == "<1@voorbeeld.example>"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert taken["Date"].datetime.tzinfo is not None
    assert taken.get_content_type() == "multipart/alternative"
    text, html = parts(taken)
    assert text.splitlines()[1] == ".punt aan het begin"
    assert "é" in text
    assert "é" in html
    assert all(len(line) <= 998 for line in taken.as_string().splitlines())


def test_many_messages_go_over_one_connection(settings: Settings, mailbox: Mailbox) -> None:
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server:
        for number in range(5):
            server.send(message(mine, number=number))

    assert len(mailbox.taken) == 5
    assert mailbox.connections == 1


def test_one_refused_recipient_does_not_keep_the_next_from_getting_theirs(
    settings: Settings, mailbox: Mailbox
) -> None:
    mailbox.refuses["weg@voorbeeld.example"] = "550 5.1.1 geheim antwoord over weg@voorbeeld.example"
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server:
        with pytest.raises(MailError) as refused:
            server.send(message(mine, to="weg@voorbeeld.example"))
        server.send(message(mine, number=2))

    assert (refused.value.trouble, refused.value.code) == (Trouble.RECIPIENT, 550)
    assert refused.value.lasting
    assert str(refused.value) == "the mail server refuses the recipient (code 550)"
    assert mailbox.recipients == ["noor@voorbeeld.example"]


def test_a_connection_that_the_server_closed_between_messages_is_made_anew(
    settings: Settings, mailbox: Mailbox
) -> None:
    hung_up: list[int] = []
    mailbox.hangs_up = lambda taken: taken == 2 and not hung_up and not hung_up.append(1)  # type: ignore[func-returns-value]
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server:
        for number in range(4):
            server.send(message(mine, number=number))

    assert [one["Message-ID"] for one in mailbox.taken] == [f"<{n}@voorbeeld.example>" for n in range(4)]
    assert mailbox.connections == 2


def test_an_answer_that_gets_lost_is_no_reason_to_send_at_once_again(
    settings: Settings, mailbox: Mailbox
) -> None:
    mailbox.loses_answer = lambda taken: True
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server, pytest.raises(MailError) as lost:
        server.send(message(mine))

    assert lost.value.trouble is Trouble.LOST
    assert not lost.value.lasting
    assert len(mailbox.taken) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_name_and_password_are_given_and_a_wrong_one_is_said(settings: Settings) -> None:
    with Mailbox(password="geheim woord") as mailbox:
        address = mailbox.address.replace("://", "://netwerk%40voorbeeld.example@")
        right, wrong = using(settings, address, "geheim woord"), using(settings, address, "mis")
        with MailServer(right) as server:
            server.send(message(right))
        with MailServer(wrong) as server, pytest.raises(MailError) as refused:
            server.send(message(wrong))

    assert len(mailbox.taken) == 1
    assert (refused.value.trouble, refused.value.of_server) == (Trouble.SIGN_IN, True)


def test_elsewhere_nothing_is_said_before_the_line_is_encrypted(
    settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test server offers no STARTTLS; pretend that it is not on this machine."""
    monkeypatch.setattr("review.mail_out.is_loopback", lambda host: False)
    mine = using(settings, mailbox.address)

    with MailServer(mine) as server, pytest.raises(MailError) as refused:
        server.send(message(mine))

    assert refused.value.trouble is Trouble.UNENCRYPTED
    assert mailbox.taken == []


def test_a_server_that_is_not_there_or_says_nothing_is_given_up(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    nobody = using(settings, f"smtp://127.0.0.1:{closed_port()}")
    with MailServer(nobody) as server, pytest.raises(MailError) as refused:
        server.send(message(nobody))
    assert (refused.value.trouble, refused.value.of_server) == (Trouble.UNREACHABLE, True)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        mine = using(settings, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        with MailServer(mine, timeout=0.2) as server, pytest.raises(MailError) as refused:
            server.send(message(mine))
    assert refused.value.trouble is Trouble.UNREACHABLE
    assert "Eén signaal" not in caplog.text
