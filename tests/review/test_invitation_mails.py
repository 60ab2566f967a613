"""Invitations by e-mail: the link goes to whom it is for, and is shown only when that did not work."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from models.settings import Settings
from models.words import Role
from review.app import create_app
from tests.mailbox import Mailbox, parts
from tests.review.digest_world import mailing
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def mailing_app(settings: Settings, engine: object, mailbox: Mailbox) -> Flask:
    """The pages, with a mail server."""
    return create_app(mailing(settings, mailbox), engine=engine)  # type: ignore[arg-type]


@pytest.fixture
def admin(mailing_app: Flask, sign_in: SignIn) -> Visitor:
    """An administrator of those pages."""
    sign_in("bea@voorbeeld.example", roles=[Role.ADMIN])
    visitor = Visitor(mailing_app)
    visitor.get("/aanmelden")
    visitor.send("/aanmelden", email="bea@voorbeeld.example", password="een lang wachtwoord")
    return visitor


def invite(admin: Visitor, email: str) -> None:
    admin.get("/accounts/uitnodigen")
    form = admin.form("/accounts/uitnodigen")
    data = {**form, "email": email, "roles": ["beoordelaar"]}
    admin.answer = admin.client.post("/accounts/uitnodigen", data=data)


def test_an_invitation_goes_by_mail_to_whom_it_is_for_and_is_shown_to_nobody_else(
    admin: Visitor, mailing_app: Flask, mailbox: Mailbox
) -> None:
    invite(admin, "noor@voorbeeld.example")

    assert admin.heading == "De e-mail is verstuurd"
    assert "/uitnodiging/" not in admin.answer.text
    (mail,) = mailbox.taken
    assert mail["To"] == "noor@voorbeeld.example"
    assert mail["List-Unsubscribe"] is None
    text, html = parts(mail)
    (link,) = re.findall(r"https://scout\.example(/uitnodiging/[\w-]{43})", text)
    assert link in html
    guest = Visitor(mailing_app)
    guest.get(link)
    assert guest.heading == "Welkom"


def test_when_the_mail_is_refused_the_link_is_shown_with_why(admin: Visitor, mailbox: Mailbox) -> None:
    mailbox.refuses["noor@voorbeeld.example"] = "550 no such user"

    invite(admin, "noor@voorbeeld.example")

    assert admin.heading == "De link is klaar"
    assert (
        "De e-mail is niet verstuurd. De mailserver weigert dit e-mailadres. Stuur de link daarom zelf."
        in admin.main
    )
    assert re.search(r"https://scout\.example/uitnodiging/[\w-]{43}", admin.answer.text)
