"""Netwerk: bounds, money, another day, and setting who takes part."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy.orm import Session

from models.municipality import Municipality
from models.settings import Settings
from models.store.municipalities import set_participation
from models.words import Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A small network with a budget."""
    bounds = {"network_least": 2, "network_most": 2, "network_inhabitants": 5000}
    return settings.model_copy(update={**bounds, "network_budget": Decimal(2000)})


@pytest.fixture
def lea(sign_in: SignIn) -> Visitor:
    """A project leader."""
    return sign_in("lea@voorbeeld.example", roles=[Role.PROJECT_LEADER])


@pytest.fixture(autouse=True)
def _members(session: Session) -> None:
    """Arnhem without end, Rheden for some years."""
    for code, count, end in ((ARNHEM, 4000, None), (RHEDEN, 1235, date(2030, 12, 31))):
        session.get_one(Municipality, code).inhabitants = count
        set_participation(session, code, date(2026, 1, 1), end)
    session.commit()


def plain(visitor: Visitor) -> str:
    """The words of the main part, with ordinary spaces in amounts."""
    return visitor.main.replace("\xa0", " ")


def test_staff_sees_bounds_amounts_and_the_budget(ada: Visitor) -> None:
    ada.get("/netwerk")

    assert "Ten minste 2 gemeenten: gehaald (nu 2)" in plain(ada)
    assert "Hooguit 2 gemeenten: gehaald (nu 2)" in plain(ada)
    assert "Samen ten minste 5.000 inwoners: gehaald (nu 5.235)" in plain(ada)
    assert "€ 1.570,50 per jaar" in plain(ada)
    assert "€ 429,50 minder dan de begroting" in plain(ada)
    rows = [" ".join(row.text_content().split()) for row in ada.page.cssselect("tbody tr")]
    assert [row.replace("\xa0", " ") for row in rows] == [
        "Arnhem 1 januari 2026 zonder einddatum 4.000 € 1.200,00",
        "Rheden 1 januari 2026 31 december 2030 1.235 € 370,50",
    ]
    assert ada.actions.count("/netwerk") == 1, "a reviewer only chooses a day"


def test_another_day_tells_another_network(ada: Visitor) -> None:
    ada.get("/netwerk?op=2031-01-01")

    assert "stand op 1 januari 2031" in ada.main
    assert "Ten minste 2 gemeenten: niet gehaald (nu 1)" in ada.main
    assert "eerder wel of later wel" in ada.main
    ada.get("/netwerk?op=onzin")
    assert "Ten minste 2 gemeenten: gehaald" in ada.main


def test_a_municipality_sees_names_days_its_own_amount_and_the_total(
    sign_in: SignIn, session: Session
) -> None:
    clerk = sign_in("cor@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get("/netwerk")

    assert "Rheden 1 januari 2026 31 december 2030" in plain(clerk)
    assert "€ 1.200,00" in plain(clerk)
    assert "€ 1.570,50" in plain(clerk)
    assert "370,50" not in plain(clerk)
    assert "1.235" not in plain(clerk)
    year = session.get_one(Municipality, ARNHEM).inhabitants_year
    session.rollback()
    assert clerk.get("/uitvoer/netwerk.csv").data.decode().splitlines()[1:] == [
        f"{ARNHEM},Arnhem,2026-01-01,,ja,4000,{year},1200.00",
        f"{RHEDEN},Rheden,2026-01-01,2030-12-31,ja,,,",
    ]
    assert clerk.get(f"/netwerk/{ARNHEM}").status_code == 403


def test_a_leader_adds_a_municipality_and_ends_its_part(lea: Visitor, session: Session) -> None:
    lea.get("/netwerk")
    post(lea, "/netwerk", gemeente="", first="gisteren")
    assert lea.answer.status_code == 400
    assert [one.get("href") for one in lea.page.cssselect("#fouten a")] == [
        "#netwerk-gemeente",
        "#netwerk-first",
    ]
    post(lea, "/netwerk", gemeente=NIJMEGEN, first="2026-02-01", last="2026-01-01")
    assert "De laatste dag ligt vóór de eerste" in lea.main
    post(lea, "/netwerk", gemeente=ARNHEM, first="2026-02-01")
    assert "Arnhem staat al in de lijst" in lea.main

    post(lea, "/netwerk", gemeente=NIJMEGEN, first="2026-02-01")
    assert "Nijmegen staat in de lijst." in lea.notices
    assert "Hooguit 2 gemeenten: niet gehaald (nu 3)" in lea.main
    lea.get(f"/netwerk/{NIJMEGEN}")
    lea.send(f"/netwerk/{NIJMEGEN}", last="2026-03-01")

    session.expire_all()
    row = session.get_one(Municipality, NIJMEGEN)
    assert (row.participates_from, row.participates_until) == (date(2026, 2, 1), date(2026, 3, 1))


def post(visitor: Visitor, path: str, **fields: str) -> None:
    """Send the form with which a municipality is added; the other form there only asks for a day."""
    token = visitor.page.cssselect("[name=csrf_token]")[0].get("value")
    visitor.answer = visitor.client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True)


