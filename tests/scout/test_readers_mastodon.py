"""Reading Mastodon: recorded answers, every shape a post or a server can have, and what is asked later."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from models.source_definition import SourceDefinition
from scout.drafts import Answer, ItemDraft, Page, Question, Reading, Standing, Stored
from scout.readers import mastodon
from tests.conftest import required_or_skip
from tests.scout.reading import read, source_of

ROOT = "https://social.example"
TAG = source_of("mastodon", ROOT, hashtag="buurttuin")
LOCAL = source_of("mastodon", f"{ROOT}/", timeline="local")
ACCOUNT = source_of("mastodon", ROOT, account="gemeente@social.example")
TIMELINE = f"{ROOT}/api/v1/timelines/tag/buurttuin?local=true&limit=40"
STATUSES = f"{ROOT}/api/v1/accounts/7/statuses?exclude_replies=true&exclude_reblogs=true&limit=40"
LOOKUP = f"{ROOT}/api/v1/accounts/lookup?acct=gemeente"
ORGANISATION = {"id": "7", "acct": "gemeente", "display_name": "Gemeente Voorbeeld", "note": "<p>Nieuws</p>"}


def recorded(name: str) -> tuple[Any, dict[str, str]]:
    """A recorded answer and its headers."""
    folder = os.environ.get("SCOUT_RECORDED_ANSWERS")
    if not folder:
        required_or_skip("SCOUT_RECORDED_ANSWERS is not set")
    path = Path(str(folder)) / "mastodon"
    headers = json.loads((path / f"{name}.headers.json").read_text("utf-8"))["headers"]
    return json.loads((path / f"{name}.json").read_text("utf-8")), headers


def author(**fields: Any) -> dict[str, Any]:
    return {
        "id": "3",
        "acct": "buur",
        "note": "",
        "fields": [],
        "discoverable": True,
        "indexable": True,
    } | fields


def status(**fields: Any) -> dict[str, Any]:
    """A post of somebody who chose to be found."""
    return {
        "id": "12",
        "created_at": "2026-07-03T10:00:00.000Z",
        "edited_at": None,
        "visibility": "public",
        "language": "nl",
        "sensitive": False,
        "spoiler_text": "",
        "reblog": None,
        "content": "<p>Wie helpt?</p>",
        "account": author(),
        **fields,
    }


def answered(
    source: SourceDefinition,
    body: Any,
    asked: str = TIMELINE,
    *,
    code: int = 200,
    link: str = "",
    oldest: Any = None,
) -> Reading:
    page = Page(
        asked=asked,
        url=asked,
        status=code,
        headers={"link": link} if link else {},
        body=json.dumps(body).encode() if not isinstance(body, bytes) else body,
        oldest=oldest,
    )
    return mastodon.read(source, page)


def text_of(content: str, source: SourceDefinition = TAG, **fields: Any) -> str:
    (draft,) = answered(source, [status(content=content, **fields)]).drafts
    return draft.text


# -- recorded answers ---------------------------------------------------------------------------------


@pytest.mark.recorded
def test_a_recorded_hashtag_is_read_as_its_author_allows() -> None:
    found, headers = recorded("tag_timeline")
    source = source_of("mastodon", "http://localhost:3000", hashtag="hoot")
    (asked, *_) = mastodon.first(source, {})[1:]

    reading = read(source, json.dumps(found), asked=asked, headers=headers)

    assert reading.drafts == (
        ItemDraft(
            source="bron",
            external_id="117020593741189701",
            url="http://localhost:3000/statuses/117020593741189701",
            text="#hoot (hashtag toot)",
            text_is_html=False,
            published="2026-08-01T13:55:55.867Z",
            language="ja",
            complete=True,
            account="mastodonpy_test_2@localhost",
            keep_id=True,
        ),
    )
    assert reading.cursor == {"newest": "117020593741189701", "older": "117020593741189701"}
    (older,) = reading.more
    assert parse_qs(urlsplit(older).query)["max_id"] == ["117020593741189701"]


@pytest.mark.recorded
def test_a_recorded_local_timeline_is_passed_over_where_authors_did_not_choose_to_be_found() -> None:
    found, headers = recorded("public_timeline_local")
    source = source_of("mastodon", "http://localhost:3000", timeline="local")
    asked = mastodon.first(source, {})[1]

    reading = read(source, json.dumps(found), asked=asked, headers=headers)
    assert (reading.drafts, reading.problem) == ((), None)
    assert reading.cursor == {"newest": found[0]["id"], "older": found[-1]["id"]}

    for one in found:
        one["account"].update(discoverable=True, indexable=True)
    opened = read(source, json.dumps(found), asked=asked, headers=headers)
    assert [draft.external_id for draft in opened.drafts] == [one["id"] for one in found]
    assert all(draft.text and "<" not in draft.text for draft in opened.drafts)


@pytest.mark.recorded
def test_recorded_servers_say_which_timelines_they_show() -> None:
    asked = f"{ROOT}/api/v2/instance"
    instance, headers = recorded("instance_v2_4x")
    for source in (TAG, LOCAL, ACCOUNT):
        assert read(source, json.dumps(instance), asked=asked, headers=headers) == Reading()
    access = instance["configuration"]["timelines_access"]
    access["hashtag_feeds"]["local"] = "disabled"
    assert "has switched hashtags off" in str(answered(TAG, instance, asked).problem)
    assert answered(LOCAL, instance, asked) == answered(ACCOUNT, instance, asked) == Reading()

    instance, headers = recorded("instance_v2_timelines_access")
    access = instance["configuration"]["timelines_access"]
    for source, feed in ((TAG, "hashtag_feeds"), (LOCAL, "live_feeds")):
        problem = read(source, json.dumps(instance), asked=asked, headers=headers).problem
        assert (problem is None) is (access[feed]["local"] == "public")


# -- addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "cursor", "second"),
    [
        pytest.param(TAG, {}, TIMELINE, id="hashtag"),
        pytest.param(TAG, {"newest": "9"}, f"{TIMELINE}&min_id=9", id="hashtag, from where it was left"),
        pytest.param(
            TAG,
            {"newest": "9", "older": "4"},
            f"{TIMELINE}&min_id=9#older=4",
            id="hashtag, both ends to be read",
        ),
        pytest.param(
            source_of("mastodon", ROOT, hashtag="coöp"),
            {},
            f"{ROOT}/api/v1/timelines/tag/co%C3%B6p?local=true&limit=40",
            id="hashtag with an accent",
        ),
        pytest.param(LOCAL, {}, f"{ROOT}/api/v1/timelines/public?local=true&limit=40", id="local timeline"),
        pytest.param(ACCOUNT, {"newest": "9"}, f"{LOOKUP}#newest=9", id="account"),
    ],
)
def test_a_visit_asks_the_server_first_and_then_goes_on(
    source: SourceDefinition, cursor: dict[str, str], second: str
) -> None:
    assert mastodon.first(source, cursor) == [f"{ROOT}/api/v2/instance", second]


def test_an_organisations_profile_leads_to_its_posts() -> None:
    assert answered(ACCOUNT, ORGANISATION, LOOKUP) == Reading(more=(STATUSES,))
    going_on = answered(ACCOUNT, ORGANISATION, f"{LOOKUP}#newest=9&older=4")
    assert going_on.more == (f"{STATUSES}&min_id=9#older=4",)


# -- paging -----------------------------------------------------------------------------------------------


def test_the_first_visit_goes_back_page_by_page() -> None:
    link = f'<{TIMELINE}&max_id=11>; rel="next", <{TIMELINE}&min_id=12>; rel="prev"'
    first = answered(TAG, [status(id="12"), status(id="11")], link=link)
    assert first.more == (f"{TIMELINE}&max_id=11#newest=12",)
    assert first.cursor == {"newest": "12", "older": "11"}

    last = answered(TAG, [status(id="9")], first.more[0], link=f'<{TIMELINE}&min_id=9>; rel="prev"')
    assert (last.more, last.cursor) == ((), {"newest": "12"})


def test_later_visits_go_forward_until_there_is_nothing_more_and_then_finish_the_way_back() -> None:
    # Longer ids are later ones: they are numbers.
    forward = answered(TAG, [status(id="101"), status(id="99")], f"{TIMELINE}&min_id=12#older=4")
    assert forward.more == (f"{TIMELINE}&min_id=101#older=4",)
    assert forward.cursor == {"newest": "101", "older": "4"}

    nothing_more = answered(TAG, [], forward.more[0])
    assert nothing_more.more == (f"{TIMELINE}&max_id=4#newest=101",)

    back = answered(TAG, [], nothing_more.more[0])
    assert (back.more, back.cursor) == ((), {"newest": "101"})


def test_a_page_without_anything_that_may_be_kept_is_passed() -> None:
    reading = answered(TAG, [status(id="101", account=author(indexable=None))], f"{TIMELINE}&min_id=12")

    assert (reading.drafts, reading.cursor) == ((), {"newest": "101"})
    assert reading.more == (f"{TIMELINE}&min_id=101",)


def test_a_server_that_gives_the_same_page_again_does_not_keep_us() -> None:
    assert answered(TAG, [status(id="12")], f"{TIMELINE}&min_id=12").more == ()
    link = f'<{TIMELINE}&max_id=12>; rel="next"'
    assert answered(TAG, [status(id="12")], f"{TIMELINE}&max_id=12#newest=20", link=link).more == ()


def test_a_server_without_links_is_asked_until_it_has_nothing_to_say() -> None:
    reading = answered(TAG, [status(id="12"), status(id="11")])
    assert reading.more == (f"{TIMELINE}&max_id=11#newest=12",)
    assert answered(TAG, [], reading.more[0]).more == ()


def test_going_back_stops_at_what_is_too_old() -> None:
    link = f'<{TIMELINE}&max_id=11>; rel="next"'
    page = [status(id="12"), status(id="11", created_at="2026-06-30T10:00:00Z")]

    def more(day: int) -> tuple[str, ...]:
        return answered(TAG, page, link=link, oldest=datetime(2026, 6, day, 12, tzinfo=UTC)).more

    assert more(29) != ()
    assert more(30) == ()


def test_an_empty_timeline_is_no_trouble() -> None:
    assert answered(TAG, []) == Reading()


# -- who may be read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        pytest.param({}, True, id="chose to be found"),
        pytest.param({"visibility": "unlisted"}, False, id="unlisted"),
        pytest.param({"visibility": "private"}, False, id="for followers"),
        pytest.param({"visibility": None}, False, id="no visibility"),
        pytest.param({"reblog": status()}, False, id="a boost"),
        pytest.param({"account": author(discoverable=None)}, False, id="discoverable not said"),
        pytest.param({"account": author(discoverable=False)}, False, id="not discoverable"),
        pytest.param({"account": author(indexable=None)}, False, id="indexable not said"),
        pytest.param({"account": author(indexable="true")}, False, id="indexable in words"),
        pytest.param({"account": author(noindex=True)}, False, id="noindex"),
        pytest.param({"account": author(noindex=False)}, True, id="noindex said to be off"),
        pytest.param({"account": author(note="<p>Hoi #NoBot</p>")}, False, id="nobot"),
        pytest.param(
            {"account": author(note='<a href="/tags/nobot">#<span>nobot</span></a>')},
            False,
            id="nobot as a link",
        ),
        pytest.param(
            {"account": author(fields=[{"name": "x", "value": "#nobots"}])}, False, id="nobot in a field"
        ),
        pytest.param({"account": author(note="#nobotanie")}, True, id="another tag"),
        pytest.param({"account": author(acct="buur@elders.example")}, False, id="of another server"),
        pytest.param({"account": author(acct="buur@social.example")}, True, id="server written out"),
        pytest.param({"account": None}, False, id="no account"),
        pytest.param({"id": 12}, False, id="an id that is none"),
    ],
)
def test_the_gate_of_consent(fields: dict[str, Any], kept: bool) -> None:
    for source in (TAG, LOCAL):
        assert bool(answered(source, [status(**fields)]).drafts) is kept


def test_the_organisation_itself_need_not_have_chosen() -> None:
    own = author(id="7", acct="gemeente", discoverable=None, indexable=False, noindex=True)

    def kept(**fields: Any) -> bool:
        return bool(answered(ACCOUNT, [status(**{"account": own, **fields})], STATUSES).drafts)

    assert kept()
    assert not kept(visibility="unlisted")
    assert not kept(reblog=status())
    assert not kept(account=author())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param(
            {"note": "<p>Ik fiets</p>"}, "persons are not followed: its profile speaks", id="a person"
        ),
        pytest.param(
            {"display_name": "jan"}, "persons are not followed: it has a person's name", id="a name"
        ),
        pytest.param({"display_name": "xyz"}, "shows an organisation", id="nothing shown"),
        pytest.param({"display_name": "xyz", "bot": True}, "posts by itself is not enough", id="a bot"),
        pytest.param({"acct": "gemeente@elders.example"}, "lives on another server", id="elsewhere"),
        pytest.param({"moved": {"acct": "x"}}, "has moved to another one", id="moved"),
        pytest.param({"suspended": True}, "is suspended by its server", id="suspended"),
        pytest.param({"note": "#nobot"}, "not to be read by robots (#nobot)", id="opted out"),
        pytest.param({"id": None}, "is it Mastodon", id="no account"),
    ],
)
def test_accounts_that_can_not_be_followed(fields: dict[str, Any], words: str) -> None:
    reading = answered(ACCOUNT, ORGANISATION | fields, LOOKUP)

    assert words in str(reading.problem)
    assert "gemeente@" not in str(reading.problem)
    assert (reading.more, reading.ends_visit) == ((), True)


def test_a_group_may_be_followed() -> None:
    assert answered(ACCOUNT, ORGANISATION | {"display_name": "xyz", "group": True}, LOOKUP).problem is None


# -- what is made of a post ------------------------------------------------------------------------------


def test_a_post_becomes_a_draft_that_names_nobody() -> None:
    (draft,) = answered(TAG, [status(edited_at="2026-07-04T10:00:00.000Z", spoiler_text="Oproep <3")]).drafts

    assert draft == ItemDraft(
        source="bron",
        external_id="12",
        url=f"{ROOT}/statuses/12",
        title="Oproep <3",
        text="Wie helpt?",
        text_is_html=False,
        published="2026-07-03T10:00:00.000Z",
        updated="2026-07-04T10:00:00.000Z",
        language="nl",
        complete=True,
        account="buur@social.example",
        keep_id=True,
    )


def test_fields_that_are_missing_are_empty() -> None:
    (draft,) = answered(TAG, [{"id": "5", "visibility": "public", "account": author()}]).drafts

    assert (draft.title, draft.text, draft.published, draft.updated, draft.language) == ("", "", "", "", "")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("<p>Een<br>twee</p><p>drie &amp; vier</p>", "Een\ntwee\ndrie & vier", id="paragraphs"),
        pytest.param(
            '<a href="https://www.arnhem.nl/plan/lang"><span class="invisible">https://www.</span>'
            '<span class="ellipsis">arnhem.nl/plan</span><span class="invisible">/lang</span></a>',
            "arnhem.nl/plan…",
            id="invisible parts of an address",
        ),
        pytest.param(
            '<p class="quote-inline">RE: <a href="https://s.example/@kanarie_x/1">s.example</a></p><p>Mooi!</p>',
            "Mooi!",
            id="the address of what it quotes",
        ),
        pytest.param(
            'Dank <span class="h-card"><a href="https://s.example/@kanarie_x" class="u-url mention">@'
            "<span>kanarie_x</span></a></span>!",
            "Dank iemand!",
            id="a mention",
        ),
        pytest.param("Dank &#64;kanarie_x@s.example!", "Dank iemand!", id="an escaped mention"),
        pytest.param("Dank @\u200bkanarie_x!", "Dank iemand!", id="a mention with something invisible"),
        pytest.param(
            '<a href="https://s.example/@kanarie_x"><span class="invisible">https://</span>'
            '<span class="ellipsis">s.example/@kana</span><span class="invisible">rie_x</span></a>',
            "een profiel",
            id="a link to a profile",
        ),
        pytest.param(
            '<a href="https://s.example/tags/tuin" class="mention hashtag" rel="tag">#<span>tuin</span></a>',
            "#tuin",
            id="a hashtag",
        ),
    ],
)
def test_text_is_plain_and_names_nobody(content: str, text: str) -> None:
    assert text_of(content) == text


def test_cards_and_pictures_tell_what_they_show() -> None:
    card = {"url": "https://krant.example/1", "title": "Tuin geopend", "description": "Door @kanarie_x."}
    pictures = [{"description": "Poster: zaterdag open"}, {"description": None}]
    assert text_of("Kijk", card=card, media_attachments=pictures) == (
        "Kijk\nTuin geopend\nDoor iemand.\nPoster: zaterdag open"
    )
    assert text_of("Kijk", card={**card, "url": "https://s.example/@kanarie_x"}) == "Kijk"


def test_the_organisations_own_handle_may_stay_in_its_posts() -> None:
    own = author(id="7", acct="gemeente")
    content = "Vraag het @gemeente of @gemeente@social.example, niet @gemeente@elders.example of @buur"

    assert text_of(content, ACCOUNT, account=own) == (
        "Vraag het @gemeente of @gemeente@social.example, niet iemand of iemand"
    )
    assert text_of(content) == "Vraag het iemand of iemand, niet iemand of iemand"


# -- answers that are none -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "body", "words"),
    [
        pytest.param(
            401, {"error": "This method requires an authenticated user"}, "wants a sign-in", id="401"
        ),
        pytest.param(
            422, {"error": "This method requires an authenticated user"}, "wants a sign-in", id="422"
        ),
        pytest.param(401, b"<html>", "wants a sign-in", id="401 of a proxy"),
        pytest.param(422, {"error": "Validation failed"}, "does not accept the question", id="422, another"),
        pytest.param(403, {"error": "This action is not allowed"}, "does not let us in", id="403"),
        pytest.param(404, b"<html>", "is it Mastodon, and is url its root?", id="404"),
        pytest.param(410, {"error": "x"}, "is it Mastodon, and is url its root?", id="410"),
        pytest.param(200, b"<html>", "is it Mastodon, and is url its root?", id="a web page"),
        pytest.param(200, {"error": "x"}, "is it Mastodon, and is url its root?", id="no list"),
        pytest.param(200, b"[" * 100_000, "is it Mastodon, and is url its root?", id="nested"),
    ],
)
def test_what_is_no_timeline_is_a_problem_that_ends_the_visit(code: int, body: Any, words: str) -> None:
    reading = answered(TAG, body, code=code)

    assert words in str(reading.problem)
    assert (reading.drafts, reading.more, reading.cursor, reading.ends_visit) == ((), (), None, True)


@pytest.mark.parametrize(
    ("code", "body", "words"),
    [
        pytest.param(200, b"<html>", "does not say what server it is", id="a web page"),
        pytest.param(401, {"error": "x"}, "wants a sign-in", id="401"),
        pytest.param(403, b"", "does not let us in", id="403"),
        pytest.param(404, b"", None, id="older"),
        pytest.param(200, {"configuration": None}, None, id="nothing configured"),
        pytest.param(200, {"configuration": {"timelines_access": "x"}}, None, id="another shape"),
    ],
)
def test_what_a_server_says_of_itself(code: int, body: Any, words: str | None) -> None:
    reading = answered(TAG, body, f"{ROOT}/api/v2/instance", code=code)

    assert (words in str(reading.problem)) if words else reading == Reading()
    assert reading.ends_visit is (words is not None)


def test_only_what_the_api_says_makes_an_account_unknown() -> None:
    assert "no such account" in str(
        answered(ACCOUNT, {"error": "Record not found"}, LOOKUP, code=404).problem
    )
    assert "is it Mastodon" in str(answered(ACCOUNT, b"<html>", LOOKUP, code=404).problem)


def test_the_reader_judges_the_statuses_that_mean_something_here() -> None:
    assert {401, 403, 404, 410, 422} == mastodon.JUDGES


# -- whether posts are still there ------------------------------------------------------------------------


def stored(*numbers: int) -> list[Stored]:
    return [
        Stored(item_id=number, url=f"{ROOT}/statuses/{100 + number}", native_id=str(100 + number))
        for number in numbers
    ]


def judged(question: Question, body: Any, code: int = 200, source: SourceDefinition = TAG) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    page = Page(asked=question.url, url=question.url, status=code, headers={}, body=raw)
    return mastodon.judge(source, question, page)


def test_a_long_tag_takes_no_more_time_than_its_length() -> None:
    # Minutes, where its class is looked for by one pattern with the whole element.
    content = "<span " + " class='invisible" * 20_000

    assert len(answered(TAG, [status(content=content)]).drafts) == 1


def test_posts_are_asked_about_twenty_at_a_time() -> None:
    batches = mastodon.questions(TAG, stored(*range(45)))

    assert [len(batch.items) for batch in batches] == [20, 20, 5]
    assert parse_qs(urlsplit(batches[2].url).query) == {"id[]": ["140", "141", "142", "143", "144"]}
    assert urlsplit(batches[2].url).path == "/api/v1/statuses"


def test_a_missing_post_is_gone_only_when_asked_for_alone() -> None:
    (batch,) = mastodon.questions(TAG, stored(1, 2))

    answer = judged(batch, [status(id="101")])

    assert answer.standing == {1: Standing.THERE}
    (alone,) = answer.ask
    assert alone.url == f"{ROOT}/api/v1/statuses/102"
    for code in (404, 410):
        answer = judged(alone, {"error": "Record not found"}, code)
        (server,) = answer.ask
        assert (answer.standing, urlsplit(server.url).path) == ({}, "/api/v2/instance")
    assert judged(server, {"domain": "sociaal.example"}).standing == {2: Standing.GONE}
    (older,) = judged(server, {"error": "Not found"}, 404).ask
    assert judged(older, {"uri": "sociaal.example"}) == Answer(standing={2: Standing.GONE})
    # A server that moved leaves an address that knows nothing at all.
    for body, status_of_all in (({"error": "Not found"}, 404), ({}, 200), ([], 200), ({"error": "x"}, 401)):
        assert judged(older, body, status_of_all) == Answer()
    assert judged(alone, status(id="102")) == Answer(standing={2: Standing.THERE})


@pytest.mark.parametrize(
    ("code", "body"),
    [
        pytest.param(
            401, {"error": "This method requires an authenticated user"}, id="a sign-in for everything"
        ),
        pytest.param(422, {"error": "This method requires an authenticated user"}, id="the same, older"),
        pytest.param(403, {"error": "This action is not allowed"}, id="kept out"),
    ],
)
def test_what_says_nothing_about_a_post(code: int, body: Any) -> None:
    (batch,) = mastodon.questions(TAG, stored(1, 2))
    alone = judged(batch, []).ask[0]

    for question in (batch, alone):
        answer = judged(question, body, code)
        assert (answer.standing, answer.drafts, answer.ask) == ({}, (), ())
    # Nor does a page that is no answer of the API: a parked domain answers 404 to everything.
    for other, code_of_page in (
        (b"<html>Te koop</html>", 404),
        (b"<html>", 200),
        ([], 200),
        ({"id": "9"}, 200),
    ):
        assert judged(alone, other, code_of_page).standing == {}


@pytest.mark.parametrize(
    ("code", "body"), [(404, {"error": "x"}), (405, b""), (400, b""), (422, {"error": "x"}), (200, {})]
)
def test_where_many_can_not_be_asked_about_each_is_asked_for_alone(code: int, body: Any) -> None:
    (batch,) = mastodon.questions(TAG, stored(1, 2))
    assert code in {200, *batch.judges}

    answer = judged(batch, body, code)

    assert answer.standing == {}
    assert [one.url.rpartition("/")[2] for one in answer.ask] == ["101", "102"]


def test_edited_posts_come_back_as_drafts_and_others_do_not() -> None:
    (batch,) = mastodon.questions(TAG, stored(1, 2, 3))
    edited = {"edited_at": "2026-07-04T10:00:00Z", "content": "Nieuw van @kanarie_x"}
    found = [
        status(id="101"),
        status(id="102", **edited),
        status(id="103", **edited, account=author(indexable=None)),
        status(id="999", **edited),
    ]

    answer = judged(batch, found)

    assert set(answer.standing.values()) == {Standing.THERE}
    assert [(draft.external_id, draft.text) for draft in answer.drafts] == [("102", "Nieuw van iemand")]


@pytest.mark.parametrize(
    "fields", [{"indexable": False}, {"discoverable": False}, {"noindex": True}, {"note": "#nobot"}]
)
def test_who_no_longer_wants_to_be_found_is_let_go(fields: dict[str, Any]) -> None:
    (batch,) = mastodon.questions(TAG, stored(1))
    post = status(id="101", edited_at="2026-07-04T10:00:00Z", account=author(**fields))

    assert judged(batch, [post]) == Answer(standing={1: Standing.GONE})
    own = {**post, "account": {**post["account"], "acct": "gemeente"}}
    assert judged(batch, [own], source=ACCOUNT).standing == {1: Standing.THERE}
