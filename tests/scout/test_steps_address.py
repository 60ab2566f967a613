"""One spelling for each page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.addresses import TRACKING, address_key, canonical, same_site


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("HTTPS://Koerier.Example/A", "https://koerier.example/A", id="small scheme and host"),
        pytest.param("https://koerier.example", "https://koerier.example/", id="empty path"),
        pytest.param("https://koerier.example:443/a", "https://koerier.example/a", id="default port"),
        pytest.param("http://koerier.example:8080/a", "http://koerier.example:8080/a", id="own port"),
        pytest.param("https://koerier.example/a#reacties", "https://koerier.example/a", id="fragment"),
        pytest.param("https://jan:x@koerier.example/a", "https://koerier.example/a", id="password"),
        pytest.param("https://koerier.example./a", "https://koerier.example/a", id="dot behind the host"),
        pytest.param(" https://koerier.example/\na ", "https://koerier.example/a", id="spaces and newlines"),
        pytest.param(
            "https://koerier.example/a?utm_source=rss&id=7&UTM_Medium=x&fbclid=1",
            "https://koerier.example/a?id=7",
            id="tracking",
        ),
        pytest.param(
            "https://koerier.example/?b=2&a=1&&",
            "https://koerier.example/?b=2&a=1",
            id="order of the rest stays",
        ),
        pytest.param("https://koerier.example/?", "https://koerier.example/", id="empty query"),
        pytest.param(
            "https://koerier.example/a;jsessionid=1A?x=1", "https://koerier.example/a?x=1", id="session"
        ),
        pytest.param(
            "https://koerier.example/a/./b/../c", "https://koerier.example/a/c", id="dots in the path"
        ),
        pytest.param("https://koerier.example/..", "https://koerier.example/", id="above the top"),
        pytest.param(
            "https://koerier.example/caf%c3%a9%7ebuurt",
            "https://koerier.example/caf%C3%A9~buurt",
            id="escapes",
        ),
        pytest.param(
            "https://koerier.example/café", "https://koerier.example/caf%C3%A9", id="accent in the path"
        ),
        pytest.param(
            "https://koerier.example/a b?q=c d", "https://koerier.example/a%20b?q=c%20d", id="spaces"
        ),
        pytest.param("https://koerier.example/100%", "https://koerier.example/100%25", id="bare percent"),
        pytest.param(
            "https://b\u00fcrger.example/", "https://xn--brger-kva.example/", id="international name"
        ),
        pytest.param("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a", id="IPv6"),
        pytest.param("http://127.0.0.1:8080/", "http://127.0.0.1:8080/", id="IPv4"),
        pytest.param("/nieuws/1", "", id="relative"),
        pytest.param("//koerier.example/a", "", id="without scheme"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("data:text/html,x", "", id="data"),
        pytest.param("mailto:redactie@koerier.example", "", id="mail"),
        pytest.param("file:///etc/passwd", "", id="file"),
        pytest.param("tag:koerier.example,2026:1", "", id="tag"),
        pytest.param("https://", "", id="no host"),
        pytest.param("https://koerier..example/", "", id="host that is none"),
        pytest.param("https://koerier.example:99999/", "", id="port that is none"),
        pytest.param("https://[::1/", "", id="broken bracket"),
        pytest.param("https://koerier.example/" + "a" * 3000, "", id="endless"),
        pytest.param("", "", id="empty"),
    ],
)
def test_canonical(url: str, expected: str) -> None:
    assert canonical(url) == expected


@settings(deadline=None)
@given(st.text(max_size=60).map(lambda rest: f"https://koerier.example/{rest}"))
def test_canonical_again_changes_nothing(url: str) -> None:
    once = canonical(url)

    assert canonical(once) == once


@settings(deadline=None)
@given(st.text(max_size=40))
def test_canonical_takes_anything(text: str) -> None:
    assert canonical(text) == canonical(canonical(text))


@pytest.mark.parametrize("name", sorted(TRACKING))
def test_tracking_parameters_go_in_any_case(name: str) -> None:
    assert canonical(f"https://x.example/a?{name.upper()}=1&id=2") == "https://x.example/a?id=2"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("http://koerier.example/nieuws/1", id="http"),
        pytest.param("https://www.koerier.example/nieuws/1", id="www"),
        pytest.param("https://koerier.example/nieuws/1/", id="slash at the end"),
        pytest.param("https://koerier.example/nieuws/1/index.html", id="index page"),
        pytest.param("https://koerier.example/nieuws/1?utm_source=x", id="tracking"),
        pytest.param("https://koerier.example/nieuws/1/amp/", id="amp path"),
        pytest.param("https://koerier.example/nieuws/1?amp=1", id="amp query"),
    ],
)
def test_the_same_page_under_two_addresses_has_one_key(other: str) -> None:
    assert address_key(other) == address_key("https://koerier.example/nieuws/1")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("https://koerier.example/nieuws/2", id="path"),
        pytest.param("https://koerier.example/Nieuws/1", id="capital in the path"),
        pytest.param("https://koerier.example/nieuws/1?p=2", id="query"),
        pytest.param("https://m.koerier.example/nieuws/1", id="host"),
        pytest.param("https://koerier.example:8443/nieuws/1", id="port"),
        pytest.param("https://koerier.example/amp", id="a page called amp"),
        pytest.param("geen adres", id="no address"),
    ],
)
def test_different_pages_have_different_keys(other: str) -> None:
    assert address_key(other) != address_key("https://koerier.example/nieuws/1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("https://www.koerier.nl/", "https://nieuws.koerier.nl/a", True, id="subdomains"),
        pytest.param("https://koerier.nl/", "https://koerier.be/", False, id="other domain"),
        pytest.param(
            "https://a.github.io/", "https://b.github.io/", False, id="neighbours at a host for all"
        ),
        pytest.param(
            "https://www.koerier.example/", "https://koerier.example/", True, id="unlisted top level"
        ),
        pytest.param("http://127.0.0.1:81/", "http://127.0.0.1:82/", True, id="one address"),
        pytest.param("http://127.0.0.1/", "http://127.0.0.2/", False, id="two addresses"),
        pytest.param("http://localhost/", "http://localhost/a", True, id="name without domain"),
        pytest.param("https://koerier.nl/", "mailto:x@koerier.nl", False, id="no web address"),
    ],
)
def test_same_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
