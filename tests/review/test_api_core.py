"""What all resources of the API have in common, on the two simplest of them: municipalities and sources."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.mergers import MERGERS
from models.municipality import Municipality
from models.store.municipalities import set_participation
from models.words import SourceKind
from review.api.bronnen import KINDS, SIGNS, STATES
from tests.review.api_client import Program, program
from tests.review.factories import ARNHEM, RHEDEN, make_source


@pytest.fixture
def pat(app: Flask, session: Session) -> Program:
    return program(app, session)


def names(answer: object) -> list[str]:
    return [one["naam"] for one in answer.json["resultaten"]]  # type: ignore[attr-defined]


def test_a_list_is_walked_forwards_and_back_by_its_links(pat: Program) -> None:
    whole, answer = [], pat.get("/gemeenten?limiet=100")
    pages = [answer]
    while "next" in answer.json["_links"]:
        link = answer.json["_links"]["next"]["href"]
        assert f'<{link}>; rel="next"' in answer.headers["Link"]
        answer = pat.get(link)
        pages.append(answer)
    for one in pages:
        whole += [row["code"] for row in one.json["resultaten"]]

    assert [len(one.json["resultaten"]) for one in pages] == [100, 100, 100, 42]
    assert whole == sorted(set(whole))
    assert "prev" not in pages[0].json["_links"]
    back = pat.get(pages[2].json["_links"]["prev"]["href"])
    assert names(back) == names(pages[1])
    assert names(pat.get(back.json["_links"]["prev"]["href"])) == names(pages[0])
    assert "prev" not in pat.get(back.json["_links"]["prev"]["href"]).json["_links"]
    self_ = pages[1].json["_links"]["self"]["href"]
    assert names(pat.get(self_)) == names(pages[1])


def test_links_keep_the_choice_and_cursors_are_only_good_where_they_come_from(pat: Program) -> None:
    first = pat.get("/gemeenten", query_string={"naam": "dam", "limiet": "5"})
    link = first.json["_links"]["next"]["href"]
    assert "naam=dam" in link
    assert "limiet=5" in link
    second = pat.get(link)
    assert all("dam" in name.lower() for name in names(first) + names(second))

    cursor = link.split("cursor=")[1]
    assert pat.get(f"/bronnen?cursor={cursor}").status_code == 404
    other = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    refused = pat.get(f"/gemeenten?cursor={other}")
    assert refused.status_code == 404
    assert refused.json["detail"] == "Deze cursor hoort niet bij deze lijst. Begin opnieuw zonder cursor."


def test_who_has_seen_something_is_told_only_that_it_is_the_same(pat: Program, session: Session) -> None:
    first = pat.get(f"/gemeenten/{ARNHEM}")
    tag = first.headers["ETag"]
    for sent in (tag, f'"anders", {tag}', f"W/{tag}", "*"):
        same = pat.get(f"/gemeenten/{ARNHEM}", headers={"If-None-Match": sent})
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
        assert same.headers["API-Version"] == "1.0.0"
        assert "Content-Type" not in same.headers
    assert pat.get(f"/gemeenten/{RHEDEN}", headers={"If-None-Match": tag}).status_code == 200

    set_participation(session, ARNHEM, date(2026, 9, 1))
    session.commit()

    news = pat.get(f"/gemeenten/{ARNHEM}", headers={"If-None-Match": tag})
    assert news.status_code == 200
    assert news.headers["ETag"] != tag


def test_a_municipality_with_its_days_in_the_network(pat: Program, session: Session) -> None:
    today = datetime.now(UTC).date()
    set_participation(session, ARNHEM, today - timedelta(days=30))
    set_participation(session, RHEDEN, today - timedelta(days=30), today - timedelta(days=1))
    session.commit()

    one = pat.get(f"/gemeenten/{RHEDEN}").json

    assert one == {
        "code": RHEDEN,
        "tooi": "gm0275",
        "naam": "Rheden",
        "provincie": "Gelderland",
        "inwoners": session.get_one(Municipality, RHEDEN).inhabitants,
        "inwonersJaar": session.get_one(Municipality, RHEDEN).inhabitants_year,
        "doetMee": False,
        "doetMeeVanaf": (today - timedelta(days=30)).isoformat(),
        "doetMeeTotEnMet": (today - timedelta(days=1)).isoformat(),
        "_links": {"self": {"href": f"http://localhost/api/v1/gemeenten/{RHEDEN}"}},
    }
    assert names(pat.get("/gemeenten?doetMee=true")) == ["Arnhem"]
    assert len(names(pat.get("/gemeenten?doetMee=false&naam=rheden"))) == 1
    for wrong in ("ja", "True", "1", ""):
        assert pat.get(f"/gemeenten?doetMee={wrong}").status_code == 400


def test_every_merged_municipality_names_its_successor(pat: Program, session: Session) -> None:
    for code, merged in MERGERS.items():
        assert session.get(Municipality, code) is None
        into = session.get_one(Municipality, merged.into)
        answer = pat.get(f"/gemeenten/{code}")
        assert answer.status_code == 404
        assert answer.json["opvolger"]["code"] == into.code
        assert answer.json["opvolger"]["naam"] in answer.json["detail"]
        assert pat.get(answer.json["opvolger"]["_links"]["self"]["href"]).json["naam"] == into.name
    assert "opvolger" not in pat.get("/gemeenten/GM0001").json
    assert len(MERGERS) == 14


def test_sources_are_listed_with_how_they_do(pat: Program, session: Session) -> None:
    now = datetime.now(UTC)
    make_source(
        session, "a-krant", "Krant A", municipality_code=ARNHEM, last_visit_at=now, last_success_at=now
    )
    odd = [{"sign": "silent", "detail": "2026-10-03", "since": "2026-11-01T05:00:00+00:00"}]
    make_source(session, "b-krant", last_visit_at=now, last_success_at=now, signs=odd)
    make_source(session, "c-raad", kind=SourceKind.COUNCIL, consecutive_failures=3, last_visit_at=now)
    make_source(session, "d-uit", enabled=False)
    session.commit()

    answer = pat.get("/bronnen?limiet=3")

    rows = answer.json["resultaten"]
    assert [(row["sleutel"], row["toestand"]) for row in rows] == [
        ("a-krant", "gezond"),
        ("b-krant", "opvallend"),
        ("c-raad", "mislukt"),
    ]
    assert rows[1]["tekenen"] == [{"teken": "stil", "sinds": "2026-11-01T05:00:00Z"}]
    assert rows[0]["laatsteBezoek"] == now.isoformat().replace("+00:00", "Z")
    assert rows[2]["misluktOpRij"] == 3
    further = pat.get(answer.json["_links"]["next"]["href"])
    assert [row["sleutel"] for row in further.json["resultaten"]] == ["d-uit"]
    assert "next" not in further.json["_links"]
    assert len(pat.get(further.json["_links"]["prev"]["href"]).json["resultaten"]) == 3
    for query, keys in {
        "toestand=uitgezet": ["d-uit"],
        "soort=raad": ["c-raad"],
        f"gemeente={ARNHEM}": ["a-krant"],
        f"gemeente={ARNHEM}&soort=raad": [],
    }.items():
        assert [row["sleutel"] for row in pat.get(f"/bronnen?{query}").json["resultaten"]] == keys
    one = pat.get("/bronnen/b-krant")
    assert one.json == rows[1]
    assert pat.get("/bronnen/geen-bron").status_code == 404
    assert pat.get("/bronnen/Geen_Bron").status_code == 404


def test_sources_are_for_staff(app: Flask, session: Session) -> None:
    make_source(session, "a-krant", municipality_code=ARNHEM)
    arnhem = program(app, session, municipality=ARNHEM)

    assert arnhem.get("/bronnen").status_code == 403
    assert arnhem.get("/bronnen/a-krant").status_code == 403
    assert arnhem.get("/gemeenten").status_code == 200


def test_every_kind_state_and_sign_has_its_word() -> None:
    for words in (KINDS, STATES, SIGNS):
        assert len(set(words.values())) == len(type(next(iter(words)))) == len(words)
