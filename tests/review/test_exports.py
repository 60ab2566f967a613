"""Uitvoer: what a list shows as a file, within what one may see, row by row."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.initiative import Initiative
from models.settings import Settings
from models.store import exports_chosen
from models.store.audit import audit_page
from models.store.exports import export_leads
from models.words import LeadStatus, Phase, Role
from review import export_formats, exports
from review.exporting import SHARE_COLUMNS
from tests.review.digest_world import share
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
EVIL = '=HYPERLINK("http://evil.example","klik")'
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def bode(sign_in: SignIn) -> Visitor:
    """Somebody of Arnhem."""
    return sign_in("bode@arnhem.example", roles=[Role.MUNICIPALITY], municipality=ARNHEM)


def enter(session: Session, name: str, code: str = ARNHEM, phase: Phase = Phase.SIGNALLED) -> Initiative:
    by = make_account(session, f"{len(name)}{name[:3].lower()}@voorbeeld.example").id
    entry = Initiative(
        name=name,
        summary="Eigen woorden.",
        municipality_code=code,
        theme="groen",
        phase=phase,
        expertise=["subsidies"],
        created_by_id=by,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(entry)
    session.flush()
    return entry


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_choice_of_the_queue_is_counted_and_taken_out(ada: Visitor, session: Session) -> None:
    make_lead(session, title="Deelkast", theme="delen", score=0.8)
    make_lead(session, title=EVIL, theme="groen", score=0.9)
    make_lead(session, title="Elders", theme="groen", municipality=RHEDEN)
    make_lead(session, title="Weg ermee", theme="groen", status=LeadStatus.REJECTED)
    session.commit()

    ada.get("/?thema=groen&gemeente=GM0202")
    (link,) = ada.page.xpath("//p[@class='scout-take-out']/a/@href")
    ada.get(link)
    assert ada.heading == "Uitvoer: Signalen"
    assert "Dit wordt een bestand met 1 regel." in ada.main
    assert "Arnhem" in ada.main
    files = {one.rpartition(".")[2][:4]: one for one in ada.page.xpath("//a[@download]/@href")}

    answer = ada.client.get(next(one for one in files.values() if ".csv" in one))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="signalen-20')
    (row,) = table(answer.text)
    assert row["title"] == "'" + EVIL
    (lead,) = json.loads(ada.client.get(next(one for one in files.values() if ".json" in one)).text)
    assert lead["title"] == EVIL
    book = ada.client.get(next(one for one in files.values() if ".xlsx" in one)).data
    sheet: Any = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet.cell(2, 2).value == EVIL
    assert sheet.cell(2, 2).data_type == "s"
    taken = [one.after for one in audit_page(session)[0] if one.action == "export"]
    assert [one["format"] for one in taken] == ["xlsx", "json", "csv"]
    assert {one["entries"] for one in taken} == {1}


def test_the_choice_of_the_register_is_taken_out(ada: Visitor, session: Session) -> None:
    enter(session, "Buurttuin")
    enter(session, "Deelauto", phase=Phase.GUIDED)
    enter(session, "Zonnedak", RHEDEN, phase=Phase.GUIDED)
    session.commit()

    ada.get("/uitvoer/register?fase=begeleid")
    assert "2 regels" in ada.main
    rows = table(ada.client.get("/uitvoer/register.csv?fase=begeleid").text)
    assert [row["name"] for row in rows] == ["Zonnedak", "Deelauto"]
    assert rows[0]["expertise"] == "subsidies"
    assert rows[0]["created"] == "2026-11-20T08:00:00Z"


def test_shares_are_taken_out_with_their_answers(ada: Visitor, settings: Settings, session: Session) -> None:
    share(session, "Buurttuin", at=NOW)
    share(session, "Van Rheden", RHEDEN, at=NOW)
    session.commit()

    ada.get("/uitvoer/delingen?gemeente=GM0275&stand=wacht")
    assert "Uw keuze: wacht op antwoord, Rheden." in ada.main
    rows = json.loads(ada.client.get("/uitvoer/delingen.json?gemeente=GM0275").text)
    assert [(row["title"], row["municipality"], row["status"]) for row in rows] == [
        ("Van Rheden", "GM0275", "offered")
    ]
    done = subprocess.run(
        [sys.executable, "-m", "review.cli", "export", "shares", "--status", "offered"],
        env={**os.environ, "SCOUT_VAR": str(settings.var)},
        capture_output=True,
        check=True,
    )
    assert [row["title"] for row in json.loads(done.stdout)] == ["Van Rheden", "Buurttuin"]
    assert tuple(rows[0]) == SHARE_COLUMNS


def test_a_municipality_takes_out_its_own_and_nothing_of_others(bode: Visitor, session: Session) -> None:
    for code, word in ((ARNHEM, "eigen"), (RHEDEN, "vreemd")):
        make_lead(session, title=f"Signaal {word}", municipality=code)
        enter(session, f"Entry {word}", code)
        share(session, f"Deling {word}", code, at=NOW)
    session.commit()

    bode.get("/uitvoer")
    assert bode.main.count("1 regel") == 2
    for what in ("signalen", "register", "delingen"):
        for form in ("csv", "json"):
            for query in ("", "?gemeente=GM0275", "?gemeente=GM0202"):
                answer = bode.client.get(f"/uitvoer/{what}.{form}{query}")
                assert "vreemd" not in answer.text
                assert ("eigen" in answer.text) == ("0275" not in query or what == "delingen")


def test_a_file_that_was_sent_holds_no_connection(sign_in: SignIn, session: Session, engine: Engine) -> None:
    boss = sign_in("baas@voorbeeld.example", roles=[Role.ADMIN])
    enter(session, "Buurttuin")
    session.commit()
    session.close()

    for path in (
        *(f"/uitvoer/{what}.csv" for what in exports.LISTS),
        "/uitvoer/register.json",
        "/logboek.csv",
    ):
        answer = boss.client.get(path)
        assert answer.data
        assert engine.pool.checkedout() == 0, path  # type: ignore[attr-defined]


def test_whoever_may_not_see_content_takes_nothing_out(sign_in: SignIn, visitor: Visitor) -> None:
    fg = sign_in("fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])

    assert fg.client.get("/uitvoer/signalen.csv").status_code == 403
    assert visitor.client.get("/uitvoer/signalen.csv").status_code == 303
    assert fg.client.get("/uitvoer/accounts.csv").status_code in (403, 404)


def test_asking_what_it_would_be_takes_nothing_and_holds_nothing(ada: Visitor, session: Session) -> None:
    for _again in range(20):
        answer = ada.client.head("/uitvoer/register.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert not [one for one in audit_page(session)[0] if one.action == "export"]


def test_rows_are_sent_while_others_are_still_to_be_read(
    ada: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        make_lead(session, title=f"Signaal {number}")
    session.commit()
    monkeypatch.setattr(export_formats, "PART", 500)
    read: list[Any] = []
    real = export_leads

    def counted(*arguments: Any, **options: Any) -> Iterator[dict[str, Any]]:
        for row in real(*arguments, **options):
            read.append(row)
            yield row

    monkeypatch.setattr(exports, "export_leads", counted)

    answer = ada.client.get("/uitvoer/signalen.csv", buffered=False)
    parts: Iterator[Any] = iter(answer.response)
    first = next(parts)

    assert 0 < len(first) < 2000
    assert len(read) < 20
    whole = b"".join([first, *parts])
    assert len(table(whole.decode())) == 40
    assert answer.headers.get("Content-Length") is None


def test_what_is_too_much_is_said_before_it_starts(
    ada: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        make_lead(session, title=f"Signaal {number}")
    session.commit()
    monkeypatch.setattr(exports, "XLSX_MOST", 3)
    ada.get("/uitvoer/signalen")
    assert "kan hier tot 3 regels. Neem CSV, of kies een deel." in ada.main
    assert not [one for one in ada.page.xpath("//a[@download]/@href") if "xlsx" in one]
    assert ada.client.get("/uitvoer/signalen.xlsx").status_code == 413
    monkeypatch.setattr(exports_chosen, "LEADS_MOST", 2)
    monkeypatch.setattr(exports, "LEADS_MOST", 2)
    ada.get("/uitvoer/signalen")
    assert "Dit zijn meer dan 2 regels. Kies eerst een deel" in ada.main
    assert ada.client.get("/uitvoer/signalen.csv").status_code == 413
    assert not [one for one in audit_page(session)[0] if one.action == "export"]


def test_any_number_of_entries_and_shares_comes_once_each(
    ada: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        enter(session, f"Initiatief {'x' * number}")
        share(session, f"Deling {number}", at=NOW)
    session.commit()
    monkeypatch.setattr(exports_chosen, "PORTION", 3)

    for what in ("register", "delingen"):
        rows = json.loads(ada.client.get(f"/uitvoer/{what}.json").text)
        assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
        assert len(rows) == 7
