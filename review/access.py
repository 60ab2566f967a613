"""Who may open what: one visible table, and the gate that holds every request against it."""

import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, flash, g, redirect, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_security import current_user, logout_user
from werkzeug.wrappers import Response

from models.store.viewer import Viewer
from models.words import Role

if TYPE_CHECKING:
    from review.accounts import User

#: A session ends at the latest after a working day.
LONGEST = timedelta(hours=12)


class Who(StrEnum):
    """For whom an address is there."""

    #: Everybody, also without an account.
    OPEN = "iedereen"
    #: Every account that is not closed, whatever its roles.
    SIGNED_IN = "aangemeld"
    #: Whoever sees leads and the register: staff, and municipalities their own part.
    READERS = "lezers"
    #: Staff: whoever decides on leads.
    DECIDERS = "besluiters"
    #: Staff: whoever sees the sources and how they do.
    STAFF = "medewerkers"
    #: Whoever says which sources there are.
    SOURCE_KEEPERS = "bronbeheerders"
    #: Whoever adds to the register and corrects it: staff, and municipalities their own part.
    REGISTER_KEEPERS = "registerhouders"
    #: Whoever says what a municipality makes of what was shared with it.
    ANSWERERS = "beantwoorders"
    #: Whoever says how a municipality hears of things: e-mail, feeds, webhooks, programs.
    CHANNEL_KEEPERS = "kanaalbeheerders"
    #: Whoever enters consultants and changes them: staff all, a municipality its own.
    CONSULTANT_KEEPERS = "consultanthouders"
    #: Whoever says which municipalities take part.
    NETWORK_KEEPERS = "netwerkbeheerders"
    #: Whoever makes matching rounds, pairs, and moves them on.
    ROUND_LEADERS = "rondeleiders"
    #: Whoever puts initiatives into a round, says who hosts, and when the work begins and how it ended:
    #: leaders all, a municipality its own.
    ROUND_SEEDERS = "samenstellers"
    #: Whoever sees how pairs are made in a round: staff.
    PAIRING_READERS = "koppellezers"
    #: Programs with a token of their own (``review.api``); no session counts there.
    PROGRAMS = "programma’s"
    #: Whoever keeps the accounts.
    MANAGERS = "beheerders"
    #: Whoever may read the audit log.
    AUDITORS = "toezichthouders"


