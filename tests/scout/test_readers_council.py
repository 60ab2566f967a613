"""Council papers: which are kept, what of them, and the answers of the councils' own systems."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from scout.drafts import Answer, Page, Question, Reading, Standing, Stored
from scout.readers import council
from scout.readers.council_papers import PATTERNS, is_about, without_marks
from tests.conftest import required_or_skip
from tests.scout.council_world import line, ndjson
from tests.scout.reading import read, source_of

ROOT = "https://openbesluitvorming.nl"
SOURCE = source_of("council", ROOT, council="soest")
NAMES_ONLY = source_of("council", ROOT, council="soest", full_text=False)
FIRST = council.first(SOURCE, {})[0]
DOCUMENT = "document:notubiz:gemeente:soest:1"
PAPER = f"{ROOT}/api/entities/document%3Anotubiz%3Agemeente%3Asoest%3A1"


def export(*lines: dict[str, Any], source=SOURCE, asked: str = FIRST, oldest=None, **headers: str) -> Reading:
    names = {"next": "x-next-cursor", "more": "x-has-more", "changes": "x-changes-cursor"}
    page = Page(
        asked=asked,
        url=asked.partition("#")[0],
        status=200,
        headers={names[name]: value for name, value in headers.items()},
        body=ndjson(*lines).encode(),
        oldest=oldest,
    )
    return council.read(source, page)


def paths(reading: Reading) -> list[str]:
    return [urlsplit(address).path for address in reading.more]


def test_the_first_visit_begins_with_the_snapshot() -> None:
    assert FIRST.partition("#")[0] == f"{ROOT}/api/export/snapshot?source=soest&limit=500"


def test_a_visit_goes_on_where_the_last_one_stopped() -> None:
    cursor = {"phase": "snapshot", "at": "document:9", "changes": "c1", "after": DOCUMENT}

    (address,) = council.first(SOURCE, cursor)
    reading = export(line(DOCUMENT, "Subsidie"), line("document:2", "Subsidie"), asked=address, more="false")

    assert "cursor=document%3A9" in address
    assert paths(reading) == ["/api/entities/document%3A2", "/api/export/changes"]
    assert "cursor=c1" in reading.more[-1]
    assert reading.cursor == cursor


def test_the_changes_are_those_since_the_first_page_of_the_snapshot() -> None:
    first = export(line(DOCUMENT, "Begroting"), more="true", next=DOCUMENT, changes="c1")
    second = export(line("document:2", "Begroting"), asked=first.more[0], more="false", changes="c9")

    assert second.more[0].startswith(f"{ROOT}/api/export/changes?source=soest&limit=500&cursor=c1#")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Burgerinitiatief zwembad open", True),
        ("Beleidsregel bewonersinitiatieven", True),
        ("Raadsvoorstel Right to Challenge", True),
        ("Evaluatie uitdaagrecht", True),
        ("Subsidieplafonds 2027", True),
        ("Motie Buurthuis De Hoek", True),
        ("Dorpsvisie Soesterberg", True),
        ("Energiecoöperatie vraagt garantie", True),
        ("Inspraakverordening", True),
        ("Memo participatie", True),
        ("Begroting 2027", False),
        ("Notulen van de vergadering", False),
        ("Benoeming accountant", False),
        ("", False),
    ],
)
def test_only_names_that_can_be_about_initiatives_are_kept(name: str, kept: bool) -> None:
    assert is_about(name) is kept
    assert bool(export(line(DOCUMENT, name), source=NAMES_ONLY, more="false").drafts) is kept


def test_every_pattern_has_a_name_that_a_person_understands() -> None:
    assert all(name and name == name.lower() for name in PATTERNS)


def test_a_meeting_is_kept_for_what_is_on_its_agenda() -> None:
    agenda = [
        {"title": "Opening"},
        {
            "title": "Moties",
            "agenda_items": [{"title": "Motie wijkbudget"}],
            "documents": [{"name": "Lijst"}],
        },
    ]

    (draft,) = export(line("meeting:1", "Raad", agenda=agenda), source=NAMES_ONLY, more="false").drafts

    assert (draft.title, draft.text) == ("Raad", "Motie wijkbudget")


@pytest.mark.parametrize("kind", ["person:1", "party:1", "vote:1", "recording:1", "committee:1"])
def test_persons_votes_and_recordings_are_never_read(kind: str) -> None:
    assert export(line(kind, "Burgerinitiatief"), source=NAMES_ONLY, more="false").drafts == ()


def test_papers_of_another_council_are_left_out() -> None:
    other = {**line(DOCUMENT, "Burgerinitiatief"), "source_key": "baarn"}

    assert export(other, source=NAMES_ONLY, more="false").drafts == ()


def test_the_text_of_old_papers_is_not_asked_for() -> None:
    oldest = datetime(2026, 1, 1, tzinfo=UTC)
    lines = (
        line("document:1", "Subsidie", last_discussed_at="2019-05-01T20:00:00Z"),
        line("document:2", "Subsidie", last_discussed_at="2019-05-01T20:00:00Z", date_modified="2026-02-01"),
        line("document:3", "Subsidie"),
        line("document:4", "Subsidie", date_modified="gisteren"),
    )

    reading = export(*lines, oldest=oldest, more="false")

    assert paths(reading)[:-1] == [f"/api/entities/document%3A{n}" for n in (2, 3, 4)]


def test_the_last_word_on_a_paper_counts() -> None:
    lines = (
        line("document:1", "Subsidie"),
        line("document:1", "", op="delete"),
        line("document:2", "", op="delete"),
        line("document:2", "Subsidie"),
    )
    asked = council.first(SOURCE, {"phase": "changes", "at": "c1"})[0]

    reading = export(*lines, asked=asked, more="false", next="c5")

    assert reading.gone == ("document:1",)
    assert paths(reading) == ["/api/entities/document%3A2", "/api/export/changes"]
    assert reading.cursor == {"phase": "changes", "at": "c1"}


def test_changes_without_anything_new_end_there() -> None:
    asked = council.first(SOURCE, {"phase": "changes", "at": "c5"})[0]

    assert export(asked=asked, more="false", next="c5") == Reading(cursor={"phase": "changes", "at": "c5"})


@pytest.mark.parametrize(
    "body", ["<html><body>Onderhoud</body></html>", "[1, 2]", '{"seq": 1}\n', "null\n", "[" * 100_000]
)
def test_what_is_no_export_is_a_problem(body: str) -> None:
    assert "no export of council papers" in str(read(SOURCE, body).problem)


def test_a_server_that_does_not_say_where_to_go_on_is_a_problem() -> None:
    assert "but not where" in str(export(line(DOCUMENT, "Subsidie"), more="true").problem)


# -- a paper ------------------------------------------------------------------------------------------


def paper_of(answer: Any, status: int = 200) -> Reading:
    (address, _) = export(line(DOCUMENT, "Subsidie"), more="false", changes="c1").more
    body = answer if isinstance(answer, str) else json.dumps(answer)
    return read(SOURCE, body, "application/json", status=status, asked=address)


def test_a_paper_becomes_a_draft_without_persons() -> None:
    reading = paper_of(
        {
            "entityId": DOCUMENT,
            "title": "Motie Schipper (CDA): buurthuis",
            "markdownText": "# Motie\n\nIngediend door **de heer J. Jansen**, [Dorpsstraat 12](https://x.nl/).",
            "sortDate": "2026-11-07 20:00:00",
            "downloadUrl": "https://elders.example/x",
        }
    )

    (draft,) = reading.drafts
    assert draft.external_id == DOCUMENT
    assert draft.url == "https://soest.example/1"
    assert draft.title == "Motie iemand (CDA): buurthuis"
    assert draft.text == "Motie\nIngediend door iemand, Dorpsstraat."
    assert draft.published == "2026-11-07 20:00:00Z"
    assert (draft.complete, draft.keep_id, draft.impersonal, draft.account) == (True, True, True, "")
    assert reading.cursor == {"phase": "snapshot", "changes": "c1", "after": DOCUMENT}


def test_a_paper_that_does_not_say_its_name_has_the_one_of_the_list() -> None:
    (draft,) = paper_of({"entityId": DOCUMENT, "text": "Bewoners vragen om een buurthuis."}).drafts

    assert (draft.title, draft.text) == ("Subsidie", "Bewoners vragen om een buurthuis.")


def test_of_a_motion_its_result_is_kept_and_no_votes() -> None:
    votes = [{"voter_name": "Kanarie, S.", "group_name": "CDA"}]
    motion = {"name": "Motie wijkbudget", "motion_type": "Motie", "result": "aangenomen", "votes": votes}

    (draft,) = paper_of({"entityId": DOCUMENT, "motion": motion}).drafts

    assert (draft.title, draft.text) == ("Motie wijkbudget", "Motie: aangenomen.")
    assert "Kanarie" not in repr(draft)


def test_what_was_said_in_a_meeting_is_not_read() -> None:
    recordings = [{"segments": [{"text": "kanarie"}]}]

    (draft,) = paper_of({"entityId": DOCUMENT, "title": "Raad", "recordings": recordings}).drafts

    assert "kanarie" not in repr(draft)


@pytest.mark.parametrize("status", [404, 410])
def test_a_paper_that_went_meanwhile_is_gone(status: int) -> None:
    reading = paper_of('{"code": "entity_not_found"}', status)

    assert (reading.gone, reading.drafts, reading.problem) == ((DOCUMENT,), (), None)


@pytest.mark.parametrize(("answer", "status"), [("", 404), ('{"code": "moved"}', 410), ("oeps", 500)])
def test_trouble_with_all_papers_passes_none_over(answer: str, status: int) -> None:
    reading = paper_of(answer, status)

    assert "gives no texts" in str(reading.problem)
    assert (reading.gone, reading.cursor, reading.ends_visit) == ((), None, True)


@pytest.mark.parametrize(
    ("answer", "status"), [('{"code": "entity_content_failed"}', 500), ("<html>", 200), ("[]", 200)]
)
def test_a_paper_that_can_not_be_had_does_not_hold_up_the_others(answer: str, status: int) -> None:
    reading = paper_of(answer, status)

    assert reading.problem is None
    assert "is left out" in reading.warnings[0]
    assert reading.cursor == {"phase": "snapshot", "changes": "c1", "after": DOCUMENT}


def test_markdown_becomes_plain_text() -> None:
    text = "## Kop\n\n* een **vet** woord\n| a | b |\n|---|---|\n![beeld](x.png)\n[link](https://x.nl)"

    assert without_marks(text) == "Kop\neen vet woord\n a b \nlink"


# -- whether it is still there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "standing"),
    [
        (200, {"entityId": DOCUMENT, "title": "Motie"}, Standing.THERE),
        (200, {}, Standing.UNKNOWN),
        (401, {}, Standing.UNKNOWN),
        (403, {}, Standing.UNKNOWN),
        (429, {}, Standing.UNKNOWN),
        (500, {}, Standing.UNKNOWN),
        (503, {}, Standing.UNKNOWN),
    ],
)
def test_what_an_answer_says_of_a_paper(status: int, body: dict[str, str], standing: Standing) -> None:
    item = Stored(item_id=7, url="https://soest.example/1", native_id=DOCUMENT)
    (question,) = council.questions(SOURCE, [item, Stored(item_id=8, url="https://x.example/", native_id="")])
    page = Page(
        asked=question.url, url=question.url, status=status, headers={}, body=json.dumps(body).encode()
    )

    answer = council.judge(SOURCE, question, page)

    assert question.url == PAPER
    assert answer.standing == {7: standing}
    assert [draft.url for draft in answer.drafts] == [item.url] * (standing is Standing.THERE)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("list_status", "body", "headers", "standing"),
    [
        (200, '{"entity_id": "x"}\n', {}, {7: Standing.GONE}),
        (200, "", {"x-has-more": "false"}, {7: Standing.GONE}),
        (200, "", {}, {}),
        (200, "<html>Verhuisd</html>", {}, {}),
        (404, '{"code": "not_found"}', {}, {}),
        (410, "", {}, {}),
    ],
)
def test_a_paper_is_gone_only_while_the_list_of_its_council_is_there(
    status: int, list_status: int, body: str, headers: dict[str, str], standing: dict[int, Standing]
) -> None:
    item = Stored(item_id=7, url="https://soest.example/1", native_id=DOCUMENT)
    (question,) = council.questions(SOURCE, [item])

    def judged(asked: Question, status: int, body: str) -> Answer:
        page = Page(asked=asked.url, url=asked.url, status=status, headers=headers, body=body.encode())
        return council.judge(SOURCE, asked, page)

    answer = judged(question, status, "{}")
    (follow_up,) = answer.ask

    assert answer.standing == {}
    assert urlsplit(follow_up.url).path == "/api/export/changes"
    assert list_status in {200, *follow_up.judges}
    assert judged(follow_up, list_status, body) == Answer(standing=standing)


def test_a_page_goes_on_behind_the_last_word_on_each_paper() -> None:
    first, second = DOCUMENT, f"{DOCUMENT}2"
    lines = ndjson(line(first, "Motie buurthuis"), line(second, "Wijkvisie"), line(first, "Motie dorpshuis"))
    asked = council.first(SOURCE, {"phase": "changes", "at": "c1"})[0]

    (paper, other) = read(SOURCE, lines, asked=asked, headers={"x-has-more": "false"}).more

    # Reading that breaks off behind the first of these must still find the other.
    assert (f"{second}" in unquote(paper), f"{second}" in unquote(other)) == (True, False)


# -- systems of the councils themselves -----------------------------------------------------------------


def recorded(name: str) -> Reading:
    folder = os.environ.get("SCOUT_RECORDED_ANSWERS")
    if not folder:
        required_or_skip("SCOUT_RECORDED_ANSWERS names no folder with recorded answers")
    body = (Path(str(folder)) / "council" / name).read_bytes()
    return read(source_of("council", "https://raad.example/antwoord"), body)


def as_rows(reading: Reading) -> list[tuple[str, str, str]]:
    return [(draft.title, draft.published, draft.url) for draft in reading.drafts]


def test_motions_of_notubiz() -> None:
    reading = recorded("notubiz_altena_motions.json")

    assert as_rows(reading)[0] == (
        "Vergunningverlening rond geitenhouderijen",
        "2026-07-07 00:00:00",
        "https://api.notubiz.nl/document/17194168/2",
    )
    assert len(recorded("notubiz_alkmaar_motions.json").drafts) == 2


@pytest.mark.parametrize("name", ["notubiz_altena_motions.json", "notubiz_alkmaar_motions.json"])
def test_whoever_proposed_signed_or_voted_is_not_read(name: str) -> None:
    folder = Path(os.environ.get("SCOUT_RECORDED_ANSWERS", "")) / "council"
    kept = repr(recorded(name))

    for item in json.loads((folder / name).read_text("utf-8"))["items"]:
        for attribute in item["attributes"]:
            for value in attribute["values"]:
                about = value.get("meta_data") or {}
                if about.get("reference_model") == "person":
                    assert about["label"] not in kept
                    assert about["label"].split()[-1] not in kept


def test_a_meeting_of_notubiz() -> None:
    (draft,) = recorded("notubiz_haarlem_meeting.json").drafts

    assert draft.title == "Raadsvergadering Haarlem"
    assert draft.published == "2025-01-14T19:30:00+01:00"
    assert draft.text == "Bijlage 1 Memo participatie\nBesluitvorming"
    assert draft.url == "https://raad.example/antwoord?id=123"


def test_a_meeting_of_ibabs_without_who_was_there() -> None:
    reading = recorded("ibabs_meetings_response.xml")

    (draft,) = reading.drafts
    assert (draft.title, draft.published) == ("Bespreking van de agenda.", "2025-01-14T19:30:00")
    assert draft.text == "Opening\nBesluitvorming\nMemo participatie"
    assert not any(name in repr(reading) for name in ("Jansen", "Pieters", "example.test"))


def test_a_meeting_of_go() -> None:
    (draft,) = recorded("go_meetings.json").drafts

    assert (draft.title, draft.published) == ("Raadsvergadering", "2025-01-14 19:30")
    assert (draft.text, draft.external_id, draft.keep_id) == ("Opening", "123", False)


@pytest.mark.parametrize("field", [{"confidential": 1}, {"permission_group": "council"}])
def test_what_is_not_public_is_left_out(field: dict[str, Any]) -> None:
    title = {"label": "Titel", "values": [{"content": "Motie buurthuis"}]}
    source = source_of("council", "https://raad.example/antwoord")

    assert len(read(source, json.dumps({"items": [{"id": 1, "attributes": [title]}]})).drafts) == 1
    assert read(source, json.dumps({"items": [{"id": 1, "attributes": [title], **field}]})).drafts == ()


@pytest.mark.parametrize(
    "body", ["", "{}", "<html></html>", "[1]", "<a>" * 3000, "[" * 100_000, '{"items": 3}']
)
def test_an_answer_of_no_known_system_is_a_problem(body: str) -> None:
    assert "neither of Notubiz, iBabs nor GO" in str(
        read(source_of("council", "https://raad.example/antwoord"), body).problem
    )


@pytest.mark.parametrize(
    "body",
    [
        {"items": [{"attributes": [{"label": "Titel", "values": [{"content": 3}, None, "x"]}, None]}, 4]},
        {
            "agenda_items": {"a": 1},
            "plannings": "x",
            "attributes": [{"id": "title", "value": 3}],
            "documents": 3,
        },
        [{"items": [None, {"title": 3, "documents": [3]}], "date": 3}],
    ],
)
def test_odd_values_break_nothing(body: Any) -> None:
    assert read(source_of("council", "https://raad.example/antwoord"), json.dumps(body)).problem is None
