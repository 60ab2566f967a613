"""``/metrics``: only with the token, right numbers, nothing about persons or municipalities."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.settings import Settings, SettingsError, load_settings
from models.store.deliveries_ready import lay_ready
from models.store.webhooks import add_webhook
from models.store.work import start_of_day
from models.webhook import Delivery
from models.words import DeliveryState, LeadStatus, Role
from review.app import create_app
from tests.models.channel_world import events_of, keeper, make_share
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, make_source
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]

TOKEN = "een-lang-woord-voor-de-meter"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a token."""
    return settings.model_copy(update={"metrics_token": TOKEN})


def numbers(app: Flask) -> dict[tuple[str, str], float]:
    """All numbers: (name, labels) -> value."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        (
            sample.name,
            ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"bearer{TOKEN}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer één-lang-woord",
    ],
)
def test_without_the_token_nothing_is_told(app: Flask, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent.encode().decode("latin-1")}
    client = app.test_client()

    for path in ("/metrics", f"/metrics?token={TOKEN}"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.data) == (401, b"")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_account_is_no_token(app: Flask, sign_in: SignIn) -> None:
    manager = sign_in(roles=[Role.ADMIN])

    assert manager.client.get("/metrics").status_code == 401


def test_without_a_token_in_the_settings_there_is_no_such_page(settings: Settings, engine: Engine) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": ""}), engine=engine)

    for sent in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert app.test_client().get("/metrics", headers={"Authorization": sent}).status_code == 404


@pytest.mark.parametrize("token", ["kort", "met een spatie erin staat dit", "x" * 201])
def test_a_token_that_is_easy_to_guess_is_refused(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("SCOUT_METRICS_TOKEN", token)

    with pytest.raises(SettingsError, match="metrics_token") as refused:
        load_settings()
    assert token not in str(refused.value)


def test_leads_decisions_items_and_sources_are_counted(app: Flask, session: Session, sign_in: SignIn) -> None:
    ada = sign_in()
    for days in (1, 3):
        make_lead(session, age_days=days)
    make_lead(session, municipality=RHEDEN, status=LeadStatus.SNOOZED)
    rejected = make_lead(session)
    make_source(session, "gezond", last_visit_at=datetime.now(UTC) - timedelta(hours=2))
    make_source(session, "stuk", last_visit_at=datetime.now(UTC) - timedelta(days=2), consecutive_failures=3)
    session.commit()
    ada.get(f"/signalen/{rejected.id}")
    ada.send(f"/signalen/{rejected.id}/afwijzen", reason="overheid")

    found = numbers(app)

    assert found["scout_leads", "status=open"] == 2
    assert found["scout_leads", "status=snoozed"] == 1
    assert found["scout_leads", "status=rejected"] == 1
    assert found["scout_leads", "status=promoted"] == 0
    assert found["scout_oldest_open_lead_seconds", ""] == pytest.approx(3 * 86400, abs=60)
    assert found["scout_decisions_today", "kind=reject"] == 1
    assert found["scout_decisions_today", "kind=promote"] == 0
    assert found["scout_items", ""] == 4
    assert found["scout_sources", "health=healthy"] == 1
    assert found["scout_sources", "health=failing"] == 1
    assert found["scout_last_visit_age_seconds", ""] == pytest.approx(7200, abs=60)
    assert any(name == "scout_build_info" for name, _labels in found)


def test_an_empty_database_has_numbers_too(app: Flask) -> None:
    found = numbers(app)

    assert found["scout_leads", "status=open"] == 0
    assert found["scout_oldest_open_lead_seconds", ""] == 0
    assert found["scout_items", ""] == 0


def test_answers_are_counted_and_timed_by_endpoint_whatever_path_was_sent(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/healthz", "/", "/geheim-pad-van-iemand", "/nog-een-pad"):
        client.get(path)

    found = numbers(app)

    assert found["scout_http_requests_total", "endpoint=pages.health,status=200"] == 2
    assert found["scout_http_requests_total", "endpoint=queue.index,status=303"] == 1
    assert found["scout_http_requests_total", "endpoint=unknown,status=404"] == 2
    assert found["scout_http_request_seconds_count", "endpoint=pages.health"] == 2
    assert found["scout_http_request_seconds_bucket", "endpoint=pages.health,le=+Inf"] == 2
    assert not any("pad" in labels for _name, labels in found)


def test_no_label_names_a_person_or_a_municipality(app: Flask, session: Session, sign_in: SignIn) -> None:
    sign_in("Carla@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Rheden").get("/")
    make_account(session, "zeldzaam@voorbeeld.example", name="Zeldzaam")
    make_lead(session, municipality=RHEDEN)
    session.commit()

    said = repr(numbers(app)).lower()

    for word in ("rheden", "gm0", "carla", "zeldzaam", "voorbeeld.example", "koerier"):
        assert word not in said


def test_each_application_counts_for_itself(app: Flask, settings: Settings, engine: Engine) -> None:
    app.test_client().get("/healthz")
    other = create_app(settings, engine=engine)

    assert ("scout_http_requests_total", "endpoint=pages.health,status=200") not in numbers(other)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        pytest.param("2026-07-01T12:00:00+00:00", "2026-06-30T22:00:00+00:00", id="summer time"),
        pytest.param("2026-11-22T23:30:00+00:00", "2026-11-22T23:00:00+00:00", id="just after midnight"),
        pytest.param("2026-03-29T10:00:00+00:00", "2026-03-28T23:00:00+00:00", id="the clock went forward"),
    ],
)
def test_a_day_begins_at_midnight_in_amsterdam(now: str, since: str) -> None:
    assert start_of_day(datetime.fromisoformat(now)).astimezone(UTC) == datetime.fromisoformat(since)


def test_what_waits_for_webhooks_and_what_was_given_up_is_counted(app: Flask, session: Session) -> None:
    webhook, _secret = add_webhook(
        session,
        b"x",
        viewer=keeper(session),
        municipality_code=ARNHEM,
        url="https://ontvanger.example/",
    )
    now = utc_now()
    events_of(session, make_share(session), 3)
    lay_ready(session, now=now - timedelta(hours=2))
    row = session.scalars(select(Delivery).where(Delivery.webhook_id == webhook.id).limit(1)).one()
    row.state = DeliveryState.GIVEN_UP
    session.commit()

    found = numbers(app)

    assert found["scout_webhook_deliveries_waiting", ""] == 2
    assert 7200 <= found["scout_webhook_oldest_waiting_seconds", ""] < 7260
    assert found["scout_webhook_deliveries_given_up", ""] == 1
    assert found["scout_digests_failed", ""] == 0
