"""Others' handles in texts: what becomes a neutral word, and what is left as it is."""

import time

import pytest

from scout.steps.handles import PROFILE, SOMEBODY, without_handles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Dank @kanarie_x!", f"Dank {SOMEBODY}!", id="a name"),
        pytest.param("(@kanarie_x@ergens.example).", f"({SOMEBODY}).", id="name and server"),
        pytest.param("@kanarie.x@127.0.0.1:3000, hoi", f"{SOMEBODY}, hoi", id="server with a port"),
        pytest.param(
            "＠kanarie en .@kanarie en @@kanarie", f"{SOMEBODY} en .{SOMEBODY} en {SOMEBODY}", id="odd signs"
        ),
        pytest.param("@een@twee@drie", SOMEBODY, id="more than one server"),
        pytest.param(
            "@kanarie.bsky.social en kanarie.bsky.social", f"{SOMEBODY} en {SOMEBODY}", id="host as a name"
        ),
        pytest.param(
            "did:plc:abc123 acct:kanarie@ergens.example", f"{PROFILE} {PROFILE}", id="ids of accounts"
        ),
        pytest.param("at://did:plc:abc/app.bsky.feed.post/3k", PROFILE, id="a record"),
        pytest.param(
            "Zie https://ergens.example/@kanarie_x/12.", f"Zie {PROFILE}.", id="a post under a name"
        ),
        pytest.param("ergens.example/@kana…", f"{PROFILE}…", id="cut off, without scheme"),
        pytest.param("http://localhost:3000/users/kanarie_x/statuses/1", PROFILE, id="a path of users"),
        pytest.param("bsky.app/profile/kanarie.example/post/3k", PROFILE, id="bluesky"),
        pytest.param("https://kanarie.bsky.social", SOMEBODY, id="bluesky, a host"),
        pytest.param("https://kanarie.bsky.social/", PROFILE, id="bluesky, a host with a path"),
        pytest.param("https://x.com/kanarie_x/status/1", PROFILE, id="x"),
        pytest.param("https://m.facebook.com/kanarie", PROFILE, id="facebook"),
        pytest.param("https://nl.linkedin.com/in/kanarie", PROFILE, id="linkedin of a country"),
        pytest.param("https://www.instagram.com/stories/kanarie/1", PROFILE, id="instagram"),
        pytest.param("https://youtube.com/@kanarie", PROFILE, id="youtube"),
        pytest.param("https://matrix.to/#/@kanarie:ergens.example", PROFILE, id="matrix"),
        pytest.param(
            "https://deel.example/?u=https%3A%2F%2Fs.example%2F%40kanarie", PROFILE, id="inside another"
        ),
        pytest.param(
            "https://x.com/intent/follow?screen_name=kanarie", PROFILE, id="an invitation to follow"
        ),
    ],
)
def test_handles_become_neutral_words(text: str, expected: str) -> None:
    for html in (False, True):
        assert without_handles(text, html=html) == expected
        assert without_handles(expected, html=html) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Mail info@stichting.example of bel", id="an e-mail address"),
        pytest.param("Zaterdag @18:30 of @ 19:00 in de #buurttuin", id="times and hashtags"),
        pytest.param("https://www.arnhem.nl/nieuws/2026/buurttuin.html?x=1", id="an article"),
        pytest.param(
            "https://social.example/statuses/12 en social.example/tags/tuin", id="a post without a name"
        ),
        pytest.param(
            "https://www.facebook.com/groups/buurttuin/ en facebook.com/events/1", id="groups and events"
        ),
        pytest.param("https://www.instagram.com/p/abc en https://youtu.be/x", id="pictures and videos"),
        pytest.param("https://www.youtube.com/watch?v=1 https://t.me/share", id="what sites offer"),
        pytest.param("en/of, 1/2, a.m./p.m. en https://[", id="slashes"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_handles(text, html=False) == text
    assert without_handles(text, html=True) == text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param(
            '<a href="https://s.example/@kanarie" class="u-url mention">@<span>kanarie</span></a>, dank',
            f"{SOMEBODY}, dank",
            id="a mention",
        ),
        pytest.param(
            "<a href='https://s.example/u/kanarie'>Kanarie Piet</a>", PROFILE, id="a link with a name"
        ),
        pytest.param("<a href=https://s.example/@kanarie>wij</a>", PROFILE, id="an address without quotes"),
        pytest.param('<a class="mention hashtag" href="/tags/x">#<span>x</span></a>', None, id="a hashtag"),
        pytest.param('<a href="https://krant.example/1">krant</a>', None, id="a link to an article"),
        pytest.param("&#64;kanarie &commat;kanarie &#x40;kanarie", " ".join([SOMEBODY] * 3), id="escaped"),
        pytest.param('<img alt="x" title="@kanarie">', '<img alt="x" title="">', id="in an attribute"),
        pytest.param("<b>@kanarie</b>", f"<b>{SOMEBODY}</b>", id="inside a tag"),
        pytest.param("<a href='x' @kanarie", f"<a href='x' {SOMEBODY}", id="a tag that never ends"),
    ],
)
def test_in_html_addresses_count_too(html: str, expected: str | None) -> None:
    assert without_handles(html, html=True) == (html if expected is None else expected)


def test_handles_of_our_own_organisations_may_stay() -> None:
    ours = ["@Gemeente", "gemeente@s.example"]
    stays = "@gemeente @Gemeente@s.example https://s.example/@gemeente"

    assert without_handles(stays, html=False, ours=ours) == stays
    assert (
        without_handles("@gemeente@elders.example @gemeentes", html=False, ours=ours)
        == f"{SOMEBODY} {SOMEBODY}"
    )
    mention = '<a class="mention" href="{}">@gemeente</a>'
    own = without_handles(mention.format("https://s.example/@gemeente"), html=True, ours=ours)
    assert ">@gemeente</a>" in own
    assert without_handles(mention.format("https://s.example/@buur"), html=True, ours=ours) == SOMEBODY


@pytest.mark.parametrize(
    "piece", ["@", "@a", "a.", "x/", "<a ", "<a>", "@1", "a-", "://", "@a.-", "<a href='@", "at:"]
)
def test_hostile_texts_take_no_time_to_speak_of(piece: str) -> None:
    for html in (False, True):
        begin = time.process_time()
        without_handles(piece * 40_000, html=html)
        # A hundredth of a second where time grows with the length; a minute where it grows with its square.
        assert time.process_time() - begin < 4


def test_a_long_tag_takes_no_more_time_than_its_length() -> None:
    # Tried from each letter anew, this would take minutes.
    assert without_handles(f"<x {'a' * 300_000} b@c.example>", html=True) == f"<x {'a' * 300_000} >"
