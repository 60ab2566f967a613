"""Headers on every answer: what browsers must not do with our pages."""

from flask import Flask, Response, g, request

#: Nothing from elsewhere, nothing inline, in nobody's frame. ``data:`` is for the arrow that the
#: design system draws in select boxes.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Passkeys are made and used by our own pages only; the rest by nobody.
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    # Nothing here is for search engines; robots.txt alone keeps no address out of their lists.
    "X-Robots-Tag": "noindex, nofollow",
}

#: Seconds for which browsers use nothing but HTTPS, in production: a year.
HSTS_SECONDS = 31_536_000
#: Seconds that files under /static may be kept; their addresses change when they do.
STATIC_SECONDS = 31_536_000


def use_headers(app: Flask, *, production: bool) -> None:
    """Add the headers to every answer of ``app``."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if production or request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")
        if request.endpoint == "static" and response.status_code < 400:
            versioned = "v" in request.args
            response.headers["Cache-Control"] = (
                f"public, max-age={STATIC_SECONDS}, immutable" if versioned else "no-cache"
            )
        else:
            # Pages hold content behind sign-in, or the form that leads to it. What does not says so itself.
            response.headers["Cache-Control"] = g.get("cache_control", "no-store")
        return response
