"""Kanalen: who gets a digest, said by a municipality for itself and by staff; and ending one from a mail."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.digest import DigestMail, DigestSubscription
from models.municipality import Municipality
from models.store.audit import audit_page
from models.store.digests import unsubscribe_word
from models.words import Role
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def bode(sign_in: SignIn) -> Visitor:
    """Somebody of Arnhem."""
    return sign_in("bode@arnhem.example", roles=[Role.MUNICIPALITY], municipality=ARNHEM)


@pytest.fixture
def lead(sign_in: SignIn) -> Visitor:
    """A project leader."""
    return sign_in("pim@voorbeeld.example", roles=[Role.PROJECT_LEADER])


def rows(session: Session) -> list[tuple[str, str | None, str, bool]]:
    found = list(session.scalars(select(DigestSubscription).order_by(DigestSubscription.id)))
    shown = [(one.email, one.municipality_code, one.rhythm.value, one.stopped_at is None) for one in found]
    session.rollback()  # the next form wants to write
    return shown


def test_a_municipality_says_itself_who_gets_its_digest(bode: Visitor, session: Session) -> None:
    bode.get("/")
    assert "Kanalen" in " ".join(bode.page.xpath("//nav//a/text()"))
    bode.get("/kanalen")
    assert "Arnhem" in bode.main
    bode.get("/kanalen/e-mail")
    assert "Er is nog geen mailserver ingesteld" in bode.main

    bode.send("/kanalen/e-mail", wie="eigen", rhythm="dagelijks")
    assert "Het eerste komt op zijn vroegst morgen" in bode.notices
    bode.send("/kanalen/e-mail", email="wijkteam@arnhem.example", rhythm="wekelijks")

    assert rows(session) == [
        ("bode@arnhem.example", ARNHEM, "dagelijks", True),
        ("wijkteam@arnhem.example", ARNHEM, "wekelijks", True),
    ]
    assert "gedeelde postbus" in bode.main
    numbers = session.scalars(select(DigestSubscription.id).order_by(DigestSubscription.id)).all()
    session.rollback()
    bode.send(f"/kanalen/e-mail/{numbers[1]}/ritme", rhythm="dagelijks")
    bode.send(f"/kanalen/e-mail/{numbers[0]}/stoppen")
    assert rows(session) == [
        ("bode@arnhem.example", ARNHEM, "dagelijks", False),
        ("wijkteam@arnhem.example", ARNHEM, "dagelijks", True),
    ]
    log = [
        (one.action, one.object_kind, one.after) for one in audit_page(session)[0] if one.action == "channel"
    ]
    assert log[:2] == [
        ("channel", "digest", {"done": "ended", "way": "changed"}),
        ("channel", "digest", {"rhythm": "dagelijks"}),
    ]
    assert "@" not in str(log)


def test_a_mailbox_elsewhere_is_refused_for_a_municipality_and_up_to_staff(
    bode: Visitor, lead: Visitor, session: Session
) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="gedeeld", email="iemand@elders.example")
    assert bode.answer.status_code == 400
    assert "hoort niet bij uw gemeente" in bode.main
    assert bode.form("/kanalen/e-mail")["email"] == "iemand@elders.example"
    bode.send("/kanalen/e-mail", wie="gedeeld", email="geen adres")
    assert bode.answer.status_code == 400
    assert rows(session) == []

    lead.get("/kanalen/e-mail?gemeente=GM0202")
    lead.send("/kanalen/e-mail?gemeente=GM0202", email="iemand@elders.example")
    assert rows(session) == [("iemand@elders.example", ARNHEM, "wekelijks", True)]
    lead.get("/kanalen/e-mail")
    assert "elders" not in lead.main


def test_nobody_changes_the_digests_of_another_municipality(
    bode: Visitor, sign_in: SignIn, session: Session
) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="gedeeld", email="wijkteam@arnhem.example")
    number = session.scalar(select(DigestSubscription.id))
    session.rollback()
    other = sign_in("bode@rheden.example", roles=[Role.MUNICIPALITY], municipality=RHEDEN)
    reviewer = sign_in("rita@voorbeeld.example")

    other.get("/kanalen/e-mail?gemeente=GM0202")
    assert "Rheden" in other.heading
    assert "wijkteam" not in other.answer.text
    token = other.form("/kanalen/e-mail")["csrf_token"]
    for path in (f"/kanalen/e-mail/{number}/stoppen", f"/kanalen/e-mail/{number}/ritme"):
        assert other.client.post(path, data={"csrf_token": token}).status_code == 404
    assert reviewer.get("/kanalen").status_code == 403
    assert [one[3] for one in rows(session)] == [True]


def test_a_municipality_that_left_is_told_so(bode: Visitor, session: Session) -> None:
    arnhem = session.get(Municipality, ARNHEM)
    assert arnhem is not None
    arnhem.participates_from = arnhem.participates_until = date(2026, 1, 1)
    session.commit()

    bode.get("/kanalen/e-mail")

    assert "doet nu niet mee" in bode.main
    assert "/kanalen/e-mail" not in bode.actions


def test_staff_choose_their_daily_digest_at_their_own_account(ada: Visitor, session: Session) -> None:
    ada.get("/account")
    ada.send("/account/e-mail", rhythm="dagelijks")
    ada.send("/account/e-mail", rhythm="dagelijks")
    assert rows(session) == [("ada@voorbeeld.example", None, "dagelijks", True)]
    assert ada.form("/account/e-mail")["rhythm"] == "dagelijks"
    ada.send("/account/e-mail", rhythm="")
    assert rows(session) == [("ada@voorbeeld.example", None, "dagelijks", False)]
    ada.send("/account/e-mail", rhythm="dagelijks")
    assert rows(session) == [("ada@voorbeeld.example", None, "dagelijks", True)]


def test_a_privacy_officer_has_no_digest(sign_in: SignIn) -> None:
    fg = sign_in("fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    fg.get("/account")

    assert "/account/e-mail" not in fg.actions
    token = fg.form("/account/naam")["csrf_token"]
    assert fg.client.post("/account/e-mail", data={"csrf_token": token}).status_code == 403


def test_sending_that_fails_is_shown(bode: Visitor, session: Session) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="eigen", rhythm="dagelijks")
    number = session.scalar(select(DigestSubscription.id))
    session.add(
        DigestMail(
            subscription_id=number,
            day=date(2099, 1, 1),
            message_id="<1@voorbeeld.example>",
            attempts=1,
            last_problem="recipient 550",
        )
    )
    session.commit()

    bode.get("/kanalen/e-mail")

    assert "De mailserver weigert dit e-mailadres. (code 550)" in bode.main


# -- ending one from a mail -----------------------------------------------------------------------


def address(app: Flask, session: Session) -> str:
    found = session.scalars(select(DigestSubscription)).one()
    word = unsubscribe_word(app.extensions["scout"].secret, found.id, found.salt)
    path = f"/e-mail/afmelden/{found.id}/{word}"
    session.rollback()
    return path


def test_the_link_in_a_mail_ends_it_with_a_button_and_looking_does_not(
    app: Flask, bode: Visitor, visitor: Visitor, session: Session
) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="eigen")
    link = address(app, session)

    visitor.get(link)
    assert "b…@arnhem.example krijgt nu het overzicht voor Arnhem" in visitor.main
    assert rows(session)[0][3]
    visitor.send(link)
    assert visitor.heading == "U krijgt het overzicht niet meer"
    assert not rows(session)[0][3]
    visitor.get(link)
    assert visitor.heading == "U krijgt het overzicht niet meer"


def test_one_click_ends_it_without_cookie_or_token_and_twice_is_once(
    app: Flask, bode: Visitor, session: Session
) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="eigen")
    link = address(app, session)
    stranger = app.test_client()

    for _again in range(2):
        answer = stranger.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers

    assert not rows(session)[0][3]
    ended = [one for one in audit_page(session)[0] if one.after.get("way") == "link in a mail"]
    assert len(ended) == 1


def test_a_word_works_for_its_own_subscription_only_and_not_after_beginning_anew(
    app: Flask, bode: Visitor, session: Session
) -> None:
    bode.get("/kanalen/e-mail")
    bode.send("/kanalen/e-mail", wie="eigen")
    link = address(app, session)
    stranger = app.test_client()
    wrong = link[:-1] + ("0" if link[-1] != "0" else "1")
    number, word = link.split("/")[-2:]
    for other in (wrong, f"/e-mail/afmelden/{int(number) + 1}/{word}", f"/e-mail/afmelden/{number}/é"):
        assert stranger.get(other).status_code == 404
        assert stranger.post(other).status_code == 404
    assert rows(session)[0][3]

    assert stranger.post(link).status_code == 200
    bode.get("/account")
    bode.send("/account/e-mail", rhythm="wekelijks")
    assert stranger.post(link).status_code == 404
    assert rows(session)[0][3]


def test_other_forms_still_need_their_token(app: Flask, bode: Visitor) -> None:
    assert bode.client.post("/kanalen/e-mail", data={"wie": "eigen"}).status_code == 400
