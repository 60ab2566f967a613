"""The report: a participation team's meeting, from the figures to the paper on the table."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.report import ReportMade
from models.share import Share
from models.words import Answer, Phase, Role, ShareStatus
from review import report_pdf
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, place_key
from tests.review.pdf import Pdf
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
#: A Wednesday.
NOW = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _october() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def entry(session: Session, by: int, code: str, name: str, place: str = "", days: int = 5) -> Initiative:
    at = datetime.now(UTC) - timedelta(days=days)
    row = Initiative(
        name=name,
        summary="In eigen woorden.",
        municipality_code=code,
        place_key=place_key(session, code, place) if place else None,
        theme="groen",
        created_by_id=by,
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def region(session: Session) -> int:
    """Arnhem with leads, entries and shares; Rheden with much more."""
    staff = make_account(session, "staf@voorbeeld.example", name="Staf").id
    for age in (2, 3, 60):
        make_lead(session, municipality=ARNHEM, age_days=age)
    for _ in range(7):
        make_lead(session, municipality=RHEDEN, age_days=2, title="Rhedens geheim", theme="energie")
    garden = entry(session, staff, ARNHEM, "Buurttuin", "Klarendal-Noord")
    entry(session, staff, ARNHEM, "Eettafel", days=300)
    entry(session, staff, RHEDEN, "Rhedens dorpshuis", "Velp")
    at = NOW - timedelta(days=6)
    session.add(
        Share(
            municipality_code=ARNHEM,
            initiative_id=garden.id,
            status=ShareStatus.ANSWERED,
            offered_by_id=staff,
            offered_at=at,
            answer=Answer.TAKEN_UP,
            answered_at=NOW - timedelta(days=1),
        )
    )
    session.commit()
    return staff


@pytest.fixture
def clerk(sign_in: SignIn, region: int) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("c@voorbeeld.example", name="Cor", roles=[Role.MUNICIPALITY], municipality="Arnhem")


def tables(visitor: Visitor) -> dict[str, dict[str, list[str]]]:
    """Caption -> first cell of a row -> the other cells."""
    return {
        table.cssselect("caption")[0].text_content(): {
            row.cssselect("th")[0].text_content(): [cell.text_content() for cell in row.cssselect("td")]
            for row in table.cssselect("tbody tr")
        }
        for table in visitor.page.cssselect(".scout-report table")
    }


def test_an_officer_sees_the_last_four_weeks_of_the_own_municipality(clerk: Visitor) -> None:
    clerk.get("/cijfers")
    assert clerk.get("/rapport").status_code == 200

    assert clerk.heading == "Rapport van Arnhem"
    assert "17 september 2026 tot en met 14 oktober 2026" in clerk.main
    found = tables(clerk)
    assert found["Signalen"]["Binnengekomen"] == ["2"]
    assert found["Delingen"]["Aangeboden"] == ["1"]
    assert found["Delingen"]["Antwoord: opgepakt"] == ["1"]
    # From Thursday the 8th to Tuesday the 13th.
    assert found["Delingen"]["Werkdagen tot een antwoord: de langste"] == ["3"]
    assert found["Initiatieven"]["Nieuw in het register"] == ["1"]
    assert found["Initiatieven"]["Nu in het register"] == ["2"]
    assert found["Thema’s"] == {"Groen en tuinen": ["2", "2", "0"]}
    district = found["Buurten met en zonder initiatief"]["Klarendal"]
    assert district == ["1", "0", "Klarendal-Noord (1)", district[3]]
    assert district[3].startswith("Klarendal-Zuid, ")
    assert "In 1 van de 24 wijken" in clerk.main
    assert len(clerk.page.cssselect(".scout-tiles__one--full")) == 2  # and its sign
    assert [tab.text for tab in clerk.page.cssselect(".scout-places [aria-current]")] == ["Rapport"]
    # The name of Rheden stands on the map, for it lies beside Arnhem.
    for secret in ("Rhedens", "Staf", "Eettafel", ">7<"):
        assert secret not in clerk.answer.text, secret


def test_a_municipality_gets_no_report_but_its_own(clerk: Visitor) -> None:
    for address in (f"/rapport?gemeente={RHEDEN}", "/rapport?gemeente=GM9999", "/rapport?gemeente="):
        clerk.get(address)
        assert clerk.heading == "Rapport van Arnhem"
        assert "Rheden" not in clerk.main.replace("Rheden", "", 1)
    for form in ("csv", "xlsx", "pdf"):
        answer = clerk.get(f"/rapport.{form}?gemeente={RHEDEN}")
        assert "gm0202" in answer.headers["Content-Disposition"]
    clerk.get("/rapport")
    clerk.send("/rapport/afsluiten", gemeente=RHEDEN)
    clerk.get("/rapport/profielen")
    assert clerk.client.get("/rapport/profielen/voorbeeld.csv").text.count("BU0202") > 50


def test_the_next_report_shows_what_changed_since_the_last(
    clerk: Visitor, region: int, session: Session, sign_in: SignIn
) -> None:
    clerk.get("/rapport?periode=4-weken")
    assert "Vorig rapport" not in clerk.main
    clerk.send("/rapport/afsluiten")
    assert "Het rapport over 17 september 2026 tot en met 14 oktober 2026 is afgesloten" in clerk.notices
    made = session.scalars(select(ReportMade)).one()
    assert (made.municipality_code, made.first_day, made.last_day) == (
        ARNHEM,
        date(2026, 9, 17),
        date(2026, 10, 14),
    )
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "report")).one()
    assert logged.after["municipality"] == ARNHEM

    with time_machine.travel(NOW + timedelta(days=21), tick=False):
        new = entry(session, region, ARNHEM, "Klusclub", "Centrum", days=3)
        session.add(
            InitiativeChange(
                initiative_id=new.id,
                at=datetime.now(UTC) - timedelta(days=1),
                fields={"phase": ["gesignaleerd", "in_contact"]},
            )
        )
        new.phase = Phase.IN_CONTACT
        session.commit()
        cor = sign_in("d@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
        cor.get("/rapport")

        assert "15 oktober 2026 tot en met 4 november 2026" in cor.main
        assert (
            "Het vorige rapport ging over 17 september 2026 tot en met 14 oktober 2026 (28 dagen)."
            in cor.main
        )
        assert "Dit rapport gaat over 21 dagen." in cor.main
        found = tables(cor)
        assert found["Initiatieven"]["Nu in het register"] == ["3", "2", "1 meer"]
        assert found["Initiatieven"]["Nieuw in het register"] == ["1", "1", "gelijk"]
        assert found["Signalen"]["Binnengekomen"] == ["0", "2", "2 minder"]
        assert found["Delingen"]["Werkdagen tot een antwoord: de middelste"] == ["–", "3", "–"]
        assert found["Stappen naar een andere fase"] == {"gesignaleerd": ["in contact", "1"]}
        news = " ".join(cor.page.cssselect("section[aria-labelledby=nieuw]")[0].text_content().split())
        assert "Klusclub Groen en tuinen, in contact, 1 november 2026" in news
        assert "van gesignaleerd naar in contact" in news
        assert "Buurttuin" not in news


def test_who_closes_second_is_told_and_a_double_click_counts_once(
    clerk: Visitor, session: Session, sign_in: SignIn
) -> None:
    ada = sign_in(roles=[Role.PROJECT_LEADER])
    ada.get(f"/rapport?gemeente={ARNHEM}&periode=3-weken")
    clerk.get("/rapport")
    sent = clerk.form("/rapport/afsluiten")
    for _ in range(2):
        assert clerk.client.post("/rapport/afsluiten", data=sent).status_code == 303

    assert ada.send("/rapport/afsluiten").status_code == 409

    assert "Iemand anders heeft intussen een rapport afgesloten" in ada.main
    assert "24 september 2026 tot en met 14 oktober 2026" in ada.main
    assert len(session.scalars(select(ReportMade)).all()) == 1
    session.rollback()
    # The page that says so can be sent.
    assert ada.send("/rapport/afsluiten").status_code == 200
    assert len(session.scalars(select(ReportMade)).all()) == 2


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("vanaf=2026-10-14&tot-en-met=2026-10-01", "De laatste dag ligt voor de eerste"),
        ("vanaf=2026-10-01&tot-en-met=2026-10-15", "Deze dag moet nog komen"),
        ("vanaf=gisteren&tot-en-met=2026-10-01", "Dit is geen dag"),
        ("vanaf=1999-01-01&tot-en-met=2026-10-01", "Kies een dag vanaf 1 januari 2020"),
        ("vanaf=2026-10-01", "Dit is geen dag"),
        ("vanaf=0001-01-01&tot-en-met=9999-12-31", "Kies een dag vanaf"),
    ],
)
def test_days_that_cannot_be_are_explained(clerk: Visitor, session: Session, days: str, said: str) -> None:
    for path in ("/rapport", "/rapport.csv", "/rapport.pdf"):
        assert clerk.get(f"{path}?{days}").status_code == 400
        assert said in clerk.main
        assert clerk.page.cssselect("#fouten a")
    assert "/rapport/afsluiten" not in clerk.actions
    answer = clerk.client.post(
        "/rapport/afsluiten", data={"csrf_token": clerk.form("/afmelden")["csrf_token"]}
    )
    assert answer.status_code == 400
    assert session.scalar(select(ReportMade.id)) is None


def test_staff_chooses_a_municipality_or_the_network(ada: Visitor, region: int) -> None:
    ada.get("/rapport")
    assert ada.heading == "Rapport van het netwerk"
    found = tables(ada)
    assert found["Gemeenten"]["Rheden"] == ["7", "0", "0", "0", "0", "1", "1"]
    assert found["Gemeenten"]["Arnhem"] == ["2", "0", "1", "1", "0", "1", "2"]
    assert found["Signalen"]["Binnengekomen"] == ["9"]
    ada.send("/rapport/afsluiten")
    assert "is afgesloten" in ada.notices
    ada.get(f"/rapport?gemeente={RHEDEN}&periode=jaar")
    assert ada.heading == "Rapport van Rheden"
    assert tables(ada)["Plaatsen met en zonder initiatief"]["Velp"] == ["1", "0"]
    assert ada.get("/rapport?gemeente=GM9999").status_code == 404
    assert ada.get("/rapport?gemeente=onzin").status_code == 404


def test_the_pdf_holds_the_figures_and_can_be_read_by_everybody(clerk: Visitor, session: Session) -> None:
    answer = clerk.get("/rapport.pdf")

    assert answer.mimetype == "application/pdf"
    assert 'filename="rapport-gm0202-2026-09-17-2026-10-14.pdf"' in answer.headers["Content-Disposition"]
    pdf = Pdf(answer.data)
    assert b"/Lang(nl)" in pdf.content.replace(b" ", b"")
    assert b"/Title(Rapport van Arnhem)" in pdf.plain
    assert b"/MarkInfo<</Marked true" in pdf.plain
    assert b"pdfuaid:part>1<" in pdf.plain
    for tag in (b"/S/H1", b"/S/Table", b"/S/TH", b"/S/Figure", b"/Alt"):
        assert tag in pdf.plain.replace(b" ", b""), tag
    for words in (
        "Rapport van Arnhem",
        "17 september 2026 tot en met 14 oktober 2026",
        "Binnengekomen 2",
        "Nu in het register 2",
        "Klarendal-Noord (1)",
        "In 1 van de 24 wijken",
    ):
        assert words in pdf.text, words
    for secret in ("Rheden", "Buurttuin", "Cor", "Staf"):
        assert secret not in pdf.text
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert logged.after == {
        "format": "pdf",
        "municipality": ARNHEM,
        "from": "2026-09-17",
        "until": "2026-10-14",
    }


def test_names_are_never_taken_for_mark_up(clerk: Visitor, session: Session) -> None:
    evil = '#read("/etc/hostname") $x$ *a* <b> \\ ]'
    text = f"buurtcode;{evil.replace(';', '')};Rest\nBU02020733;40;60\n".replace('"', "'")
    upload(clerk, text)
    clerk.send("/rapport/profielen/bewaren")

    pdf = Pdf(clerk.get("/rapport.pdf").data)

    assert "#read('/etc/hostname')" in pdf.text
    assert "$x$ *a* <b>" in pdf.text


def test_a_pdf_that_cannot_be_made_is_said(clerk: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pdf, "SECONDS", 0.001)
    clerk.get("/rapport.pdf")
    assert "Het PDF-bestand kon niet worden gemaakt" in clerk.notices
    assert clerk.heading == "Rapport van Arnhem"


def test_the_same_figures_as_csv_and_as_a_workbook(clerk: Visitor) -> None:
    text = clerk.get("/rapport.csv?periode=3-weken").data.decode("utf-8-sig")
    listed = list(csv.reader(io.StringIO(text)))
    assert listed[0] == ["onderdeel", "regel", "waarde", "vorig_rapport"]
    assert ["Signalen", "Binnengekomen", "2", ""] in listed
    assert ["Buurten met en zonder initiatief: Initiatieven", "Klarendal", "1", ""] in listed

    sheet = openpyxl.load_workbook(io.BytesIO(clerk.get("/rapport.xlsx").data)).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert ["Signalen", "Binnengekomen", 2, None] in rows


# -- profiles --------------------------------------------------------------------------------------


def upload(visitor: Visitor, text: str | bytes, name: str = "profielen.csv") -> int:
    visitor.get("/rapport/profielen")
    content = text if isinstance(text, bytes) else text.encode()
    data = {**visitor.form("/rapport/profielen"), "profielen": (io.BytesIO(content), name)}
    visitor.answer = visitor.client.post("/rapport/profielen", data=data, content_type="multipart/form-data")
    return visitor.answer.status_code


def test_a_file_of_profiles_is_looked_at_kept_replaced_and_removed(clerk: Visitor, session: Session) -> None:
    good = "buurtcode;buurt;Actief;Op afstand\nBU02020733;Noord;60,5%;39,5\nBU02020101;Weverstraat;10;90\n"
    bad = "BU02750100;x;50;50\nonzin;x;50;50\nBU02020100;x;50;70\nBU02020102;x;;100\nBU02020101;x;50;50\n"
    assert upload(clerk, good + bad) == 200
    assert "2 buurten zijn goed. In 5 rijen staan fouten. Er is nog niets bewaard." in clerk.main
    for said in (
        "Rij 4: BU02750100 is geen buurt van deze gemeente.",
        "Rij 5: dit is geen buurtcode: ‘ONZIN’",
        "Rij 6: de groepen zijn samen 120%. Dat moet 100% zijn.",
        "Rij 7, kolom Actief: hier staat geen getal.",
        "Rij 8: deze buurt staat ook in rij 3.",
    ):
        assert said in clerk.main, said
    clerk.get("/rapport")
    assert "Welke groepen" not in clerk.main

    upload(clerk, good.replace(",", ".").replace(";", ","))
    clerk.send("/rapport/profielen/bewaren")
    assert "De profielen van 2 buurten zijn bewaard." in clerk.notices
    clerk.get("/rapport")
    groups = tables(clerk)["Welke groepen bewoners worden niet bereikt?"]
    assert list(groups.items()) == [
        ("Op afstand", ["65%", "1", "0", "0"]),
        ("Actief", ["35%", "1", "1", "1"]),
    ]
    assert "Niet bereikt: Op afstand." in clerk.main
    assert "Elke buurt telt even zwaar" in clerk.main

    # A colleague removes them while this one still looks at a new file.
    upload(clerk, "buurtcode,A,B\nBU02020733,0.25,0.75\n")
    late = clerk.form("/rapport/profielen/bewaren")
    clerk.get("/rapport/profielen")
    clerk.send("/rapport/profielen/weg")
    assert "De profielen zijn verwijderd." in clerk.notices
    clerk.answer = clerk.client.post("/rapport/profielen/bewaren", data=late)
    assert clerk.answer.status_code == 409
    assert "Iemand anders heeft de profielen intussen veranderd" in clerk.main
    told = [
        row.after for row in session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "profiles"))
    ]
    assert told == [{"entries": 2}, {"entries": 0}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Er staat niets in het bestand"),
        (b"wijk;A\nx;1\n", "De kolom ‘buurtcode’ is niet gevonden"),
        (b"buurtcode;buurt\nBU02020733;Noord\n", "Er zijn geen groepen gevonden"),
        (b"buurtcode;A;a\nBU02020733;1;1\n", "De naam van een groep klopt niet"),
        (b"PK\x03\x04\x00\x00", "Bewaar het bestand als CSV"),
        (b"buurtcode;A\n" + b"BU02020733;1\n" * 30_000, "Het bestand is te groot"),
        (b"buurtcode;A\n" + b"B;1\n" * 2000, "te veel rijen"),
        (b"buurtcode;" + b";".join(b"g%d" % one for one in range(25)) + b"\nB;1\n", "te veel groepen"),
    ],
)
def test_a_file_that_is_none_is_explained(clerk: Visitor, content: bytes, said: str) -> None:
    assert upload(clerk, content) == 400
    assert said in clerk.main


def test_nothing_sent_is_explained_and_a_forged_confirmation_is_checked_again(clerk: Visitor) -> None:
    clerk.get("/rapport/profielen")
    clerk.send("/rapport/profielen")
    assert "Kies eerst een bestand" in clerk.main
    token = clerk.form("/rapport/profielen")["csrf_token"]
    for rows in ("", "buurtcode;A\nBU02750100;100\n", "buurtcode;A\nBU02020733;250\n"):
        data = {"csrf_token": token, "rijen": rows, "gemeente": RHEDEN}
        assert clerk.client.post("/rapport/profielen/bewaren", data=data).status_code == 400
    clerk.get("/rapport/profielen")
    assert "Wat er nu staat" not in clerk.main


def test_staff_keeps_profiles_of_any_municipality(ada: Visitor, region: int) -> None:
    assert ada.get("/rapport/profielen").status_code == 200
    assert ada.heading == "Rapport van het netwerk"
    ada.get(f"/rapport?gemeente={RHEDEN}")
    assert f"/rapport/profielen?gemeente={RHEDEN}" in ada.answer.text
    ada.get(f"/rapport/profielen?gemeente={RHEDEN}")
    assert "Rheden" in ada.main
