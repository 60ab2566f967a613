"""The OpenAPI document: made once, when somebody first asks for it."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import Schema, fields

from models.settings import Settings
from models.store.api_clients import SCOPES as GIVEN
from review.api.converters import CodeConverter, KeyConverter
from review.api.fields import Closed
from review.api.problems import MIMETYPE, TEXTS
from review.client_texts import SCOPES
from review.programs import PREFIX, TOKENS

#: Of the API, as semantic versioning has it: https://semver.org. What changed: CHANGELOG.md.
VERSION = "1.0.0"

TITLE = "Participatienetwerk: signalen, initiatieven, delingen en rondes"
DESCRIPTION = """\
Met deze API werkt een programma met de signalen, het register, de delingen en de rondes van het \
participatienetwerk: lezen, besluiten nemen, initiatieven en consultants bijhouden, antwoorden op wat met \
een gemeente is gedeeld en op matches, en berichten inbrengen.

**Toegang.** Maak op de pagina *Programma’s* een programma aan. Haal daarmee op `/oauth/token` een token \
(OAuth 2, client credentials) en stuur dat mee: `Authorization: Bearer …`. Een token werkt een uur. Een \
programma handelt namens het account dat het aanmaakte en ziet nooit meer dan dat account.

**Fouten** zijn altijd `application/problem+json`. Bij 400 staat in `fouten` alles wat er mis is.

**Lijsten** komen in pagina’s. Volg de link `next` in `_links`, of in de kop `Link`.

**Wijzigen.** Wat intussen door een ander kan zijn veranderd heeft een `ETag`. Stuur die bij een wijziging \
mee in `If-Match`; is hij niet meer van nu, dan is het antwoord 412 en is er niets veranderd.

**Versies.** Binnen `/api/v1` verandert er niets waar een programma last van heeft; er kunnen wel velden bij \
komen. Een nieuwe hoofdversie krijgt een eigen adres. De oude blijft daarna minstens twaalf maanden; tot dan \
staat in de kop `Deprecation` sinds wanneer zij verouderd is.\
"""

HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "API-Version": ("Volledige versie van de API.", {"type": "string", "example": VERSION}),
    "ETag": ("Kenmerk van deze inhoud.", {"type": "string", "example": '"0f343b0931126a20f133d67c2b018a3b"'}),
    "Location": ("Adres van wat is gemaakt.", {"type": "string", "format": "uri"}),
    "Link": ("Links naar deze, de volgende en de vorige pagina (RFC 8288).", {"type": "string"}),
    "Deprecation": (
        "Sinds wanneer dit verouderd is (RFC 9745).",
        {"type": "string", "example": "@1798758000"},
    ),
    "Retry-After": ("Zoveel seconden wachten.", {"type": "integer", "minimum": 0, "example": 12}),
    "WWW-Authenticate": ("Wat er aan het token mankeert (RFC 6750).", {"type": "string"}),
    "RateLimit-Limit": ("Hoeveel verzoeken per minuut dit programma mag doen.", {"type": "integer"}),
    "RateLimit-Remaining": ("Hoeveel verzoeken er nu nog kunnen.", {"type": "integer"}),
    "RateLimit-Reset": ("Over hoeveel seconden er weer ruimte komt.", {"type": "integer"}),
}
#: Errors that are no operation's own: an address that does not know the method, and the whole of it resting.
UNSAID = (405, 503)
#: Further headers of errors.
ERROR_HEADERS = {401: ["WWW-Authenticate"], 403: ["WWW-Authenticate"], 429: ["Retry-After"]}


class Fout(Schema):
    """One mistake."""

    waar = fields.String(
        required=True,
        metadata={
            "description": "Waar het mis is.",
            "enum": ["query", "body", "header", "path"],
            "example": "query",
        },
    )
    veld = fields.String(
        required=True,
        metadata={"description": "Welk veld daar; leeg is het geheel.", "example": "limiet"},
    )
    wat = fields.String(
        required=True,
        metadata={
            "description": "Wat er mis is, in één zin.",
            "example": "Dit moet een heel getal van 1 tot en met 100 zijn.",
        },
    )


class Probleem(Schema):
    """An error, after RFC 9457."""

    type = fields.String(metadata={"description": "Soort probleem; zonder is het about:blank."})
    status = fields.Integer(required=True, metadata={"description": "Statuscode van HTTP.", "example": 400})
    title = fields.String(
        required=True, metadata={"description": "Wat er is, kort.", "example": "Ongeldig verzoek"}
    )
    detail = fields.String(required=True, metadata={"description": "Wat er is en wat u eraan kunt doen."})
    instance = fields.String(
        metadata={"description": "Adres van het verzoek.", "example": "/api/v1/gemeenten"}
    )
    fouten = fields.List(
        fields.Nested(Fout), metadata={"description": "Alles wat er mis is met wat u stuurde."}
    )


class Paths(FlaskPlugin):  # type: ignore[misc]
    """Addresses as they stand below the server's."""

    @staticmethod
    def flaskpath2openapi(path: str) -> str:
        """The address of a rule, without what all have in common."""
        return str(FlaskPlugin.flaskpath2openapi(path)).removeprefix(PREFIX)


