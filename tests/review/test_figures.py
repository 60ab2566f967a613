"""The page with figures: attention and missed initiatives for each municipality."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.lead import Lead
from models.municipality import Municipality
from models.words import LeadStatus, Role
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
    ada.get("/cijfers")

    found = rows(ada)
    assert list(found) == ["Arnhem", "Nijmegen", "Rheden", "Zonder gemeente", "Samen"]
    assert found["Arnhem"][:4] == ["13", "9 dagen geleden", "120", "20"]
    assert found["Arnhem"][4] == "94%, eerlijk is 92%"
    assert found["Arnhem"][5].startswith("naar schatting 1 tot 6 gemist")
    assert "78% tot 95% van alle initiatieven gevonden" in found["Arnhem"][5]
    assert found["Rheden"][5].startswith("naar schatting hooguit 1 gemist")
    assert "deels op grond van alle gemeenten samen" in found["Rheden"][5]
    assert found["Nijmegen"] == ["0", "niets", "0", "0", "0%, eerlijk is 0%", found["Nijmegen"][5]]
    assert found["Nijmegen"][5].startswith("te weinig bekeken om te schatten")
    assert found["Samen"][:4] == ["15", "9 dagen geleden", "128", "20"]
    assert "105 berichten met een lage score door loting gekozen" in ada.main


@pytest.mark.usefixtures("region")
def test_a_municipality_sees_its_own_line_and_nothing_of_the_others(sign_in: SignIn) -> None:
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden")

    for address in ("/cijfers", "/cijfers?dagen=365", f"/cijfers?gemeente={ARNHEM}"):
        clerk.get(address)
        assert list(rows(clerk)) == ["Rheden"]
        for secret in ("Arnhem", "Nijmegen", "Zonder gemeente", "Samen", ">13<", ">120<", ">105<"):
            assert secret not in clerk.answer.text


@pytest.mark.usefixtures("region")
def test_a_municipality_account_without_municipality_and_a_privacy_officer_see_no_figures(
    sign_in: SignIn,
) -> None:
    officer = sign_in("f@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    answer = officer.client.get("/cijfers")

    assert answer.status_code == 403
    assert "Arnhem" not in answer.text


def test_without_a_participating_municipality_all_with_leads_are_shown(
    ada: Visitor, session: Session
) -> None:
    make_lead(session, municipality=RHEDEN)
    session.commit()

    ada.get("/cijfers")

    found = rows(ada)
    assert list(found) == ["Rheden", "Zonder gemeente", "Samen"]
    assert found["Rheden"][4] == "nog niets besloten"


def test_the_period_can_be_chosen_and_nonsense_is_the_usual_one(ada: Visitor, session: Session) -> None:
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=5)
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=60)
    add(session, ARNHEM, LeadStatus.PROMOTED, 1, days=200)

    counts = {}
    for query in ("?dagen=30", "", "?dagen=365", "?dagen=-1", "?dagen=x"):
        ada.get("/cijfers" + query)
        counts[query] = rows(ada)["Arnhem"][3]

    assert counts == {"?dagen=30": "1", "": "2", "?dagen=365": "3", "?dagen=-1": "2", "?dagen=x": "2"}
    ada.get("/cijfers?dagen=30")
    assert [link.text for link in ada.page.cssselect(".scout-order [aria-current]")] == ["30 dagen"]


@pytest.mark.usefixtures("region")
def test_bars_need_no_inline_style_and_say_nothing_that_the_text_does_not(ada: Visitor) -> None:
    ada.get("/cijfers")

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

    found = rows(ada)
    assert list(found) == ["Arnhem", "Nijmegen", "Rheden", "Without municipality", "Together"]
    assert found["Arnhem"][5].startswith("an estimated 1 to 6 missed")
    assert found["Arnhem"][4] == "94%, fair is 92%"
    assert ada.page.cssselect(".scout-nav [aria-current]")[0].text == "Figures"
