"""The register through the API: read, written, and kept up with by a module that may miss nothing."""

from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.account import Account
from models.database import session_factory
from models.initiative import Initiative
from models.labels import load_labels
from models.settings import Settings
from models.store.drafts import InitiativeDraft
from models.store.register import add_initiative, approve, change_initiative, remove_initiative
from models.store.viewer import Viewer
from models.words import Role, Scope
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, viewer_of

WRITTEN = {
    "naam": "Buurttuin Klarendal",
    "samenvatting": "Buren maken samen een tuin op een leeg stuk grond en onderhouden die zelf.",
    "gemeente": ARNHEM,
    "plaats": "Klarendal",
    "thema": "groen",
    "vraag": "Wie helpt met de vergunning?",
    "link": "https://tuin.example/",
    "meerLinks": ["https://tuin.example/nieuws"],
    "contact": "Stichting De Tuin",
    "expertise": ["vergunningen"],
    "uren": 40,
}
REPAIR = {
    "naam": "Repaircafé De Schakel",
    "samenvatting": "Vrijwilligers repareren spullen.",
    "gemeente": RHEDEN,
}


@pytest.fixture
def staff(app: Flask, session: Session) -> Program:
    """A program of the network."""
    return program(app, session)


@pytest.fixture
def arnhem(app: Flask, session: Session) -> Program:
    """A program of a municipality, made by its officer."""
    officer = make_account(
        session, "an@voorbeeld.example", name="An", roles=[Role.MUNICIPALITY], municipality=ARNHEM
    )
    return program(app, session, account=officer)


def test_an_entry_is_added_and_changed(staff: Program) -> None:
    made = staff.post("/initiatieven", json=WRITTEN)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == made.json["_links"]["self"]["href"]
    assert made.json["plaats"]["naam"] == "Klarendal"
    assert {name: made.json[name] for name in WRITTEN if name not in ("gemeente", "plaats")} == {
        name: value for name, value in WRITTEN.items() if name not in ("gemeente", "plaats")
    }
    place = made.headers["Location"]
    assert staff.get(place).headers["ETag"] == made.headers["ETag"]

    new = {**WRITTEN, "vraag": "", "uren": None, "fase": "inContact", "goedgekeurd": True}
    changed = staff.put(place, json=new, headers={"If-Match": made.headers["ETag"]})

    assert changed.status_code == 200, changed.text
    assert (changed.json["vraag"], changed.json["uren"]) == ("", None)
    assert (changed.json["fase"], changed.json["goedgekeurd"]) == ("inContact", True)
    assert changed.json["wijziging"] > made.json["wijziging"]
    assert staff.get(place).json == changed.json
    stale = staff.put(place, json=WRITTEN, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert staff.put(place, json=WRITTEN).status_code == 428
    assert staff.get(place).json == changed.json


def test_all_that_is_wrong_is_said_and_look_alikes_must_have_been_seen(staff: Program) -> None:
    wrong = staff.post(
        "/initiatieven",
        json={**WRITTEN, "gemeente": "GM9999", "thema": "ruimtevaart", "link": "tuin", "expertise": ["x"]},
    )
    first = staff.post("/initiatieven", json=WRITTEN)
    asked = staff.post("/initiatieven", json=WRITTEN)
    again = staff.post("/initiatieven", json={**WRITTEN, "gezien": [first.json["id"]]})

    assert wrong.status_code == 400
    assert {one["veld"] for one in wrong.json["fouten"]} == {"gemeente", "thema", "link", "expertise"}
    assert asked.status_code == 409
    assert [one["id"] for one in asked.json["lijktOp"]] == [first.json["id"]]
    assert again.status_code == 201


def test_a_municipality_writes_for_itself_and_sees_a_part_of_what_others_approved(
    staff: Program, arnhem: Program
) -> None:
    own = arnhem.post("/initiatieven", json=WRITTEN)
    refused = arnhem.post("/initiatieven", json=REPAIR)
    hidden = staff.post("/initiatieven", json={**REPAIR, "naam": "Geheime Kring"}).json
    shown = staff.post("/initiatieven", json=REPAIR)
    tag = shown.headers["ETag"]
    shown = staff.put(
        shown.headers["Location"], json={**REPAIR, "goedgekeurd": True}, headers={"If-Match": tag}
    )

    assert own.status_code == 201, own.text
    assert refused.status_code == 403
    assert [row["id"] for row in arnhem.get("/initiatieven").json["resultaten"]] == [own.json["id"]]
    (other,) = arnhem.get("/initiatieven?beperkt=true").json["resultaten"]
    assert other == arnhem.get(f"/initiatieven/{shown.json['id']}").json
    assert other["beperkt"]
    assert set(other) == {
        *("id", "beperkt", "vervallen", "naam", "gemeente", "plaats", "thema", "fase", "link", "_links")
    }
    assert arnhem.get(f"/initiatieven/{hidden['id']}").status_code == 404
    for number in (shown.json["id"], hidden["id"], 999):
        answer = arnhem.put(f"/initiatieven/{number}", json=REPAIR, headers={"If-Match": '"x"'})
        assert answer.status_code == 404
    moved = {**WRITTEN, "gemeente": RHEDEN, "plaats": None}
    moving = arnhem.put(own.headers["Location"], json=moved, headers={"If-Match": own.headers["ETag"]})
    assert moving.status_code == 403


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("gemeente=GM0275", {"Repaircafé De Schakel"}),
        ("thema=groen", {"Buurttuin Klarendal"}),
        ("fase=gesignaleerd", {"Buurttuin Klarendal", "Repaircafé De Schakel"}),
        ("fase=inContact", set()),
        ("zoek=repareren", {"Repaircafé De Schakel"}),
        ("expertise=vergunningen", {"Buurttuin Klarendal"}),
        ("goedgekeurd=false", {"Buurttuin Klarendal", "Repaircafé De Schakel"}),
        ("goedgekeurd=true", set()),
    ],
)
def test_the_register_can_be_searched(staff: Program, choice: str, found: set[str]) -> None:
    for body in (WRITTEN, REPAIR):
        assert staff.post("/initiatieven", json=body).status_code == 201

    rows = staff.get(f"/initiatieven?{choice}").json["resultaten"]

    assert {row["naam"] for row in rows} == found


