"""WordPress sites, through their list of posts."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scout.drafts import ItemDraft
from scout.readers import wordpress
from tests.scout.reading import read, source_of

SOURCE = source_of("wordpress", "https://dorpshuis.example")
FIRST = wordpress.first(SOURCE, {})[0]
OTHER_WAY = "https://dorpshuis.example/?rest_route=/wp/v2/posts&per_page=100&page=1"


def post(**fields: Any) -> dict[str, Any]:
    return {
        "id": 12,
        "date_gmt": "2026-07-03T10:00:00",
        "modified_gmt": "2026-07-04T10:00:00",
        "link": "https://dorpshuis.example/soep/",
        "title": {"rendered": "Soep &#038; brood"},
        "excerpt": {"rendered": "<p>Elke week [&hellip;]</p>\n"},
        **fields,
    }


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("https://dorpshuis.example", "https://dorpshuis.example/wp-json/wp/v2/posts?"),
        ("https://dorpshuis.example/", "https://dorpshuis.example/wp-json/wp/v2/posts?"),
        ("https://dorpshuis.example/blog", "https://dorpshuis.example/blog/wp-json/wp/v2/posts?"),
    ],
)
def test_the_first_address_is_below_the_root_of_the_site(url: str, start: str) -> None:
    (address,) = wordpress.first(source_of("wordpress", url), {})

    assert address.startswith(start)
    assert parse_qs(urlsplit(address).query) == {
        "per_page": ["100"],
        "page": ["1"],
        "orderby": ["modified"],
        "order": ["desc"],
        "_fields": ["id,date_gmt,modified_gmt,link,title,excerpt"],
    }


def test_a_post_becomes_a_draft_with_its_dates_in_utc() -> None:
    reading = read(SOURCE, json.dumps([post()]), "application/json")

    assert reading.drafts == (
        ItemDraft(
            source="bron",
            external_id="12",
            url="https://dorpshuis.example/soep/",
            title="Soep &#038; brood",
            text="<p>Elke week [&hellip;]</p>\n",
            published="2026-07-03T10:00:00Z",
            updated="2026-07-04T10:00:00Z",
            keep_id=True,
        ),
    )


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        pytest.param({"date_gmt": None}, "published", "", id="no date"),
        pytest.param({"date_gmt": "0000-00-00T00:00:00"}, "published", "", id="never"),
        pytest.param(
            {"date_gmt": "2026-07-03T10:00:00+02:00"}, "published", "2026-07-03T10:00:00+02:00", id="zone"
        ),
        pytest.param({"title": "Soep"}, "title", "Soep", id="title as text"),
        pytest.param({"title": None}, "title", "", id="no title"),
        pytest.param({"excerpt": {"rendered": None}}, "text", "", id="no excerpt"),
        pytest.param({"link": "/soep/"}, "url", "https://dorpshuis.example/soep/", id="relative link"),
        pytest.param({"link": None}, "url", "", id="no link"),
        pytest.param({"link": " "}, "url", "", id="empty link"),
        pytest.param({"link": "https://["}, "url", "", id="broken link"),
        pytest.param({"id": None}, "external_id", "https://dorpshuis.example/soep/", id="no id"),
    ],
)
def test_posts_that_lack_something_are_handed_on(fields: dict[str, Any], attribute: str, value: str) -> None:
    (draft,) = read(SOURCE, json.dumps([post(**fields), "geen bericht"])).drafts

    assert getattr(draft, attribute) == value


def test_paging_follows_the_number_of_pages_and_stops_at_known_posts() -> None:
    first = read(SOURCE, json.dumps([post()]), headers={"x-wp-totalpages": "2"})

    (second_address,) = first.more
    second = read(SOURCE, json.dumps([post()]), headers={"x-wp-totalpages": "2"}, asked=second_address)

    assert first.stop_when_known
    assert second_address == FIRST.replace("&page=1", "&page=2")
    assert second.more == ()


@pytest.mark.parametrize("total", ["", "0", "1", "veel", "-1", "٣"])
def test_without_further_pages_there_is_no_paging(total: str) -> None:
    assert read(SOURCE, "[]", headers={"x-wp-totalpages": total}).more == ()


def test_the_page_after_the_last_is_the_end() -> None:
    reading = read(SOURCE, '{"code": "rest_post_invalid_page_number"}', status=400)

    assert (reading.drafts, reading.more, reading.problem) == ((), (), None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("<html>Niet gevonden [1]</html>", 404, id="page not found"),
        pytest.param("<html><script>x = [{}]</script></html>", 200, id="a web page instead"),
        pytest.param('{"code": "rest_no_route"}', 404, id="no such route"),
        pytest.param('{"code": "rest_invalid_param"}', 400, id="parameters refused"),
        pytest.param("[" * 100_000, 200, id="nested"),
        pytest.param('[{"id": 1', 200, id="breaks off"),
        pytest.param("", 200, id="nothing"),
        pytest.param('{"posts": []}', 200, id="other JSON"),
    ],
)
def test_what_is_no_list_is_tried_the_other_way_once_and_then_a_problem(body: str, status: int) -> None:
    first = read(SOURCE, body, status=status)

    assert first.problem is None
    assert [address[: len(OTHER_WAY)] for address in first.more] == [OTHER_WAY]

    second = read(SOURCE, body, status=status, asked=first.more[0])

    assert second.more == ()
    assert "is it WordPress, and is url its root?" in str(second.problem)


def test_the_other_way_pages_like_the_first() -> None:
    reading = read(SOURCE, json.dumps([post()]), headers={"x-wp-totalpages": "3"}, asked=OTHER_WAY)

    (address,) = reading.more
    assert parse_qs(urlsplit(address).query) == {
        "rest_route": ["/wp/v2/posts"],
        "per_page": ["100"],
        "page": ["2"],
    }


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", ['{"code": "rest_forbidden"}', "<html>Geen toegang</html>"])
def test_a_closed_site_is_pointed_to_its_feed(status: int, body: str) -> None:
    problem = str(read(SOURCE, body, status=status).problem)

    assert 'kind = "feed" and url = "https://dorpshuis.example/feed/"' in problem
    assert ("rest_forbidden" in problem) == ("rest_forbidden" in body)


def test_notices_before_the_list_are_passed_over() -> None:
    reading = read(SOURCE, "<br />\n<b>Notice</b>: x in [y]\n" + json.dumps([post()]), "application/json")

    assert len(reading.drafts) == 1


def test_the_reader_judges_the_statuses_that_mean_something_here() -> None:
    assert {400, 401, 403, 404} == wordpress.JUDGES
