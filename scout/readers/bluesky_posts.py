"""Posts of Bluesky: one record becomes one draft, without the handles of others; and what labels forbid."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.source_definition import SourceDefinition
from scout.drafts import ItemDraft
from scout.steps.handles import PROFILE, SOMEBODY, without_handles

COLLECTION = "app.bsky.feed.post"

#: The author asks that only visitors who signed in see this.
SIGNED_IN_ONLY = "!no-unauthenticated"
#: Labels behind which nothing may be seen, whoever gave them: the protocol lets nobody click through these.
#: ``!warn`` is not among them, nor are those for adults only: they cover, they don't take away.
TAKEN_DOWN = frozenset({"!takedown", "!suspend", "!hide", "doxxing", "dmca-violation"})

_RKEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_MENTION = "app.bsky.richtext.facet#mention"
_LINK = "app.bsky.richtext.facet#link"


@dataclass(frozen=True)
class Labels:
    """What is labelled, by the author and by anybody."""

    by_author: frozenset[str] = frozenset()
    by_anyone: frozenset[str] = frozenset()


def self_labels(record: Mapping[str, Any]) -> Labels:
    """Labels that the author put into a record."""
    given = record.get("labels")
    values = frozenset(_values(given.get("values") if isinstance(given, dict) else None))
    return Labels(values, values)


def labels(view: Mapping[str, Any], author: str) -> Labels:
    """Labels of a post or profile as an AppView shows it."""
    given = [each for each in _dicts(view.get("labels")) if not each.get("neg")]
    return Labels(
        frozenset(_values(each for each in given if each.get("src") == author)), frozenset(_values(given))
    )


def account_refusal(given: Labels) -> str | None:
    """Why nothing of an account with these labels may be read, in one sentence; None = it may."""
    if SIGNED_IN_ONLY in given.by_author:
        return (
            "the account asks to be shown to signed-in visitors only (!no-unauthenticated), "
            "so it is not read: remove the source"
        )
    if taken := sorted(given.by_anyone & TAKEN_DOWN):
        return f"the account is taken down ({', '.join(taken)}), so it is not read: remove the source"
    return None


def draft(
    source: SourceDefinition,
    uri: Any,
    record: Any,
    *,
    indexed_at: Any = "",
    given: Labels | None = None,
) -> ItemDraft | None:
    """The draft of one post; None if it is not this account's, answers somebody else or is labelled away.

    Args:
        uri: ``at://{did}/app.bsky.feed.post/{rkey}``.
        record: the post itself (``app.bsky.feed.post``).
        indexed_at: when an AppView saw it first; empty if the answer does not say.
        given: labels that an AppView shows with it.
    """
    actor = source.options["actor"]
    beginning = f"at://{actor}/{COLLECTION}/"
    if not isinstance(uri, str) or not uri.startswith(beginning) or not isinstance(record, dict):
        return None
    rkey = uri.removeprefix(beginning)
    if not _RKEY.fullmatch(rkey) or record.get("$type", COLLECTION) != COLLECTION:
        return None
    own = self_labels(record)
    by_author = own.by_author | (given.by_author if given else frozenset())
    by_anyone = own.by_anyone | (given.by_anyone if given else frozenset())
    if SIGNED_IN_ONLY in by_author or by_anyone & TAKEN_DOWN or _answers_others(record, actor):
        return None
    return ItemDraft(
        source=source.key,
        external_id=uri,
        # With the lasting id: handles change, and then links with them lead to somebody else.
        url=f"https://bsky.app/profile/{actor}/post/{rkey}",
        text=_text_of(record),
        text_is_html=False,
        published=_published(record.get("createdAt"), indexed_at),
        language=next((each for each in _list(record.get("langs")) if isinstance(each, str)), ""),
        complete=True,
        account=actor,
        keep_id=True,
    )


def _answers_others(record: Mapping[str, Any], actor: str) -> bool:
    """Whether a post answers somebody else; going on in one's own thread is no answer."""
    reply = record.get("reply")
    if not reply:
        return False
    ends = [reply.get(end) for end in ("root", "parent")] if isinstance(reply, dict) else [None]
    return not all(isinstance(end, dict) and str(end.get("uri")).startswith(f"at://{actor}/") for end in ends)


def _published(created: Any, indexed: Any) -> str:
    """When it was published, as written: what the author's app says, unless that is after it was seen."""
    dates = [date for date in (created, indexed) if isinstance(date, str)]
    moments = [(moment, date) for date in dates if (moment := _moment(date)) is not None]
    return min(moments)[1] if moments else next(iter(dates), "")


def _moment(date: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(date)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# -- text ----------------------------------------------------------------------------------------


def _text_of(record: Mapping[str, Any]) -> str:
    """What the post says, then the card of the page that it links to, then what its pictures show."""
    text = record.get("text")
    parts = [_without_people(text, _dicts(record.get("facets"))) if isinstance(text, str) else ""]
    embed = record.get("embed")
    embed = embed if isinstance(embed, dict) else {}
    # A quoted post is another's, and not in the record; pictures beside it stand one level deeper.
    media = embed.get("media")
    for shown in (embed, media if isinstance(media, dict) else {}):
        parts += _card(shown.get("external")) + _pictures(shown.get("images"))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _card(external: Any) -> list[str]:
    if not isinstance(external, dict) or _leads_to_person(external.get("uri")):
        return []
    words = [external.get("title"), external.get("description")]
    return [without_handles(each, html=False) for each in words if isinstance(each, str)]


def _pictures(images: Any) -> list[str]:
    words = [image.get("alt") for image in _dicts(images)]
    return [without_handles(each, html=False) for each in words if isinstance(each, str)]


def _without_people(text: str, facets: Iterable[Mapping[str, Any]]) -> str:
    """The text with every mention of an account as a neutral word; links stay as they are written."""
    written = text.encode("utf-8", "replace")
    pieces, position = [], 0
    for begin, end, word in sorted(filter(None, map(_person_in, facets))):
        if position <= begin < end <= len(written):
            pieces += [written[position:begin], word.encode()]
            position = end
    pieces.append(written[position:])
    return without_handles(b"".join(pieces).decode("utf-8", "ignore"), html=False)


def _person_in(facet: Mapping[str, Any]) -> tuple[int, int, str] | None:
    """Where in the text (in bytes) a facet names an account or links to one, and the word for it."""
    index = facet.get("index")
    begin, end = (index.get("byteStart"), index.get("byteEnd")) if isinstance(index, dict) else (None, None)
    if not isinstance(begin, int) or not isinstance(end, int):
        return None
    for feature in _dicts(facet.get("features")):
        if feature.get("$type") == _MENTION:
            return begin, end, SOMEBODY
        if feature.get("$type") == _LINK and _leads_to_person(feature.get("uri")):
            return begin, end, PROFILE
    return None


def _leads_to_person(uri: Any) -> bool:
    return isinstance(uri, str) and without_handles(uri, html=False) != uri


# -- shapes --------------------------------------------------------------------------------------


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _values(given: Any) -> list[str]:
    return [
        each["val"] for each in given or () if isinstance(each, dict) and isinstance(each.get("val"), str)
    ]
