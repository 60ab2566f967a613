"""Deciding: promote, reject, known and undo, alone and at the same time as somebody else."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from models.decision import Decision
from models.initiative import Initiative
from models.item_text import ItemText
from models.lead import Lead
from models.lead_shingles import LeadShingles
from models.settings import Settings
from models.shingles import pack, shingle_hashes
from models.words import DecisionKind, LeadStatus
from tests.review.factories import ARNHEM, RHEDEN, make_lead, place_key
from tests.review.visitor import Visitor

SUMMARY = "Buren maken samen een tuin op een leeg stuk grond en onderhouden die zelf."


def decisions(session: Session, lead: Lead) -> list[Decision]:
    found = list(session.scalars(select(Decision).where(Decision.lead_id == lead.id).order_by(Decision.id)))
    session.commit()  # or it would keep the write lock
    return found


def only_initiative(session: Session) -> Initiative:
    found = session.scalars(select(Initiative)).one()
    session.commit()
    return found


def test_promoting_fills_the_register_in_staff_words_and_shows_the_next_lead(
    ada: Visitor, session: Session
) -> None:
    lead = make_lead(
        session, title="Buurttuin", score=0.9, place="Presikhaaf", url="https://koerier.example/1"
    )
    following = make_lead(session, title="De volgende", score=0.5)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    assert ada.form(f"/signalen/{lead.id}/opnemen") | {"csrf_token": ""} == {
        "csrf_token": "",
        "version": "1",
        "name": "Buurttuin",
        "summary": "",
        "municipality_code": ARNHEM,
        "place_key": "Presikhaaf",
        "theme": "groen",
        "question": "",
        "hours": "",
        "contact": "",
        "link": "https://koerier.example/1",
        "volgende": str(following.id),
    }

    ada.send(
        f"/signalen/{lead.id}/opnemen",
        summary=SUMMARY,
        question="Wie helpt met de subsidie?",
        contact="info@tuin.example",
    )

    assert ada.heading == "De volgende"
    assert "‘Buurttuin’ staat nu in het register." in ada.notices
    entry = only_initiative(session)
    assert (entry.name, entry.summary, entry.municipality_code) == ("Buurttuin", SUMMARY, ARNHEM)
    assert entry.place_key == place_key(session, ARNHEM, "Presikhaaf")
    assert (entry.theme, entry.question) == ("groen", "Wie helpt met de subsidie?")
    assert (entry.lead_id, entry.created_by_id) == (lead.id, ada.account_id)
    (decision,) = decisions(session, lead)
    assert (decision.kind, decision.old_status, decision.new_status) == (
        DecisionKind.PROMOTE,
        LeadStatus.OPEN,
        LeadStatus.PROMOTED,
    )
    assert (decision.account_id, decision.initiative_id) == (ada.account_id, entry.id)
    ada.get("/")
    assert ada.titles == ["De volgende"]
    ada.get("/register")
    assert ada.titles == ["Buurttuin"]


def test_everything_wrong_with_an_entry_is_said_at_once_and_nothing_typed_is_lost(
    ada: Visitor, session: Session
) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(
        f"/signalen/{lead.id}/opnemen",
        name=" ",
        summary="",
        municipality_code="",
        link="www.tuin.example",
        theme="onzin",
        question="Hoe verder?" + "x" * 1000,
    )

    assert ada.answer.status_code == 400
    (summary,) = ada.page.cssselect("#fouten")
    links = [link.get("href") for link in summary.cssselect("a")]
    assert set(links) == {
        "#opnemen-name",
        "#opnemen-summary",
        "#opnemen-municipality_code",
        "#opnemen-link",
        "#opnemen-theme",
        "#opnemen-question",
    }
    for link in links:
        (control,) = ada.page.cssselect(link)
        assert control.get("aria-invalid") == "true"
        assert ada.page.cssselect("#" + control.get("aria-describedby").split()[-1])
    assert ada.page.xpath("string(//title)").startswith("Fout: ")
    assert ada.form(f"/signalen/{lead.id}/opnemen")["question"].startswith("Hoe verder?")
    assert ada.form(f"/signalen/{lead.id}/opnemen")["link"] == "www.tuin.example"
    assert decisions(session, lead) == []


def test_a_place_must_lie_in_the_chosen_municipality(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, place="Presikhaaf")
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(f"/signalen/{lead.id}/opnemen", summary=SUMMARY, municipality_code=RHEDEN)
    assert ada.answer.status_code == 400
    assert "in deze gemeente" in ada.main
    ada.send(f"/signalen/{lead.id}/opnemen", place_key="velp")

    assert only_initiative(session).place_key == place_key(session, RHEDEN, "Velp")


def test_copying_from_a_source_is_refused_with_a_clear_sentence(ada: Visitor, session: Session) -> None:
    text = (
        "Aan de rand van de wijk lag jarenlang een verwaarloosd terrein. Nu staan er bonen, pompoenen en "
        "zonnebloemen, want een groep buren nam in maart de schop ter hand en hield vol tot de zomer kwam."
    )
    lead = make_lead(session, text=text, snippet="Nu staan er bonen.")
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    copied = "Mooi stuk: " + text[20:172].upper().replace(" ", "  ")

    ada.send(f"/signalen/{lead.id}/opnemen", summary=copied)

    assert ada.answer.status_code == 400
    assert "Meer dan 150 tekens achter elkaar staan ook in een bron" in ada.main
    assert decisions(session, lead) == []
    ada.send(f"/signalen/{lead.id}/opnemen", summary="Mooi stuk: " + text[20:160])
    assert only_initiative(session).summary.startswith("Mooi stuk")


def test_copying_is_still_refused_when_the_text_itself_is_gone(
    ada: Visitor, session: Session, settings: Settings
) -> None:
    text = " ".join(f"woord{number} en" for number in range(60))
    lead = make_lead(session, text=text, snippet="Niets daarvan.")
    hashes = pack(shingle_hashes(settings.effective_secret_key, text))
    session.add(LeadShingles(lead_id=lead.id, hashes=hashes))
    session.execute(delete(ItemText))
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(f"/signalen/{lead.id}/opnemen", summary=text[100:300])
    assert ada.answer.status_code == 400
    assert "in een bron" in ada.main

    ada.send(f"/signalen/{lead.id}/opnemen", summary=text[100:200] + " maar dit schreef ik zelf")
    assert ada.answer.status_code == 200


def test_rejecting_needs_a_reason_and_logs_it(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, title="Braderie")
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(f"/signalen/{lead.id}/afwijzen", note="twijfel")
    assert ada.answer.status_code == 400
    assert "Kies waarom u dit signaal afwijst." in ada.main
    assert ada.form(f"/signalen/{lead.id}/afwijzen")["note"] == "twijfel"
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="verzonnen")
    assert ada.answer.status_code == 400
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="commercieel", note="Winkeliers")

    assert "‘Braderie’ is afgewezen." in ada.notices
    (decision,) = decisions(session, lead)
    assert (decision.kind, decision.reason, decision.note) == (
        DecisionKind.REJECT,
        "commercieel",
        "Winkeliers",
    )
    ada.get(f"/signalen/{lead.id}")
    assert "Een bedrijf of reclame" in ada.main
    assert "Winkeliers" in ada.main


def test_known_already_is_a_decision_of_its_own(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, title="Repair café")
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(f"/signalen/{lead.id}/al-bekend", note="Staat in het wijkplan")

    assert "‘Repair café’ staat nu bij ‘al bekend’." in ada.notices
    assert session.get_one(Lead, lead.id, populate_existing=True).status is LeadStatus.KNOWN


def test_a_decision_is_undone_from_the_message_with_one_press(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, title="Buurttuin")
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="anders")
    (made,) = decisions(session, lead)

    ada.send(f"/besluiten/{made.id}/ongedaan")

    assert ada.heading == "Buurttuin"
    assert "‘Buurttuin’ staat weer open." in ada.notices
    assert f"/signalen/{lead.id}/opnemen" in ada.actions
    undone = decisions(session, lead)[-1]
    assert (undone.kind, undone.undoes_id, undone.new_status) == (DecisionKind.UNDO, made.id, LeadStatus.OPEN)


def test_undoing_a_promotion_takes_the_entry_out_of_the_register_for_good(
    ada: Visitor, session: Session
) -> None:
    lead = make_lead(session, title="Buurttuin")
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/opnemen", summary=SUMMARY)
    entry = only_initiative(session)
    (made,) = decisions(session, lead)
    ada.get(f"/register/{entry.id}")

    ada.send(f"/besluiten/{made.id}/ongedaan")

    ada.get("/register")
    assert ada.titles == []
    ada.get(f"/register/{entry.id}")
    assert "ongedaan gemaakt" in ada.main
    ada.get("/")
    assert ada.titles == ["Buurttuin"]
    # It can be promoted again, as a new entry; the withdrawn one stays as it is.
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/opnemen", summary=SUMMARY)
    ada.get("/register")
    assert ada.titles == ["Buurttuin"]
    assert len(list(session.scalars(select(Initiative)))) == 2


def test_undoing_twice_is_refused_kindly(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="anders")
    (made,) = decisions(session, lead)
    form = ada.form(f"/besluiten/{made.id}/ongedaan")
    ada.send(f"/besluiten/{made.id}/ongedaan")

    ada.answer = ada.client.post(f"/besluiten/{made.id}/ongedaan", data=form, follow_redirects=True)

    assert ada.answer.status_code == 200
    assert "Dit besluit was al ongedaan gemaakt door Ada." in ada.notices
    assert len(decisions(session, lead)) == 2


def test_anothers_decision_is_undone_with_a_reason_only(
    ada: Visitor, sign_in: Callable[..., Visitor], session: Session
) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="anders")
    (made,) = decisions(session, lead)
    bob = sign_in("bob@voorbeeld.example")
    bob.get(f"/signalen/{lead.id}")

    bob.send(f"/besluiten/{made.id}/ongedaan")
    assert bob.answer.status_code == 400
    assert "Schrijf waarom u dit besluit ongedaan maakt." in bob.main
    bob.send(f"/besluiten/{made.id}/ongedaan", reason="Het is toch een initiatief.")

    assert bob.answer.status_code == 200
    undone = decisions(session, lead)[-1]
    assert (undone.account_id, undone.reason) == (bob.account_id, "Het is toch een initiatief.")
    assert "Het is toch een initiatief." in bob.main


def test_what_has_been_purged_can_not_be_undone(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="anders")
    (made,) = decisions(session, lead)
    form = ada.form(f"/besluiten/{made.id}/ongedaan")
    purged = session.get_one(Lead, lead.id, populate_existing=True)
    purged.purged_at = datetime.now(UTC)
    session.commit()

    ada.answer = ada.client.post(f"/besluiten/{made.id}/ongedaan", data=form, follow_redirects=True)

    assert "kan niet meer ongedaan worden gemaakt" in ada.notices
    assert len(decisions(session, lead)) == 1


def test_the_second_of_two_deciders_is_told_who_decided_what_and_loses_nothing(
    ada: Visitor, sign_in: Callable[..., Visitor], session: Session
) -> None:
    lead = make_lead(session)
    session.commit()
    bob = sign_in("bob@voorbeeld.example")
    ada.get(f"/signalen/{lead.id}")
    bob.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="protest")

    bob.send(f"/signalen/{lead.id}/opnemen", summary="Mijn zorgvuldig geschreven samenvatting.")

    assert bob.answer.status_code == 409
    assert "Ada wees dit af" in bob.main
    assert "Uw besluit is niet bewaard." in bob.main
    assert "Mijn zorgvuldig geschreven samenvatting." in bob.main
    (decision,) = decisions(session, lead)
    assert decision.account_id == ada.account_id
    assert list(session.scalars(select(Initiative))) == []


def test_a_lead_that_grew_meanwhile_is_shown_again_with_what_was_typed(
    ada: Visitor, session: Session
) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    lead.score = 0.99
    session.commit()

    ada.send(f"/signalen/{lead.id}/opnemen", summary=SUMMARY)

    assert ada.answer.status_code == 409
    assert "intussen veranderd" in ada.main
    assert ada.form(f"/signalen/{lead.id}/opnemen")["summary"] == SUMMARY
    ada.send(f"/signalen/{lead.id}/opnemen")
    assert only_initiative(session).summary == SUMMARY


def test_twenty_who_decide_at_once_make_one_decision(
    app: Flask, engine: Engine, sign_in: Callable[..., Visitor], session: Session
) -> None:
    lead = make_lead(session)
    session.commit()
    people = [sign_in(f"p{number}@voorbeeld.example") for number in range(5)]
    forms = []
    for person in people:
        person.get(f"/signalen/{lead.id}")
        forms.append(person.form(f"/signalen/{lead.id}/afwijzen") | {"reason": "anders"})
    codes: list[int] = []

    def decide(person: Visitor, form: dict[str, str]) -> None:
        for _ in range(4):
            client = app.test_client()
            client._cookies = dict(person.client._cookies)  # type: ignore[attr-defined]
            codes.append(client.post(f"/signalen/{lead.id}/afwijzen", data=form).status_code)

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(people, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [303] + [409] * 19
    assert len(decisions(session, lead)) == 1


def test_the_log_can_not_be_changed(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    ada.send(f"/signalen/{lead.id}/afwijzen", reason="anders")
    (made,) = decisions(session, lead)

    made.reason = "protest"

    with pytest.raises(Exception, match="part of the log"):
        session.commit()


def test_the_next_lead_stays_within_the_chosen_municipality(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Rheden een", municipality=RHEDEN, score=0.9)
    make_lead(session, title="Arnhem", municipality=ARNHEM, score=0.85)
    second = make_lead(session, title="Rheden twee", municipality=RHEDEN, score=0.8)
    session.commit()
    ada.get(f"/signalen/{first.id}?gemeente={RHEDEN}")

    ada.send(f"/signalen/{first.id}/afwijzen", reason="anders")
    assert ada.heading == "Rheden twee"
    ada.send(f"/signalen/{second.id}/afwijzen", reason="anders")

    assert ada.heading == "Signalen"
    assert ada.titles == []


def test_control_characters_and_foreign_line_ends_are_tidied(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")

    ada.send(f"/signalen/{lead.id}/opnemen", summary="Regel een\r\nregel\x00 twee\x07 ")

    assert only_initiative(session).summary == "Regel een\nregel twee"


def test_unknown_actions_and_numbers_are_404(ada: Visitor, session: Session) -> None:
    lead = make_lead(session)
    session.commit()
    ada.get(f"/signalen/{lead.id}")
    form = ada.form(f"/signalen/{lead.id}/afwijzen")

    for path in (f"/signalen/{lead.id}/verbranden", "/signalen/999/afwijzen", "/besluiten/999/ongedaan"):
        assert ada.client.post(path, data=form).status_code == 404
    for path in ("/signalen/999", "/signalen/99999999999999999999", "/register/999", "/signalen/-1"):
        assert ada.client.get(path).status_code == 404
