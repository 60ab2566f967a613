"""Lists for :mod:`models.search`: words that say nothing, and parts of which Dutch compounds are made."""

_STOP_WORDS = """
    aan al alle alles als ben bij dan dat de deze die dit doen door dus een en er ge geen had haar hebben
    heb heeft hem het hier hij hoe hun ik in is ja je kan kon kunnen maar me mee meer men met mij mijn moet
    na naar nee niet nog nu of om omdat onder ons onze ook op over s t te tegen toch toen tot u uit uw van
    veel voor want waren was wat we wel werd wie wij wil worden wordt zal ze zei zelf zich zij zijn zo
    zonder zou
"""

_PARTS = """
    actie atelier bank bewoner bieb bloem boek boer boerderij bomen boom boot bos brood buren bus buur buurt
    buurthuis cafe centrum club collectief comite cooperatie cultuur dag dak deel dier dieren dorp dorpshuis
    energie expositie feest festival fiets film fonds fruit garage gevel gilde groen groente groep haven
    hergebruik hof hotel huis hulp initiatief jeugd jongeren kamer kast keuken kermis kerk kinder kleding
    klus koffie koor krant kring kunst kwartier lokaal loket lunch maaltijd makelaar mantelzorg markt meubel
    moestuin molen monument museum muziek natuur netwerk ontmoeting ouderen park pad plein plek podium
    polder punt raad repair restaurant route ruil ruimte school schuur soep speel speelgoed speelplek
    speeltuin spel sport stad stads straat straten stroom taal team theater toneel tuin veld vereniging
    verhalen voedsel voedselbos vogel vrijwilliger wandel water weg weide weggeef werk werkplaats wijk wind
    winkel woon woning zaal zaden zang zon zonne zonnepaneel zonneweide zorg zwerfafval
"""

#: Words in nearly every sentence; neither kept nor searched for. As :func:`models.search.fold` leaves them.
STOP_WORDS = frozenset(_STOP_WORDS.split())

#: What compounds about things that people do together begin or end with; our own choice, 2026-11-22.
PARTS = frozenset(_PARTS.split())

#: Endings that the stemmer leaves apart though they belong together; the first that fits is replaced.
ENDINGS = {
    "eeen": "ee",  # ideeën, moskeeën
    "ieen": "ie",  # knieën
    "ieven": "ief",  # initiatieven
    "kinderen": "kind",
    "panelen": "paneel",
    "autos": "auto",
}
