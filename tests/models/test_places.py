"""The geographic facts in the database."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.store.places import find_municipality, load_geography
from models.tables import Municipality, Place
from models.words import PlaceKind


@pytest.mark.both_databases
def test_loading_again_doubles_nothing_and_keeps_who_participates(session: Session) -> None:
    arnhem = session.get_one(Municipality, "GM0202")
    arnhem.participates_from = date(2026, 1, 1)
    arnhem.website = "verkeerd.example"
    session.commit()

    counts = load_geography(session)
    session.commit()
    session.expire_all()

    assert counts == {"municipalities": 342, "places": 2501, "neighbourhoods": 18378}
    assert session.scalar(select(func.count()).select_from(Municipality)) == 342
    assert session.scalar(select(func.count()).select_from(Place)) == 2501 + 18378
    arnhem = session.get_one(Municipality, "GM0202")
    assert arnhem.participates_from == date(2026, 1, 1)
    assert arnhem.website == "arnhem.nl"


def test_neighbourhoods_belong_to_their_municipality(session: Session) -> None:
    rows = session.scalars(select(Place).where(Place.name == "Presikhaaf")).all()

    assert {row.municipality_code for row in rows} == {"GM0202"}
    assert PlaceKind.TOWN not in {row.kind for row in rows}


@pytest.mark.parametrize("wanted", ["Arnhem", "arnhem", "GM0202", " gm0202 "])
def test_a_municipality_is_found_by_name_and_by_code(session: Session, wanted: str) -> None:
    found = find_municipality(session, wanted)
    assert found is not None
    assert found.code == "GM0202"


def test_an_unknown_municipality_is_not_found(session: Session) -> None:
    assert find_municipality(session, "Nergenshuizen") is None
