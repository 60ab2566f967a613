"""More sentences of ``scout`` with their Dutch: social media, open government data, and what is odd.

As in ``review.source_sentences``.
"""

from flask_babel import lazy_gettext as _l

from review.source_sentences import Table

#: What readers say of accounts, and why one is not followed; none of an account's own words.
ACCOUNTS: Table = (
    (
        "the account may be a person's, and persons are not followed: {why}",
        _l(
            "Dit lijkt een account van een persoon, en die volgt Scout niet: %(why)s. Volg een "
            "organisatie, of "
            "haal de bron weg."
        ),
    ),
    (
        "the channel may be a person's, and persons are not followed: {why}; if it is an organisation's, "
        "let the "
        "source's title say which kind",
        _l(
            "Dit lijkt een kanaal van een persoon, en die volgt Scout niet: %(why)s. Is het van een "
            "organisatie? "
            "Noem dan in de naam van de bron wat voor organisatie."
        ),
    ),
    (
        "its profile says that somebody speaks for themselves",
        _l("in het profiel staat dat iemand voor zichzelf spreekt"),
    ),
    ("its profile names a person's pronouns", _l("in het profiel staat hoe iemand genoemd wil worden")),
    ("its profile speaks as one person", _l("het profiel is geschreven als één persoon")),
    ("its profile names one person's office or trade", _l("in het profiel staat iemands functie of beroep")),
    ("its profile tells of somebody's private life", _l("in het profiel staat iets uit iemands eigen leven")),
    ("it has a person's name", _l("het account heeft de naam van een persoon")),
    (
        "nothing in its profile or in the source's title shows an organisation{extra}",
        _l("niets in het profiel of in de naam van de bron wijst op een organisatie"),
    ),
    (
        "the account lives on another server: make its own server the url",
        _l("Het account hoort bij een andere server. Voeg de bron opnieuw toe met het adres van die server."),
    ),
    (
        "the account has moved to another one: find out where, and correct url and account",
        _l("Het account is verhuisd. Zoek waarheen, en voeg de bron opnieuw toe."),
    ),
    (
        "the account is suspended by its server: remove the source",
        _l("De server heeft het account geschorst. Haal de bron weg."),
    ),
    (
        "the account's profile says that it is not to be read by robots (#nobot): remove the source",
        _l("In het profiel staat dat programma’s het niet mogen lezen (#nobot). Haal de bron weg."),
    ),
    (
        "the account asks to be shown to signed-in visitors only (!no-unauthenticated), so it is not read: "
        "remove "
        "the source",
        _l("Dit account wil alleen getoond worden aan wie zich aanmeldt. Haal de bron weg."),
    ),
    (
        "the account is taken down ({name}), so it is not read: remove the source",
        _l("Dit account is van het net gehaald. Haal de bron weg."),
    ),
    (
        "the server no longer shows the account ({name}): correct url if it moved to another server, else "
        "remove "
        "the source",
        _l("De server toont dit account niet meer. Zoek of het verhuisd is, of haal de bron weg."),
    ),
    (
        "the server has the account, but does not show its profile: report this to its owner",
        _l("De server toont het profiel van dit account niet. Meld het aan de eigenaar."),
    ),
    (
        "the server's list of posts has no list in it: report this to its owner",
        _l("De server gaf geen lijst van berichten. Meld het aan de eigenaar."),
    ),
    (
        "{host} answers neither as the server of a Bluesky account nor as an AppView (status {status}): "
        "set url to "
        "the account's own server, or to {url}",
        _l("%(host)s geeft geen berichten van Bluesky (%(status)s). Neem als adres %(url)s."),
    ),
    # -- Mastodon --------------------------------------------------------------------------------
    (
        "{host} does not say what server it is: is it Mastodon, and is url its root?",
        _l("%(host)s lijkt geen Mastodon-server. Controleer het adres."),
    ),
    (
        "{host} gives no list of posts (status {status}): is it Mastodon, and is url its root?",
        _l("%(host)s gaf geen lijst van berichten (%(status)s). Controleer of het een Mastodon-server is."),
    ),
    (
        "{host} shows {name} only to those who sign in: follow an organisation's account there instead, or "
        "remove "
        "the source",
        _l("%(host)s toont dit alleen aan wie zich aanmeldt. Volg daar een account van een organisatie."),
    ),
    (
        "{host} has switched {name} off: follow an organisation's account there instead, or remove the "
        "source",
        _l("%(host)s heeft dit uitgezet. Volg daar een account van een organisatie, of haal de bron weg."),
    ),
    (
        "{host} wants a sign-in for this: follow an organisation's account there instead, or remove the "
        "source",
        _l("%(host)s vraagt hiervoor een aanmelding. Volg daar een account van een organisatie."),
    ),
    (
        "{host} wants a sign-in for this: remove the source",
        _l("%(host)s vraagt hiervoor een aanmelding. Haal de bron weg."),
    ),
    (
        "{host} does not let us in: ask its administrators, or remove the source",
        _l("%(host)s laat Scout niet toe. Vraag het aan de beheerders van die server, of haal de bron weg."),
    ),
    (
        "{host} does not accept the question (status 422): correct hashtag or account",
        _l("%(host)s kent deze hashtag of dit account niet. Voeg de bron opnieuw toe."),
    ),
    (
        "{host} has no such account (any more): correct account, or remove the source",
        _l("%(host)s heeft dit account niet (meer). Zoek het opnieuw, of haal de bron weg."),
    ),
    # -- feeds of social sites, YouTube ------------------------------------------------------------
    (
        "this is the feed of one account, and persons are not followed: {rest}",
        _l("Dit is de feed van één account, en personen volgt Scout niet. Voeg de organisatie zelf toe."),
    ),
    (
        "these are comments of persons, who are not followed: use the feed of the videos",
        _l("Dit zijn reacties van personen, en die volgt Scout niet. Neem de feed van de video’s."),
    ),
    (
        'this feed names persons in the addresses of their posts: use kind = "mastodon", which reads the '
        "same without them",
        _l("Deze feed noemt personen in de adressen van berichten. Voeg de bron opnieuw toe als Mastodon."),
    ),
    (
        "YouTube answers 404 for the channel's feed, as it does now and then for channels that are there: "
        "nothing "
        "is removed; if it lasts for weeks, see whether the channel still exists",
        _l("YouTube geeft het kanaal nu niet (404). Duurt dit weken, kijk dan of het kanaal nog bestaat."),
    ),
)

