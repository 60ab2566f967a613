"""Pairing by hand and automatically side by side: what is counted, what is chosen, and what a file holds."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit_entry import AuditEntry
from models.match import Evaluation
from models.round import Round, RoundConsultant, RoundMark, RoundPair
from models.settings import Settings
from models.words import Moment, PairingKind, Party, RoundState
from review.cli import cli
from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor
from tests.rounds_world import FIRST_DAY, NOW, World, match_in, round_in, world

Enter = Callable[[str], Visitor]


@pytest.fixture
def network(session: Session) -> World:
    """Municipalities, initiatives and consultants."""
    return world(session)


@pytest.fixture
def enter(app: Flask, network: World) -> Enter:
    """Signs somebody of the world in."""

    def signed_in(name: str) -> Visitor:
        visitor = Visitor(app)
        visitor.get("/aanmelden")
        visitor.send("/aanmelden", follow=False, email=f"{name}@rondes.example", password=PASSWORD)
        return visitor

    return signed_in


def pair_of(session: Session, round_: Round, kind: PairingKind, initiative_id: int) -> RoundPair:
    return session.scalars(
        select(RoundPair).where(
            RoundPair.round_id == round_.id,
            RoundPair.kind == kind,
            RoundPair.initiative_id == initiative_id,
        )
    ).one()


@pytest.fixture
def comparing(session: Session, network: World) -> int:
    """A round in which the two differ: by hand the food forest has nobody, and a rule was set aside."""
    round_ = round_in(session, RoundState.COMPARING, world=network)
    food, garden = network.initiatives[0], network.initiatives[2]
    session.delete(pair_of(session, round_, PairingKind.BY_HAND, food.id))
    despite = pair_of(session, round_, PairingKind.BY_HAND, garden.id)
    despite.consultant_id, despite.fit, despite.broken = network.consultants[4].id, 300, ["te_ver"]
    session.add(
        RoundMark(
            round_id=round_.id,
            initiative_id=garden.id,
            consultant_id=network.consultants[4].id,
            reason="Els kent Dieren goed.",
            by_id=network.leader.account_id,
            at=NOW,
        )
    )
    session.commit()
    return round_.id


def rows(visitor: Visitor, table: int) -> dict[str, list[str]]:
    found = visitor.page.cssselect("table.scout-compared")[table].cssselect("tbody tr")
    texts = [[" ".join(cell.text_content().split()) for cell in row.cssselect("th, td")] for row in found]
    return {row[0]: row[1:] for row in texts}


def test_both_are_counted_side_by_side(enter: Enter, comparing: int) -> None:
    rob = enter("rob")
    rob.get(f"/rondes/{comparing}/vergelijking")

    measures = rows(rob, 0)
    assert measures["Initiatieven met een consultant"] == ["4 van 5", "5 van 5"]
    assert measures["Minst passende koppeling"] == ["30%", "80%"]
    assert measures["Middelste koppeling (mediaan)"] == ["80%", "80%"]
    assert measures["Meeste opdrachten bij één consultant"] == ["1", "2"]
    assert measures["Consultants met een opdracht"] == ["4 van 5", "3 van 5"]
    assert measures["Koppelingen met een regel opzij gezet"] == ["1", "0"]
    assert measures["Tijd"] == ["42 minuten", "–"]
    assert measures["Achteraf: doel gehaald (1 tot 5)"] == ["nog niet bekend", "nog niet bekend"]
    assert "3 koppelingen zijn met de hand en automatisch dezelfde." in rob.main
    pairs = rows(rob, 1)
    assert pairs["Voedselbos Presikhaaf Arnhem"] == ["niemand", "Saar Subsidie 80%", "nee"]
    assert pairs["Dorpstuin Dieren Rheden"] == [
        "Els Groen 30% Ondanks: de reis is te ver Els kent Dieren goed.",
        "Bas Ruimte 80%",
        "nee",
    ]
    assert pairs["Zonnedak Velp Rheden"][-1] == "ja"
    # Whoever does not lead rounds chooses nothing.
    assert rob.actions.count(f"/rondes/{comparing}/vergelijking/kiezen") == 0


def test_the_leader_chooses_which_one_to_propose(
    enter: Enter, comparing: int, session: Session, network: World
) -> None:
    lea = enter("lea")
    lea.get(f"/rondes/{comparing}/vergelijking")

    lea.send(f"/rondes/{comparing}/vergelijking/kiezen")
    assert lea.answer.status_code == 400
    assert "Kies een van de twee koppelingen." in lea.main
    lea.send(f"/rondes/{comparing}/vergelijking/kiezen", kind="automatisch")

    assert "Gekozen: Automatisch." in lea.notices
    round_ = session.get_one(Round, comparing, populate_existing=True)
    assert (round_.state, round_.chosen) == (RoundState.PROPOSING, PairingKind.AUTOMATIC)
    final = pair_of(session, round_, PairingKind.FINAL, network.initiatives[0].id)
    assert final.consultant_id == network.consultants[2].id
    session.rollback()
    assert rows(lea, 0)["Initiatieven met een consultant"] == ["4 van 5", "5 van 5", "5 van 5"]


def test_who_comes_too_late_is_told_and_changes_nothing(
    enter: Enter, comparing: int, session: Session
) -> None:
    lea = enter("lea")
    lea.get(f"/rondes/{comparing}/vergelijking")
    session.get_one(Round, comparing).version += 1
    session.commit()

    lea.send(f"/rondes/{comparing}/vergelijking/kiezen", kind="hand")

    assert lea.answer.status_code == 409
    assert "De ronde is intussen veranderd." in lea.main
    assert session.get_one(Round, comparing, populate_existing=True).chosen is None
    session.rollback()


def test_who_fell_out_before_it_was_closed_counts_for_neither_and_names_go(
    enter: Enter, comparing: int, session: Session, network: World
) -> None:
    round_ = session.get_one(Round, comparing)
    out = session.get_one(RoundConsultant, (comparing, network.consultants[2].id))
    out.out_at = round_.paired_at
    network.consultants[1].name = ""
    session.commit()

    rob = enter("rob")
    rob.get(f"/rondes/{comparing}/vergelijking")

    measures = rows(rob, 0)
    assert measures["Initiatieven met een consultant"] == ["3 van 5", "3 van 5"]
    assert measures["Consultants met een opdracht"] == ["3 van 4", "2 van 4"]
    assert "Saar" not in rob.main
    assert rows(rob, 1)["Dorpstuin Dieren Rheden"][1] == "(niet meer bekend) 80%"


def test_what_was_said_afterwards_counts_for_the_pairs_that_it_was_about(
    enter: Enter, session: Session, network: World
) -> None:
    round_ = round_in(session, RoundState.CLOSED, world=network)
    food = network.initiatives[0]
    other = pair_of(session, round_, PairingKind.AUTOMATIC, food.id)
    other.consultant_id = network.consultants[4].id
    for party, fit in ((Party.HOST, 5), (Party.CONSULTANT, 4)):
        session.add(
            Evaluation(
                match_id=match_in(session, round_, food).id,
                party=party,
                moment=Moment.AFTERWARDS,
                ask_on=FIRST_DAY,
                due_on=FIRST_DAY,
                answered_at=NOW,
                answers={"fit": fit, "goal": 3, "repeat": "Eerst bellen."},
            )
        )
    number = round_.id
    session.commit()

    rob = enter("rob")
    rob.get(f"/rondes/{number}/vergelijking")

    measures = rows(rob, 0)
    said = "4,5 (2 formulieren)"
    assert measures["Achteraf: hoe goed paste het (1 tot 5)"] == [said, "nog niet bekend", said]
    assert "Eerst bellen" not in rob.answer.text


def test_files_hold_measures_and_pairs_and_are_logged(enter: Enter, comparing: int, session: Session) -> None:
    lea = enter("lea")
    lea.get(f"/rondes/{comparing}/vergelijking.json")
    told = json.loads(lea.answer.text)
    check(told)
    assert "attachment" in lea.answer.headers["Content-Disposition"]

    lea.get(f"/rondes/{comparing}/vergelijking.csv")
    lines = list(csv.DictReader(io.StringIO(lea.answer.text)))
    assert [line["name"] for line in lines] == [row["name"] for row in told]
    lea.get(f"/rondes/{comparing}/vergelijking.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(lea.answer.data)).active
    assert sheet.max_row == len(told) + 1
    assert lea.get(f"/rondes/{comparing}/vergelijking.exe").status_code == 404

    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).all()
    assert [(one.object_kind, one.after["format"]) for one in logged] == [
        ("round", "json"),
        ("round", "csv"),
        ("round", "xlsx"),
    ]


def check(told: list[dict[str, Any]]) -> None:
    measures = {row["name"]: row for row in told if row["row"] == "measure"}
    assert (measures["served"]["by_hand"], measures["served"]["automatic"]) == (4, 5)
    assert measures["lowest_fit"]["by_hand"] == 300
    assert measures["same_pairs"]["automatic"] == 3
    pairs = {row["name"]: row for row in told if row["row"] == "pair"}
    assert len(pairs) == 5
    assert pairs["Voedselbos Presikhaaf"]["by_hand"] is None
    assert pairs["Voedselbos Presikhaaf"]["automatic_consultant"] == "Saar Subsidie"
    assert pairs["Dorpstuin Dieren"]["by_hand_despite"] == "te_ver"
    assert [row["same"] for row in pairs.values()].count(True) == 3


def test_the_command_gives_the_same_and_nothing_that_is_hidden(
    settings: Settings, comparing: int, session: Session, network: World
) -> None:
    hidden = round_in(session, RoundState.PAIRING, world=network).id
    session.commit()
    environment = {"SCOUT_VAR": str(settings.var), "SCOUT_DATABASE_URL": settings.database_url}
    run = CliRunner().invoke

    good = run(cli, ["export", "round", str(comparing)], env=environment)
    assert good.exit_code == 0, good.output
    check(json.loads(good.stdout))

    for arguments, said in (
        (["round", str(hidden)], "can't be compared before its pairing by hand is closed"),
        (["round", "999"], "there is no round 999"),
        (["round"], "name the number of a round"),
        (["leads", "3"], "name the number of a round"),
        (["round", "3", "--status", "open"], "a round is exported whole"),
    ):
        bad = run(cli, ["export", *arguments], env=environment)
        assert bad.exit_code != 0
        assert said in bad.output
        assert "Traceback" not in bad.output
