"""Pages that need no account: health, security contact, accessibility, how it works."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from sqlalchemy import select

from models.base import utc_now
from models.municipality import Municipality
from models.source import Source
from models.store.audit import KEEP_DAYS
from models.store.purge import REJECTED_DAYS, SNOOZED_DAYS, UNREVIEWED_DAYS
from review.database import db
from review.texts import SOURCE_KINDS

blueprint = Blueprint("pages", __name__)

#: Days until the security contact should be read again; RFC 9116 asks for less than a year.
SECURITY_TXT_DAYS = 180


@blueprint.get("/healthz")
def health() -> Response:
    """Whether the process answers; asks nothing of the database, so it always says so at once."""
    return jsonify(status="ok")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for machines that collect pages."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Where to report a weakness (RFC 9116)."""
    settings = current_app.extensions["scout"].settings
    contact = settings.contact.strip()
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    expires = (utc_now() + timedelta(days=SECURITY_TXT_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    # RFC 9116 demands a contact; before production nobody need have set one.
    contact = contact or url_for("pages.how_it_works", _external=True)
    lines = [f"Contact: {contact}", f"Expires: {expires}", "Preferred-Languages: nl, en"]
    if settings.public_url:
        lines.append(f"Canonical: {settings.public_url.rstrip('/')}/.well-known/security.txt")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/toegankelijkheid")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("accessibility.html", contact=current_app.extensions["scout"].settings.contact)


@blueprint.get("/hoe-het-werkt")
def how_it_works() -> str:
    """What is gathered, from which sources, how long it is kept, and how to object."""
    settings = current_app.extensions["scout"].settings
    sources = db.session.execute(
        select(Source.title, Source.kind, Source.terms_basis, Municipality.name)
        .join(Municipality, Municipality.code == Source.municipality_code, isouter=True)
        .where(Source.removed_at.is_(None), Source.enabled, Source.terms_checked.is_not(None))
        .order_by(Source.title)
    ).all()
    return render_template(
        "how_it_works.html",
        contact=settings.contact,
        keep_days=settings.keep_text_days,
        unreviewed_days=UNREVIEWED_DAYS,
        rejected_days=REJECTED_DAYS,
        shared_days=SNOOZED_DAYS,
        log_days=KEEP_DAYS,
        sources=[(title, SOURCE_KINDS[kind], basis, town) for title, kind, basis, town in sources],
    )
