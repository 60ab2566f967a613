"""Whether an account is an organisation's: topics, places and organisations are followed, persons never."""

import re
from collections.abc import Sequence

from scout.group.given_names import GIVEN_NAMES
from scout.places.names import fold

#: Words that name an organisation, in a name or a title.
_WORDS = (
    *("gemeente", "gemeenten", "gemeinte", "provincie", "waterschap", "ministerie", "rijksdienst", "ggd"),
    *("omgevingsdienst", "veiligheidsregio", "rijkswaterstaat", "stadsdeel", "raadhuis", "stadhuis"),
    *("stichting", "stifting", "vereniging", "feriening", "coöperatie", "cooperatie", "coop", "genootschap"),
    *("plaatselijk belang", "dorpsbelang", "dorpsbelangen", "doarpsbelang", "wijkbelang", "wijkbelangen"),
    *("werkgroep", "actiegroep", "initiatiefgroep", "comité", "actiecomité", "collectief", "platform"),
    *("netwerk", "organisatie", "federatie", "fonds", "welzijn", "wijkteam", "buurtteam", "mfa", "ivn"),
    *("bibliotheek", "bieb", "museum", "theater", "archief", "poppodium", "parochie", "moskee", "school"),
    *("redactie", "krant", "courant", "dagblad", "weekblad", "nieuwsblad", "omroep", "nieuws", "voedselbank"),
    *("repair café", "repaircafé", "repair cafe", "kringloop", "speeltuin", "buurttuin", "moestuin"),
    *("politie", "brandweer", "fietsersbond", "natuurmonumenten", "milieudefensie", "woningcorporatie"),
    *("municipality", "foundation", "association", "cooperative", "library", "newspaper"),
)
#: What such words end in; long enough that no surname does ("Veldhuis", "Conraad").
_ENDINGS = (
    *("gemeente", "stichting", "vereniging", "coöperatie", "cooperatie", "bibliotheek", "redactie"),
    *("dorpsraad", "wijkraad", "buurtraad", "stadsraad", "jongerenraad", "adviesraad", "bewonersraad"),
    *("gemeenteraad", "cliëntenraad", "ouderraad", "kinderraad", "buurthuis", "dorpshuis", "wijkhuis"),
    *("clubhuis", "wijkcentrum", "buurtcentrum", "jongerencentrum", "cultuurcentrum", "centrum", "belang"),
    *("bewonersgroep", "buurtgroep", "werkgroep", "collectief", "platform", "netwerk", "initiatief"),
    *("krant", "omroep", "wijkblad", "dorpsblad", "museum", "organisatie", "federatie", "comité"),
)
_ORGANISATION = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in _WORDS)}|\w{{0,30}}(?:{'|'.join(_ENDINGS)}))(?!\w)",
    re.IGNORECASE,
)
#: What only an organisation says of itself.
_OFFICIAL = re.compile(
    r"(?<!\w)(?:(?:officiële?|official)\s+(?:[\w-]+\s+)?(?:account|kanaal|profiel|channel|profile)|webcare"
    r"|onze\s+(?:leden|vrijwilligers|redactie|bewoners|inwoners)|kvk(?:-nummer|\s+nummer|:)?\s*\d{8})(?!\w)",
    re.IGNORECASE,
)
_WE = re.compile(r"(?<!\w)(?:wij|we|ons|onze|us|our)(?!\w)", re.IGNORECASE)

#: (What shows a person, how it is told). The account's own words are never repeated.
_PERSON: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), reason)
    for pattern, reason in (
        (
            r"op\s+(?:eigen|persoonlijke)\s+titel|persoonlijke?\s+(?:account|profiel|mening)|eigen\s+mening"
            r"|priv[eé][- ]?(?:account|profiel)|(?:personal|private)\s+(?:account|profile)"
            r"|(?:views?|opinions?)\s+(?:are\s+)?(?:my|mine)(?:\s+own)?|own\s+(?:views?|opinions?)",
            "its profile says that somebody speaks for themselves",
        ),
        (
            r"(?:he|she|they|hij|zij|hen|die|ze)\s?/\s?(?:him|her|them|hem|haar|hen|hun|die|diens|zijn|ze|they)",
            "its profile names a person's pronouns",
        ),
        (r"ik|ikzelf|mijn|mij|mezelf|mijzelf|i['’]m|i\s+am|my|myself", "its profile speaks as one person"),
        (
            r"\w*raadslid|wethouder|burgemeester(?!\s+(?:en|&)\s+wethouders)|gedeputeerde|statenlid|kamerlid"
            r"|fractievoorzitter|lijsttrekker|bestuurslid|journaliste?|verslaggever|verslaggeefster|columniste?"
            r"|ambtenaar|ambtenares|beleidsmedewerker|adviseur|adviseuse|leraar|lerares|huisarts|freelancer?"
            r"|zzp['’]?er|gepensioneerde?|werkt?\s+bij|werkzaam\s+(?:bij|als)|werk\s+als|woont?\s+in"
            r"|alderman|councillor|councilor|journalist|developer",
            "its profile names one person's office or trade",
        ),
        (
            r"(?:vader|moeder|papa|mama|opa|oma)(?!['’])|echtgenote?|man\s+van|vrouw\s+van|getrouwd|gehuwd"
            r"|kattenliefhebber|hondenbaas|father|mother|husband|wife|dad|mum|mom",
            "its profile tells of somebody's private life",
        ),
    )
)


def why_person(
    name: str,
    note: str,
    fields: Sequence[str] = (),
    *,
    title: str = "",
    group: bool = False,
    bot: bool = False,
) -> str | None:
    """Why an account can't be followed, because it is or may be a person's; None = it is an organisation's.

    It goes by what the account says of itself: something must show an organisation, and nothing a person.
    In doubt it counts as a person's. Pure.

    Args:
        name: the display name; not the handle.
        note: the description of the profile, plain text.
        fields: what else the profile says: names and values of its fields, plain text.
        title: what the source is called; helps an organisation whose profile says little.
        group: the account is a group's, as the server says.
        bot: it posts by itself, as the server says; a person may own such an account as well.

    Returns:
        Part of a sentence without a full stop ("its profile names …"), with none of the account's words.
    """
    profile = "\n".join((name, note, *fields))
    for pattern, reason in _PERSON:
        if pattern.search(profile):
            return reason
    if group or _ORGANISATION.search(name) or _OFFICIAL.search(profile):
        return None
    if _named_like_person(name):
        return "it has a person's name"
    # In a description such words may say where somebody works or helps; "we" makes the difference.
    if _ORGANISATION.search(title) or (_ORGANISATION.search(profile) and _WE.search(profile)):
        return None
    no_proof = " (that it posts by itself is not enough)" if bot else ""
    return f"nothing in its profile or in the source's title shows an organisation{no_proof}"


def _named_like_person(name: str) -> bool:
    """A given name and another word, or nothing but a given name."""
    first, *rest = re.findall(r"[^\W\d_]+", name) or [""]
    return fold(first) in GIVEN_NAMES and len(rest) <= 4
