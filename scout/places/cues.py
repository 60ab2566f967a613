"""The words around a name that tell how the place stands in its sentence."""

import re

from scout.places.words import words

#: Small words between a preposition and a name: "in de Schilderswijk", "in heel Almere".
FILLERS = words("de het 't t n 'n een heel hele gans ons eigen oud it e mooie prachtige")
MUNICIPALITY_BEFORE = words(
    """
    gemeente gemeenten gem gemiente gemeinte gemeenteraad raad raadszaal college burgemeester wethouder
    wethouders stadhuis gemeentehuis gemeentebestuur
    """
)
VILLAGE_BEFORE = words(
    """
    dorp stad stadje dorpje wijk buurt buurtschap kern stadsdeel dorpshuis dorpsbelang dorpsbelangen
    dorpsraad wijkraad dorpscoöperatie belang belangen buurthuis wijkteam stadswijk vinexwijk volkswijk
    nieuwbouwwijk plaats woonplaats gehucht vissersdorp kerkdorp eiland waddeneiland bewonersvereniging
    buurtvereniging wijkvereniging dorpsvereniging wijkcentrum doarp stêd doarpsbelang vestiging locatie
    afdeling kernen dorpen wijken buurtraad bewonerscommissie bewonersgroep wijkplatform dorpsplatform
    wijkbewoners dorpscoöperatief
    """
)
#: "van X" after one of these is about X itself.
RESIDENTS = words(
    """
    inwoners inwoner bewoners bewoner hart centrum dorpsplein straten rand noordrand zuidrand
    buitengebied omgeving haven jongeren ouderen kinderen mensen plein kerk school dorpskern ondernemers
    gezinnen huishoudens historie geschiedenis toekomst leefbaarheid vrijwilligers ynwenners bewenners
    mienskip
    """
)
VAN = words("van fan vaan voor")
INSIDE_BEFORE = words("in te yn i op um tö ien")
NEAR_BEFORE = words("bij rond rondom nabij omgeving buiten by boven om over")
FROM_BEFORE = words("uit vanuit út oet")
TOWARDS_BEFORE = words("naar richting tegen via langs tot tussen nei noar nao tegenover vanaf")
COMPARED_BEFORE = words(
    """
    zoals evenals elders voorbeeld bijvoorbeeld andere eerder navolging inspiratie vergelijkbaar
    buurgemeente buurdorp buurgemeenten hoofdkantoor verhuisde verhuisd afgekeken
    """
)
INSTITUTION_BEFORE = words(
    """
    universiteit hogeschool rechtbank gerechtshof fc sc provincie provinsje staten arrondissement
    veiligheidsregio bisdom waterschap ggd academie umc vliegveld luchthaven airport dierenpark kantoor
    festival politiebureau conservatorium stadion architectenbureau programma
    """
)
#: "een kantoor aan de rand van X": where somebody works, not where the matter plays.
OFFICES = words("kantoor hoofdkantoor bureau vestiging hoofdvestiging gevestigd")
#: "onder meer in X en Y": other places take part as well.
AMONG_OTHERS = re.compile(r"\b(?:onder (?:meer|anderen?)|o\.a\.|waaronder)\b[^.!?;:()\n]{0,80}$")
INSTITUTION_AFTER = words("university airport marathon science")
#: Local, but others come there or hear of it too.
MEDIUM_BEFORE = words("omroep rtv radio tv streekomroep station regio vv rkvv sv vc hc svv ijsclub")
#: "uit X" after one of these is about X itself.
PEOPLE = words(
    """
    bewoners inwoners dorpsgenoten buurtgenoten wijkgenoten vrijwilligers ouders moeders vaders buren
    gezinnen scholieren leerlingen jongeren kinderen ouderen mensen
    """
)
FAR_BEFORE = words("kilometer km afstand noorden zuiden oosten westen noordoosten zuidwesten")
HERE_BEFORE = words("hier ons bij")
#: A word with such an ending before "De X" makes it a building, not a neighbourhood.
BUILDING = re.compile(
    r"(?:school|hal|huis|centrum|praktijk|kerk|park|café|cafe|restaurant|bad|tuin|boerderij|theater|camping"
    r"|bibliotheek|manege|molen|zaal|hotel|flat|kamer|soos|kantine|schuur|loods|hoeve|fabriek|stichting"
    r"|vereniging|coöperatie|speelplaats|pand|hof|locatie|garage|winkel|museum|gebouw|complex|organisatie"
    r"|instelling|corporatie|groep|bureau|bedrijf)$"
)
PARTICLES = words("van der den ter ten te 't t vd")
TITLES = words(
    """
    meneer mevrouw dhr mevr mw dr ds drs ir mr prof pastoor dominee juf meester familie fam oma opa
    tante oom buurvrouw buurman raadslid wethouder burgemeester voorzitter agent directeur zuster broer
    kand
    """
)
#: "van X" after one of these is never a surname.
ABOUT = MUNICIPALITY_BEFORE | VILLAGE_BEFORE | RESIDENTS | FAR_BEFORE
#: "Houten-Zuid" is still Houten.
PARTS_OF_A_TOWN = words("Noord Oost Zuid West Noordoost Noordwest Zuidoost Zuidwest Centrum Stad Dorp")
#: In such a text the dateline says where the court sits, not where the matter plays.
COURT = re.compile(
    r"\b(?:rechtbank|rechter|rechters|gerechtshof|kort geding|officier van justitie)\b", re.IGNORECASE
)
COURT_TOWNS = words(
    """
    Amsterdam Alkmaar Almelo Arnhem Assen Breda Dordrecht Groningen Haarlem Leeuwarden Lelystad
    Maastricht Middelburg Roermond Rotterdam Utrecht Zutphen Zwolle
    """
) | {"Den Haag", "'s-Hertogenbosch"}
#: "In Cuijk werkt het al", "In Emmen doen we iets dergelijks": elsewhere.
COMPARED_AFTER = re.compile(
    r" (?:werkt|gebeurt|doen|doet|deed|deden|lukte|lukt|bestaat|draait|kan|kon|heeft|hebben)\b[^.!?]{0,25}"
    r"\b(?:het al|ook al|al jaren|dergelijks|hetzelfde|zoiets)\b"
)
#: Between the places of an enumeration.
LIST_GAPS = frozenset({", ", " en ", " of ", " & ", "/", " als ", " and ", ", en ", " én "})


def is_building(word: str, name: str) -> bool:
    """``word`` before ``name`` makes it a building, as ``name`` is an article: "sportpark De Wierden"."""
    return name.lower() in FILLERS and BUILDING.search(word) is not None
