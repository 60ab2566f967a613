"""Adding to the register by hand, correcting it, and the small forms on the page of an entry."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.item_text import ItemText
from models.lead_item import LeadItem
from models.settings import Settings
from models.share import Share
from models.store.withdrawing import withdraw
from models.words import Role
from tests.review.factories import ARNHEM, RHEDEN
from tests.review.test_register import promote
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
WORDS: dict[str, Any] = {"name": "Deelkast Klarendal", "summary": "Buren lenen elkaar gereedschap."}


@pytest.fixture
def clerk(sign_in: SignIn) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("cor@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


def add(visitor: Visitor, **fields: Any) -> int:
    """Fill in the form for a new entry; returns its number."""
    visitor.get("/register/nieuw")
    visitor.send("/register/nieuw", **{**WORDS, **fields})
    assert "staat nu in het register" in visitor.notices, visitor.main
    return int(visitor.answer.request.path.rsplit("/", 1)[1])


def act(visitor: Visitor, number: int, action: str, **fields: Any) -> None:
    """Send one of the small forms on the page of an entry."""
    if visitor.answer.request.path != f"/register/{number}":
        visitor.get(f"/register/{number}")
    visitor.send(f"/register/{number}/{action}", **fields)


def test_staff_adds_an_entry_for_a_municipality_which_gets_it_offered(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    number = add(
        ada,
        municipality_code=ARNHEM,
        place_key="Klarendal",
        theme="circulair",
        link="https://deelkast.example/",
        links="https://a.example/1\n\nhttps://b.example/2\n",
        hours="12",
    )

    clerk.get(f"/register/{number}")
    assert clerk.heading == WORDS["name"]
    assert "Klarendal, Arnhem" in clerk.main
    assert {"https://a.example/1", "https://b.example/2"} <= {
        link.get("href") for link in clerk.page.cssselect("main a")
    }
    assert session.scalars(select(Share.initiative_id)).all() == [number]


def test_an_officer_adds_for_the_own_municipality_whatever_is_sent(clerk: Visitor, session: Session) -> None:
    clerk.get("/register/nieuw")
    assert not clerk.page.cssselect("[name=municipality_code]")

    clerk.send("/register/nieuw", **WORDS, municipality_code=RHEDEN)

    assert session.scalars(select(Initiative.municipality_code)).all() == [ARNHEM]
    assert session.scalars(select(Share)).all() == []


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(ada: Visitor, session: Session) -> None:
    ada.get("/register/nieuw")
    ada.send("/register/nieuw", summary="Met veel moeite geschreven.", links="geen adres", hours="veel")

    assert ada.answer.status_code == 400
    fields = [link.get("href") for link in ada.page.cssselect("#fouten a")]
    assert fields == [f"#initiatief-{one}" for one in ("name", "municipality_code", "links", "hours")]
    assert all(ada.page.cssselect(field) for field in fields)
    form = ada.form("/register/nieuw")
    assert (form["summary"], form["links"], form["hours"]) == (
        "Met veel moeite geschreven.",
        "geen adres",
        "veel",
    )
    assert session.scalars(select(Initiative)).all() == []


def test_what_looks_like_it_is_shown_before_it_is_saved(ada: Visitor, session: Session) -> None:
    first = add(ada, municipality_code=ARNHEM)
    ada.get("/register/nieuw")
    ada.send("/register/nieuw", **WORDS, municipality_code=ARNHEM)

    assert "Staat dit al in het register?" in ada.main
    assert ada.page.cssselect(f"#fouten a[href='/register/{first}']")
    assert len(session.scalars(select(Initiative)).all()) == 1
    session.commit()
    ada.send("/register/nieuw")
    assert "staat nu in het register" in ada.notices


def test_a_correction_is_kept_with_what_stood_there_and_a_municipality_reads_no_names(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    number = add(ada, municipality_code=ARNHEM)
    ada.get(f"/register/{number}/wijzigen")
    ada.send(f"/register/{number}/wijzigen", name="Deelkast Noord", place_key="Presikhaaf")
    act(clerk, number, "fase", fase="begeleid")

    clerk.get(f"/register/{number}")
    assert clerk.heading == "Deelkast Noord"
    assert "Het netwerk veranderde: Naam was Deelkast Klarendal" in clerk.main
    assert "Cor veranderde:" in clerk.main
    assert "Ada" not in clerk.main
    ada.get(f"/register/{number}")
    assert "Ada veranderde:" in ada.main
    assert "gesignaleerd → werd begeleid" in ada.main
    ada.get("/register?zoek=deelkast+noord")
    assert ada.titles == ["Deelkast Noord"]


def test_of_two_who_correct_at_once_the_second_sees_what_the_first_did_and_loses_nothing(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    number = add(ada, municipality_code=ARNHEM, contact="info@oud.example")
    address = f"/register/{number}/wijzigen"
    clerk.get(address)
    ada.get(address)
    ada.send(address, name="Naam van Ada", contact="info@nieuw.example")

    clerk.send(address, name="Naam van Cor", question="Wie heeft er nog een boor?")

    assert clerk.answer.status_code == 409
    assert "Iemand anders was u voor" in clerk.main
    assert "Naam van Ada" in clerk.main
    form = clerk.form(address)
    assert (form["name"], form["question"]) == ("Naam van Cor", "Wie heeft er nog een boor?")
    # What the second did not touch is what the first made of it.
    assert form["contact"] == "info@nieuw.example"
    clerk.send(address)
    assert "Bewaard" in clerk.notices
    entry = session.get_one(Initiative, number)
    assert (entry.name, entry.contact, entry.question) == (
        "Naam van Cor",
        "info@nieuw.example",
        "Wie heeft er nog een boor?",
    )


def test_an_address_that_was_taken_out_does_not_come_back_by_an_old_form(
    ada: Visitor, session: Session, settings: Settings
) -> None:
    lead = promote(ada, session, title="Buurttuin", url="https://koerier.example/weg")
    number = session.scalars(select(Initiative.id)).one()
    address = f"/register/{number}/wijzigen"
    ada.get(address)
    assert ada.form(address)["link"] == "https://koerier.example/weg"
    items = session.scalars(select(LeadItem.item_id).where(LeadItem.lead_id == lead)).all()
    withdraw(session, items, settings, datetime.now(UTC))
    session.commit()

    ada.send(address, name="Andere naam")
    assert ada.answer.status_code == 409
    assert "Scout veranderde:" in ada.main
    assert "https://koerier.example/weg" not in ada.answer.text
    ada.send(address)

    entry = session.get_one(Initiative, number)
    assert (entry.name, entry.link) == ("Andere naam", "")


def test_a_click_on_a_phase_after_somebody_else_is_not_taken_blindly(ada: Visitor, clerk: Visitor) -> None:
    number = add(ada, municipality_code=ARNHEM)
    clerk.get(f"/register/{number}")
    act(ada, number, "fase", fase="gestopt")

    clerk.send(f"/register/{number}/fase", fase="in_contact")

    assert clerk.answer.status_code == 409
    assert "gesignaleerd → werd gestopt" in clerk.main
    assert clerk.page.cssselect(".scout-phase[aria-current]")[0].get("value") == "gestopt"
    clerk.send(f"/register/{number}/fase", fase="in_contact")
    assert "De fase is nu ‘in contact’" in clerk.notices


def test_copying_a_source_is_refused_beside_the_text_that_does(ada: Visitor, session: Session) -> None:
    lead = promote(ada, session, title="Buurttuin")
    text = "Elke zaterdagmorgen komen de buren van de Kamperweg bij elkaar om te harken. " * 3
    item = session.scalar(select(LeadItem.item_id).where(LeadItem.lead_id == lead))
    session.get_one(ItemText, item).text = text
    number = session.scalars(select(Initiative.id)).one()
    session.commit()
    ada.get(f"/register/{number}/wijzigen")

    ada.send(f"/register/{number}/wijzigen", question=text[:200])

    assert ada.answer.status_code == 400
    assert [link.get("href") for link in ada.page.cssselect("#fouten a")] == ["#initiatief-question"]
    assert ada.form(f"/register/{number}/wijzigen")["question"] == text[:200].strip()


def test_notes_are_seen_by_whom_they_are_for(ada: Visitor, clerk: Visitor) -> None:
    number = add(ada, municipality_code=ARNHEM)
    act(ada, number, "notitie", text="Onder ons gezegd.")
    act(ada, number, "notitie", text="Ook voor de gemeente.", shared="ja")
    act(clerk, number, "notitie", text="Dank u wel.")

    assert "Onder ons gezegd." not in clerk.answer.text
    assert "Ook voor de gemeente." in clerk.main
    ada.get(f"/register/{number}")
    assert all(words in ada.main for words in ("Onder ons gezegd.", "Dank u wel.", "Cor (Arnhem)"))
    act(ada, number, "notitie", text=" ")
    assert ada.answer.status_code == 400
    assert "Schrijf eerst iets op." in ada.main


def test_informing_has_a_day_until_when_and_is_done_on_one(ada: Visitor) -> None:
    number = add(ada, municipality_code=ARNHEM)
    assert "Nog te doen, uiterlijk" in ada.main
    ada.get("/register?informeren=ja")
    assert ada.titles == [WORDS["name"]]

    act(ada, number, "geinformeerd", informed="gedaan", informed_on="2999-01-01")
    assert ada.answer.status_code == 400
    act(ada, number, "geinformeerd", informed="gedaan", informed_on="")

    assert "Gedaan op" in ada.main
    ada.get("/register?informeren=ja")
    assert ada.titles == []


def test_an_own_entry_can_be_taken_out_after_a_second_thought(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    number = add(clerk)
    act(clerk, number, "weghalen")
    assert clerk.answer.status_code == 400
    act(clerk, number, "weghalen", sure="ja")

    assert "staat niet meer in het register" in clerk.notices
    assert clerk.get(f"/register/{number}").status_code == 404
    ada.get(f"/register/{number}")
    assert "uit het register gehaald" in ada.main
    assert not [one for one in ada.actions if one.startswith("/register/")]


def test_what_staff_promoted_has_no_way_out_for_an_officer(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    promote(ada, session, title="Buurttuin")
    number = session.scalars(select(Initiative.id)).one()
    session.commit()
    clerk.get(f"/register/{number}")

    assert f"/register/{number}/weghalen" not in clerk.actions
    token = clerk.form(f"/register/{number}/fase")
    clerk.client.post(f"/register/{number}/weghalen", data={**token, "sure": "ja"})
    assert session.get_one(Initiative, number).withdrawn_at is None


@pytest.mark.parametrize(
    "field", [{"fase": "x"}, {"fase": ""}, {"fase": "begeleid", "version": "9"}, {"version": "x"}]
)
def test_nonsense_in_a_form_changes_nothing(ada: Visitor, session: Session, field: dict[str, str]) -> None:
    number = add(ada, municipality_code=ARNHEM)
    act(ada, number, "fase", **field)

    assert ada.answer.status_code in (400, 409)
    entry = session.get_one(Initiative, number)
    assert (entry.version, entry.phase.value) == (1, "gesignaleerd")


def test_the_record_for_the_archive_tells_who_decided_what(
    ada: Visitor, clerk: Visitor, session: Session
) -> None:
    promote(ada, session, title="Buurttuin")
    number = session.scalars(select(Initiative.id)).one()
    session.commit()
    act(clerk, number, "fase", fase="begeleid")

    found = ada.client.get(f"/register/{number}/archief.json").get_json()
    assert (found["naam"], found["gemeente"]["naam"], found["opgenomen"]["door"]) == (
        "Buurttuin",
        "Arnhem",
        "Ada",
    )
    assert [one["soort"] for one in found["besluiten"]] == ["promote"]
    assert found["wijzigingen"][0]["velden"] == {"phase": ["gesignaleerd", "begeleid"]}
    ada.get(f"/register/{number}/archief")
    assert "Cor veranderde:" in ada.main
    assert clerk.client.get(f"/register/{number}/archief").status_code == 403
