"""Reading Bluesky: recorded answers, every shape a post can have, and whether posts are still there."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft, Reading, Standing
from scout.readers import bluesky
from tests.conftest import required_or_skip
from tests.scout.bluesky_world import DID, OTHER, POSTS, Account, AppView, Asker, Pds, facet, link, wrong
from tests.scout.reading import read, source_of
from tests.web import Answer as WebAnswer
from tests.web import Web

SOURCE = source_of("bluesky", "https://pds.example", actor=DID)
LIST = f"https://pds.example/xrpc/com.atproto.repo.listRecords?repo={DID}&collection=app.bsky.feed.post&limit=100"
FEED = (
    "https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed"
    f"?actor={DID}&filter=posts_no_replies&limit=100"
)
APPVIEW = source_of("bluesky", "https://public.api.bsky.app", actor=DID)


def recorded(name: str) -> dict[str, Any]:
    folder = os.environ.get("SCOUT_RECORDED_ANSWERS")
    if not folder:
        required_or_skip("SCOUT_RECORDED_ANSWERS is not set")
    answer: dict[str, Any] = json.loads((Path(str(folder)) / "bluesky" / name).read_text("utf-8"))
    return answer


def listed(*values: dict[str, Any], cursor: str = "") -> Reading:
    """The reading of a list of records with these posts."""
    records = [
        {"uri": f"at://{DID}/{POSTS}/3l{number}", "cid": "bafy", "value": {"$type": POSTS, **value}}
        for number, value in enumerate(values)
    ]
    return read(SOURCE, json.dumps({"records": records, "cursor": cursor}), asked=LIST)


def shown(*entries: dict[str, Any], cursor: str = "") -> Reading:
    """The reading of an AppView's feed."""
    return read(APPVIEW, json.dumps({"feed": entries, "cursor": cursor}), asked=FEED)


def text_of(**record: Any) -> str:
    (draft,) = listed(record).drafts
    return draft.text


# -- what servers really answered -----------------------------------------------------------------


@pytest.mark.recorded
def test_a_recorded_record_becomes_a_draft() -> None:
    record = recorded("post_record.json")
    did, _, rkey = record["uri"].removeprefix("at://").split("/")
    source = replace(SOURCE, options={"actor": did})

    (draft,) = read(source, json.dumps({"records": [record]}), asked=LIST.replace(DID, did)).drafts

    assert draft == ItemDraft(
        source="bron",
        external_id=record["uri"],
        url=link(rkey, did),
        text="new text114",
        text_is_html=False,
        published="2024-02-22T19:58:13.903293+00:00",
        complete=True,
        account=did,
        keep_id=True,
    )


@pytest.mark.recorded
def test_a_recorded_record_of_another_collection_is_no_post() -> None:
    record = recorded("feed_record.json")
    did = record["uri"].removeprefix("at://").split("/")[0]

    reading = read(replace(SOURCE, options={"actor": did}), json.dumps({"records": [record]}), asked=LIST)

    assert (reading.drafts, reading.problem) == ((), None)


@pytest.mark.recorded
def test_a_recorded_view_with_a_quoted_post_gives_nothing_of_the_quoted_one() -> None:
    post = recorded("thread_view_post_with_embed_media.json")["thread"]["post"]
    source = replace(APPVIEW, options={"actor": post["author"]["did"]})

    (draft,) = read(source, json.dumps({"feed": [{"post": post}]}), asked=FEED).drafts

    assert (draft.text, draft.language, draft.published) == ("", "en", "2023-09-28T12:49:36.735Z")
    assert "test.marshal.dev" not in repr(draft)


# -- shapes ---------------------------------------------------------------------------------------


def test_mentions_go_by_their_place_in_bytes_and_links_stay() -> None:
    text = "Één dank aan Piet 🌱 en aan Piet, zie buurttuin.example/oo… 🌱"
    facets = [
        facet(text, "Piet 🌱", mention=OTHER),
        facet(text, "buurttuin.example/oo…", link="https://buurttuin.example/oost"),
    ]

    assert (
        text_of(text=text, facets=facets) == "Één dank aan iemand en aan Piet, zie buurttuin.example/oo… 🌱"
    )


