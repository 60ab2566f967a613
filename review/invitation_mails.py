"""Invitations by e-mail: the link goes to whom it is for, and nobody else sees it."""

import uuid

from flask import current_app
from flask_babel import gettext as _

from models.store.invitations import ACCOUNT, InvitationRow
from review.language import chosen_language
from review.mail_out import MailError, MailServer, Trouble, message_to
from review.mail_pages import MailPages, mail_host

#: Seconds that the mail server may take for each step while somebody waits for the page.
PATIENCE = 10


def sends_mail() -> bool:
    """Whether this installation sends e-mail at all."""
    return bool(current_app.extensions["scout"].settings.mail_out)


def send_invitation(invitation: InvitationRow, link: str) -> Trouble | None:
    """Send a link to whom it is for, in the language of who invites; None = the mail server took it."""
    settings = current_app.extensions["scout"].settings
    language = chosen_language()
    new = invitation.kind == ACCOUNT
    values = {"link": link, "language": language, "words": _words(invitation, new)}
    text, html = MailPages.text_and_html("invitation", **values)
    message = message_to(
        settings,
        invitation.email,
        _("Uw account bij het Participatienetwerk") if new else _("Kies een nieuw wachtwoord"),
        text,
        html,
        message_id=f"<{uuid.uuid4()}@{mail_host(settings)}>",
        language=language,
    )
    try:
        with MailServer(settings, timeout=PATIENCE) as server:
            server.send(message)
    except MailError as error:
        return error.trouble
    return None


def _words(invitation: InvitationRow, new: bool) -> dict[str, str]:
    moment = current_app.jinja_env.filters["moment"]
    return {
        "heading": _("Welkom bij het Participatienetwerk") if new else _("Kies een nieuw wachtwoord"),
        "what": _("Er staat een account voor u klaar. Kies een wachtwoord met deze link:")
        if new
        else _("Met deze link kiest u een nieuw wachtwoord voor uw account:"),
        "link": _("Wachtwoord kiezen"),
        "until": _("De link werkt één keer, tot %(when)s.", when=moment(invitation.expires_at)),
        "secret": _("Stuur deze mail niet door: wie de link heeft, krijgt het account."),
        "mistake": _("Verwacht u deze mail niet? Dan hoeft u niets te doen."),
    }
