"""Pages of lists: keyset paging, with links to the neighbouring pages in the body and in ``Link``."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import Schema, fields

from review.api.fields import USUAL, Address, Closed, Pattern, Whole
from review.api.problems import problem
from review.programs import PREFIX, website

#: Rows on a page.
USUAL_LIMIT, MOST = 25, 100
NOT_A_PLACE = "Dit is geen cursor van deze lijst."
GONE = "Deze cursor hoort niet bij deze lijst. Begin opnieuw zonder cursor."


class Paged(Closed):
    """Parameters of a list; add filters in a class below it."""

    limiet = Whole(
        1,
        MOST,
        load_default=USUAL_LIMIT,
        metadata={"description": "Hoeveel er hoogstens op een pagina staan.", "example": 25},
    )
    cursor = fields.String(
        validate=Pattern(r"^[A-Za-z0-9_.-]{1,600}$", error=NOT_A_PLACE),
        error_messages={**USUAL, "invalid": NOT_A_PLACE},
        metadata={
            "description": "Waar de pagina begint: neem over uit de links next en prev, en maak er zelf geen."
        },
    )


@dataclass(frozen=True)
class Where:
    """Which page is asked for; at most one of the keys is there."""

    limit: int
    #: Key of the row after which it begins; whatever was given to :func:`page`.
    after: Any = None
    #: Key of the row before which it ends.
    before: Any = None


def where(query: dict[str, Any]) -> Where:
    """The page that the parameters ask for.

    Raises:
        Problem: 404: we never gave this cursor for this list.
    """
    limit, cursor = query["limiet"], query.get("cursor")
    if cursor is None:
        return Where(limit)
    try:
        way, key = _serializer().loads(cursor)
    except (BadData, ValueError, TypeError):
        problem(404, GONE)
    return Where(limit, after=key) if way == "n" else Where(limit, before=key)


def page(rows: Any, *, after: Any = None, before: Any = None, **more: Any) -> dict[str, Any]:
    """A page of rows for the schema of :func:`page_of`.

    Args:
        rows: what stands on it, in order.
        after: key with which the next page is asked for (anything JSON can hold); None = it is the last one.
        before: the same for the page before.
        more: further members of the answer, where its schema has them.
    """
    links = {"self": {"href": here()}}
    if after is not None:
        links["next"] = {"href": _with_cursor("n", after)}
    if before is not None:
        links["prev"] = {"href": _with_cursor("p", before)}
    return {"resultaten": list(rows), "links": links, **more}


def link_header(links: dict[str, dict[str, str]]) -> str:
    """The same links as the header ``Link`` has them (RFC 8288)."""
    return ", ".join(f'<{link["href"]}>; rel="{name}"' for name, link in links.items())


def page_of(row: type[Schema], name: str, **more: fields.Field[Any]) -> type[Schema]:
    """Schema of a page of rows."""
    return Schema.from_dict(
        {
            "resultaten": fields.List(
                fields.Nested(row), required=True, metadata={"description": "Wat op deze pagina staat."}
            ),
            "links": fields.Nested(
                PageLinks, data_key="_links", required=True, metadata={"description": "Waar het verder gaat."}
            ),
            **more,
        },
        name=name,
    )


class PageLinks(Schema):
    """Links of a page."""

    self_ = fields.Nested(Address, data_key="self", attribute="self", required=True)
    next = fields.Nested(Address)
    prev = fields.Nested(Address)


class SelfLink(Schema):
    """Links of one thing."""

    self_ = fields.Nested(Address, data_key="self", attribute="self", required=True)


def base() -> str:
    """Address of the API, without a slash at the end."""
    return f"{website()}{PREFIX}"


def address(path: str) -> dict[str, str]:
    """Address of something in this API, as links hold it; ``path`` begins with a slash."""
    return {"href": f"{base()}{path}"}


def here() -> str:
    """Address of this request."""
    return _here(request.args.items(multi=True))


def _here(pairs: Any) -> str:
    path = request.path.removeprefix(PREFIX)
    query = urlencode(list(pairs))
    return f"{base()}{path}" + (f"?{query}" if query else "")


def _with_cursor(way: str, key: Any) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return _here([*kept, ("cursor", _serializer().dumps([way, key]))])


def _serializer() -> URLSafeSerializer:
    # Signed, so that a key can go into a query as it is; of this list, so that it fits there.
    secret = current_app.extensions["scout"].secret
    return URLSafeSerializer(secret, salt=f"cursor of {request.endpoint}")
