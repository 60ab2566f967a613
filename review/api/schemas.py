"""Shapes that several kinds of things have in common."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from review.actions import CONTROLS
from review.api.fields import USUAL, Pattern

#: Largest number of anything: what both databases take.
LARGEST = 2147483647
#: A number of a thing, in an address.
NUMBER = "nummer"
#: Two optional headers, as the document tells of them.
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "ETag van wat u zag; in plaats van versie.",
    "schema": {"type": "string"},
}
NO_CODE = "Dit moet de code van een gemeente zijn, zoals GM0202."
NO_PART = "Dit moet een getal van 0 tot en met 1 zijn, zoals 0.5."


def told(description: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """What the document says of a field."""
    found = {"description": description, **more}
    return {**found, "example": example} if example is not None else found


class Part(fields.Float):
    """A number from 0 to 1; in an address written in one way only."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            validate=validate.Range(0, 1, error=NO_PART),
            error_messages={**USUAL, "invalid": NO_PART, "special": NO_PART},
            **more,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        text = str(value)
        if not text.isascii() or isinstance(value, bool) or text != text.strip() or "_" in text:
            raise ValidationError(NO_PART)
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


class Code(fields.String):
    """Code of a municipality as the CBS writes it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            validate=Pattern(r"^GM[0-9]{4}$", error=NO_CODE),
            error_messages={**USUAL, "invalid": NO_CODE, "invalid_utf8": NO_CODE},
            **more,
        )


class GemeenteNaam(Schema):
    """A municipality by code and name."""

    code = fields.String(required=True, metadata=told("Code van het CBS.", "GM0202"))
    naam = fields.String(required=True, metadata=told("Naam.", "Arnhem"))


class Plaats(Schema):
    """A town, district or neighbourhood."""

    sleutel = fields.String(required=True, metadata=told("Vaste sleutel.", "cbs:BU02020403"))
    naam = fields.String(required=True, metadata=told("Naam.", "Klarendal"))


class PlaatsNaam(Schema):
    """A town, district or neighbourhood, of others by name only."""

    sleutel = fields.String(metadata=told("Vaste sleutel.", "cbs:BU02020403"))
    naam = fields.String(required=True, metadata=told("Naam.", "Klarendal"))


def cleaned(text: str) -> str:
    """Text as forms keep it: without stray control characters, foreign line ends and outer space."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def municipality(code: str | None, name: str | None) -> dict[str, Any] | None:
    """A municipality as :class:`GemeenteNaam`; None = there is none."""
    return {"code": code, "naam": name or ""} if code is not None else None


def place(key: str | None, name: str | None) -> dict[str, Any] | None:
    """A place as :class:`Plaats`; None = there is none."""
    return {"sleutel": key, "naam": name or ""} if key is not None else None
