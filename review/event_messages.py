"""Events as other systems are told of them: CloudEvents 1.0, signed as Standard Webhooks asks.

A message is thin: it says what changed and where to ask for it, and never holds a title or a text.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook as Signature

from models.settings import Settings
from models.words import EventKind

#: Before the kind of an event, in ``type``.
TYPE = "nl.participatienetwerk."
#: Kind of the message that only tries whether everything works.
TEST = "proef"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
#: First part of the kind of an event -> what it is about, as the API calls it.
RESOURCES = {"deling": "delingen", "initiatief": "initiatieven"}


def event_message(
    settings: Settings,
    *,
    uid: str,
    kind: EventKind,
    at: datetime,
    municipality_code: str,
    share_id: int | None,
    initiative_id: int | None,
) -> bytes:
    """One event: JSON in UTF-8, the structured form of CloudEvents."""
    resource = RESOURCES[kind.value.partition(".")[0]]
    number = (share_id if resource == "delingen" else initiative_id) or 0
    subject = f"{resource}/{number}"
    link = f"{settings.public_url.rstrip('/')}/api/v1/{subject}"
    return _written(
        _envelope(settings, uid, kind.value, at)
        | {
            "subject": subject,
            "dataref": link,
            "data": {"id": number, "gemeente": municipality_code, "link": link},
        }
    )


def trial_message(settings: Settings, *, uid: str, at: datetime) -> bytes:
    """A message that tells of nothing."""
    return _written(_envelope(settings, uid, TEST, at) | {"subject": TEST, "data": {}})


def headers_of(uid: str, body: bytes, words: Sequence[str], *, now: datetime) -> dict[str, str]:
    """What goes before a message: its id, the moment, and a signature with each secret.

    Args:
        words: secrets of the webhook, at least one.
    """
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": uid,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signature(word).sign(uid, now, body.decode()) for word in words),
    }


def _envelope(settings: Settings, uid: str, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": uid,
        "source": settings.events_source,
        "type": TYPE + kind,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
    }


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
