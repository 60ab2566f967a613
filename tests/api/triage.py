"""A whole triage with a client that openapi-python-client made; run with the environment of the tools.

Usage: ``triage.py ADDRESS TOKEN MUNICIPALITY_TOKEN``; the client is the package ``scout_api``. Prints what it
did as JSON. Nothing of the product is imported here.
"""

import json
import sys

from scout_api import AuthenticatedClient
from scout_api.api.berichten import bericht_inbrengen
from scout_api.api.besluiten import besluit_nemen
from scout_api.api.consultants import consultant_toevoegen, consultant_wijzigen
from scout_api.api.delingen import deling_beantwoorden, deling_lezen, delingen_lezen
from scout_api.api.initiatieven import initiatief_lezen
from scout_api.api.matches import match_beantwoorden, matches_lezen
from scout_api.api.rondes import ronde_initiatieven_inbrengen, rondes_lezen
from scout_api.api.signalen import signaal_lezen, signalen_lezen
from scout_api.models import (
    Akkoord,
    AkkoordPartij,
    Antwoord,
    AntwoordAntwoord,
    Bericht,
    BesluitVraag,
    BesluitVraagSoort,
    ConsultantNieuw,
    ConsultantWijziging,
    DelingenLezenStatus,
    InbrengInRonde,
    InitiatiefTekst,
    MatchesLezenStatus,
    Probleem,
    RondesLezenStatus,
    SignalenLezenStatus,
)


def main(address: str, token: str, municipality_token: str) -> None:
    """List, look, promote, reject, look at what was promoted, hand in, answer; then a matching round."""
    did: dict[str, object] = {}
    staff = AuthenticatedClient(base_url=f"{address}/api/v1", token=token)
    arnhem = AuthenticatedClient(base_url=f"{address}/api/v1", token=municipality_token)

    page = signalen_lezen.sync(client=staff, status=SignalenLezenStatus.OPEN, gemeente="GM0202", limiet=10)
    did["leads"] = [one.titel for one in page.resultaten]
    did["more"] = page.field_links.next_.href

    first = signaal_lezen.sync_detailed(page.resultaten[0].id, client=staff)
    lead = first.parsed
    did["items"] = [one.url for one in lead.berichten]

    words = InitiatiefTekst(
        naam="Tuin van de Kamperweg",
        samenvatting="Bewoners beginnen met elkaar een tuin en zoeken daar grond voor.",
        gemeente="GM0202",
    )
    promoted = besluit_nemen.sync_detailed(
        lead.id,
        client=staff,
        body=BesluitVraag(soort=BesluitVraagSoort.OPNEMEN, versie=lead.versie, initiatief=words),
    )
    did["promoted"] = [promoted.status_code, promoted.parsed.soort.value]
    entry = initiatief_lezen.sync(promoted.parsed.initiatief_id, client=staff)
    did["initiative"] = entry.naam

    second = signaal_lezen.sync_detailed(page.resultaten[1].id, client=staff)
    rejection = BesluitVraag(soort=BesluitVraagSoort.AFWIJZEN, reden="overheid")
    rejected = besluit_nemen.sync_detailed(
        second.parsed.id, client=staff, body=rejection, if_match=second.headers["ETag"]
    )
    did["rejected"] = [rejected.status_code, rejected.parsed.soort.value]
    late = besluit_nemen.sync_detailed(
        second.parsed.id, client=staff, body=rejection, if_match=second.headers["ETag"]
    )
    did["too late"] = [late.status_code, isinstance(late.parsed, Probleem)]

    item = Bericht(
        samenvatting="Buren in Klarendal willen hun straat vergroenen.",
        url="https://inbreng.example/straat",
        titel="Groene straat",
    )
    handed = bericht_inbrengen.sync_detailed(client=arnhem, body=item, idempotency_key="eenmalig-1")
    again = bericht_inbrengen.sync_detailed(client=arnhem, body=item, idempotency_key="eenmalig-1")
    did["handed in"] = [handed.status_code, again.status_code, again.parsed.id == handed.parsed.id]

    shares = delingen_lezen.sync(client=arnhem, status=DelingenLezenStatus.AANGEBODEN)
    share = shares.resultaten[0]
    answer = deling_beantwoorden.sync_detailed(
        share.id,
        client=arnhem,
        body=Antwoord(antwoord=AntwoordAntwoord.OPGEPAKT, toelichting="Wij gaan langs.", versie=share.versie),
    )
    did["answered"] = [answer.status_code, deling_lezen.sync(share.id, client=staff).status.value]
    did["lent"] = lend(arnhem)
    did["put in"], did["agreed"] = take_part(staff, arnhem, entry.id)
    print(json.dumps(did))


def lend(arnhem: AuthenticatedClient) -> list[object]:
    """Enter a consultant, and correct it."""
    body = ConsultantNieuw(
        gemeente="GM0202",
        naam="Kim Voorbeeld",
        email="kim@arnhem.example",
        expertise=["vergunningen"],
        uren=12.5,
        akkoord_naam="Jo Voorbeeld",
        akkoord_email="jo@arnhem.example",
    )
    made = consultant_toevoegen.sync_detailed(client=arnhem, body=body)
    again = consultant_toevoegen.sync_detailed(client=arnhem, body=body)
    changed = consultant_wijzigen.sync(
        made.parsed.id,
        client=arnhem,
        body=ConsultantWijziging(uren=40, reisafstand_km=None),
        if_match=made.headers["ETag"],
    )
    return [made.status_code, again.status_code, changed.uren, changed.naam]


def take_part(
    staff: AuthenticatedClient, arnhem: AuthenticatedClient, initiative: int
) -> tuple[list[object], list[object]]:
    """Put an initiative into a round, and agree to a match in another."""
    young = rondes_lezen.sync(client=arnhem, status=RondesLezenStatus.SAMENSTELLEN).resultaten[0]
    put = ronde_initiatieven_inbrengen.sync_detailed(
        young.id, client=arnhem, body=InbrengInRonde(initiatieven=[initiative])
    )
    old = rondes_lezen.sync(client=arnhem, status=RondesLezenStatus.VOORSTELLEN).resultaten[0]
    page = matches_lezen.sync(old.id, client=arnhem, status=MatchesLezenStatus.VOORGESTELD)
    match = next(one for one in page.resultaten if one.gemeente.code == "GM0202")
    answer = match_beantwoorden.sync_detailed(
        old.id,
        match.id,
        client=arnhem,
        body=Akkoord(partij=AkkoordPartij.ONTVANGER, akkoord=True, versie=match.versie),
    )
    left = matches_lezen.sync(old.id, client=staff, wacht=True).resultaten
    return [put.status_code, put.parsed.toegevoegd == [initiative]], [
        answer.status_code,
        answer.parsed.wacht_op[0].value,
        len(left),
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