#: Endpoint -> for whom it is there. An endpoint that is missing here keeps the application from starting.
#: What a reader sees *within* a page is decided by the queries (``models.store.viewer``), not here.
ACCESS: dict[str, Who] = {
    "static": Who.OPEN,
    # Pages about the website itself.
    "pages.health": Who.OPEN,
    "pages.security_txt": Who.OPEN,
    "pages.robots": Who.OPEN,
    "pages.accessibility": Who.OPEN,
    "pages.how_it_works": Who.OPEN,
    # Machines that watch; guarded by a token of its own.
    "metrics.metrics": Who.OPEN,
    # Pairing automatically, and comparing that with pairing by hand.
    "automatic.index": Who.PAIRING_READERS,
    "automatic.progress": Who.PAIRING_READERS,
    "automatic.again": Who.ROUND_LEADERS,
    "automatic.mend": Who.ROUND_LEADERS,
    "automatic.cancel": Who.ROUND_LEADERS,
    "automatic.take_over": Who.ROUND_LEADERS,
    "automatic.one": Who.PAIRING_READERS,
    "comparison.index": Who.PAIRING_READERS,
    "comparison.file": Who.PAIRING_READERS,
    "comparison.choose": Who.ROUND_LEADERS,
    # The API. What a program may do there its token says (review.api.auth).
    "api.openapi": Who.OPEN,
    "api_tokens.token": Who.PROGRAMS,
    "api_gemeenten.gemeenten_lezen": Who.PROGRAMS,
    "api_gemeenten.gemeente_lezen": Who.PROGRAMS,
    "api_bronnen.bronnen_lezen": Who.PROGRAMS,
    "api_bronnen.bron_lezen": Who.PROGRAMS,
    "api_signalen.signalen_lezen": Who.PROGRAMS,
    "api_signalen.signaal_lezen": Who.PROGRAMS,
    "api_besluiten.besluit_lezen": Who.PROGRAMS,
    "api_besluiten.besluit_nemen": Who.PROGRAMS,
    "api_initiatieven.initiatieven_lezen": Who.PROGRAMS,
    "api_initiatieven.initiatief_lezen": Who.PROGRAMS,
    "api_initiatieven.initiatief_toevoegen": Who.PROGRAMS,
    "api_initiatieven.initiatief_wijzigen": Who.PROGRAMS,
    "api_delingen.delingen_lezen": Who.PROGRAMS,
    "api_delingen.deling_lezen": Who.PROGRAMS,
    "api_delingen.deling_beantwoorden": Who.PROGRAMS,
    "api_berichten.bericht_inbrengen": Who.PROGRAMS,
    "api_berichten.bericht_lezen": Who.PROGRAMS,
    "api_consultants.consultants_lezen": Who.PROGRAMS,
    "api_consultants.consultant_lezen": Who.PROGRAMS,
    "api_consultants.consultant_toevoegen": Who.PROGRAMS,
    "api_consultants.consultant_wijzigen": Who.PROGRAMS,
    "api_rondes.rondes_lezen": Who.PROGRAMS,
    "api_rondes.ronde_lezen": Who.PROGRAMS,
    "api_rondes.ronde_initiatieven_lezen": Who.PROGRAMS,
    "api_rondes.ronde_initiatieven_inbrengen": Who.PROGRAMS,
    "api_matches.matches_lezen": Who.PROGRAMS,
    "api_matches.match_lezen": Who.PROGRAMS,
    "api_matches.match_beantwoorden": Who.PROGRAMS,
    # Signing in and out.
    "security.login": Who.OPEN,
    "security.logout": Who.OPEN,
    "security.tf_select": Who.OPEN,
    "security.two_factor_token_validation": Who.OPEN,
    "security.two_factor_rescue": Who.OPEN,
    "security.mf_recovery": Who.OPEN,
    "security.wan_signin": Who.OPEN,
    "security.wan_signin_response": Who.OPEN,
    "sso.start": Who.OPEN,
    "sso.back": Who.OPEN,
    "sso.confirm": Who.SIGNED_IN,
    "invitations.page": Who.OPEN,
    "invitations.accept": Who.OPEN,
    # Saying once more who one is, and one's own account.
    "security.verify": Who.SIGNED_IN,
    "security.wan_verify": Who.SIGNED_IN,
    "security.wan_verify_response": Who.SIGNED_IN,
    "security.change_password": Who.SIGNED_IN,
    "security.two_factor_setup": Who.SIGNED_IN,
    "security.two_factor_setup_validate": Who.SIGNED_IN,
    "security.mf_recovery_codes": Who.SIGNED_IN,
    "security.wan_register": Who.SIGNED_IN,
    "security.wan_register_response": Who.SIGNED_IN,
    "security.wan_delete": Who.SIGNED_IN,
    "account.index": Who.SIGNED_IN,
    "account.rename": Who.SIGNED_IN,
    "account.sign_out_everywhere": Who.SIGNED_IN,
    "account.second_step": Who.SIGNED_IN,
    "account.mail": Who.READERS,
    "account.code_done": Who.SIGNED_IN,
    # Everybody's accounts.
    "accounts.index": Who.MANAGERS,
    "accounts.one": Who.MANAGERS,
    "accounts.change": Who.MANAGERS,
    "accounts.act": Who.MANAGERS,
    "accounts.new_password": Who.MANAGERS,
    "accounts.provider": Who.MANAGERS,
    "invitations.invite": Who.MANAGERS,
    "invitations.withdraw": Who.MANAGERS,
    # Leads.
    "queue.index": Who.READERS,
    "bulk.back_to_list": Who.DECIDERS,
    "bulk.decide_together": Who.DECIDERS,
    "bulk.batch": Who.DECIDERS,
    "bulk.back_to_batch": Who.DECIDERS,
    "bulk.undo_together": Who.DECIDERS,
    "views.back_to_list": Who.READERS,
    "views.save": Who.READERS,
    "views.remove": Who.READERS,
    "leads.lead": Who.READERS,
    "leads.ahead": Who.READERS,
    "leads.back_to_lead": Who.READERS,
    "leads.act": Who.DECIDERS,
    "leads.undo_decision": Who.DECIDERS,
    # Own keys.
    "keys.index": Who.READERS,
    "keys.save": Who.READERS,
    # The register.
    "register.index": Who.READERS,
    "register.initiative": Who.READERS,
    "register_foreign.index": Who.READERS,
    "register_foreign.initiative": Who.READERS,
    "register_map.index": Who.READERS,
    "register_map.boundaries": Who.READERS,
    "register_form.new": Who.REGISTER_KEEPERS,
    "register_form.add": Who.REGISTER_KEEPERS,
    "register_form.edit": Who.REGISTER_KEEPERS,
    "register_form.change": Who.REGISTER_KEEPERS,
    "register_acting.back": Who.REGISTER_KEEPERS,
    "register_acting.act": Who.REGISTER_KEEPERS,
    "register_archive.page": Who.DECIDERS,
    "register_archive.file": Who.DECIDERS,
    # What was given to municipalities.
    "sharing.index": Who.READERS,
    "sharing.one": Who.READERS,
    "sharing.answer": Who.ANSWERERS,
    "sharing.contact": Who.ANSWERERS,
    "sharing.close": Who.ANSWERERS,
    "sharing.withdraw": Who.DECIDERS,
    "sharing.again": Who.DECIDERS,
    "sharing.elsewhere": Who.DECIDERS,
    "offering.form": Who.DECIDERS,
    "offering.send": Who.DECIDERS,
    # Handing in.
    "handing_in.index": Who.READERS,
    "handing_in.send": Who.READERS,
    "handing_in.overview": Who.READERS,
    "handing_in.bookmark": Who.READERS,
    "handing_in.example": Who.READERS,
    "handing_in.file": Who.READERS,
    "handing_in.send_file": Who.READERS,
    "handing_in.look": Who.READERS,
    "handing_in.take_file": Who.READERS,
    # The audit log.
    "logbook.index": Who.AUDITORS,
    "logbook.file": Who.AUDITORS,
    # How municipalities hear of things.
    "channels.index": Who.CHANNEL_KEEPERS,
    "channels.mail": Who.CHANNEL_KEEPERS,
    "channels.add": Who.CHANNEL_KEEPERS,
    "channels.change": Who.CHANNEL_KEEPERS,
    "channels.stop": Who.CHANNEL_KEEPERS,
    "feeds.index": Who.CHANNEL_KEEPERS,
    "feeds.make": Who.CHANNEL_KEEPERS,
    "feeds.revoke": Who.CHANNEL_KEEPERS,
    "webhooks.index": Who.CHANNEL_KEEPERS,
    "webhooks.add": Who.CHANNEL_KEEPERS,
    "webhooks.one": Who.CHANNEL_KEEPERS,
    "webhooks_acting.trial": Who.CHANNEL_KEEPERS,
    "webhooks_acting.stop": Who.CHANNEL_KEEPERS,
    "webhooks_acting.resume": Who.CHANNEL_KEEPERS,
    "webhooks_acting.remove": Who.CHANNEL_KEEPERS,
    "webhooks_acting.secret": Who.CHANNEL_KEEPERS,
    "webhooks_acting.again": Who.CHANNEL_KEEPERS,
    "webhooks_acting.one_again": Who.CHANNEL_KEEPERS,
    "clients.index": Who.CHANNEL_KEEPERS,
    "clients.form": Who.CHANNEL_KEEPERS,
    "clients.make": Who.CHANNEL_KEEPERS,
    "clients.revoke": Who.CHANNEL_KEEPERS,
    # Guarded by a secret word in the address.
    "unsubscribing.page": Who.OPEN,
    "feed_atom.feed": Who.OPEN,
    "unsubscribing.end": Who.OPEN,
    "evaluations.form": Who.OPEN,
    "evaluations.send": Who.OPEN,
    "answers.page": Who.OPEN,
    "answers.answer": Who.OPEN,
    # Consultants, and the network of municipalities.
    "consultants.index": Who.READERS,
    "consultants.one": Who.READERS,
    "consultant_form.new": Who.CONSULTANT_KEEPERS,
    "consultant_form.add": Who.CONSULTANT_KEEPERS,
    "consultant_form.edit": Who.CONSULTANT_KEEPERS,
    "consultant_form.change": Who.CONSULTANT_KEEPERS,
    "consultant_form.back": Who.CONSULTANT_KEEPERS,
    "consultant_form.act": Who.CONSULTANT_KEEPERS,
    "consultant_files.example": Who.CONSULTANT_KEEPERS,
    "consultant_files.form": Who.CONSULTANT_KEEPERS,
    "consultant_files.send": Who.CONSULTANT_KEEPERS,
    "consultant_files.look": Who.CONSULTANT_KEEPERS,
    "consultant_files.take": Who.CONSULTANT_KEEPERS,
    "network.index": Who.READERS,
    "network.add": Who.NETWORK_KEEPERS,
    "network.one": Who.NETWORK_KEEPERS,
    "network.change": Who.NETWORK_KEEPERS,
    # Pairing by hand.
    "board.index": Who.PAIRING_READERS,
    "board.fits": Who.PAIRING_READERS,
    "board.act": Who.ROUND_LEADERS,
    "board.back": Who.ROUND_LEADERS,
    # Matches.
    "matches.index": Who.READERS,
    "matches.one": Who.READERS,
    "matches.answer": Who.CONSULTANT_KEEPERS,
    "matches.propose": Who.ROUND_LEADERS,
    "matches.begin": Who.ROUND_SEEDERS,
    "matches.close": Who.ROUND_SEEDERS,
    "matches.end": Who.ROUND_LEADERS,
    "matches.mail_again": Who.ROUND_LEADERS,
    # What was learned from matches.
    "lessons.index": Who.READERS,
    "lessons.forms": Who.DECIDERS,
    "lessons.new": Who.DECIDERS,
    "lessons.add": Who.DECIDERS,
    "lessons.edit": Who.DECIDERS,
    "lessons.change": Who.DECIDERS,
    "lessons.remove": Who.DECIDERS,
    # Lists as files.
    "exports.index": Who.READERS,
    "exports.one": Who.READERS,
    "exports.file": Who.READERS,
    # Figures.
    "figures.index": Who.READERS,
    "figures.quality": Who.DECIDERS,
    "figures.municipalities": Who.DECIDERS,
    "figures.municipality": Who.READERS,
    "reports.index": Who.READERS,
    "reports.file": Who.READERS,
    "reports.close": Who.REGISTER_KEEPERS,
    "report_profiles.index": Who.REGISTER_KEEPERS,
    "report_profiles.sample": Who.REGISTER_KEEPERS,
    "report_profiles.look": Who.REGISTER_KEEPERS,
    "report_profiles.keep": Who.REGISTER_KEEPERS,
    "report_profiles.remove": Who.REGISTER_KEEPERS,
    # Rounds: the list, one of them, and moving it on.
    "rounds.index": Who.READERS,
    "rounds.one": Who.READERS,
    "rounds.back": Who.READERS,
    "rounds.act": Who.ROUND_LEADERS,
    "round_form.new": Who.ROUND_LEADERS,
    "round_form.make": Who.ROUND_LEADERS,
    "round_form.edit": Who.ROUND_LEADERS,
    "round_form.change": Who.ROUND_LEADERS,
    # Rounds: what is in them, and the joint choice.
    "round_seeding.index": Who.READERS,
    "round_seeding.find": Who.ROUND_SEEDERS,
    "round_seeding.add": Who.ROUND_SEEDERS,
    "round_seeding.back": Who.READERS,
    "round_seeding.take_out": Who.ROUND_SEEDERS,
    "round_hosting.index": Who.ROUND_SEEDERS,
    "round_hosting.keep": Who.ROUND_SEEDERS,
    "round_people.find": Who.ROUND_LEADERS,
    "round_people.add": Who.ROUND_LEADERS,
    "round_people.back": Who.READERS,
    "round_people.take_out": Who.ROUND_LEADERS,
    "round_choice.index": Who.READERS,
    "round_choice.hand_in": Who.ANSWERERS,
    # Sources.
    "sources.index": Who.STAFF,
    "sources.as_opml": Who.STAFF,
    "sources.as_toml": Who.STAFF,
    "sources.one": Who.STAFF,
    "sources.one_as_toml": Who.STAFF,
    "sources_acting.pause": Who.SOURCE_KEEPERS,
    "sources_acting.resume": Who.SOURCE_KEEPERS,
    "sources_acting.visit": Who.SOURCE_KEEPERS,
    "sources_acting.change": Who.SOURCE_KEEPERS,
    "sources_acting.remove": Who.SOURCE_KEEPERS,
    "sources_adding.index": Who.SOURCE_KEEPERS,
    "sources_adding.look": Who.SOURCE_KEEPERS,
    "sources_adding.found": Who.SOURCE_KEEPERS,
    "sources_adding.add": Who.SOURCE_KEEPERS,
    "sources_adding.progress": Who.SOURCE_KEEPERS,
    "sources_opml.take_over": Who.SOURCE_KEEPERS,
    # Judging a decided lead once more, blind.
    "second_look.index": Who.DECIDERS,
    "second_look.answer_look": Who.DECIDERS,
}