def test_what_does_not_fit_the_choices_is_not_there_for_a_module_that_follows(staff: Program) -> None:
    garden = staff.post("/initiatieven", json=WRITTEN)
    repair = staff.post("/initiatieven", json=REPAIR).json["id"]

    for choice in ("thema=groen", "expertise=vergunningen", f"gemeente={ARNHEM}", "zoek=tuin"):
        rows = staff.get(f"/initiatieven?gewijzigdNa=0&{choice}").json["resultaten"]
        assert [(row["id"], row["vervallen"]) for row in rows] == [
            (garden.json["id"], False),
            (repair, True),
        ]
    assert staff.get("/initiatieven?gewijzigdNa=7&beperkt=true").json["volgendeWijziging"] == 7
    assert staff.get("/initiatieven?beperkt=true&expertise=vergunningen").json["resultaten"] == []


# ---- Keeping up with it ----------------------------------------------------------------------------------


def follow(reader: Program, since: int, limit: int = 100) -> tuple[list[dict[str, object]], int]:
    """All changes since a number, over as many pages as it takes, and the number to go on from."""
    rows, page = [], reader.get(f"/initiatieven?gewijzigdNa={since}&limiet={limit}").json
    while True:
        rows += page["resultaten"]
        if "next" not in page["_links"]:
            return rows, page["volgendeWijziging"]
        page = reader.get(page["_links"]["next"]["href"]).json


def test_a_module_follows_what_is_entered_changed_and_taken_out(
    staff: Program, session: Session, engine: Engine
) -> None:
    garden = staff.post("/initiatieven", json=WRITTEN)
    repair = staff.post("/initiatieven", json=REPAIR)
    first, number = follow(staff, 0)
    nothing, same = follow(staff, number)
    tag = garden.headers["ETag"]
    staff.put(garden.headers["Location"], json={**WRITTEN, "uren": 80}, headers={"If-Match": tag})
    with session_factory(engine)() as store:
        viewer = viewer_of(store.scalars(select(Account)).first())  # type: ignore[arg-type]
        remove_initiative(store, repair.json["id"], viewer=viewer, version=1)
        store.commit()
    later, _last = follow(staff, number)

    assert [row["id"] for row in first] == [garden.json["id"], repair.json["id"]]
    assert (first[0]["uren"], first[0]["expertise"], first[0]["plaats"]["naam"]) == (  # type: ignore[index]
        40,
        ["vergunningen"],
        "Klarendal",
    )
    assert (nothing, same) == ([], number)
    assert [(row["id"], row["vervallen"]) for row in later] == [
        (garden.json["id"], False),
        (repair.json["id"], True),
    ]
    assert set(later[1]) == {"id", "beperkt", "vervallen", "wijziging", "_links"}
    assert staff.get(f"/initiatieven/{repair.json['id']}").json["vervallen"]


