"""What the text calls an initiative: shown with the lead, filled in for the register, and gone in time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.lead import Lead
from models.prediction import Prediction
from models.settings import Settings
from models.store.purge import purge
from tests.review.factories import make_lead
from tests.review.visitor import Visitor


def names_on(visitor: Visitor) -> dict[str, str]:
    """Word -> name, as the page of a lead has them."""
    return {
        row.cssselect("dt")[0].text_content(): row.cssselect("dd")[0].text_content()
        for row in visitor.page.cssselect(".scout-names > div")
    }


def named_lead(
    session: Session, initiative: str = "", organisation: str = "", theme_score: float = 0.0
) -> Lead:
    lead = make_lead(session, title="Nieuwe schommel", theme="groen")
    lead.initiative_name, lead.organisation_name = initiative, organisation
    session.execute(
        update(Prediction).values(
            initiative_name=initiative, organisation_name=organisation, theme_score=theme_score
        )
    )
    session.commit()
    return lead


@pytest.mark.parametrize(
    ("initiative", "organisation", "filled_in"),
    [
        pytest.param("Speeltuin De Vlieger", "Stichting Kindervreugd", "Speeltuin De Vlieger", id="both"),
        pytest.param("", "Stichting Kindervreugd", "Stichting Kindervreugd", id="organisation only"),
        pytest.param("", "", "Nieuwe schommel", id="none: the title"),
        pytest.param("<b>Tuin</b>", "", "<b>Tuin</b>", id="mark-up is text"),
    ],
)
def test_a_lead_shows_its_names_and_fills_in_the_form(
    ada: Visitor, session: Session, initiative: str, organisation: str, filled_in: str
) -> None:
    lead = named_lead(session, initiative, organisation)

    ada.get(f"/signalen/{lead.id}")

    expected = {"Initiatief": initiative, "Organisatie": organisation}
    assert names_on(ada) == {word: name for word, name in expected.items() if name}
    assert ada.form(f"/signalen/{lead.id}/opnemen")["name"] == filled_in


def test_names_have_english_words(ada: Visitor, session: Session) -> None:
    lead = named_lead(session, "Speeltuin De Vlieger", "Stichting Kindervreugd", theme_score=0.9)

    ada.get(f"/signalen/{lead.id}?taal=en")

    assert list(names_on(ada)) == ["Initiative", "Organisation"]
    assert "theme: green and gardens (likely)" in ada.page.text_content()


@pytest.mark.parametrize(
    ("theme_score", "shown"),
    [
        pytest.param(0.8, "thema: groen en tuinen (waarschijnlijk)", id="sure"),
        pytest.param(0.79, "Groen en tuinen", id="not so sure"),
        pytest.param(0.0, "Groen en tuinen", id="not known"),
    ],
)
def test_a_theme_is_called_likely_only_when_it_is(
    ada: Visitor, session: Session, theme_score: float, shown: str
) -> None:
    lead = named_lead(session, theme_score=theme_score)

    ada.get(f"/signalen/{lead.id}")

    facts = [fact.text_content().strip() for fact in ada.page.cssselect(".scout-facts li")]
    assert shown in facts


@pytest.mark.both_databases
def test_names_go_with_the_content(session: Session, settings: Settings) -> None:
    lead = named_lead(session, "Speeltuin De Vlieger", "Stichting Kindervreugd")

    purge(session, settings, now=datetime.now(UTC) + timedelta(days=40))
    session.expire_all()

    prediction = session.query(Prediction).one()
    assert lead.purged_at is not None
    assert (lead.initiative_name, lead.organisation_name) == ("", "")
    assert (prediction.initiative_name, prediction.organisation_name) == ("", "")
