"""Consultants: entering them, changing them at the same time, taking them out, and files of them."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.consultant import Consultant
from models.words import Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, place_key
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
WORDS: dict[str, Any] = {
    "name": "Kim Voorbeeld",
    "email": "kim@arnhem.example",
    "half_hours": "12,5",
    "employer_name": "Teamleider Recht",
    "employer_email": "recht@arnhem.example",
}


@pytest.fixture
def clerk(sign_in: SignIn) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("cor@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


def send(visitor: Visitor, action: str, expertise: tuple[str, ...] = ("juridisch",), **fields: Any) -> None:
    """Fill in the form on this page; boxes of kinds of expertise are ticked as given."""
    values: dict[str, Any] = {**visitor.form(action), **fields, "expertise": list(expertise)}
    visitor.answer = visitor.client.post(action, data=values, follow_redirects=True)


def add(visitor: Visitor, **fields: Any) -> int:
    visitor.get("/consultants/nieuw")
    send(visitor, "/consultants/nieuw", **{**WORDS, **fields})
    assert "De consultant staat in de lijst." in visitor.notices, visitor.main
    return int(visitor.answer.request.path.rsplit("/", 1)[1])


def upload(visitor: Visitor, content: bytes, name: str = "lijst.csv") -> None:
    visitor.get("/consultants/bestand")
    token = visitor.form("/consultants/bestand")["csrf_token"]
    data = {"csrf_token": token, "file": (io.BytesIO(content), name)}
    visitor.answer = visitor.client.post("/consultants/bestand", data=data, follow_redirects=True)


def take(visitor: Visitor) -> None:
    """Take over what the page about a file shows."""
    visitor.send(visitor.answer.request.path)


def lines(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    names = ["naam", "e-mail", "gemeente", "uren", "kennis", "akkoord", "akkoord e-mail"]
    names += [name for row in rows for name in row if name not in names]
    writer = csv.DictWriter(out, list(dict.fromkeys(names)), delimiter=";", restval="")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return out.getvalue().encode()


ROW = {
    "naam": "Kim Voorbeeld",
    "e-mail": "kim@arnhem.example",
    "gemeente": "Arnhem",
    "uren": "12,5",
    "kennis": "Recht en rechtsvorm, subsidies",
    "akkoord": "Teamleider",
    "akkoord e-mail": "recht@arnhem.example",
}


def test_an_officer_enters_somebody_for_the_own_municipality_whatever_is_sent(
    clerk: Visitor, session: Session
) -> None:
    clerk.get("/consultants/nieuw")
    assert not clerk.page.cssselect("[name=municipality_code]")
    assert "Waarvoor deze gegevens zijn" in clerk.main
    assert "uiterlijk 12 maanden na de periode" in clerk.main

    number = add(
        clerk,
        municipality_code=RHEDEN,
        place_key="Klarendal",
        period_until="2027-06-30",
        radius_km="40",
        **{"aantal-groen": "2"},
    )

    one = session.get_one(Consultant, number)
    assert (one.municipality_code, one.half_hours, one.themes) == (ARNHEM, 25, {"groen": 2})
    assert one.place_key == place_key(session, ARNHEM, "Klarendal")
    assert "12,5 uur, tot en met 30 juni 2027" in clerk.main
    assert "Groen en tuinen (2 opdrachten)" in clerk.main
    assert "40 km" in clerk.main


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(ada: Visitor, session: Session) -> None:
    ada.get("/consultants/nieuw")
    send(
        ada,
        "/consultants/nieuw",
        expertise=(),
        name="Kim",
        half_hours="veel",
        experience="Met moeite geschreven.",
        period_until="morgen",
        **{"aantal-groen": "x"},
    )

    assert ada.answer.status_code == 400
    fields = [link.get("href") for link in ada.page.cssselect("#fouten a")]
    names = ["municipality_code", "email", "expertise", "themes", "half_hours", "period_until"]
    assert fields == [f"#consultant-{one}" for one in (*names, "employer_name", "employer_email")]
    assert all(ada.page.cssselect(field) for field in fields)
    form = ada.form("/consultants/nieuw")
    assert (form["name"], form["half_hours"], form["experience"], form["aantal-groen"]) == (
        "Kim",
        "veel",
        "Met moeite geschreven.",
        "x",
    )
    assert session.scalars(select(Consultant)).all() == []


def test_the_second_keeps_what_was_typed_and_gets_what_the_first_wrote(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    number = add(clerk, experience="Eerste.")
    address = f"/consultants/{number}/wijzigen"
    ada.get(address)
    clerk.get(address)
    send(clerk, address, half_hours="20", function="Jurist")
    assert "Bewaard." in clerk.notices

    send(ada, address, function="Adviseur", **{"aantal-energie": "1"})

    assert ada.answer.status_code == 409
    assert "Cor veranderde deze consultant op" in ada.main
    assert "Functie: Jurist" in ada.main
    assert "Uren: 20 uur" in ada.main
    form = ada.form(address)
    assert (form["function"], form["half_hours"], form["aantal-energie"]) == ("Adviseur", "20", "1")
    send(ada, address)
    session.expire_all()
    one = session.get_one(Consultant, number)
    assert (one.function, one.half_hours, one.themes, one.version) == ("Adviseur", 40, {"energie": 1}, 3)
    session.rollback()

    # The other way round, an officer is not told the names of staff.
    clerk.get(f"/consultants/{number}")
    ada.get(f"/consultants/{number}")
    ada.send(f"/consultants/{number}/beschikbaar", available="nee")
    clerk.send(f"/consultants/{number}/beschikbaar", available="nee")
    assert clerk.answer.status_code == 409
    assert "Het netwerk veranderde deze consultant op" in clerk.main
    assert "Ada" not in clerk.main


def test_taking_out_asks_first_and_forgets_the_name(clerk: Visitor, session: Session) -> None:
    number = add(clerk)
    clerk.send(f"/consultants/{number}/weghalen")
    assert clerk.answer.status_code == 400
    assert clerk.page.cssselect("#fouten a[href='#veld-sure']")

    clerk.send(f"/consultants/{number}/weghalen", sure="ja")

    assert "Naam en adressen zijn gewist" in clerk.notices
    assert "Kim" not in clerk.main
    clerk.get(f"/consultants/{number}")
    assert clerk.answer.status_code == 404
    assert session.get_one(Consultant, number).name == ""


def test_the_list_is_chosen_from_and_taken_out_as_a_file_that_can_be_read_in_again(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    add(clerk, period_until="2027-06-30", **{"aantal-groen": "2"})
    add(ada, municipality_code=RHEDEN, email="rhea@rheden.example", name="Rhea", available="nee")
    ada.get("/consultants")
    assert ada.titles == ["Rhea", "Kim Voorbeeld"]
    for query, found in (
        (f"gemeente={RHEDEN}", ["Rhea"]),
        ("beschikbaar=ja", ["Kim Voorbeeld"]),
        ("thema=groen", ["Kim Voorbeeld"]),
        ("begin=2027-07-01", ["Rhea"]),
        ("kennis=subsidies", []),
    ):
        ada.get(f"/consultants?{query}")
        assert ada.titles == found, query
    clerk.get("/consultants")
    assert clerk.titles == ["Kim Voorbeeld"]

    clerk.get("/uitvoer/consultants.csv")
    content = clerk.answer.data
    assert b"kim@arnhem.example" in content
    assert b"Rhea" not in content
    upload(clerk, content)
    assert "1 rij staat er al precies zo." in clerk.main
    assert "Er zijn geen fouten." in clerk.main
    clerk.get("/uitvoer/consultants.json")
    assert clerk.answer.json[0]["themes"] == ["groen 2"]  # type: ignore[index]


def test_a_file_names_every_bad_row_and_the_good_ones_come_in_once(ada: Visitor, session: Session) -> None:
    content = lines(
        {"thema’s": "Groen en tuinen 2, energie", "talen": "Nederlands, Fries", "beschikbaar": "nee"},
        {"e-mail": "geen", "uren": "0,3", "gemeente": "Atlantis", "kennis": "toveren"},
        {"naam": "Dubbel"},
        {"naam": "=1+1", "e-mail": "ok@arnhem.example", "tot en met": "soms"},
    )
    upload(ada, content)

    mistakes = [one.text_content().split(":")[0] for one in ada.page.cssselect(".scout-hand-in__mistakes li")]
    assert mistakes == [
        "Rij 3, kolom e-mail",
        "Rij 3, kolom gemeente",
        "Rij 3, kolom uren",
        "Rij 3, kolom kennis",
        "Rij 4, kolom e-mail",
        "Rij 5, kolom tot en met",
    ]
    assert "1 rij is een nieuwe consultant." in ada.main
    take(ada)
    assert "1 consultant is toegevoegd." in ada.notices
    one = session.scalars(select(Consultant)).one()
    assert (one.themes, one.languages, one.available) == ({"groen": 2, "energie": 0}, ["nl", "fy"], False)
    session.rollback()

    upload(ada, content)
    assert "1 rij staat er al precies zo." in ada.main
    assert ada.actions == ["/afmelden"] or all("/bestand/" not in action for action in ada.actions)
    upload(ada, lines({"uren": "30", "kennis": "subsidies"}))
    assert "1 rij wijzigt een consultant die er al is." in ada.main
    assert "Kennis: Subsidies en fondsen; Uren: 30 uur" in ada.main
    take(ada)
    session.expire_all()
    # Columns that the file does not have leave what is there.
    assert (one.half_hours, one.themes, one.version) == (60, {"groen": 2, "energie": 0}, 2)
    assert session.scalars(select(AuditEntry.after).where(AuditEntry.action == "consultant")).all()[-1] == {
        "fields": ["expertise", "half_hours"],
        "expertise": ["subsidies"],
        "hours": 30.0,
    }


def test_a_workbook_is_read_and_its_formulas_are_not(clerk: Visitor, session: Session) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["naam", "e-mail", "uren", "kennis", "akkoord", "akkoord e-mail", "vanaf"])
    sheet.append(["Kim", "kim@arnhem.example", 12.5, "juridisch", "Chef", "chef@arnhem.example", None])
    sheet.append(["Bo", "bo@arnhem.example", "=6+6", "juridisch", "Chef", "chef@arnhem.example", None])
    out = io.BytesIO()
    book.save(out)

    upload(clerk, out.getvalue(), "lijst.xlsx")
    assert "Rij 3, kolom uren: In deze cel staat een formule." in clerk.main
    take(clerk)

    one = session.scalars(select(Consultant)).one()
    assert (one.name, one.half_hours, one.municipality_code) == ("Kim", 25, ARNHEM)


def test_an_officer_brings_in_nobody_of_another_municipality(clerk: Visitor, session: Session) -> None:
    upload(clerk, lines({"gemeente": "Rheden"}))

    assert "Rij 2, kolom gemeente: Dit is een andere gemeente" in clerk.main
    assert session.scalars(select(Consultant)).all() == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Er staat niets in het bestand. Zet onder de kopregel een rij voor elke consultant."),
        (b"naam;adres\na;b\n", "Begin met het voorbeeld hieronder."),
        (b"\xd0\xcf\x11\xe0", ""),
        (b"naam;e-mail\n" + b"a;b\n" * 501, "hoogstens 500"),
    ],
)
def test_a_file_that_is_none_is_told_so(ada: Visitor, content: bytes, told: str) -> None:
    upload(ada, content)

    assert ada.answer.status_code == 400
    assert told in ada.page.cssselect("#fouten")[0].text_content()


def test_the_example_is_read_without_a_mistake(ada: Visitor, clerk: Visitor) -> None:
    for visitor in (ada, clerk):
        upload(visitor, visitor.get("/consultants/bestand/voorbeeld.csv").data)
        assert "Er zijn geen fouten." in visitor.main, visitor.main


def test_a_file_of_somebody_else_is_not_there(ada: Visitor, clerk: Visitor) -> None:
    upload(ada, lines({}))
    path = ada.answer.request.path

    assert clerk.get(path).status_code == 404


def test_a_privacy_officer_sees_the_log_and_no_consultants(sign_in: SignIn, ada: Visitor) -> None:
    number = add(ada, municipality_code=ARNHEM)
    watcher = sign_in("fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    for path in ("/consultants", f"/consultants/{number}", "/consultants/bestand", "/netwerk"):
        assert watcher.get(path).status_code == 403, path
    watcher.get("/logboek?wat=consultant")
    assert "veranderde een consultant" in watcher.main
    assert "12,5" in watcher.main
    assert "Kim" not in watcher.main


def test_an_officer_without_a_municipality_sees_nobody(
    session: Session, sign_in: SignIn, ada: Visitor
) -> None:
    add(ada, municipality_code=ARNHEM)
    make_account(session, "x@voorbeeld.example")
    lost = sign_in("kwijt@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")

    lost.get("/consultants")

    assert "Er zijn nog geen consultants" in lost.main
    assert lost.get("/consultants/1").status_code == 404
