"""The API for programs: version 1, after the Dutch API Design Rules 2.2."""

import json
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request

from models.settings import Settings
from review.api import (
    berichten,
    besluiten,
    bronnen,
    consultants_schrijven,
    delingen,
    gemeenten,
    initiatieven_schrijven,
    matches,
    rondes,
    signalen,
    tokens,
)
from review.api.converters import CONVERTERS
from review.api.core import Room
from review.api.document import VERSION, make_document
from review.api.limits import Rates
from review.programs import PREFIX, for_program

#: What the API has, in the order of the document.
ROOMS: tuple[Room, ...] = (
    signalen.room,
    besluiten.room,
    initiatieven_schrijven.room,  # reading and writing
    delingen.room,
    berichten.room,
    consultants_schrijven.room,  # reading and writing
    rondes.room,
    matches.room,
    gemeenten.room,
    bronnen.room,
)

#: On every answer; those of the pages come on top (review.headers), for whatever is missing here.
HEADERS = {
    "API-Version": VERSION,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Content-Language": "nl",
}

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


def use_api(app: Flask, settings: Settings) -> None:
    """Give ``app`` the API; call after :func:`review.headers.use_headers`."""
    app.extensions["api_rates"] = Rates(settings.api_rate)
    app.extensions["api_document"] = Published(settings)
    app.url_map.converters.update(CONVERTERS)
    protection = app.extensions["csrf"]
    parts: tuple[Blueprint, ...] = (blueprint, tokens.blueprint, *ROOMS)
    for part in parts:
        protection.exempt(part)  # no cookie counts here, so nobody's browser can be misused
        app.register_blueprint(part)
    app.after_request(mark)


class Published:
    """The document of one application, as it is sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._text = ""
        self._lock = Lock()

    def text(self, app: Flask) -> str:
        """The document; made when it is asked for first."""
        with self._lock:
            if not self._text:
                document = make_document(app, self._settings, ROOMS)
                self._text = json.dumps(document, ensure_ascii=False, indent=2)
        return self._text


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document, for everybody and for pages of everybody."""
    app: Any = current_app
    text = app.extensions["api_document"].text(app._get_current_object())
    response = Response(text, mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def mark(response: Response) -> Response:
    """Put on an answer what all of the API's have."""
    if not for_program():
        return response
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "rate" in g and "RateLimit-Limit" not in response.headers:
        response.headers.update(g.rate.headers)
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        del response.headers["Content-Type"]
    return response
