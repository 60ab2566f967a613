"""The sentences of ``scout`` about visits, each with its Dutch: what happened, and what to do.

``{host}`` and the like are gaps; ``{why}``, ``{first}`` and ``{last}`` hold another sentence of these tables.
The first that fits counts, so what is more particular stands above what is more general.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

#: English sentence -> Dutch.
Table = tuple[tuple[str, Any], ...]

#: What any visit can end with, whatever the kind of its source.
VISITS: Table = (
    # -- no answer -----------------------------------------------------------------------------
    (
        "{host} did not give a whole answer within {seconds} seconds",
        _l("%(host)s gaf binnen %(seconds)s seconden geen volledig antwoord. Scout probeert het later weer."),
    ),
    (
        "{host} refuses connections",
        _l("%(host)s neemt geen verbinding aan. Duurt dit langer dan een dag, controleer dan het adres."),
    ),
    (
        "the name {host} can't be found: check the address",
        _l("De naam %(host)s bestaat niet (meer). Controleer het adres."),
    ),
    (
        "the answer of {host} broke off half-way",
        _l("Het antwoord van %(host)s brak halverwege af. Scout probeert het later weer."),
    ),
    ("no connection with {host}", _l("Er is geen verbinding met %(host)s. Scout probeert het later weer.")),
    (
        "the connection with {host} broke ({name})",
        _l("De verbinding met %(host)s brak af. Scout probeert het later weer."),
    ),
    (
        "{count} requests to {host} failed in a row, so it is left alone in this run",
        _l("%(count)s verzoeken aan %(host)s mislukten achter elkaar. Scout probeert het later weer."),
    ),
    (
        "the certificate of {host} can't be trusted, so nothing was fetched from it",
        _l(
            "Het certificaat van %(host)s klopt niet, dus Scout haalt er niets op. Meld het aan de eigenaar "
            "van de site."
        ),
    ),
    # -- what the server answers ---------------------------------------------------------------
    (
        "{url} answered {status}{phrase}: it wants a password: remove the source or find a public address",
        _l("%(url)s vraagt om een wachtwoord (%(status)s). Zoek een openbaar adres, of haal de bron weg."),
    ),
    (
        "{url} answered {status}{phrase}: it does not let us in: ask the owner, or remove the source",
        _l("%(url)s laat Scout niet toe (%(status)s). Vraag het aan de eigenaar, of haal de bron weg."),
    ),
    (
        "{url} answered {status}{phrase}: it is gone for good: correct the address or remove the source",
        _l("%(url)s is voorgoed weg (%(status)s). Verbeter het adres, of haal de bron weg."),
    ),
    (
        "{url} answered {status}{phrase}: correct the address",
        _l("%(url)s bestaat niet (%(status)s). Verbeter het adres."),
    ),
    (
        "{url} answered {status}{phrase}: it wants fewer visits: set a longer every",
        _l("%(url)s wil minder vaak bezoek (%(status)s). Kies een langere tijd tussen twee bezoeken."),
    ),
    (
        "{url} answered {status}{phrase}: it is withheld for legal reasons: remove the source",
        _l("%(url)s is om juridische redenen gesloten (%(status)s). Haal de bron weg."),
    ),
    (
        "{url} answered {status}{phrase}: the trouble is at the server",
        _l("De server van %(url)s heeft een storing (%(status)s). Scout probeert het later weer."),
    ),
    (
        "{url} answered {status}{phrase}: check the address",
        _l("%(url)s gaf een onverwacht antwoord (%(status)s). Controleer het adres."),
    ),
    ("it answered {status}", _l("het antwoord was %(status)s")),
    (
        "{host} asks to be left alone until {moment} UTC (Retry-After); it is visited again after that",
        _l("%(host)s vraagt om rust tot %(moment)s (UTC). Daarna gaat Scout er weer langs."),
    ),
    (
        "is not visited: its server asked to be left alone until {moment} UTC (Retry-After)",
        _l("De server vraagt om rust tot %(moment)s (UTC). Daarna gaat Scout er weer langs."),
    ),
    (
        "{url} redirects to {other_url}, which is not an http or https address",
        _l("%(url)s stuurt door naar iets dat geen webadres is. Controleer het adres."),
    ),
    (
        "{url} redirects endlessly (more than {count} times): correct the address",
        _l("%(url)s blijft doorsturen, meer dan %(count)s keer. Verbeter het adres."),
    ),
    ("{url} is not an http or https address", _l("%(url)s is geen webadres. Verbeter het adres.")),
    ("{url} is no usable address", _l("%(url)s is geen bruikbaar adres. Verbeter het adres.")),
    (
        "{url} gives more than {count} MB, which is cut off (it is compressed)",
        _l("%(url)s geeft meer dan %(count)s MB. Zoek een kleiner adres, zoals een nieuwsfeed."),
    ),
    (
        "{url} gives more than {count} MB, which is cut off",
        _l("%(url)s geeft meer dan %(count)s MB. Zoek een kleiner adres, zoals een nieuwsfeed."),
    ),
    (
        "the compressed answer of {url} is broken",
        _l("Het ingepakte antwoord van %(url)s is stuk. Scout probeert het later weer."),
    ),
    ("{url} could not be read: {why}", _l("%(url)s is niet te lezen: %(why)s.")),
    ("an entry of {count} characters could not be read: {why}", _l("Een bericht is niet te lezen: %(why)s.")),
    ("{url} could not be worked out ({name})", _l("%(url)s kon niet worden verwerkt.")),
    ("{url} {why}: correct the address", _l("%(url)s %(why)s. Verbeter het adres.")),
    ("is a PDF file, which is not read", _l("is een PDF, en die leest Scout niet")),
    ("is a {name} file ({type}), which is not read", _l("is geen webpagina maar een bestand (%(type)s)")),
    ("is an {name} file ({type}), which is not read", _l("is geen webpagina maar een bestand (%(type)s)")),
    ("is really a {name} file, which is not read", _l("is geen webpagina maar een bestand")),
    ("is of type {type}, which is not read", _l("is van een soort die Scout niet leest (%(type)s)")),
    (
        "it took longer than {seconds} seconds and was cut off",
        _l("lezen duurde langer dan %(seconds)s seconden"),
    ),
    (
        "it needed more than {count} MB of memory and was cut off",
        _l("lezen vroeg meer dan %(count)s MB geheugen"),
    ),
    ("its process died", _l("het lezen brak af")),
    ("it was stopped before it was done", _l("het lezen werd gestopt")),
    ("there are no processes for it: they are closed or don't start", _l("het leesprogramma start niet")),
    ("it failed ({name})", _l("het lezen mislukte")),
    # -- what may not be fetched -----------------------------------------------------------------
    (
        "robots.txt of {host} does not allow {url}",
        _l(
            "%(host)s wil niet dat programma’s %(url)s lezen (robots.txt). Vraag het aan de eigenaar, of "
            "haal de bron weg."
        ),
    ),
    (
        "robots.txt of {host} could not be read ({last}), so nothing is fetched there this time",
        _l(
            "De regels van %(host)s (robots.txt) zijn niet te lezen, dus Scout haalde er nu niets op. "
            "Reden: %(last)s."
        ),
    ),
    (
        "{host} is not asked for anything, because its terms forbid it (blocked_hosts): let people hand in "
        "what "
        "stands there",
        _l("De voorwaarden van %(host)s verbieden ophalen. Laat mensen zelf inbrengen wat daar staat."),
    ),
    (
        "port {count} of {address} is not visited: public addresses only at ports 80 and 443",
        _l("Scout bezoekt alleen gewone webadressen, zonder poort %(count)s. Verbeter het adres."),
    ),
    (
        "{address} is a {name} address: nothing can be fetched there, correct the address",
        _l("%(address)s is geen adres op het internet. Verbeter het adres."),
    ),
    (
        "{address} is a private address ({name}): only SCOUT_ALLOW_PRIVATE_ADDRESSES=true lets private "
        "addresses "
        "be visited",
        _l("%(address)s is een adres in een eigen netwerk. Scout bezoekt alleen openbare adressen."),
    ),
    # -- the visit as a whole -----------------------------------------------------------------------
    (
        "the visit broke ({name}): report this as a mistake in scout",
        _l("Het bezoek brak af door een fout in Scout. Meld dit aan de beheerder."),
    ),
    (
        "the visit took more than {count} minutes: what was found is kept, the next one goes on",
        _l(
            "Het bezoek duurde langer dan %(count)s minuten. Wat gevonden is, blijft; het volgende bezoek "
            "gaat verder."
        ),
    ),
    (
        "{count} list pages were read; the next visit goes on there",
        _l("Er zijn %(count)s pagina’s met berichten gelezen. Het volgende bezoek gaat daar verder."),
    ),
    (
        "{count} list pages were read; those behind them are left out",
        _l("Er zijn %(count)s pagina’s met berichten gelezen. De pagina’s daarachter niet."),
    ),
    (
        "{count} new items were taken up; the rest is left for the next visit",
        _l("Er zijn %(count)s nieuwe berichten gelezen. De rest komt bij het volgende bezoek."),
    ),
    (
        "none of its {count} new articles could be had; the first: {first}",
        _l("Geen van de %(count)s nieuwe artikelen was op te halen. Het eerste: %(first)s."),
    ),
    (
        "{count} of its articles could not be had; the first: {first}",
        _l("%(count)s artikelen waren niet op te halen. Het eerste: %(first)s."),
    ),
    (
        "for {count} items the list's own text stands; the first: {first}",
        _l("Van %(count)s berichten is alleen de tekst uit de lijst gebruikt. Het eerste: %(first)s."),
    ),
    (
        "{count} different links lead to one page at {host} (consent, sign-in, an error?): set full_text = "
        "false, "
        "or remove the source",
        _l(
            "%(count)s links leiden allemaal naar dezelfde pagina op %(host)s, misschien een "
            "toestemmingsvraag. "
            "Zet ‘artikelen ophalen’ uit, of haal de bron weg."
        ),
    ),
    (
        "{url} leads to {host} instead of an article",
        _l("%(url)s leidt naar %(host)s in plaats van naar een artikel"),
    ),
    # -- what it gave, against what was expected ---------------------------------------------------
    (
        "gave 1 item, expected at least {other}: look whether the page changed, or correct expect",
        _l("Het bezoek gaf 1 bericht; verwacht zijn er minstens %(other)s. Kijk of de pagina veranderd is."),
    ),
    (
        "gave {count} items, expected at least {other}: look whether the page changed, or correct expect",
        _l(
            "Het bezoek gaf %(count)s berichten; verwacht zijn er minstens %(other)s. Kijk of de pagina "
            "veranderd is."
        ),
    ),
    (
        "gave 1 item, expected at most {other}: look whether the page changed, or correct expect",
        _l("Het bezoek gaf 1 bericht; verwacht zijn er hooguit %(other)s. Kijk of de pagina veranderd is."),
    ),
    (
        "gave {count} items, expected at most {other}: look whether the page changed, or correct expect",
        _l(
            "Het bezoek gaf %(count)s berichten; verwacht zijn er hooguit %(other)s. Kijk of de pagina "
            "veranderd is."
        ),
    ),
    (
        "gave 1 item, expected {other} to {more}: look whether the page changed, or correct expect",
        _l(
            "Het bezoek gaf 1 bericht; verwacht zijn er %(other)s tot %(more)s. Kijk of de pagina "
            "veranderd is."
        ),
    ),
    (
        "gave {count} items, expected {other} to {more}: look whether the page changed, or correct expect",
        _l(
            "Het bezoek gaf %(count)s berichten; verwacht zijn er %(other)s tot %(more)s. "
            "Kijk of de pagina veranderd is."
        ),
    ),
    # -- terms, and why a source is not visited -----------------------------------------------------
    (
        "its terms page changed ({url}, seen on {day}): read the new terms and set terms.checked to the "
        "day of "
        "that review",
        _l(
            "De voorwaarden op %(url)s zijn veranderd (gezien op %(day)s). Lees ze opnieuw en vul in "
            "wanneer u "
            "ze las."
        ),
    ),
    (
        "is paused: its terms page {url} changed; read it and set terms.checked",
        _l("De voorwaarden op %(url)s zijn veranderd. Lees ze opnieuw en vul in wanneer u ze las."),
    ),
    ("its terms page {url} could not be read", _l("De voorwaarden op %(url)s waren niet te lezen.")),
    (
        "its terms page could not be read in time; it is tried again next run",
        _l("De voorwaarden waren niet op tijd gelezen. Scout probeert het later weer."),
    ),
    (
        "its terms of use are not reviewed: record url, checked, basis and purpose under terms",
        _l("De voorwaarden zijn nog niet gelezen. Vul adres, datum, grondslag en doel in."),
    ),
    (
        "its terms are dated {day}, which is still to come: correct terms.checked",
        _l("De dag waarop de voorwaarden gelezen zijn (%(day)s) moet nog komen. Verbeter de datum."),
    ),
    (
        "its terms were checked on {day}, over 12 months ago: review them and set terms.checked",
        _l("De voorwaarden zijn op %(day)s gelezen, meer dan een jaar geleden. Lees ze opnieuw."),
    ),
    (
        "is not visited: sources of kind {kind} can't be read yet",
        _l("Scout kan bronnen van deze soort (%(kind)s) nog niet lezen."),
    ),
    ("is switched off: set enabled = true", _l("Deze bron staat uit.")),
    ("is not visited: {why}", _l("%(why)s.")),
    ("is paused: {why}", _l("Gepauzeerd: %(why)s.")),
    ("by hand", _l("Zonder opgegeven reden.")),
)
