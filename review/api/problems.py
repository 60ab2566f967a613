"""What went wrong, as RFC 9457 tells it: ``application/problem+json`` for every answer from 400 up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, cast

from flask import Response, request
from werkzeug.exceptions import HTTPException

MIMETYPE = "application/problem+json"

#: Status -> title, and what is said when there is nothing more to say.
TEXTS: dict[int, tuple[str, str]] = {
    400: ("Ongeldig verzoek", "Het verzoek klopt niet. Kijk bij fouten wat er anders moet."),
    401: ("Niet aangemeld", "Stuur een geldig token mee: Authorization: Bearer en het token."),
    403: ("Geen toegang", "Dit programma mag dit niet."),
    404: ("Niet gevonden", "Er is niets op dit adres, of niet voor dit programma."),
    405: ("Methode kan hier niet", "Dit adres kent deze methode niet. De kop Allow noemt wat wel kan."),
    406: ("Vorm niet beschikbaar", "Antwoorden zijn er alleen als application/json. Pas de kop Accept aan."),
    409: ("Intussen veranderd", "Dit kan niet meer: de toestand is intussen anders. Haal het opnieuw op."),
    412: ("Intussen veranderd", "De ETag in If-Match is niet meer die van nu. Haal het opnieuw op."),
    413: ("Te groot", "Het verzoek is te groot. Stuur minder tegelijk."),
    415: ("Verkeerde vorm", "Stuur de inhoud als JSON, met de kop Content-Type: application/json."),
    428: ("ETag ontbreekt", "Stuur in de kop If-Match de ETag mee die u het laatst zag."),
    429: ("Te veel verzoeken", "Wacht zoveel seconden als de kop Retry-After zegt."),
    500: (
        "Er ging iets mis",
        "Er ging bij ons iets mis. Er is niets half bewaard. Probeer het later opnieuw.",
    ),
    503: ("Even niet beschikbaar", "Probeer het zo opnieuw."),
}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with what was sent."""

    #: Where: ``query``, ``body``, ``header`` or ``path``.
    waar: str
    #: Which one there: a name, in a body with dots and numbers (``links.0``); empty = the whole of it.
    veld: str
    #: What is wrong, in one sentence.
    wat: str


class Problem(HTTPException):
    """An error that a program is told about; raise it with :func:`problem`."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        mistakes: Iterable[Mistake] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or TEXTS[status][1])
        self.code = status
        self.mistakes = tuple(mistakes)
        self.headers = dict(headers or {})
        #: Further members of the answer, such as the successor of a merged municipality.
        self.more = dict(more or {})


def problem(status: int, detail: str = "", **more: Any) -> NoReturn:
    """Answer with an error; ``more`` as :class:`Problem` takes it.

    Raises:
        Problem: always.
    """
    raise Problem(status, detail, **more)


def wrong(*mistakes: Mistake) -> NoReturn:
    """Answer 400 with everything that is wrong.

    Raises:
        Problem: always.
    """
    raise Problem(400, mistakes=mistakes)


def answer_for(error: HTTPException) -> Response:
    """The answer for any error, ours or a library's; of the latter, only the status is told."""
    if error.response is not None and error.response.status_code < 400:
        return cast(Response, error.response)
    status = error.code or 500
    title, usual = TEXTS.get(status, TEXTS[400 if status < 500 else 500])
    own = isinstance(error, Problem)
    # Other texts of the libraries are in English; those that our own code raised with are for visitors.
    said = str(error.description) if own and error.description else usual
    body: dict[str, Any] = {"status": status, "title": title, "detail": said, "instance": request.path}
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if isinstance(error, Problem):
        if error.mistakes:
            body["fouten"] = [asdict(one) for one in error.mistakes]
        body.update(error.more)
        headers.update(error.headers)
    return Response(json.dumps(body, ensure_ascii=False), status, headers, mimetype=MIMETYPE)
