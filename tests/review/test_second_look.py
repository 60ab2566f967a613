"""The second look: a colleague judges a decided lead again, and is told nothing of the first decision."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.lead import Lead
from models.second_look import SecondLook
from models.settings import Settings
from models.store.casework import add_note
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.store.second_looks import Drawing
from models.words import DecisionKind, LeadStatus, Role, Verdict
from tests.review.factories import ARNHEM, make_account, make_lead, viewer_of
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
ALL = Drawing(share=1.0, no_initiative=frozenset({"overheid"}))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Every decision that can be drawn is drawn."""
    return settings.model_copy(update={"second_look_share": 1.0})


@pytest.fixture
def decided(session: Session) -> Callable[..., int]:
    """Number of a look at a lead on which Karel decided."""
    karel = viewer_of(make_account(session, "karel@voorbeeld.example", name="Karel Kiezer"))

    def make(kind: DecisionKind = DecisionKind.REJECT, title: str = "Buurttuin in de Kamperstraat") -> int:
        lead = make_lead(session, title=title)
        draft = InitiativeDraft(name="Eigen naam", summary="Eigen woorden.", municipality_code=ARNHEM)
        decision = decide(
            session,
            lead.id,
            kind,
            viewer=karel,
            version=lead.version,
            secret=b"x",
            reason="overheid" if kind is DecisionKind.REJECT else "",
            reasons=["overheid"],
            note="Geheime aantekening",
            draft=draft,
            drawing=ALL,
        )
        add_note(session, lead.id, viewer=karel, text="Nog een aantekening")
        found = session.scalar(select(SecondLook.id).where(SecondLook.decision_id == decision.id))
        assert found is not None
        session.commit()
        return found

    return make


def test_a_reviewer_works_through_the_second_looks_one_by_one(
    ada: Visitor, session: Session, decided: Callable[..., int]
) -> None:
    first = decided(title="Deelkast in Presikhaaf")
    second = decided(DecisionKind.PROMOTE, title="Samen koken in Velp")

    ada.get("/tweede-blik")
    assert ada.heading == "Deelkast in Presikhaaf"
    assert "nog 2 te gaan" in ada.main
    ada.send(f"/tweede-blik/{first}")  # the first form on the page: yes

    assert ada.heading == "Samen koken in Velp"
    assert ada.notices == "Dank u wel. Uw antwoord is bewaard."
    ada.answer = ada.client.post(
        f"/tweede-blik/{second}",
        data={**ada.form(f"/tweede-blik/{second}"), "verdict": "geen_initiatief", "reason": "politiek"},
        follow_redirects=True,
    )

    assert "Er wacht niets op u" in ada.main
    kept = list(session.scalars(select(SecondLook).order_by(SecondLook.id)))
    assert [(one.verdict, one.reason, one.account_id) for one in kept] == [
        (Verdict.INITIATIVE, "", ada.account_id),
        (Verdict.NO_INITIATIVE, "politiek", ada.account_id),
    ]
    statuses = session.scalars(select(Lead.status).order_by(Lead.id)).all()
    assert statuses == [LeadStatus.REJECTED, LeadStatus.PROMOTED]


@pytest.mark.parametrize("kind", [DecisionKind.PROMOTE, DecisionKind.REJECT, DecisionKind.KNOWN])
def test_nothing_on_the_page_tells_what_was_decided_or_by_whom(
    ada: Visitor, decided: Callable[..., int], kind: DecisionKind
) -> None:
    look = decided(kind)

    ada.get("/tweede-blik")

    text = ada.answer.text
    for secret in (
        "Karel",
        "Geheime",
        "aantekening",
        "Eigen naam",
        "besloten op",
        "scout-status",
        "/signalen/",
    ):
        assert secret not in ada.page.xpath("string(//main)")
        assert secret not in text.split("<main")[1].split("</main>")[0]
    for words in ("afgewezen", "opgenomen", "Wat er gebeurde", "Lijkt op"):
        assert words not in ada.main
    # The same reasons to choose from, whatever was decided.
    assert len(ada.page.cssselect("input[type=radio]")) == 8
    assert not ada.page.cssselect("input[type=radio][checked]")

    # Nor afterwards.
    ada.send(f"/tweede-blik/{look}")
    assert "Karel" not in ada.answer.text
    assert ada.notices == "Dank u wel. Uw antwoord is bewaard."


def test_pages_of_all_decisions_are_the_same_but_for_the_lead(
    ada: Visitor, session: Session, decided: Callable[..., int]
) -> None:
    seen = set()
    for kind in (DecisionKind.PROMOTE, DecisionKind.REJECT, DecisionKind.KNOWN):
        look = decided(kind)
        ada.get("/tweede-blik")
        seen.add(" ".join(ada.main.split()))
        ada.send(f"/tweede-blik/{look}")

    # All leads have the same words, so whoever looks can't tell one page from another.
    assert len({text.replace("Dank u wel. Uw antwoord is bewaard. ", "") for text in seen}) == 1


