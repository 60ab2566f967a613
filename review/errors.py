"""Error pages: one sentence about what went wrong and one about what to do."""

from typing import cast

from flask import Flask, Response, g, render_template
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from models.store.consultants import ConsultantNotFoundError
from models.store.initiatives import InitiativeNotFoundError
from models.store.leads import LeadNotFoundError
from models.store.match_rules import MatchNotFoundError
from models.store.round_rules import RoundNotFoundError
from models.store.share_rules import ShareNotFoundError
from review.api.problems import answer_for
from review.programs import for_program

#: Status -> heading and what to do.
TEXTS = {
    400: (_l("Dit verzoek is niet te begrijpen"), _l("Ga terug en probeer het opnieuw.")),
    403: (_l("U mag deze pagina niet zien"), _l("Vraag de beheerder als u denkt dat dit niet klopt.")),
    404: (_l("Deze pagina bestaat niet"), _l("Controleer het adres, of begin bij de signalen.")),
    405: (_l("Dit kan hier niet"), _l("Ga terug en gebruik de knoppen op de pagina.")),
    409: (_l("Dit is intussen veranderd"), _l("Bekijk het opnieuw.")),
    413: (_l("Dit is te veel tekst"), _l("Ga terug en maak de tekst korter, of het bestand kleiner.")),
    429: (_l("Even wachten"), _l("Probeer het daarna opnieuw.")),
    500: (
        _l("Er ging iets mis"),
        _l("Uw besluit is misschien niet bewaard. Probeer het opnieuw, of vraag de beheerder om hulp."),
    ),
}

#: Said without a page: its links could not be written.
WRONG_HOST = _l("Deze website is niet op dit adres te bereiken. Controleer het adres.")

#: Errors whose own text is for visitors; other texts of the libraries are in English.
OWN_TEXTS = (403, 429)


def use_errors(app: Flask) -> None:
    """Answer errors of ``app`` with our own pages."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(CSRFError, show_csrf)
    app.register_error_handler(LeadNotFoundError, lambda error: show(NotFound()))
    app.register_error_handler(InitiativeNotFoundError, lambda error: show(NotFound()))
    app.register_error_handler(ShareNotFoundError, lambda error: show(NotFound()))
    app.register_error_handler(MatchNotFoundError, lambda error: show(NotFound()))
    app.register_error_handler(RoundNotFoundError, lambda error: show(NotFound()))
    app.register_error_handler(ConsultantNotFoundError, lambda error: show(NotFound()))


def show(error: HTTPException) -> ResponseReturnValue:
    """The page for an HTTP error, with the headers that belong to it; programs get no page."""
    if for_program():
        return answer_for(error)
    if error.response is not None:
        return cast(Response, error.response)
    if request_ctx.url_adapter is None:
        # The Host header names no host, or none that we answer for: without one there are no addresses.
        return Response(f"{WRONG_HOST}\n", 400, mimetype="text/plain")
    code = error.code or 500
    described = error.description if code in OWN_TEXTS else None
    own = str(described) if described and described != type(error).description else None
    page, status = _page(code, own, plain=isinstance(error, InternalServerError))
    kept = {name: value for name, value in error.get_headers() if name in ("Retry-After", "Allow")}
    return page, status, kept


def show_csrf(error: CSRFError) -> tuple[str, int]:
    """The page for a form without a valid token: mostly a session that has ended."""
    return _page(
        400,
        str(_l("Uw sessie is verlopen, of dit formulier komt van een andere website. Er is niets bewaard.")),
    )


def _page(code: int, explanation: str | None = None, *, plain: bool = False) -> tuple[str, int]:
    heading, advice = TEXTS.get(code, TEXTS[400 if code < 500 else 500])
    # After a failure of our own the page must not ask the database: that may be what failed.
    g.plain_page = plain
    return render_template(
        "error.html", code=code, heading=heading, explanation=explanation, advice=advice
    ), code