def test_for_a_municipality_an_entry_that_went_to_another_one_is_gone(
    app: Flask, session: Session, staff: Program
) -> None:
    town, other = program(app, session, municipality=ARNHEM), program(app, session, municipality=RHEDEN)
    made = staff.post("/initiatieven", json=WRITTEN)
    _rows, number = follow(town, 0)
    moved = {**WRITTEN, "gemeente": RHEDEN, "plaats": None}
    answer = staff.put(made.headers["Location"], json=moved, headers={"If-Match": made.headers["ETag"]})
    assert answer.status_code == 200, answer.text

    (gone,), _number = follow(town, number)
    (there,), _number = follow(other, 0)

    assert (gone["id"], gone["vervallen"]) == (made.json["id"], True)
    assert (there["id"], there["vervallen"]) == (made.json["id"], False)
    assert town.get(made.headers["Location"]).status_code == 404


def test_entries_from_before_changes_were_counted_come_first_and_once(
    staff: Program, session: Session
) -> None:
    account = session.scalars(select(Account)).one()
    old = [
        Initiative(
            name=f"Oud {n}",
            summary="Er al lang.",
            municipality_code=ARNHEM,
            created_by_id=account.id,
            created_at=account.created_at,
            updated_at=account.created_at,
        )
        for n in range(5)
    ]
    session.add_all(old)
    session.commit()
    new = staff.post("/initiatieven", json=WRITTEN).json

    rows, number = follow(staff, 0, limit=2)

    assert [row["id"] for row in rows] == [*sorted(one.id for one in old), new["id"]]
    assert number == new["wijziging"]


@pytest.mark.both_databases
@pytest.mark.parametrize("kept_to", [None, ARNHEM], ids=["network", "municipality"])
def test_a_module_misses_and_doubles_nothing_while_others_write(
    app: Flask, session: Session, engine: Engine, settings: Settings, kept_to: str | None
) -> None:
    staff = make_account(session, roles=[Role.PROJECT_LEADER])
    viewer, labels = viewer_of(staff), load_labels(settings)
    reader = program(app, session, account=staff, municipality=kept_to, scopes=[Scope.INITIATIVES_READ])
    known = {"secret": b"s", "themes": labels.themes, "expertise": labels.expertise}

    def write(mine: int) -> None:
        with session_factory(engine)() as store:
            ids = []
            for turn in range(12):
                draft = InitiativeDraft(
                    name=f"Kring {mine} {turn}",
                    summary="Buren doen iets.",
                    municipality_code=(ARNHEM, RHEDEN)[turn // 2 % 2],
                )
                if turn % 3 == 0:
                    ids.append(add_initiative(store, draft, viewer=viewer, **known).id)
                else:
                    row = store.get_one(Initiative, ids[-1], populate_existing=True)
                    change_initiative(store, ids[-1], draft, viewer=viewer, version=row.version, **known)
                    if turn % 4 == 1:
                        approve(store, ids[-1], True, viewer=viewer, version=row.version)
                store.commit()

    writers = [Thread(target=write, args=(number,)) for number in range(2)]
    seen: list[tuple[int, int, bool]] = []
    number, running = 0, True
    for writer in writers:
        writer.start()
    while running:
        # Asked once more after the last change.
        running = any(writer.is_alive() for writer in writers)
        rows, number = follow(reader, number, limit=3)
        seen += [(row["wijziging"], row["id"], row["vervallen"]) for row in rows]  # type: ignore[misc]
    for writer in writers:
        writer.join()

    assert len(set(seen)) == len(seen)
    assert [one[0] for one in seen] == sorted(one[0] for one in seen)
    session.expire_all()
    last = {entry: (at, gone) for at, entry, gone in seen}
    everyone = Viewer(account_id=0, name="", roles=frozenset({Role.ADMIN}))
    scope = everyone.scope(Initiative.municipality_code)
    for entry in session.scalars(select(Initiative).where(scope)):
        if kept_to in (None, entry.municipality_code):
            assert last[entry.id] == (entry.change_number, False)
        else:
            assert last.get(entry.id, (0, True))[1]


def test_an_entry_of_a_lead_that_a_municipality_may_not_see_does_not_point_to_it(
    app: Flask, session: Session, staff: Program
) -> None:
    town = program(app, session, municipality=ARNHEM)
    nowhere = make_lead(session, title="Ergens", municipality=None)
    session.commit()
    body = {"soort": "opnemen", "versie": 1, "initiatief": WRITTEN}
    made = staff.post(f"/signalen/{nowhere.id}/besluiten", json=body)
    assert made.status_code == 201, made.text

    theirs = town.get(f"/initiatieven/{made.json['initiatiefId']}").json
    ours = staff.get(f"/initiatieven/{made.json['initiatiefId']}").json

    assert ours["signaalId"] == nowhere.id
    assert theirs["signaalId"] is None
    assert "signaal" not in theirs["_links"]