#: What readers of official announcements and council papers say.
OFFICIAL: Table = (
    (
        "the server no longer knows where the last visit was: all papers are read anew",
        _l("De server weet niet meer waar Scout gebleven was. Alle stukken worden opnieuw gelezen."),
    ),
    (
        "the server has no papers of council {name} ({said}): correct council or url",
        _l("De server heeft geen stukken van gemeenteraad %(name)s. Controleer de naam en het adres."),
    ),
    (
        "the answer is no export of council papers: is url the root of the aggregator?",
        _l("Dit adres geeft geen raadsstukken. Controleer het adres."),
    ),
    (
        "the server says that there is more, but not where: report it to the aggregator",
        _l("De server zegt dat er meer is, maar niet waar. Meld het aan de beheerder van die server."),
    ),
    (
        "{count} records can't be read and are left out: line {lines} of {url}",
        _l("%(count)s stukken zijn niet te lezen en overgeslagen."),
    ),
    (
        "the text of {url} can't be had (status {status}): the paper is left out",
        _l("De tekst van %(url)s is niet op te halen (%(status)s). Het stuk is overgeslagen."),
    ),
    (
        "{host} gives no texts of papers (status {status}): if it lasts, see whether the aggregator moved",
        _l(
            "%(host)s geeft geen teksten van raadsstukken (%(status)s). Duurt dit lang, kijk dan of de "
            "server verhuisd is."
        ),
    ),
    (
        'the answer is neither of Notubiz, iBabs nor GO: name the council, council = "…", and give the '
        "root of the "
        "aggregator as url",
        _l("Dit adres geeft geen raadsstukken die Scout kent. Zoek de gemeenteraad op OpenBesluitvorming."),
    ),
    (
        "the server has no publications by {name}: correct creator or municipality",
        _l("De server heeft geen bekendmakingen van %(name)s. Controleer de uitgever of de gemeente."),
    ),
    ("corrections could not be asked for: {why}", _l("Verbeteringen waren niet op te vragen: %(why)s.")),
    (
        "the answer is none of a search service (SRU): is url the address of one?",
        _l("Dit adres is geen zoekdienst van officiële bekendmakingen. Controleer het adres."),
    ),
    (
        "the search service refuses the question: {said}",
        _l("De zoekdienst begrijpt de vraag niet (%(said)s). Meld dit aan de beheerder."),
    ),
)

#: What is odd, as a visit that failed for it says it, and as commands do.
ODD: Table = (
    (
        "set its url to {url}, once you have seen that it is the same source",
        _l("De bron is verhuisd naar %(url)s. Neem het adres over als het dezelfde bron is."),
    ),
    (
        "{url} is a page that sells the domain: {rest}",
        _l(
            "%(url)s is een pagina van wie het domein verkoopt. Zoek waar de bron gebleven is, of haal hem "
            "weg."
        ),
    ),
    (
        "{url} is a page of the hosting firm: {rest}",
        _l("%(url)s is een pagina van de hostingfirma. Vraag het aan de eigenaar, of pauzeer de bron."),
    ),
    (
        "{url} asks for consent or a sign-in: {rest}",
        _l("%(url)s vraagt om toestemming of aanmelding. Zoek een nieuwsfeed, of vraag het aan de eigenaar."),
    ),
    (
        "{address} is {url} for good: correct the url when you are there anyway",
        _l("%(address)s heet voortaan %(url)s. Neem het nieuwe adres over als u hier toch bent."),
    ),
)
