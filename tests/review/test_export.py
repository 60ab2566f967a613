"""``review export``: contracted shapes, cells that stay text, and a database as all it needs."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from models.settings import Settings
from models.store import exports
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft
from models.words import DecisionKind, LeadStatus
from review.export_formats import flat, safe
from tests.review.commands import runs
from tests.review.factories import ARNHEM, make_account, make_item, make_lead, viewer_of

EVIL = '=HYPERLINK("http://evil.example","klik")'


def export(settings: Settings, *arguments: str) -> Any:
    """Run the command as a user would; returns what it printed."""
    done = runs(settings.var, "export")(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def promote(session: Session, **draft: str) -> Any:
    lead = make_lead(session, title="Buurttuin")
    viewer = viewer_of(make_account(session))
    values = {"name": "Buurttuin", "summary": "Eigen woorden.", "municipality_code": ARNHEM, **draft}
    return decide(
        session,
        lead.id,
        DecisionKind.PROMOTE,
        viewer=viewer,
        version=1,
        secret=b"x",
        draft=InitiativeDraft(**values),
        themes={},
    ), viewer


def test_leads_come_as_contracted_of_every_status_unless_one_is_asked(
    settings: Settings, session: Session
) -> None:
    items = [make_item(session, url=f"https://koerier.example/{n}", title=f"Deel {n}") for n in (1, 2)]
    make_lead(session, title="Deelkast", score=0.9, place="Presikhaaf", items=items)
    make_lead(session, title="Weg ermee", score=0.4, municipality=None, status=LeadStatus.REJECTED)
    session.commit()

    leads = json.loads(export(settings, "leads"))

    assert [list(lead) for lead in leads] == [
        ["id", "title", "municipality", "place", "theme", "score", "status", "items"]
    ] * 2
    first, second = leads
    assert {**first, "id": 0, "items": 0} == {
        "id": 0,
        "title": "Deelkast",
        "municipality": "GM0202",
        "place": "Presikhaaf",
        "theme": "groen",
        "score": 0.9,
        "status": "open",
        "items": 0,
    }
    assert [list(item) for item in first["items"]] == [["url", "source", "title", "published"]] * 2
    assert [(item["url"], item["source"], item["title"]) for item in first["items"]] == [
        ("https://koerier.example/1", "koerier", "Deel 1"),
        ("https://koerier.example/2", "koerier", "Deel 2"),
    ]
    assert first["items"][0]["published"].endswith("Z")
    assert (second["municipality"], second["place"], second["status"]) == (None, None, "rejected")
    assert [lead["title"] for lead in json.loads(export(settings, "leads", "--status", "open"))] == [
        "Deelkast"
    ]


def test_an_empty_export_is_an_empty_array(settings: Settings, session: Session) -> None:
    session.commit()

    assert json.loads(export(settings, "leads")) == []
    assert json.loads(export(settings, "initiatives")) == []
    assert len(export(settings, "leads", "--format", "csv").splitlines()) == 1


def test_initiatives_are_those_in_the_register(settings: Settings, session: Session) -> None:
    decision, viewer = promote(session, question="Wie helpt?")
    session.commit()

    (entry,) = json.loads(export(settings, "initiatives"))

    assert (entry["name"], entry["summary"], entry["municipality"]) == (
        "Buurttuin",
        "Eigen woorden.",
        "GM0202",
    )
    assert (entry["question"], entry["phase"], entry["lead"]) == (
        "Wie helpt?",
        "gesignaleerd",
        decision.lead_id,
    )
    assert json.loads(export(settings, "initiatives", "--status", "afgerond")) == []
    undo(session, decision.id, viewer=viewer)
    session.commit()
    assert json.loads(export(settings, "initiatives")) == []


def test_csv_cells_never_start_a_formula(settings: Settings, session: Session) -> None:
    make_lead(session, title=EVIL, snippet="x", evidence=[])
    make_lead(session, title="  +31 bel ons", snippet="x", evidence=[])
    session.commit()

    rows = list(csv.DictReader(io.StringIO(export(settings, "leads", "--format", "csv"))))

    assert [row["title"] for row in rows] == ["'" + EVIL, "'  +31 bel ons"]
    assert rows[0]["score"] == "0.9"
    assert rows[0]["items"] == "1"
    assert rows[0]["item_source"] == "koerier"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_start_of_a_formula_is_defused_and_numbers_are_left_alone(start: str) -> None:
    assert safe(f"{start}1+1") == f"'{start}1+1"
    assert safe(-1) == -1
    assert safe("gewoon = tekst") == "gewoon = tekst"


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers(
    settings: Settings, session: Session, tmp_path: Path
) -> None:
    make_lead(session, title=EVIL, score=0.75, snippet="x", evidence=[])
    session.commit()
    path = tmp_path / "signalen.xlsx"

    export(settings, "leads", "--format", "xlsx", "--output", str(path))

    sheet = openpyxl.load_workbook(path).active
    header, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    values = dict(zip(header, row, strict=True))
    assert values["title"] == EVIL
    assert sheet.cell(2, header.index("title") + 1).data_type == "s"
    assert values["score"] == 0.75
    assert values["items"] == 1
    assert [name for name in os.listdir(tmp_path) if name.startswith(".export")] == []
    piped = subprocess.run(
        [sys.executable, "-m", "review.cli", "export", "leads", "--format", "xlsx"],
        env={**os.environ, "SCOUT_VAR": str(settings.var)},
        capture_output=True,
        check=True,
    )
    assert openpyxl.load_workbook(io.BytesIO(piped.stdout)).active.cell(2, 2).value == EVIL


def test_columns_are_the_keys_of_the_rows(session: Session) -> None:
    from models.store.viewer import OPERATOR
    from review.exporting import INITIATIVE_COLUMNS, LEAD_COLUMNS

    promote(session)
    session.flush()

    assert tuple(flat(next(exports.export_leads(session, OPERATOR)))) == LEAD_COLUMNS
    assert tuple(flat(next(exports.export_initiatives(session, OPERATOR)))) == INITIATIVE_COLUMNS


def test_any_number_of_leads_is_exported_once_each(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.store.viewer import OPERATOR

    monkeypatch.setattr(exports, "PORTION", 4)
    wanted = [make_lead(session, title=f"L{number}").id for number in range(10)]

    rows = list(exports.export_leads(session, OPERATOR))

    assert [row["id"] for row in rows] == wanted
    assert all(len(row["items"]) == 1 for row in rows)
    assert exports.count_leads(session, OPERATOR) == 10


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["leads"], 1, "there is no database"),
        (["verkeerd"], 2, "verkeerd"),
        (["leads", "--format", "pdf"], 2, "pdf"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, arguments: list[str], code: int, sentence: str
) -> None:
    done = runs(tmp_path / "leeg", "export")(*arguments)

    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "leeg").exists()
