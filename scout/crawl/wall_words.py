"""The words of pages that stand in the place of a source: domain sellers, hosting firms, consent and sign-in.

Each pattern is looked for in small letters with single spaces. None of them decides alone:
``scout.crawl.signs`` looks at the whole page too, for papers write about all of this.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


#: "this domain name" in the four languages, with the name itself in between if need be.
_NL = r"(?:deze |dit |de |het )?(?:domeinnaam|domein)(?: [\w.-]{3,80})?"
_EN = r"(?:this |the )?(?:domain(?: name)?|web ?site|web ?page)(?: [\w.-]{3,80})?"
_DE = r"(?:diese |die )?domain(?: [\w.-]{3,80})?"
_FR = r"(?:ce |le )?(?:nom de )?domaine(?: [\w.-]{3,80})?"

PARKED = _any(
    # Dutch
    rf"{_NL} (?:is|staat|kan) (?:mogelijk |misschien |nu )?te koop",
    rf"{_NL} (?:is )?(?:geparkeerd|gereserveerd|vastgelegd|verlopen|opgeheven|vrijgekomen)\b",
    rf"{_NL} is (?:geregistreerd|aangevraagd) (?:door|bij|via|voor|namens)",
    rf"{_NL} is (?:nog |momenteel )?niet (?:in gebruik|gekoppeld|actief)",
    r"gereserveerd voor (?:een|één) (?:van onze )?(?:klant|relatie)",
    r"(?:bied|bod|bieding) (?:op|voor) (?:deze domeinnaam|dit domein)",
    r"(?:koop|kopen|overnemen van) (?:deze domeinnaam|dit domein)",
    r"\b[\w-]{2,60}\.[a-z]{2,12} is te koop",
    # English
    rf"{_EN} (?:is|may be|could be|might be) (?:available )?(?:for sale|parked)",
    r"domain(?: name)? (?:has |is |was )?(?:been )?(?:recently )?(?:registered|expired|parked|reserved)\b",
    r"(?:buy|purchase|get|acquire|own) this domain",
    r"(?:interested in|inquire about|offer (?:on|for)|price for) (?:buying )?this domain",
    r"this (?:domain|page|site|web ?page|web ?site) is parked",
    r"parked (?:free|domain|page)",
    r"\b[\w-]{2,60}\.[a-z]{2,12} (?:is|may be) for sale",
    r"future home of something",
    # German
    rf"{_DE} (?:ist|steht|wird) (?:zu verkaufen|zum verkauf|geparkt|registriert|reserviert|verkauft)",
    rf"{_DE} (?:kaufen|erwerben)\b",
    r"hier entsteht (?:eine neue |in kürze )?(?:eine )?(?:internetpräsenz|website|webseite|homepage)",
    # French
    rf"{_FR} (?:est|peut être) (?:à vendre|réservé|enregistré|parqué|expiré|en vente)",
    r"acheter ce (?:nom de )?domaine",
)

#: Registrable domains that pages of domain sellers stand at, or get their advertisements from.
SELLERS = frozenset(
    {
        "above.com",
        "afternic.com",
        "bodis.com",
        "dan.com",
        "domainmarket.com",
        "dsparking.com",
        "hugedomains.com",
        "parkingcrew.net",
        "parklogic.com",
        "sedo.com",
        "sedoparking.com",
        "skenzo.com",
        "undeveloped.com",
    }
)
#: Where the pages of one large registrar send every visitor.
SENT_AWAY = re.compile(rb"location(?:\.href|\.replace\()?\s*=?\s*\(?[\"']/(?:lander|sedoparking|parking)\b")

_SITE_NL = r"(?:website|webpagina|pagina|site|account|hosting|hostingpakket|webruimte|hostingaccount)"
_OFF_NL = (
    r"(?:opgeschort|geblokkeerd|gedeactiveerd|uitgeschakeld|afgesloten|gesuspendeerd|stopgezet|stilgelegd)"
)
SUSPENDED = _any(
    # Dutch
    rf"(?:deze|dit|de|het) {_SITE_NL} (?:is|werd) (?:tijdelijk |voorlopig |door [\w .-]{{2,40}} )?{_OFF_NL}",
    r"(?:bandbreedte|dataverkeer|datalimiet)(?:limiet)? (?:is |werd )?(?:overschreden|bereikt|verbruikt)",
    # English
    r"(?:this |the |your |hosting )?account (?:has been |is |was )?(?:temporarily )?suspended",
    r"this (?:web ?site|site|web ?page|page|domain) (?:has been|is) (?:temporarily )?(?:suspended|disabled)",
    r"bandwidth (?:limit )?(?:has been )?exceeded",
    r"contact your (?:web )?hosting provider",
    # German
    r"(?:dieses|das|ihr) (?:konto|webhosting|hosting|account) (?:wurde|ist) (?:vorübergehend )?gesperrt",
    r"diese (?:website|webseite|seite|domain) (?:wurde|ist) (?:vorübergehend )?(?:gesperrt|deaktiviert)",
    # French
    r"(?:ce |le |votre )?(?:compte|site)(?: web)? (?:est|a été) (?:temporairement )?suspendu",
)
#: Whole titles of the pages that web servers and control panels come with.
DEFAULT_TITLES = _any(
    r"apache2? (?:\w+ )?default page(?:: it works)?",
    r"(?:http server )?test page for the .{0,60}",
    r"test page for apache installation",
    r"(?:http server )?test page,? powered by .{0,40}",
    r"welcome to nginx(?: on .{0,30})?!?",
    r"welcome to (?:openresty|caddy|centos|tengine)!?",
    r"caddy works!?",
    r"it works!?",
    r"iis (?:windows(?: server)?|\d+(?:\.\d)?)",
    r"default (?:web site|parallels plesk(?: panel)?|plesk) page",
    r"(?:domain|web server'?s?) default page",
    r"(?:site|website) (?:is )?(?:not (?:configured|published)|default page)",
    r"(?:website )?placeholder(?: page)?",
    r"success! your new web ?server is ready to use\.?",
)
#: Paths that a control panel answers with.
PANEL_PATHS = re.compile(r"/cgi-sys/(?:suspendedpage|defaultwebpage|bandwidthexceeded)", re.IGNORECASE)

CONSENT = _any(
    # Dutch
    r"(?:toestemming|akkoord) (?:voor|met|geven|geeft|nodig)\b.{0,80}\b(?:cookies?|gegevens|privacy)",
    r"(?:accepteer|plaatsen?|gebruiken?|gebruikt|zonder) (?:\w+ ){0,3}cookies",
    r"cookies? (?:te )?(?:accepteren|toestaan|weigeren|plaatsen)",
    r"(?:jouw|uw|je) (?:privacy|cookie-?(?:keuze|instellingen|voorkeuren))",
    # English
    r"(?:we|and our partners|this site|website) (?:\w+ ){0,4}(?:use|uses|store) (?:\w+ ){0,3}cookies",
    r"(?:accept|allow|manage|consent to) (?:\w+ ){0,3}cookies",
    r"before you continue",
    r"we value your privacy",
    # German
    r"(?:verwenden|verwendet|nutzen|setzen) (?:\w+ ){0,3}cookies",
    r"einwilligung|zustimmung (?:\w+ ){0,6}(?:cookies|daten)",
    # French
    r"(?:utilisons|utilise|déposer|accepter) (?:\w+ ){0,3}cookies",
    r"votre (?:consentement|vie privée)",
)
#: All the words of a button or link that says yes.
ACCEPT = re.compile(
    r"(?:(?:ja|ok|oké|yes)\b,? ?)?(?:ik ga |ga |helemaal )?(?:akkoord(?: en doorgaan)?|accepteren|accepteer|"
    r"toestaan|begrepen|(?:alles|alle cookies|cookies|optionele cookies) (?:accepteren|toestaan)|"
    r"(?:accepteer|sta) (?:alles|alle cookies|cookies)(?: toe)?|"
    r"(?:i )?(?:accept|agree)(?: all| all cookies| cookies| and continue| & continue)?|"
    r"allow all(?: cookies)?|alle akzeptieren|alles akzeptieren|akzeptieren|zustimmen|einverstanden|"
    r"(?:tout )?accepter|j'accepte|accepter et continuer)[!.]?"
)
SIGN_IN = _any(
    r"\binloggen\b|\blog ?in\b|\baanmelden\b|\bmeld (?:je|u) aan\b|\bsign ?in\b|\banmelden\b|\beinloggen\b",
    r"\bconnexion\b|\bs'identifier\b|\bse connecter\b",
)
#: Addresses that people are sent to for consent or a sign-in: hosts, and parts of paths.
GATE_HOSTS = re.compile(r"^(?:consent|cmp|myprivacy|privacy|login|inloggen|sso|auth|accounts?|id)\.")
GATE_PATHS = re.compile(
    r"/(?:cookie-?(?:wall|muur|consent|toestemming)s?|consent|privacy-?(?:gate|wall)|toestemming|"
    r"log-?in|inloggen|aanmelden|sign-?in|wp-login\.php|sso|oauth2?|auth)(?:[/.?]|$)",
    re.IGNORECASE,
)
#: Links of such pages that are no articles, by their words and by their addresses.
POLICY = _any(
    r"privacy|cookie|voorwaarden|disclaimer|colofon|toestemming|persoonsgegevens|wachtwoord",
    r"terms|policy|legal|consent|partners|password|log-?in|inloggen|aanmelden|sign-?in|register|account",
    r"datenschutz|impressum|einwilligung|passwort|confidentialit|mentions-l|mot-de-passe",
)