def test_the_organisation_whose_civil_servants_work_for_several(lea: Visitor, session: Session) -> None:
    lea.get(f"/netwerk/{ARNHEM}")
    days = {"first": "2026-01-01", "last": "", "seen_first": "2026-01-01", "seen_last": "", "seen_body": ""}
    post(lea, f"/netwerk/{ARNHEM}", **days, body="x" * 101)
    assert "gebruik hooguit 100 tekens" in lea.main
    post(lea, f"/netwerk/{ARNHEM}", **days, body="Samen aan de Rijn")
    assert "(dagen wijzigen) (Samen aan de Rijn)" in " ".join(lea.main.split())
    assert session.get_one(Municipality, ARNHEM).staff_body == "Samen aan de Rijn"
    session.rollback()

    # A form that was open all the while, and does not speak of it, puts nothing back.
    post(lea, f"/netwerk/{ARNHEM}", **days, body="")
    assert session.get_one(Municipality, ARNHEM).staff_body == "Samen aan de Rijn"


def test_two_leaders_at_once(lea: Visitor, sign_in: SignIn, session: Session) -> None:
    bea = sign_in("bea@voorbeeld.example", roles=[Role.ADMIN])
    for visitor in (lea, bea):
        visitor.get(f"/netwerk/{RHEDEN}")
    bea.send(f"/netwerk/{RHEDEN}", last="2029-12-31")

    lea.send(f"/netwerk/{RHEDEN}", last="2028-12-31")

    assert lea.answer.status_code == 409
    assert "Bea veranderde deze dagen op" in lea.main
    assert "laatste dag 31 december 2029" in lea.main
    assert lea.form(f"/netwerk/{RHEDEN}")["last"] == "2028-12-31"
    lea.send(f"/netwerk/{RHEDEN}")
    session.expire_all()
    assert session.get_one(Municipality, RHEDEN).participates_until == date(2028, 12, 31)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"first": "", "last": "2030-01-01"}, "Vul ook de eerste dag in"),
        ({"last": "2025-01-01"}, "De laatste dag ligt vóór de eerste"),
        ({"last": "ooit"}, "Vul een dag in, bijvoorbeeld"),
    ],
)
def test_days_that_cannot_be_are_said_and_stay_typed(lea: Visitor, fields: dict[str, str], told: str) -> None:
    lea.get(f"/netwerk/{RHEDEN}")
    lea.send(f"/netwerk/{RHEDEN}", **fields)

    assert lea.answer.status_code == 400
    assert told in lea.main
    assert lea.form(f"/netwerk/{RHEDEN}")["last"] == fields["last"]


def test_a_workbook_has_amounts_that_can_be_added_up(ada: Visitor) -> None:
    ada.get("/netwerk")
    assert ada.page.cssselect("a[href='/uitvoer/netwerk']")

    book = openpyxl.load_workbook(io.BytesIO(ada.get("/uitvoer/netwerk.xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))

    assert [row[-1] for row in rows] == ["contribution", 1200, 370.5]


def test_there_is_no_page_of_what_is_no_municipality(lea: Visitor) -> None:
    for code in ("GM9999", "x", "gm0202"):
        assert lea.get(f"/netwerk/{code}").status_code == 404