#: What an account is told that may not open an address.
REFUSALS: dict[Who, Any] = {
    Who.READERS: _l("Uw account mag geen signalen en initiatieven zien."),
    Who.DECIDERS: _l("Uw account mag geen besluiten nemen."),
    Who.STAFF: _l("Alleen medewerkers van het netwerk mogen de bronnen zien."),
    Who.SOURCE_KEEPERS: _l("Alleen een projectleider of beheerder mag bronnen toevoegen en veranderen."),
    Who.REGISTER_KEEPERS: _l("Uw account mag het register niet veranderen."),
    Who.ANSWERERS: _l("Alleen een medewerker van de gemeente zelf kan hierop antwoorden."),
    Who.CHANNEL_KEEPERS: _l("Alleen een projectleider, beheerder of de gemeente zelf mag dit veranderen."),
    Who.CONSULTANT_KEEPERS: _l("Alleen medewerkers van het netwerk en van de gemeente zelf mogen dit."),
    Who.NETWORK_KEEPERS: _l("Alleen een projectleider of beheerder mag zeggen wie er meedoet."),
    Who.ROUND_LEADERS: _l("Alleen een projectleider of beheerder mag dit in een ronde doen."),
    Who.ROUND_SEEDERS: _l("Alleen een projectleider, beheerder of de gemeente zelf mag dit veranderen."),
    Who.PAIRING_READERS: _l("Alleen medewerkers van het netwerk mogen zien hoe er gekoppeld wordt."),
    Who.MANAGERS: _l("Alleen een beheerder mag accounts bekijken en veranderen."),
    Who.AUDITORS: _l("Alleen een beheerder en de functionaris gegevensbescherming mogen het logboek zien."),
}


