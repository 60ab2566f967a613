"""The pages with figures: today's work, quality, and what came in of each municipality."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.account import Account
from models.database import session_factory
from models.decision import Decision
from models.lead import Lead
from models.municipality import Municipality
from models.store.work import start_of_day
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]


def add(
    session: Session,
    code: str | None,
    status: LeadStatus,
    number: int = 1,
    *,
    drawn: float | None = None,
    days: int = 3,
) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    for _ in range(number):
        session.add(
            Lead(
                status=status,
                title="",
                municipality_code=code,
                score=0.05 if drawn else 0.9,
                drawn=drawn,
                opened_at=at,
                extended_at=at,
                decided_at=None if status is LeadStatus.OPEN else at,
            )
        )
    session.commit()


@pytest.fixture
def region(session: Session) -> None:
    """Arnhem with many draws looked at, Rheden with a few, Nijmegen with nothing; all three take part."""
    for code in (ARNHEM, RHEDEN, NIJMEGEN):
        session.get_one(Municipality, code).participates_from = date(2026, 1, 1)
    add(session, ARNHEM, LeadStatus.OPEN, 12, days=4)
    add(session, ARNHEM, LeadStatus.OPEN, 1, days=9)
    add(session, ARNHEM, LeadStatus.PROMOTED, 20)
    add(session, ARNHEM, LeadStatus.REJECTED, 99, drawn=0.5)
    add(session, ARNHEM, LeadStatus.KNOWN, 1, drawn=0.5)
    add(session, RHEDEN, LeadStatus.REJECTED, 5, drawn=0.5)
    add(session, RHEDEN, LeadStatus.OPEN, 2)
    add(session, None, LeadStatus.REJECTED, 3)


@contextmanager
def writing_account(visitor: Visitor) -> Iterator[Account]:
    """The account of a visitor, to be changed."""
    with session_factory(visitor.app.extensions["scout_engine"])() as session:
        yield session.get_one(Account, visitor.account_id)
        session.commit()


def facts(visitor: Visitor) -> dict[str, str]:
    """Names and values of the list of facts on the page."""
    return {
        " ".join(one.cssselect("dt")[0].text_content().split()): " ".join(
            one.cssselect("dd")[0].text_content().split()
        )
        for one in visitor.page.cssselect(".scout-data > div")
    }


def tiles(visitor: Visitor) -> list[str]:
    """The single numbers on the page, with their words."""
    return [" ".join(one.text_content().split()) for one in visitor.page.cssselect(".scout-tile")]


def sheets(visitor: Visitor) -> dict[str, dict[str, list[str]]]:
    """Caption of each table behind a plot -> heading of a row -> its cells."""
    return {
        table.cssselect("caption")[0].text_content(): {
            row.cssselect("th")[0].text_content(): [cell.text_content() for cell in row.cssselect("td")]
            for row in table.cssselect("tbody tr")
        }
        for table in visitor.page.cssselect(".scout-sheet")
    }


def rows(visitor: Visitor) -> dict[str, list[str]]:
    """Name -> cells of its line."""
    return {
        line.cssselect("th")[0].text_content().strip(): [
            " ".join(cell.text_content().split()) for cell in line.cssselect("td")
        ]
        for line in visitor.page.cssselect(".scout-figures tbody tr, .scout-figures tfoot tr")
    }


@pytest.mark.usefixtures("region")
def test_staff_sees_a_line_for_each_participating_municipality_and_the_rest_and_the_whole(
    ada: Visitor,
) -> None:
    ada.get("/cijfers/gemeenten")

    found = rows(ada)
    assert list(found) == ["Arnhem", "Nijmegen", "Rheden", "Zonder gemeente", "Samen"]
    assert found["Arnhem"][:4] == ["13", "9 dagen", "120", "20"]
    assert found["Arnhem"][4] == "94%, eerlijk is 92%"
    assert found["Arnhem"][5].startswith("naar schatting 1 tot 6 gemist")
    assert "78% tot 95% van alle initiatieven gevonden" in found["Arnhem"][5]
    assert found["Rheden"][5].startswith("naar schatting hooguit 1 gemist")
    assert "deels op grond van alle gemeenten samen" in found["Rheden"][5]
    assert found["Nijmegen"] == ["0", "niets", "0", "0", "0%, eerlijk is 0%", found["Nijmegen"][5]]
    assert found["Nijmegen"][5].startswith("te weinig bekeken om te schatten")
    assert found["Samen"][:4] == ["15", "9 dagen", "128", "20"]
    ada.get("/cijfers/kwaliteit")
    assert "105 berichten met een lage score zijn door loting gekozen" in ada.main


@pytest.mark.usefixtures("region")
def test_a_municipality_gets_its_own_page_and_nothing_of_the_others(sign_in: SignIn) -> None:
    # Staff was there before, so that all of it is kept already.
    ada = sign_in()
    for address in ("/cijfers/gemeenten", f"/cijfers/gemeenten/{ARNHEM}", f"/cijfers/gemeenten/{RHEDEN}"):
        ada.get(address)
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")

    for address in ("/cijfers", f"/cijfers?gemeente={ARNHEM}", f"/cijfers/gemeenten/{RHEDEN}?weken=52"):
        assert clerk.get(address).status_code == 200
        assert clerk.heading == "Rheden"
        assert facts(clerk)["Besloten"] == "5"
        for secret in ("Arnhem", "Nijmegen", "Zonder gemeente", "Samen", ">13<", ">120<", ">105<"):
            assert secret not in clerk.answer.text
        tabs = clerk.page.cssselect(".scout-places a")
        assert [(tab.text, tab.get("href")) for tab in tabs] == [
            ("Overzicht", "/cijfers"),
            ("Rapport", "/rapport"),
        ]
    for address, status in {
        f"/cijfers/gemeenten/{ARNHEM}": 404,
        "/cijfers/gemeenten/GM9999": 404,
        "/cijfers/gemeenten": 403,
        "/cijfers/kwaliteit": 403,
    }.items():
        answer = clerk.client.get(address)
        assert answer.status_code == status
        assert "Arnhem" not in answer.text


@pytest.mark.usefixtures("region")
def test_what_is_kept_for_a_municipality_is_never_all_that_staff_gets(sign_in: SignIn) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")
    clerk.get("/cijfers")
    ada = sign_in()

    ada.get(f"/cijfers/gemeenten/{ARNHEM}")

    assert facts(ada)["Besloten"] == "120"
    assert facts(ada)["Deel van de aandacht"] == "94%, eerlijk is 92%"


@pytest.mark.usefixtures("region")
def test_a_municipality_account_without_municipality_and_a_privacy_officer_see_no_figures(
    sign_in: SignIn,
) -> None:
    nobody = sign_in("n@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")
    with writing_account(nobody) as account:
        account.municipality_code = None
    nobody.get("/cijfers")
    assert "Uw account hoort niet bij een gemeente" in nobody.main
    assert nobody.client.get(f"/cijfers/gemeenten/{RHEDEN}").status_code == 404

    officer = sign_in("f@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])
    for address in ("/cijfers", "/cijfers/kwaliteit", f"/cijfers/gemeenten/{ARNHEM}"):
        answer = officer.client.get(address)
        assert answer.status_code == 403
        assert "Arnhem" not in answer.text


def test_without_a_participating_municipality_all_with_leads_are_shown(
    ada: Visitor, session: Session
) -> None:
    make_lead(session, municipality=RHEDEN)
    session.commit()

    ada.get("/cijfers/gemeenten")

    found = rows(ada)
    assert list(found) == ["Rheden", "Zonder gemeente", "Samen"]
    assert found["Rheden"][4] == "nog niets besloten"


def test_the_period_can_be_chosen_and_nonsense_is_the_usual_one(ada: Visitor, session: Session) -> None:
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=5)
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=60)
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=200)

    counts = {}
    for query in ("?dagen=30", "", "?dagen=365", "?dagen=-1", "?dagen=x"):
        ada.get("/cijfers/gemeenten" + query)
        counts[query] = rows(ada)["Arnhem"][3]

    assert counts == {"?dagen=30": "1", "": "2", "?dagen=365": "3", "?dagen=-1": "2", "?dagen=x": "2"}
    ada.get("/cijfers/gemeenten?dagen=30")
    assert [link.text for link in ada.page.cssselect(".scout-order [aria-current]")] == ["30 dagen"]


@pytest.mark.usefixtures("region")
def test_bars_need_no_inline_style_and_say_nothing_that_the_text_does_not(ada: Visitor) -> None:
    ada.get("/cijfers/gemeenten")

    bars = ada.page.cssselect("svg.scout-bar")
    assert len(bars) == 4
    assert all(bar.get("aria-hidden") == "true" for bar in bars)
    assert not ada.page.xpath("//*[@style] | //main//style | //main//script")
    widths = [float(bar.cssselect(".scout-bar__value")[0].get("width")) for bar in bars]
    assert widths[0] == 100
    assert widths[1] == 0


@pytest.mark.usefixtures("region")
def test_the_page_is_there_in_english_and_in_the_menu(ada: Visitor) -> None:
    ada.get("/?taal=en")
    (link,) = [link for link in ada.page.cssselect(".scout-nav a") if link.text == "Figures"]

    ada.get(link.get("href"))
    assert ada.page.cssselect(".scout-nav [aria-current]")[0].text == "Figures"
    ada.get("/cijfers/gemeenten")

    found = rows(ada)
    assert list(found) == ["Arnhem", "Nijmegen", "Rheden", "Without municipality", "Together"]
    assert found["Arnhem"][5].startswith("an estimated 1 to 6 missed")
    assert found["Arnhem"][4] == "94%, fair is 92%"
    assert ada.page.cssselect(".scout-nav [aria-current]")[0].text == "Figures"


KINDS = {
    LeadStatus.PROMOTED: DecisionKind.PROMOTE,
    LeadStatus.KNOWN: DecisionKind.KNOWN,
    LeadStatus.REJECTED: DecisionKind.REJECT,
}


def decided(
    session: Session,
    account_id: int,
    at: datetime,
    *,
    status: LeadStatus = LeadStatus.REJECTED,
    score: float = 0.9,
    theme: str | None = "groen",
    reason: str = "overheid",
    code: str = ARNHEM,
) -> None:
    """A lead on which this account decided at that moment."""
    lead = Lead(
        status=status,
        title="",
        municipality_code=code,
        theme=theme,
        score=score,
        opened_at=at,
        extended_at=at,
        decided_at=at,
        precedence=-1,
    )
    session.add(lead)
    session.flush()
    session.add(
        Decision(
            lead_id=lead.id,
            kind=KINDS[status],
            old_status=LeadStatus.OPEN,
            new_status=status,
            account_id=account_id,
            reason=reason if status is LeadStatus.REJECTED else "",
            made_at=at,
        )
    )
    session.commit()


def test_today_tells_what_waits_and_what_was_done(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = sign_in(), sign_in("bob@voorbeeld.example", name="Bob")
    add(session, ARNHEM, LeadStatus.OPEN, 3)
    noon = start_of_day(datetime.now(UTC)) + timedelta(hours=12)
    monkeypatch.setattr("review.figures.utc_now", lambda: noon)
    for minutes in (0, 2, 4):
        decided(session, ada.account_id, noon - timedelta(minutes=30 - minutes))
    decided(session, bob.account_id, noon - timedelta(minutes=5))
    decided(session, bob.account_id, noon - timedelta(days=3))

    ada.get("/cijfers")

    assert tiles(ada)[0] == "3 signalen wachten"
    assert tiles(ada)[2:4] == ["4 besluiten vandaag", "3 daarvan door u"]
    found = rows(ada)
    assert list(found) == ["U", "Iedereen samen"]
    assert found["U"] == ["3 besluiten5 minuten"] * 3
    # With two at work, their minutes together would tell each of the other.
    assert found["Iedereen samen"] == ["4 besluiten–", "5 besluiten–", "5 besluiten–"]
    assert "Bob" not in ada.answer.text
    assert "meer dan 5 minuten" in ada.main

    # Today is never kept: who decides sees it at once.
    decided(session, ada.account_id, noon)
    ada.get("/cijfers")
    assert tiles(ada)[2:4] == ["5 besluiten vandaag", "4 daarvan door u"]


@pytest.mark.parametrize("role", [Role.PROJECT_LEADER, Role.ADMIN])
def test_who_leads_sees_all_by_name_in_the_order_of_the_alphabet(
    sign_in: SignIn, session: Session, role: Role
) -> None:
    zoe, bob = sign_in("zoe@voorbeeld.example", name="Zoë"), sign_in("bob@voorbeeld.example", name="bob")
    boss = sign_in("baas@voorbeeld.example", name="Maud", roles=[role])
    now = datetime.now(UTC)
    for _ in range(3):
        decided(session, zoe.account_id, now - timedelta(days=2))
    decided(session, bob.account_id, now - timedelta(days=20))
    decided(session, boss.account_id, now - timedelta(seconds=1))

    boss.get("/cijfers")

    tables = boss.page.cssselect("table.scout-figures")
    names = [one.text_content() for one in tables[1].cssselect("tbody th")]
    assert names == ["bob", "Maud", "Zoë"]
    assert rows(boss)["Zoë"][0].startswith("0 besluiten")
    assert rows(boss)["Zoë"][1].startswith("3 besluiten")
    assert rows(boss)["bob"][1].startswith("0 besluiten")
    assert rows(boss)["bob"][2].startswith("1 besluit")
    bob.get("/cijfers")
    assert len(bob.page.cssselect("table.scout-figures")) == 1
    assert "Zoë" not in bob.answer.text


def test_quality_tells_how_often_the_score_is_right(ada: Visitor, session: Session) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    for status, score, number in (
        (LeadStatus.PROMOTED, 0.9, 3),
        (LeadStatus.REJECTED, 0.9, 1),
        (LeadStatus.KNOWN, 0.6, 1),
        (LeadStatus.REJECTED, 0.6, 3),
    ):
        for _ in range(number):
            decided(session, ada.account_id, at, status=status, score=score)
    decided(session, ada.account_id, at, score=0.6, reason="eenmalig")

    ada.get("/cijfers/kwaliteit")

    found = sheets(ada)["Klopt de score?"]
    assert found["zeer waarschijnlijk"] == ["75%", "90%", "4", "3", "0", "1", "0"]
    assert found["goed mogelijk"] == ["25%", "60%", "5", "0", "1", "4", "1"]
    assert found["waarschijnlijk"][:2] == ["nog niets besloten"] * 2
    first = sheets(ada)["Raak bij de eerste signalen van de dag"]
    assert first["de eerste 10"] == ["44%", "9", "3", "1", "5"]
    assert "Te weinig om te zeggen" in ada.main
    assert "Er is nog geen signaal twee keer beoordeeld." in ada.main
    pictures = ada.page.cssselect(".scout-plot svg[role=img]")
    assert len(pictures) == len(sheets(ada)) == 2


def test_a_municipality_page_tells_weeks_themes_and_where_nothing_was_found(
    ada: Visitor, session: Session
) -> None:
    now = datetime.now(UTC)
    for theme, days in (("groen", 0), ("groen", 8), ("zorg", 8), (None, 200)):
        decided(
            session,
            ada.account_id,
            now - timedelta(days=days),
            status=LeadStatus.PROMOTED,
            theme=theme,
            code=RHEDEN,
        )
    add(session, RHEDEN, LeadStatus.OPEN, 1, days=0)

    ada.get(f"/cijfers/gemeenten/{RHEDEN}")

    assert ada.heading == "Rheden"
    assert tiles(ada) == ["4 signalen kwamen binnen", "3 opgenomen in het register", "1 signaal wacht"]
    by_week = list(sheets(ada)["Signalen per week"].values())
    assert len(by_week) == 12
    assert [sum(int(cells[place]) for cells in by_week) for place in (0, 1)] == [4, 3]
    assert sheets(ada)["Thema’s"] == {
        "Groen en tuinen": ["2", "2"],
        "Zorg voor elkaar": ["1", "1"],
        "Zonder thema": ["1", "0"],
    }
    empty = [one.text for one in ada.page.cssselect(".scout-empties li")]
    assert {"Dieren", "Velp", "Laag-Soeren"} <= set(empty)
    assert "Van 4 van de 4 signalen weten we de wijk niet" in ada.main

    ada.get(f"/cijfers/gemeenten/{RHEDEN}?weken=52")
    assert tiles(ada)[0] == "5 signalen kwamen binnen"
    for address in ("/cijfers/gemeenten/GM9999", "/cijfers/gemeenten/Rheden", "/cijfers/gemeenten/gm0275"):
        assert ada.client.get(address).status_code == 404


def test_a_municipality_without_leads_says_so(ada: Visitor) -> None:
    ada.get(f"/cijfers/gemeenten/{NIJMEGEN}")

    assert "In deze periode is over deze gemeente niets gevonden" in ada.main
    assert not ada.page.cssselect(".scout-plot")


@pytest.mark.usefixtures("region")
def test_figures_are_kept_for_some_minutes_and_say_when_they_were_made(
    ada: Visitor, session: Session
) -> None:
    pages = ("/cijfers", "/cijfers/kwaliteit", "/cijfers/gemeenten", f"/cijfers/gemeenten/{ARNHEM}")
    for page in pages:
        ada.get(page)
        assert "Deze cijfers zijn gemaakt op" in ada.main
    before = rows_of(ada)

    add(session, ARNHEM, LeadStatus.PROMOTED, 5, days=0)

    assert rows_of(ada) == before
    ada.app.extensions["scout_figures"]._answers.clear()
    assert rows_of(ada) != before


def rows_of(visitor: Visitor) -> dict[str, list[str]]:
    visitor.get("/cijfers/gemeenten")
    return rows(visitor)


@pytest.mark.usefixtures("region")
def test_every_plot_has_its_table_and_no_page_has_style_of_its_own(ada: Visitor) -> None:
    for page in ("/cijfers", "/cijfers/kwaliteit", "/cijfers/gemeenten", f"/cijfers/gemeenten/{ARNHEM}"):
        ada.get(page)
        for plot in ada.page.cssselect(".scout-plot"):
            (table,) = plot.cssselect("table")
            (picture,) = plot.cssselect("svg[role=img]")
            assert picture.cssselect("title")[0].text == table.cssselect("caption")[0].text
        ids = ada.page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert not ada.page.xpath("//main//*[@style] | //main//style | //main//script")