@pytest.mark.parametrize(
    "facets",
    [
        pytest.param("geen", id="no list"),
        pytest.param([None, 3], id="no objects"),
        pytest.param([{"index": {"byteStart": "0", "byteEnd": 3}, "features": []}], id="no numbers"),
        pytest.param([{"features": [{"$type": "app.bsky.richtext.facet#mention"}]}], id="no place"),
        pytest.param(
            [
                {
                    "index": {"byteStart": 2, "byteEnd": 900},
                    "features": [{"$type": "app.bsky.richtext.facet#mention"}],
                }
            ],
            id="past the end",
        ),
        pytest.param(
            [
                {
                    "index": {"byteStart": -3, "byteEnd": 2},
                    "features": [{"$type": "app.bsky.richtext.facet#mention"}],
                }
            ],
            id="before the beginning",
        ),
        pytest.param(
            [{"index": {"byteStart": 0, "byteEnd": 3}, "features": [{"$type": "x#tag"}]}], id="a tag"
        ),
    ],
)
def test_facets_that_make_no_sense_change_nothing(facets: Any) -> None:
    assert text_of(text="De #buurttuin opent", facets=facets) == "De #buurttuin opent"


def test_overlapping_mentions_leave_no_piece_of_a_name() -> None:
    text = "Dank @iemandanders.example!"
    whole, part = facet(text, "@iemandanders.example", mention=OTHER), facet(text, "anders", mention=OTHER)

    assert text_of(text=text, facets=[part, whole]) == "Dank iemand!"


def test_the_card_and_what_pictures_show_belong_to_the_text() -> None:
    card = {"uri": "https://krant.example/1", "title": "Tuin open", "description": "Zaterdag"}
    pictures = [{"alt": "Kinderen planten een boom"}, {"alt": ""}, {}]

    one = text_of(text="Kijk!", embed={"external": card})
    both = text_of(text="Kijk!", embed={"record": {"uri": "at://x"}, "media": {"images": pictures}})

    assert one == "Kijk!\n\nTuin open\n\nZaterdag"
    assert both == "Kijk!\n\nKinderen planten een boom"


@pytest.mark.parametrize(
    ("created", "indexed", "published"),
    [
        pytest.param("2026-11-02T10:00:00Z", "2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", id="ahead"),
        pytest.param(
            "2026-10-01T12:00:00+02:00", "2026-11-01T10:00:00Z", "2026-10-01T12:00:00+02:00", id="imported"
        ),
        pytest.param("2026-11-01T10:00:00.5Z", None, "2026-11-01T10:00:00.5Z", id="not indexed"),
        pytest.param("gisteren", "2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", id="nonsense"),
        pytest.param("gisteren", None, "gisteren", id="only nonsense"),
        pytest.param(None, None, "", id="none"),
        pytest.param("2026-11-01T10:00:00", "2026-11-01T11:00:00Z", "2026-11-01T10:00:00", id="no zone"),
    ],
)
def test_nothing_was_published_after_it_was_seen(created: Any, indexed: Any, published: str) -> None:
    post = {
        "uri": f"at://{DID}/{POSTS}/3l",
        "record": {"text": "x", "createdAt": created},
        "indexedAt": indexed,
    }

    (draft,) = shown({"post": post}).drafts

    assert draft.published == published


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"reply": {"parent": {"uri": f"at://{OTHER}/x/1"}}}, id="reply"),
        pytest.param({"reply": "x"}, id="odd reply"),
        pytest.param({"labels": {"values": [{"val": "!no-unauthenticated"}]}}, id="signed-in only"),
        pytest.param({"$type": "app.bsky.feed.threadgate"}, id="no post"),
    ],
)
def test_what_is_not_for_us_gives_no_draft(record: dict[str, Any]) -> None:
    reading = listed({"text": "x", **record}, cursor="3l0")

    assert reading.drafts == ()
    assert not reading.stop_when_known


