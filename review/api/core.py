"""A room of the API: operations that are read, guarded, answered and described in one place."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema

from models.words import Scope
from review.api import etags, reading
from review.api.auth import enter
from review.api.fields import Closed
from review.api.paging import Paged, link_header
from review.programs import PREFIX


class Room(Blueprint):  # type: ignore[misc]
    """The operations on one kind of thing.

    Args:
        name: of the things, in Dutch and the plural: the first part of their addresses, and the tag.
        description: what they are, in plain Dutch.
        path: name of each variable part of an address -> what it is, and an example.
    """

    def __init__(
        self, name: str, description: str, path: Mapping[str, tuple[str, Any]] | None = None
    ) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, description=description)
        self.tag = name
        self._path = dict(path or {})

    def operation(
        self,
        method: str,
        rule: str,
        *,
        summary: str,
        description: str,
        answer: type[Schema] | None,
        scopes: Sequence[Scope] = (),
        status: int = 200,
        query: type[Closed] | None = None,
        body: type[Closed] | None = None,
        example: Any = None,
        sends: Any = None,
        tagged: bool = False,
        matching: bool = False,
        errors: Iterable[int] = (),
        headers_in: Iterable[Mapping[str, Any]] = (),
        also: Mapping[int, str] | None = None,
        located: bool = False,
        deprecated: str = "",
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Make a function an operation.

        The function gets the variable parts of the address, and ``query`` and ``body`` (dicts) where there
        are any. It returns what ``answer`` writes, or that and a dict of headers (and a status: see
        ``also``). ``g.viewer`` and ``g.client`` say for whom. It stops with ``problem`` or ``wrong`` of
        :mod:`review.api.problems`.

        Args:
            answer: schema of the answer; None = there is no content (204).
            scopes: all of them are needed; none = any token will do.
            example: of an answer; ``sends``: of a body.
            tagged: the answer has an ETag, and GET answers 304 to who has it.
            matching: ``If-Match`` is needed; the function calls :func:`review.api.etags.must_match`.
            errors: statuses besides those that follow from the rest, such as 409.
            headers_in: further headers that it reads, as OpenAPI writes parameters.
            also: other statuses of an answer that went well, and what they say; the function then returns
                what it answers, headers, and the status.
            located: the answer says in ``Location`` where what was made is.
            deprecated: since when it is old, as ``Deprecation`` says it (``@`` and seconds since 1970);
                empty = it is not.
        """

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            schema = answer() if answer is not None else None

            def run(**parts: Any) -> Response:
                enter(scopes)
                reading.accept()
                values = reading.read(query, body)
                if matching:
                    etags.must_say_which()
                result = view(**parts, **values)
                response = _answer(result, schema, status, tagged)
                if deprecated:
                    response.headers["Deprecation"] = deprecated
                return response

            run.__name__, run.__module__ = view.__name__, view.__module__
            run.__doc__ = ""  # it would be taken for the Dutch description
            found = _errors(rule, query, body) | set(errors)
            if scopes:
                found.add(403)
            if matching:
                found |= {412, 428}
            run._apidoc = _document(  # type: ignore[attr-defined]
                schema=schema,
                statuses={204 if schema is None else status: "", **(also or {})},
                query=query,
                body=body,
                example=example,
                sends=sends,
                headers=_headers(tagged, located, schema, bool(deprecated)),
                errors=sorted(found),
                manual={
                    "operationId": view.__name__,
                    "summary": summary,
                    "description": description,
                    "security": [{"oauth2": [scope.value for scope in scopes]}],
                    **({"deprecated": True} if deprecated else {}),
                },
                parameters=[
                    *(["IF_NONE_MATCH"] if tagged and method == "GET" else []),
                    *(["IF_MATCH"] if matching else []),
                    *(dict(one) for one in headers_in),
                ],
                not_modified=tagged and method == "GET",
            )
            parameters = [
                {"in": "path", "name": name, "description": text, "example": sample}
                for name, (text, sample) in self._path.items()
                if f":{name}>" in rule or f"<{name}>" in rule
            ]
            self.add_url_rule(
                rule,
                view.__name__,
                run,
                parameters=parameters,
                tags=[self.tag],
                methods=[method],
            )
            return view

        return decorator


def _answer(result: Any, schema: Schema | None, status: int, tagged: bool) -> Response:
    headers: dict[str, str] = {}
    if type(result) is tuple:
        result, headers, *other = result
        status = other[0] if other else status
    if isinstance(result, Response):
        return result
    if schema is None:
        return _empty(204, headers)
    dumped = schema.dump(result)
    response = Response(json.dumps(dumped, ensure_ascii=False), status, headers, mimetype=reading.JSON)
    if isinstance(dumped.get("_links"), dict) and {"next", "prev"} & dumped["_links"].keys():
        response.headers["Link"] = link_header(dumped["_links"])
    if tagged:
        tag = etags.tag_of(dumped)
        if etags.seen(tag):
            response = _empty(304, headers)
        response.set_etag(tag)
    return response


def _empty(status: int, headers: Mapping[str, str]) -> Response:
    response = Response(status=status, headers=dict(headers))
    response.headers.pop("Content-Type", None)
    return response


def _errors(rule: str, query: type[Closed] | None, body: type[Closed] | None) -> set[int]:
    found = {400, 401, 406, 429, 500}
    if "<" in rule or (query is not None and issubclass(query, Paged)):
        found.add(404)
    if body is not None:
        found |= {413, 415}
    return found


def _headers(tagged: bool, located: bool, schema: Schema | None, deprecated: bool) -> dict[str, Any]:
    names = ["API-Version", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
    if tagged:
        names.append("ETag")
    if located:
        names.append("Location")
    if schema is not None and "resultaten" in schema.fields:
        names.append("Link")
    if deprecated:
        names.append("Deprecation")
    return {name: name for name in names}


def _document(
    *,
    schema: Schema | None,
    statuses: Mapping[int, str],
    query: type[Closed] | None,
    body: type[Closed] | None,
    example: Any,
    sends: Any,
    headers: dict[str, Any],
    errors: list[int],
    manual: dict[str, Any],
    parameters: list[Any],
    not_modified: bool,
) -> dict[str, Any]:
    # In the form in which flask-smorest's own decorators leave it for its blueprint.
    taken: list[dict[str, Any]] = []
    if query is not None:
        taken.append({"in": "query", "schema": query})
    if body is not None:
        taken.append(
            {"in": "json", "required": True, "schema": body, **({"example": sends} if sends else {})}
        )
    told: dict[int, list[dict[str, Any]]] = {}
    for status, words in statuses.items():
        one: dict[str, Any] = {
            "description": words or SUCCESS[status],
            "headers": headers,
            "content_type": None,
        }
        if schema is not None:
            one["schema"] = schema
            if example is not None:
                one["example"] = example
        told[status] = [one]
    responses: dict[Any, Any] = {code: HTTPStatus(code).name for code in errors}
    if not_modified:
        responses[304] = HTTPStatus(304).name
    return {
        "arguments": {"parameters": [*taken, *parameters], "responses": responses},
        "response": {"responses": told},
        "success_status_codes": list(statuses),
        "manual_doc": manual,
    }


#: What an answer says that went well.
SUCCESS = {
    200: "Gelukt.",
    201: "Gemaakt. De kop Location zegt waar.",
    202: "Aangenomen. Het wordt zo gedaan.",
    204: "Gelukt. Er is geen inhoud.",
}
