"""Fields of requests and answers that read exactly what the document promises, no more and no less."""

import re
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

#: RFC 3339, with any offset but the unknown one.
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:)(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,18})", re.ASCII)

NOT_TEXT = "Dit moet tekst zijn."
NOT_WHOLE = "Dit moet een heel getal zijn."
NOT_FLAG = "Dit moet true of false zijn."
NOT_DAY = "Dit moet een datum zijn, zoals 2026-11-22."
NOT_MOMENT = "Dit moet een tijdstip met tijdzone zijn, zoals 2026-11-22T10:00:00Z."
MISSING = "Dit is verplicht."
NULL = "Dit mag niet null zijn."
USUAL = {"required": MISSING, "null": NULL}


class Closed(Schema):
    """What a request holds; names that it does not know are mistakes."""

    #: What is read stands in an address, where everything is text.
    in_address = False

    error_messages = {"unknown": "Dit bestaat niet.", "type": "Dit moet een object zijn."}  # noqa: RUF012


class Pattern(validate.Regexp):
    """A regular expression that the whole text fits, line ends included; written with ``^`` and ``$``."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class _Read:
    root: Any

    @property
    def _in_address(self) -> bool:
        return getattr(self.root, "in_address", False)


class Text(fields.String):
    """Text between two lengths, in characters; ``filled``: not only spaces. Never with a null character."""

    def __init__(self, most: int, least: int = 0, *, filled: bool = False, **more: Any) -> None:
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$" if filled else r"^[^\u0000]*$"
        checks: list[Any] = [
            validate.Length(
                min=max(least, 1 if filled else 0) or None,
                max=most,
                error=f"Dit mag hoogstens {most} tekens lang zijn"
                + (f", en minstens {max(least, 1)}." if least or filled else "."),
            ),
            validate.Regexp(pattern, error="Vul dit in." if filled else "Dit bevat een teken dat niet kan."),
        ]
        super().__init__(
            validate=checks, error_messages={**USUAL, "invalid": NOT_TEXT, "invalid_utf8": NOT_TEXT}, **more
        )


class Word(fields.String):
    """One word of a list."""

    def __init__(self, words: Any, **more: Any) -> None:
        self.words = [str(getattr(one, "value", one)) for one in words]
        said = "Kies een van: " + ", ".join(self.words) + "."
        super().__init__(
            validate=validate.OneOf(self.words, error=said),
            error_messages={**USUAL, "invalid": said, "invalid_utf8": said},
            **more,
        )


class Whole(_Read, fields.Integer):
    """A whole number between two bounds; in an address written in one way only."""

    def __init__(self, least: int, most: int, **more: Any) -> None:
        super().__init__(
            validate=validate.Range(
                least, most, error=f"Dit moet een heel getal van {least} tot en met {most} zijn."
            ),
            error_messages={**USUAL, "invalid": NOT_WHOLE, "too_large": NOT_WHOLE},
            **more,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and self._in_address and WHOLE.fullmatch(value):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise ValidationError(NOT_WHOLE)


class Hours(fields.Float):
    """Whole and half hours; in our own code half hours."""

    def __init__(self, least: int, most: int, **more: Any) -> None:
        """Make the field; ``least`` and ``most`` are half hours."""
        self.least, self.most = least, most
        self.said = (
            f"Dit moet een getal in hele of halve uren zijn, van {_hours(least)} tot en met {_hours(most)}."
        )
        bounds = {"minimum": _hours(least), "maximum": _hours(most), "multipleOf": 0.5}
        more["metadata"] = {**more.get("metadata", {}), **bounds}
        super().__init__(error_messages={**USUAL, "invalid": self.said}, **more)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return _hours(value) if value is not None else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # Compared before it is doubled: what is far too large, or no number, stays out of it.
        if number and self.least <= 2 * value <= self.most and float(2 * value).is_integer():
            return int(2 * value)
        raise ValidationError(self.said)


def _hours(half_hours: int) -> float:
    return half_hours / 2 if half_hours % 2 else half_hours // 2


class Flag(_Read, fields.Boolean):
    """True or false; in an address the words ``true`` and ``false``."""

    def __init__(self, **more: Any) -> None:
        super().__init__(error_messages={**USUAL, "invalid": NOT_FLAG}, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "false") and self._in_address:
            return bool(value == "true")
        raise ValidationError(NOT_FLAG)


class Day(fields.Date):
    """A date."""

    def __init__(self, **more: Any) -> None:
        super().__init__(error_messages={**USUAL, "invalid": NOT_DAY}, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, str) and DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise ValidationError(NOT_DAY)


class Moment(fields.DateTime):
    """A moment: any offset is read, UTC is written."""

    def __init__(self, **more: Any) -> None:
        super().__init__(error_messages={**USUAL, "invalid": NOT_MOMENT}, **more)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")  # type: ignore[no-any-return]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = MOMENT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError(NOT_MOMENT)
        day, clock, second, fraction, offset = found.groups()
        # A leap second is a moment too; it is kept as the one before it.
        text = f"{day}T{clock}{'59' if second == '60' else second}{(fraction or '')[:7]}{offset.upper()}"
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(NOT_MOMENT) from None


class Several(fields.List[Any]):
    """A list with at most so many things in it; in an address the name is written once for each."""

    def __init__(self, inner: Any, most: int, least: int = 0, **more: Any) -> None:
        super().__init__(
            inner,
            validate=validate.Length(
                min=least or None,
                max=most,
                error=f"Noem er hoogstens {most}" + (f", en minstens {least}." if least else "."),
            ),
            error_messages={**USUAL, "invalid": "Dit moet een lijst zijn."},
            **more,
        )


class Address(Schema):
    """An address of this API."""

    href = fields.Url(
        required=True,
        metadata={"description": "Adres.", "example": "https://scout.example.nl/api/v1/gemeenten"},
    )