@pytest.mark.parametrize(
    "uri",
    [
        f"at://{OTHER}/{POSTS}/3l",
        f"at://{DID}/{POSTS}/",
        f"at://{DID}/{POSTS}/a/b",
        f"at://{DID}/{POSTS}/..%2f?",
        "https://x.example",
        None,
    ],
)
def test_records_that_are_not_of_this_account_give_no_draft(uri: Any) -> None:
    body = json.dumps({"records": [{"uri": uri, "value": {"text": "x"}}, 3, None]})

    assert read(SOURCE, body, asked=LIST).drafts == ()


def test_odd_fields_do_no_harm() -> None:
    reading = listed(
        {"text": None, "langs": "nl", "createdAt": 3, "embed": "x", "labels": 4},
        {
            "text": "x",
            "langs": [None, "nl"],
            "embed": {"external": 3, "images": [3]},
            "labels": {"values": [3, {}]},
        },
    )

    assert [(draft.text, draft.language) for draft in reading.drafts] == [("", ""), ("x", "nl")]


def test_pages_follow_until_the_cursor_stands_still() -> None:
    (address,) = listed({"text": "x"}, cursor="3l0").more

    assert parse_qs(urlsplit(address).query)["cursor"] == ["3l0"]
    assert read(SOURCE, '{"records": [{}], "cursor": "3l0"}', asked=address).more == ()
    assert read(SOURCE, '{"records": []}', asked=address).more == ()
    (feed,) = shown(cursor="2026-11-01T10:00:00Z").more
    assert parse_qs(urlsplit(feed).query)["cursor"] == ["2026-11-01T10:00:00Z"]


@pytest.mark.parametrize("body", ['{"records": 3}', '{"error": "x"}', "{}"])
def test_a_list_without_a_list_is_named(body: str) -> None:
    assert "has no list in it" in str(read(SOURCE, body, asked=LIST).problem)


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        ("https://pds.example/iets", "https://pds.example/xrpc/com.atproto.repo.getRecord?"),
        ("https://public.api.bsky.app", "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?"),
        ("https://api.bsky.app/", "https://api.bsky.app/xrpc/app.bsky.actor.getProfile?"),
        ("https://bsky.app/profile/x", "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/xrpc/com.atproto.repo.getRecord?"),
    ],
)
def test_who_is_asked_first_and_how(url: str, begins: str) -> None:
    (address,) = bluesky.first(source_of("bluesky", url, actor=DID), {})

    assert address.startswith(begins)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param('{"error": "MethodNotImplemented"}', 501, id="not implemented"),
        pytest.param(
            '{"error": "InvalidRequest", "message": "No service configured for x"}', 400, id="no service"
        ),
        pytest.param("<html>Niet gevonden</html>", 404, id="not found"),
        pytest.param("<html>Welkom</html>", 200, id="a web page"),
        pytest.param("[" * 100_000, 200, id="nested"),
    ],
)
@pytest.mark.parametrize("source", [SOURCE, APPVIEW], ids=["own server", "appview"])
def test_a_server_without_the_method_is_asked_the_other_way_once(
    source: SourceDefinition, body: str, status: int
) -> None:
    (second,) = read(source, body, status=status).more
    reading = read(source, body, status=status, asked=second)

    assert reading.more == ()
    assert "neither as the server of a Bluesky account nor as an AppView" in str(reading.problem)
    assert reading.ends_visit


def test_what_a_server_says_is_not_repeated_in_full() -> None:
    body = json.dumps(
        {"error": "RepoDeactivated", "message": "Repo of @kanarie.example has been deactivated"}
    )
    problem = str(read(SOURCE, body, status=400, asked=LIST).problem)
    odd = str(read(SOURCE, '{"error": "weg: @kanarie.example"}', status=400, asked=LIST).problem)

    assert "(RepoDeactivated)" in problem
    assert "kanarie" not in problem + odd


# -- are they still there -------------------------------------------------------------------------


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


SERVERS = pytest.mark.parametrize("kind", [Pds, AppView], ids=["own server", "appview"])