class Document(Api):  # type: ignore[misc]
    """flask-smorest's maker of the document, with our errors in it; it serves and handles nothing."""

    ERROR_SCHEMA = Probleem
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Errors are answered by review.errors."""

    def _register_responses(self) -> None:
        for name, (text, schema) in HEADERS.items():
            self.spec.components.header(name, {"description": text, "schema": schema}, lazy=True)
        for status, (title, detail) in TEXTS.items():
            if status in UNSAID:
                continue
            headers = ["API-Version", *ERROR_HEADERS.get(status, [])]
            self.spec.components.response(
                HTTPStatus(status).name,
                {
                    "description": f"{title}.",
                    "headers": {name: name for name in headers},
                    "content": {
                        MIMETYPE: {
                            "schema": Probleem,
                            "example": {
                                "status": status,
                                "title": title,
                                "detail": detail,
                                "instance": f"{PREFIX}/gemeenten",
                                **({"fouten": [EXAMPLE_MISTAKE]} if status == 400 else {}),
                            },
                        }
                    },
                },
                lazy=True,
            )
        self.spec.components.response(
            HTTPStatus.NOT_MODIFIED.name,
            {
                "description": "U heeft dit al: het is niet veranderd.",
                "headers": {name: name for name in ("API-Version", "ETag")},
            },
            lazy=True,
        )

    def _register_etag_headers(self) -> None:
        for name, required, text in (
            ("If-None-Match", False, "ETag die u al heeft; is er niets veranderd, dan is het antwoord 304."),
            ("If-Match", True, "ETag van wat u wilt veranderen, zoals u het laatst zag."),
        ):
            self.spec.components.parameter(
                name.upper().replace("-", "_"),
                "header",
                {
                    "name": name,
                    "description": text,
                    "required": required,
                    "schema": {"type": "string"},
                    "example": '"0f343b0931126a20f133d67c2b018a3b"',
                },
                lazy=True,
            )

    def _register_pagination_header(self) -> None:
        """Pages are linked, not numbered."""


EXAMPLE_MISTAKE = {
    "waar": "query",
    "veld": "limiet",
    "wat": "Dit moet een heel getal van 1 tot en met 100 zijn.",
}


def contact(settings: Settings) -> dict[str, str]:
    """Whom to ask: from the settings where they say."""
    told = settings.contact
    email = told.removeprefix("mailto:") if "@" in told and "://" not in told else settings.mail_from
    url = told if told.startswith(("https://", "http://")) else settings.public_url
    return {
        "name": "Participatienetwerk, beheer van de API",
        "url": url or "https://participatienetwerk.example/contact",
        "email": email or "api@participatienetwerk.example",
    }


def make_document(app: Flask, settings: Settings, rooms: Iterable[Any]) -> dict[str, Any]:
    """The whole document, as JSON holds it."""
    server = f"{settings.public_url.rstrip('/')}{PREFIX}"
    tokens = f"{settings.public_url.rstrip('/')}{TOKENS}"
    document = Document(
        app,
        spec_kwargs={
            "title": TITLE,
            "version": VERSION,
            "openapi_version": "3.0.3",
            "flask_plugin": Paths(),
            "info": {
                "description": DESCRIPTION,
                "contact": contact(settings),
                "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/nl/"},
            },
            "servers": [{"url": server, "description": "Deze installatie"}],
            "externalDocs": {
                "description": "Handleiding",
                "url": f"{settings.public_url or 'https://participatienetwerk.example'}/hoe-het-werkt",
            },
        },
    )
    for one in (CodeConverter, KeyConverter):
        document.register_converter(
            one, lambda converter: {"type": "string", "pattern": f"^{converter.regex}$"}
        )
    spec = document.spec
    spec.components.security_scheme(
        "oauth2",
        {
            "type": "oauth2",
            "description": "OAuth 2, client credentials: naam en geheim van het programma geven een token.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": tokens,
                    "scopes": {scope.value: str(SCOPES[scope]) for scope in GIVEN},
                }
            },
        },
    )
    for room in sorted(rooms, key=lambda room: room.tag):
        spec.tag({"name": room.tag, "description": room.description})
    for room in rooms:
        room.register_views_in_doc(document, app, spec, name=room.name, parameters=None)
    made = dict(spec.to_dict())
    _open(made, document)
    return made


def _open(made: dict[str, Any], document: Document) -> None:
    """Let answers hold more than they do now, so that a field may be added; requests stay closed."""
    for key, name in document.ma_plugin.converter.refs.items():
        if not issubclass(key[0], Closed):
            made["components"]["schemas"][name].pop("additionalProperties", None)