def test_no_without_a_reason_is_asked_again_and_nothing_is_kept(
    ada: Visitor, session: Session, decided: Callable[..., int]
) -> None:
    look = decided()
    ada.get("/tweede-blik")

    ada.answer = ada.client.post(
        f"/tweede-blik/{look}",
        data={**ada.form(f"/tweede-blik/{look}"), "verdict": "geen_initiatief"},
    )

    assert ada.answer.status_code == 400
    assert ada.page.xpath("string(//title)").startswith("Fout: ")
    assert ada.page.cssselect("#fouten a")[0].get("href") == "#tweede-blik-reason"
    assert ada.page.cssselect("#tweede-blik-reason")
    assert ada.page.cssselect("details[open]")
    assert session.scalars(select(SecondLook)).one().verdict is None
    nonsense = {**ada.form(f"/tweede-blik/{look}"), "verdict": "misschien"}
    assert ada.client.post(f"/tweede-blik/{look}", data=nonsense).status_code == 400


def test_of_two_who_have_the_same_lead_open_the_second_is_told_who_was_first(
    sign_in: SignIn, session: Session, decided: Callable[..., int]
) -> None:
    look = decided()
    ada, bob = sign_in(), sign_in("bob@voorbeeld.example", name="Bob")
    for visitor in (ada, bob):
        visitor.get("/tweede-blik")

    ada.send(f"/tweede-blik/{look}")
    bob.send(f"/tweede-blik/{look}")

    assert "Ada was u net voor" in bob.notices
    assert session.scalars(select(SecondLook)).one().account_id == ada.account_id
    session.rollback()
    # Who sends twice is told that the first answer stands.
    ada.client.get("/tweede-blik")
    ada.answer = ada.client.post(f"/tweede-blik/{look}", data=bob_form(ada), follow_redirects=True)
    assert "al beoordeeld" in ada.notices


def bob_form(visitor: Visitor) -> dict[str, str]:
    token = visitor.page.cssselect("input[name=csrf_token]")[0].get("value")
    return {"csrf_token": token, "verdict": "initiatief"}


def test_a_look_that_lapsed_meanwhile_is_said_so(
    ada: Visitor, session: Session, decided: Callable[..., int]
) -> None:
    look = decided()
    ada.get("/tweede-blik")
    made = session.get_one(SecondLook, look)
    karel = session.get_one(SecondLook, look).decision_id
    boss = viewer_of(make_account(session, "baas@voorbeeld.example", roles=[Role.ADMIN]))
    undo(session, karel, viewer=boss, reason="vergissing")
    session.commit()

    ada.send(f"/tweede-blik/{look}")

    assert "hoeft niet meer beoordeeld te worden" in ada.notices
    session.expire_all()
    assert made.verdict is None


def test_one_can_be_passed_over_and_it_stays_for_later(ada: Visitor, decided: Callable[..., int]) -> None:
    decided(title="Deelkast in Presikhaaf")
    decided(title="Samen koken in Velp")
    ada.get("/tweede-blik")

    for heading in ("Samen koken in Velp", "Tweede blik"):
        (link,) = [one for one in ada.page.cssselect("main a") if one.text == "Sla deze over"]
        ada.get(link.get("href"))
        assert ada.heading == heading

    assert "Er wachten nog 2 signalen die u oversloeg" in ada.main
    ada.get("/tweede-blik?na=onzin")
    assert ada.heading == "Deelkast in Presikhaaf"


def test_only_other_staff_has_something_to_look_at(sign_in: SignIn, decided: Callable[..., int]) -> None:
    look = decided()
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    officer = sign_in("f@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    for visitor in (clerk, officer):
        assert visitor.client.get("/tweede-blik").status_code == 403
        visitor.get("/")
        token = visitor.page.cssselect("input[name=csrf_token]")[0].get("value")
        sent = visitor.client.post(
            f"/tweede-blik/{look}", data={"csrf_token": token, "verdict": "initiatief"}
        )
        assert sent.status_code == 403

    ada = sign_in()
    ada.get("/tweede-blik")
    token = ada.page.cssselect("input[name=csrf_token]")[0].get("value")
    missing = ada.client.post("/tweede-blik/4711", data={"csrf_token": token, "verdict": "initiatief"})
    assert missing.status_code == 404


def test_decisions_on_the_pages_are_drawn_also_those_taken_together(
    ada: Visitor, app: Flask, session: Session
) -> None:
    leads = [make_lead(session, title=f"Signaal {number}") for number in range(4)]
    session.commit()
    ada.get(f"/signalen/{leads[0].id}")
    ada.send(f"/signalen/{leads[0].id}/al-bekend")
    ada.get(f"/signalen/{leads[1].id}")
    ada.send(f"/signalen/{leads[1].id}/afwijzen", reason="overheid")
    ada.get(f"/signalen/{leads[2].id}")
    ada.send(f"/signalen/{leads[2].id}/afwijzen", reason="eenmalig")

    drawn = set(session.scalars(select(SecondLook.lead_id)))

    assert drawn == {leads[0].id, leads[1].id}
    assert app.extensions["scout"].drawing.share == 1.0