@SERVERS
def test_posts_are_there_changed_or_gone(web: Web, kind: type[Pds] | type[AppView]) -> None:
    account = Account()
    kept, changed, deleted = (account.say(f"Bericht {number}") for number in range(3))
    asker = Asker(kind(web, account), kept, changed, deleted)
    account.change(changed, "Nu anders")
    account.delete(deleted)

    standing, drafts = asker.answers()

    assert standing == [Standing.THERE, Standing.THERE, Standing.GONE]
    assert [draft.text for draft in drafts] == ["Bericht 0", "Nu anders"]


def test_an_answer_gives_the_same_draft_as_the_list(web: Web) -> None:
    account = Account()
    text = "Dank aan @iemandanders.example"
    asker = Asker(
        Pds(web, account), account.say(text, facets=[facet(text, "@iemandanders.example", mention=OTHER)])
    )
    _, (draft,) = asker.answers()
    records = [{"uri": account.uri(rkey), "value": value} for rkey, (_, value) in account.posts.items()]

    assert read(asker.source, json.dumps({"records": records}), asked=LIST).drafts == (draft,)


@SERVERS
@pytest.mark.parametrize("state", ["deactivated", "takendown", "deleted"])
def test_all_posts_go_with_their_account_at_one_question(
    web: Web, kind: type[Pds] | type[AppView], state: str
) -> None:
    account = Account()
    asker = Asker(kind(web, account), *(account.say(f"Bericht {number}") for number in range(5)))
    account.state = state

    standing, drafts = asker.answers()

    assert (standing, drafts) == ([Standing.GONE] * 5, [])
    assert len(asker.asked) == (2 if kind is AppView or state == "deleted" else 1)


def test_an_account_that_is_not_kept_but_still_shown_is_not_gone(web: Web) -> None:
    account = Account()
    server = Pds(web, account)
    asker = Asker(server, account.say("Een"), account.say("Twee"))
    server.faults.append(wrong("RepoNotFound"))

    # As an entryway does, or the server that an account left.
    assert asker.answers()[0] == [Standing.THERE] * 2


@SERVERS
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(WebAnswer("", 401), id="401 of the whole site"),
        pytest.param(WebAnswer("<html>Verboden</html>", 403), id="403"),
        pytest.param(WebAnswer("<html>Weg</html>", 404), id="404 of the whole site"),
        pytest.param(WebAnswer("", 429, {"Retry-After": "60"}), id="429"),
        pytest.param(WebAnswer("", 500), id="500"),
        pytest.param(WebAnswer("", 503), id="503"),
        pytest.param(WebAnswer("<html>Dit domein is te koop</html>"), id="parked"),
        pytest.param(WebAnswer("{}"), id="empty"),
        pytest.param(wrong("InvalidRequest", "Could not locate record"), id="no word for it"),
        pytest.param(wrong("MethodNotImplemented", status=501), id="no such method"),
    ],
)
def test_what_does_not_say_gone_never_counts_as_gone(
    web: Web, kind: type[Pds] | type[AppView], fault: WebAnswer
) -> None:
    account = Account()
    server = kind(web, account)
    asker = Asker(server, account.say("Een"), account.say("Twee"))
    server.faults.extend([fault] * 20)

    assert asker.answers() == ([Standing.UNKNOWN] * 2, [])


@pytest.mark.parametrize("status", ["desynchronized", "throttled"])
def test_an_account_that_the_server_holds_back_for_a_while_is_not_gone(web: Web, status: str) -> None:
    account = Account()
    asker = Asker(Pds(web, account), account.say("Een"))
    account.state = status

    assert asker.answers() == ([Standing.UNKNOWN], [])


def test_the_answer_about_another_post_says_nothing(web: Web) -> None:
    account = Account()
    server = Pds(web, account)
    asker = Asker(server, account.say("Een"))
    server.faults.extend([None, WebAnswer(json.dumps({"uri": account.uri("3x"), "value": {"text": "x"}}))])

    assert asker.answers() == ([Standing.UNKNOWN], [])


def test_nothing_is_asked_about_nothing() -> None:
    assert bluesky.questions(SOURCE, []) == []