class AccessError(Exception):
    """The table and the application do not fit; the message names the endpoints."""


def use_access(app: Flask) -> None:
    """Close every address of ``app`` to all but those it is for. Call when all of them are there.

    Raises:
        AccessError: an endpoint has no line in :data:`ACCESS`.
    """
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - ACCESS.keys())
    if missing:
        raise AccessError(
            "nobody has said who may open " + ", ".join(missing) + ": add a line for each to ACCESS in "
            "review/access.py"
        )
    app.before_request(gate)
    app.jinja_env.globals["current_viewer"] = current_viewer


def admits(who: Who, viewer: Viewer | None) -> bool:
    """Whether an address for ``who`` is there for this viewer; None = nobody is signed in."""
    if viewer is None:
        return who is Who.OPEN
    return {
        Who.OPEN: True,
        Who.SIGNED_IN: True,
        Who.READERS: viewer.reads,
        Who.DECIDERS: viewer.decides,
        Who.STAFF: viewer.decides,
        Who.SOURCE_KEEPERS: viewer.keeps_sources,
        Who.REGISTER_KEEPERS: viewer.writes_register,
        Who.ANSWERERS: viewer.answers,
        Who.CHANNEL_KEEPERS: viewer.keeps_channels,
        Who.CONSULTANT_KEEPERS: viewer.decides or viewer.answers,
        Who.NETWORK_KEEPERS: viewer.keeps_sources,
        Who.ROUND_LEADERS: viewer.leads_rounds,
        Who.ROUND_SEEDERS: viewer.leads_rounds or viewer.answers,
        Who.PAIRING_READERS: viewer.decides,
        Who.PROGRAMS: False,
        Who.MANAGERS: viewer.manages,
        Who.AUDITORS: viewer.audits,
    }[who]


