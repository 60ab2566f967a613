"""Delingen: what a municipality sees and answers, and what staff offers, follows and takes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.base import utc_now
from models.initiative import Initiative
from models.lead import Lead
from models.share import Share
from models.store.shares import offer_lead, tick
from models.words import Answer, Ending, LeadStatus, Role, ShareStatus
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, viewer_of
from tests.review.test_register import promote
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def gerda(sign_in: SignIn) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("gerda@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


def given(session: Session, *, message: str = "", days_ago: int = 0, **lead: object) -> Share:
    """A lead that staff gave to its municipality."""
    made = make_lead(session, **lead)  # type: ignore[arg-type]
    giver = session.scalar(select(Account).where(Account.name == "Stafmier"))
    viewer = viewer_of(giver or make_account(session, "staf@voorbeeld.example", name="Stafmier"))
    at = utc_now() - timedelta(days=days_ago)
    share = offer_lead(session, made.id, viewer=viewer, message=message, now=at)
    session.commit()
    return share


def statuses(session: Session) -> list[ShareStatus]:
    session.expire_all()
    found = list(session.scalars(select(Share.status).order_by(Share.id)))
    session.rollback()
    return found


def test_what_is_promoted_waits_at_its_municipality_and_is_answered_in_one_click(
    ada: Visitor, gerda: Visitor, session: Session
) -> None:
    promote(ada, session, title="Deelkast", place="Presikhaaf")
    promote(ada, session, title="Moestuin Velp", municipality=RHEDEN)

    gerda.get("/")
    assert "1 deling wacht op uw antwoord" in gerda.main
    assert gerda.page.cssselect(".scout-nav a[href='/delingen'] .scout-nav__count")[0].text == "1"
    gerda.get("/delingen")
    assert gerda.titles == ["Deelkast"]
    for words in ("1 wacht op uw antwoord", "Presikhaaf, Arnhem", "Groen en tuinen", "nieuw"):
        assert words in gerda.main

    share = session.scalars(select(Share.id).where(Share.municipality_code == ARNHEM)).one()
    session.rollback()
    gerda.send(f"/delingen/{share}/antwoord", answer="opgepakt")

    assert "Bewaard: ‘Deelkast’ – opgepakt." in gerda.notices
    assert "Niets wacht op uw antwoord" in gerda.main
    assert not gerda.page.cssselect(".scout-nav__count")
    ada.get(f"/delingen/{share}")
    assert "Gerda antwoordde: opgepakt" in ada.main


def test_a_share_is_followed_to_its_end_on_its_own_page(gerda: Visitor, session: Session) -> None:
    share = given(session, title="Deelkast", message="Kent u deze kast?")
    path = f"/delingen/{share.id}"
    gerda.get("/delingen")
    gerda.get(gerda.page.cssselect(".scout-card__title a")[0].get("href"))

    assert gerda.heading == "Deelkast"
    assert "Kent u deze kast?" in gerda.main
    assert f"/signalen/{share.lead_id}" in {link.get("href") for link in gerda.page.cssselect("main a")}
    assert "Het netwerk bood dit aan" in gerda.main
    assert "Stafmier" not in gerda.answer.text
    gerda.send(f"{path}/antwoord", answer="opgepakt", note="Wij bellen.", terug="")
    assert "Wij bellen." in gerda.main
    gerda.send(f"{path}/contact")
    assert "U bent in contact" in gerda.notices or "u bent in contact" in gerda.notices
    gerda.send(f"{path}/afsluiten")
    assert gerda.answer.status_code == 400
    assert "Kies hoe het is afgelopen." in gerda.main
    gerda.send(f"{path}/afsluiten", ending="geholpen", note="Zaal geregeld.")

    assert "Wij hebben geholpen" in gerda.main
    assert "Zaal geregeld." in gerda.main
    assert [action for action in gerda.actions if action.startswith(path)] == []
    session.refresh(share)
    assert (share.status, share.ending) == (ShareStatus.CLOSED, Ending.HELPED)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Purpose": "prefetch;prerender"}, id="prefetched"),
        pytest.param({"Purpose": "prefetch"}, id="prefetched by an older browser"),
        pytest.param({"X-Moz": "prefetch"}, id="prefetched by another one"),
    ],
)
def test_only_an_officer_who_opens_the_page_has_seen_it(
    ada: Visitor, gerda: Visitor, session: Session, headers: dict[str, str]
) -> None:
    share = given(session)
    path = f"/delingen/{share.id}"
    gerda.client.head(path)
    gerda.get(path, headers=headers)
    gerda.get("/delingen")
    ada.get(path)
    assert statuses(session) == [ShareStatus.OFFERED]

    gerda.get(path)
    gerda.get(path)

    assert statuses(session) == [ShareStatus.SEEN]
    ada.get(path)
    assert ada.main.count("Gerda opende dit") == 1


def test_later_asks_again_on_a_day_and_a_day_that_can_not_be_is_refused(
    gerda: Visitor, session: Session
) -> None:
    share = given(session)
    path = f"/delingen/{share.id}"
    today = utc_now().date()
    for day, words in (
        ("morgen", "Vul een dag in"),
        ("2020-01-01", "Kies een dag na vandaag"),
        (str(today + timedelta(days=91)), "Kies een dag na vandaag"),
    ):
        gerda.get(path)
        gerda.client.post(path)
        gerda.send(f"{path}/antwoord", answer="later", later_on=day, note="Na de vakantie.")
        assert gerda.answer.status_code == 400
        assert words in gerda.main
        assert "Na de vakantie." in gerda.main
        assert gerda.page.cssselect("#later-later_on[aria-invalid=true]")
    assert statuses(session) == [ShareStatus.SEEN]

    gerda.get("/delingen")
    gerda.send(f"{path}/antwoord", answer="later")

    assert "U krijgt de vraag opnieuw op" in gerda.notices
    session.refresh(share)
    assert share.answer is Answer.LATER
    assert share.later_on is not None


def test_the_second_officer_is_told_who_answered_and_nothing_typed_is_lost(
    gerda: Visitor, sign_in: SignIn, session: Session
) -> None:
    share = given(session)
    path = f"/delingen/{share.id}"
    piet = sign_in("piet@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    piet.get(path)
    gerda.get(path)
    gerda.send(f"{path}/antwoord", answer="al_bekend")

    piet.send(f"{path}/antwoord", answer="geen_initiatief", note="Dit is van ons zelf.")

    assert piet.answer.status_code == 409
    assert "Gerda antwoordde al ‘al bekend’" in piet.main
    assert "Dit is van ons zelf." in piet.main
    session.refresh(share)
    assert share.answer is Answer.KNOWN
    session.rollback()
    piet.send(f"{path}/antwoord", answer="geen_initiatief", note="Dit is van ons zelf.")
    session.refresh(share)
    assert share.answer is Answer.NO_INITIATIVE


def test_nonsense_in_forms_is_one_clear_sentence(gerda: Visitor, session: Session) -> None:
    share = given(session)
    path = f"/delingen/{share.id}"
    for values, words in (
        ({"answer": "misschien"}, "Kies een van de antwoorden."),
        ({"answer": "opgepakt", "note": "x" * 501}, "Maak dit korter: hooguit 500 tekens."),
        ({"answer": "opgepakt", "version": "x"}, "Deze deling is intussen veranderd."),
    ):
        gerda.get(path)
        gerda.send(f"{path}/antwoord", **values)
        assert gerda.answer.status_code in (400, 409)
        assert words in gerda.main
    assert statuses(session) == [ShareStatus.SEEN]


def test_staff_shares_an_open_lead_from_its_page_and_it_stays_open(
    ada: Visitor, gerda: Visitor, session: Session
) -> None:
    lead = make_lead(session, title="Deelkast")
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/delen", message="x" * 501)
    assert ada.answer.status_code == 400
    assert "hooguit 500 tekens" in ada.main
    assert "x" * 501 in ada.answer.text

    ada.send(f"/signalen/{lead.id}/delen", message="Kent u dit?")

    assert "Dit signaal is gedeeld met de gemeente." in ada.notices
    assert "Aangeboden aan Arnhem op" in ada.main
    assert f"/signalen/{lead.id}/delen" not in ada.actions
    session.refresh(lead)
    assert lead.status is LeadStatus.OPEN
    gerda.get(f"/signalen/{lead.id}")
    assert "Laat weten wat u ermee doet" in gerda.main
    assert "/opnemen" not in gerda.answer.text


def test_the_state_of_sharing_stands_with_lead_and_initiative_in_words(
    ada: Visitor, gerda: Visitor, session: Session
) -> None:
    lead = promote(ada, session, title="Deelkast")
    entry = session.scalars(select(Initiative.id)).one()
    share = session.scalars(select(Share.id)).one()
    session.rollback()
    for path in (f"/signalen/{lead}", f"/register/{entry}"):
        ada.get(path)
        assert "Aangeboden aan Arnhem" in ada.main
        assert "Nog niet gezien." in ada.main
    gerda.get(f"/delingen/{share}")
    gerda.send(f"/delingen/{share}/antwoord", answer="niet_van_ons")
    ada.get(f"/register/{entry}")
    assert "Arnhem antwoordde: niet van ons." in ada.main


def test_staff_takes_back_offers_again_and_moves_to_another_municipality(
    ada: Visitor, gerda: Visitor, sign_in: SignIn, session: Session
) -> None:
    share = given(session, title="Deelkast")
    path = f"/delingen/{share.id}"
    ada.get(path)
    ada.send(f"{path}/intrekken")
    assert "Deze deling is ingetrokken." in ada.main
    gerda.get(path)
    assert "Het netwerk vraagt geen antwoord meer." in gerda.main
    assert "Stafmier" not in gerda.answer.text
    assert "Ada" not in gerda.main
    ada.send(f"{path}/opnieuw", message="Toch graag.")
    gerda.get(path)
    assert "Toch graag." in gerda.main
    gerda.send(f"{path}/antwoord", answer="niet_van_ons")

    ada.get(path)
    ada.send(f"{path}/elders")
    assert "Kies een gemeente." in ada.main
    ada.send(f"{path}/elders", gemeente=ARNHEM)
    assert "Kies een andere gemeente uit de lijst." in ada.main
    ada.send(f"{path}/elders", gemeente=RHEDEN)

    assert "is daar aangeboden" in ada.notices
    neighbour = sign_in("n@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")
    neighbour.get("/delingen")
    assert neighbour.titles == ["Deelkast"]
    assert "Arnhem" not in neighbour.main
    gerda.get(path)
    assert "Deelkast" not in gerda.answer.text
    assert "Rheden" not in gerda.main
    assert session.get_one(Lead, share.lead_id).municipality_code == RHEDEN


def test_staff_finds_who_has_not_answered_by_municipality_and_status(
    ada: Visitor, gerda: Visitor, session: Session
) -> None:
    given(session, title="Oud", days_ago=30)
    given(session, title="Nieuw")
    given(session, title="Velp", municipality=RHEDEN)
    tick(session, now=utc_now())

    ada.get("/delingen")
    assert ada.titles == ["Velp", "Nieuw", "Oud"]
    rows = [" ".join(row.text_content().split()) for row in ada.page.cssselect("tbody tr")]
    assert rows[0].startswith("Arnhem 2 1 0")
    assert rows[1].startswith("Rheden 1 0 0")
    ada.get("/delingen", query_string={**ada.form("/delingen"), "gemeente": ARNHEM, "stand": "te-laat"})
    assert ada.answer.request.url.endswith(f"/delingen?gemeente={ARNHEM}&stand=te-laat")
    assert ada.titles == ["Oud"]
    assert "herinnerd" in ada.main
    ada.get("/delingen?stand=afgesloten")
    assert "Niets gevonden" in ada.main
    gerda.get("/delingen?gemeente=" + RHEDEN)
    assert set(gerda.titles) == {"Nieuw", "Oud"}


def test_many_shares_are_walked_by_pages_and_each_comes_once(gerda: Visitor, session: Session) -> None:
    for number in range(30):
        given(session, title=f"Tuin {number}")
    gerda.get("/delingen")
    assert len(gerda.titles) == 25
    gerda.get(gerda.page.xpath("//a[contains(., 'Toon alles wat wacht')]")[0].get("href"))
    first = gerda.titles
    gerda.get(gerda.page.cssselect("a[rel=next]")[0].get("href"))

    assert len({*first, *gerda.titles}) == 30


@pytest.mark.parametrize("query", ["stand=x", "na=x", "voor=99999999999", "gemeente=x", "na=-1", "stand=%00"])
def test_nonsense_in_the_address_shows_everything(
    ada: Visitor, gerda: Visitor, session: Session, query: str
) -> None:
    given(session, title="Deelkast")

    for visitor in (ada, gerda):
        assert visitor.get("/delingen?" + query).status_code == 200
        assert visitor.titles == ["Deelkast"]


def test_empty_pages_say_what_will_come(ada: Visitor, gerda: Visitor) -> None:
    ada.get("/delingen")
    assert "Er is nog niets gedeeld" in ada.main
    gerda.get("/delingen")
    assert "Er is nog niets met u gedeeld" in gerda.main


def test_another_municipality_finds_nothing(sign_in: SignIn, gerda: Visitor, session: Session) -> None:
    share = given(session, municipality=RHEDEN, title="Velp")
    gerda.get("/delingen")
    assert gerda.titles == []

    for path in (f"/delingen/{share.id}", "/delingen/999999"):
        assert gerda.get(path).status_code == 404
    assert gerda.get("/signalen/1/delen").status_code == 403
    assert statuses(session) == [ShareStatus.OFFERED]


def test_what_people_wrote_stays_text(ada: Visitor, gerda: Visitor, session: Session) -> None:
    attack = "<script>alert(1)</script>"
    share = given(session, title=attack, message=attack)
    gerda.get(f"/delingen/{share.id}")
    gerda.send(f"/delingen/{share.id}/antwoord", answer="opgepakt", note=attack)

    for visitor in (ada, gerda):
        for path in ("/delingen", f"/delingen/{share.id}", f"/signalen/{share.lead_id}"):
            visitor.get(path)
            assert attack not in visitor.answer.text
