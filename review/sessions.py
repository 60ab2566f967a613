"""Sessions as cookies, written only by answers that have something to say about them."""

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from review.programs import without_cookies


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions, kept out of answers that are none of their business.

    Flask writes the cookie anew with every answer, so that a session lasts as long as somebody works. The
    answer to a style sheet or picture that was asked for before signing in, and comes after it, would then
    put the former session back: whoever just signed in is at the sign-in page again, and whoever just
    signed out is signed in again.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; what programs send is not read."""
        return self.session_class() if without_cookies() else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, unless this was a request for a file, or of a program."""
        if request.endpoint != "static" and not without_cookies():
            super().save_session(app, session, response)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """When it changed; and to let it last longer only where somebody is signed in."""
        signed_in: Any = session.get("_user_id")
        return session.modified or (signed_in is not None and super().should_set_cookie(app, session))
