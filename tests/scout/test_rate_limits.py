"""What servers say of their limits: all the forms of headers that name them."""

from datetime import UTC, datetime, timedelta

import pytest

from scout.crawl.schedule import refused_until, spent_until

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "30", "x-ratelimit-reset": "600"}, 30, id="Retry-After counts first"),
        pytest.param(
            {"retry-after": "soon", "ratelimit-reset": "60"}, 60, id="Retry-After that says nothing"
        ),
        pytest.param({"x-ratelimit-reset": "2026-11-21T10:05:00.990979Z"}, 300.990979, id="ISO time"),
        pytest.param({"x-ratelimit-reset": "2026-11-21T11:05:00+01:00"}, 300, id="ISO time with a zone"),
        pytest.param({"x-ratelimit-reset": "2026-11-21T10:05:00"}, 300, id="ISO time without a zone"),
        pytest.param({"x-ratelimit-reset": str(EPOCH + 300)}, 300, id="seconds since 1970"),
        pytest.param({"x-ratelimit-reset": str((EPOCH + 300) * 1000)}, 300, id="milliseconds since 1970"),
        pytest.param({"x-ratelimit-reset": f"{EPOCH + 300}.5"}, 300, id="with a fraction"),
        pytest.param({"x-ratelimit-reset": "Sat, 21 Nov 2026 10:05:00 GMT"}, 300, id="HTTP date"),
        pytest.param({"ratelimit-reset": "120"}, 120, id="seconds to wait"),
        pytest.param({"ratelimit": "limit=100, remaining=0, reset=50"}, 50, id="IETF draft, older"),
        pytest.param({"ratelimit": '"default";r=0;t=40'}, 40, id="IETF draft, newer"),
        pytest.param({"ratelimit": '"default";r=0;t=40', "ratelimit-reset": "60"}, 60, id="the longest"),
        pytest.param({"ratelimit-reset": "99999999"}, 365 * 86400, id="years"),
        pytest.param({"x-ratelimit-reset": "9" * 14}, 365 * 86400, id="centuries"),
        pytest.param({"x-ratelimit-reset": "2026-11-21T09:00:00Z"}, 0, id="over already"),
        pytest.param({"x-ratelimit-reset": "later"}, None, id="words"),
        pytest.param({"x-ratelimit-reset": "-5"}, None, id="negative"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_the_moment_at_which_a_limit_begins_anew_is_read_in_all_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert refused_until(429, headers, NOW) == expected
    # Many servers name their limit in every answer: elsewhere it is no wish to be left alone.
    wish = NOW + timedelta(seconds=30) if headers.get("retry-after") == "30" else None
    assert (refused_until(503, headers, NOW), refused_until(404, headers, NOW)) == (wish, None)


@pytest.mark.parametrize(
    ("headers", "spent"),
    [
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}, True, id="none left"),
        pytest.param({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "60"}, False, id="one left"),
        pytest.param({"x-ratelimit-remaining": "10", "x-ratelimit-reset": "60"}, False, id="ten left"),
        pytest.param({"x-ratelimit-reset": "60"}, False, id="not said"),
        pytest.param({"x-ratelimit-remaining": "0"}, False, id="no moment"),
        pytest.param({"ratelimit-remaining": "0", "ratelimit-reset": "60"}, True, id="IETF headers"),
        pytest.param({"ratelimit": '"a";r=5;t=60, "b";r=0;t=60'}, True, id="one of two limits"),
        pytest.param({"ratelimit": "limit=10, remaining=0, reset=60"}, True, id="IETF draft, older"),
        pytest.param({"ratelimit": '"a";r=50;t=60'}, False, id="IETF draft, enough left"),
        pytest.param({"x-ratelimit-remaining": "-", "x-ratelimit-reset": "60"}, False, id="no number"),
    ],
)
def test_a_server_without_requests_left_is_known_by_its_answer(headers: dict[str, str], spent: bool) -> None:
    assert spent_until(headers, NOW) == (NOW + timedelta(seconds=60) if spent else None)