def gate() -> Response | None:
    """Let nobody past who is not meant to be there.

    Unknown paths and wrong methods pass: they are answered with 404 and 405 whoever asks.
    """
    rule = request.url_rule
    if rule is None or (request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)):
        return None
    who = ACCESS[rule.endpoint]
    if who in (Who.OPEN, Who.PROGRAMS):
        # Programs are held against their tokens by the API itself.
        return None
    if not current_user.is_authenticated:
        return to_sign_in()
    if time.time() - session.get("begun", 0) > LONGEST.total_seconds():
        logout_user()
        return to_sign_in()
    g.viewer = viewer_of(current_user)
    if admits(who, g.viewer):
        return None
    if rule.endpoint == "queue.index" and g.viewer.audits:
        # The start page of who may not see content.
        return redirect(url_for("logbook.index"), code=303)
    abort(403, REFUSALS[who])


def current_viewer() -> Viewer | None:
    """Who is signed in, also on pages that are open to everybody; None = nobody, or not to be asked."""
    if "viewer" in g:
        return g.viewer  # type: ignore[no-any-return]
    if g.get("plain_page") or not current_user.is_authenticated:
        return None
    return viewer_of(current_user)


def to_sign_in() -> Response:
    """Send to the sign-in page, and from there back to where one wanted to be."""
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if wanted not in (None, "/"):
        flash(str(_l("Meld u eerst aan.")), "info")
    return redirect(url_for("security.login", next=wanted if wanted != "/" else None), code=303)


def viewer_of(user: "User") -> Viewer:
    """What this account may see and do."""
    roles = frozenset(Role(role.name) for role in user.roles if role.name in set(Role))
    return Viewer(
        account_id=user.id,
        name=user.name or user.email,
        roles=roles,
        municipality_code=user.municipality_code,
        signed_in_at=datetime.fromtimestamp(session["begun"], UTC) if "begun" in session else None,
    )


if __name__ == "__main__":
    from review.access_table import main

    main()
