"""The words by which names are known: what stands before a name, and what is never part of one."""

import re

from scout.places.cues import TITLES
from scout.places.words import words

#: One word of a name: a capital, perhaps with an apostrophe in it ("Rita's", "D'n").
CAPITAL = r"(?:[A-ZÀ-ÖØ-Þ][\w&!-]*(?:['’][a-zA-Z]+)?|[dD]['’][A-Z]\w+)"
ARTICLE = r"(?:[Dd]e|[Hh]et|['’‘]t|[Dd]['’]n|[Ii]t|[Oo]ns|[Oo]nze)"
_SMALL = (
    r"(?:van de[nr]?|van het|van|voor|veur|foar|de|der|den|het|['’‘]t|en|&|met je|aan de[nr]?|aan het|naar de"
    r"|in|op|zonder|fan|te)"
)
#: Capitals with small words between them, perhaps an article before: "De Groene Wieken", "Wijs met je Wijk".
RUN = rf"(?:{ARTICLE} )?{CAPITAL}(?: (?:(?:{_SMALL}) )?(?:{CAPITAL}|20[2-9]\d)){{0,8}}"
_QUOTED = r"['‘’\"“„](?P<quoted>[^'‘’\"“”„\n]{2,50}(?:['’]s [^'‘’\"“”„\n]{2,30})?)['’\"”]"
_AHEAD = rf"(?:{_QUOTED}|(?P<run>{RUN}))"

#: What residents organise in; before these another part may stand ("zonnecoöperatie").
_BODIES = r"stichting|stifting|vereniging|feriening|veriening|coöperatie|cooperatie|koöperaasje"
_CLUBS = (
    r"dorpsbelangen|dorpsbelang|doarpsbelang|plaatselijk belang|dorpsraad|wijkraad|buurtraad|buurtcomité"
    r"|wijkcomité|bewonerscomité|bewonerscollectief|buurtcollectief|wijkcollectief"
)
BODY = re.compile(rf"(?<![\w-])(?P<head>(?i:[\w-]*(?:{_BODIES})|{_CLUBS})) (?={_AHEAD})")
BODY_LAST = re.compile(
    rf"(?<![\w-])(?:[Dd]e )?(?P<run>(?!(?:De|Het|Een|Onze|It) )(?:{CAPITAL} ){{1,3}}"
    rf"(?:Coöperatie|Collectief|Stichting|Vereniging)(?: {CAPITAL})?)(?!\w)"
)
BODY_ALONE = re.compile(
    r"(?<![\w-])(?P<run>[A-ZÀ-Þ]\w+(?:stichting|stifting|coöperatie|koöperaasje))(?![\w-])"
)
CLUB_ALONE = re.compile(r"(?<![\w-])(?P<run>Dorpsbelang(?:en)?|Doarpsbelang|Plaatselijk Belang)(?![\w-])")
#: Bodies of professionals and of sport.
NOT_OURS = re.compile(
    r"^(?:woning|woon|welzijn|zorg|onderwijs|school|scholen|voetbal|sport|tennis|hockey|gym|korfbal|handbal"
    r"|volleybal|ijs|roei|zwem|ruiter|schiet|duiven|ondernemers|winkeliers|bedrijven|horeca|thuiszorg|huis"
    r"|kinderopvang|bejaarden|ouderen|jongerenwerk|cultuur|kunst|museum|natuur|landgoed|vak|werkgevers|beroeps"
    r"|standaard|moeder|ver|her)",
)
#: Bodies of a kind, which alone are no names: "de energiecoöperatie".
OF_A_KIND = re.compile(
    r"^(?:energie|dorps|zorg|wijk|buurt|wind|zonne|warmte|stads|burger|leden|bewoners|beheer)"
)
#: Names of bodies that work everywhere, or are paid for it.
ELSEWHERE = re.compile(
    r"^(?:welzijn|!?woon\b|doen\b|oude groninger|het groninger landschap|kinder|leger|humanitas"
    r"|landschapsbeheer|natuurmonumenten|vluchtelingenwerk|oranje fonds|present\b"
    r"|knarrenhof(?: (?:nederland|begeleidt))?$|nederland)"
)

#: Things that initiatives run: the end of the word before the name.
THING = re.compile(
    r"(?<![\w-])(?P<head>(?i:[\w-]{0,20}(?:bus|tuin|tuintje|bos|bad|winkel|krant|bode|blad|hof|hofje|hulp|ploeg|groep|baan|stal"
    r"|schuur|pad|festival|keuken|werkplaats|brigade|alliantie|kring|collectief|netwerk|hût|tún|boomgaard|akker"
    r"|boerderij|atelier|kamer|huis|punt|lijn|radio|podcast|pontje|veer|kooi|molen|mûne|poal|pool|kast"
    r"|repair ?caf[ée]|herenboeren|knarrenhof|wijkplaats|speelplaats|speelplek|weide|marktje|veld|honk)))"
    rf" (?={_AHEAD}|(?P<line>\d{{3}})(?!\d))"
)
#: Ends of words like those that are something else.
NOT_A_THING = re.compile(
    r"(?:^(?:huis|groep|veld|hof|bos|pad|kamer|punt|lijn|kast|stal|bad|winkel|krant|blad|bus|schuur|hulp|veer|baan|ploeg"
    r"|kring|molen|radio|boerderij|akker|weide|tuin)$|gemeentehuis|stadhuis|raadhuis|ziekenhuis|verpleeghuis|herenhuis"
    r"|provinciehuis|politie|zorggroep|adviesgroep|bedrijf|natuurbad|postbus|lijnbus|schoolbus|autobus|snelbus"
    r"|schoolplein|sportveld|voetbalveld|rijbaan|startbaan|loopbaan|streekblad|weekblad|dagblad|ondergroep"
    r"|leeftijdsgroep|zorgboerderij|fractie|huisgroep|kerkhof|gerechtshof|tweede kamer|eerste kamer|kamer van"
    r"|spoorlijn|buslijn|fietspad|wandelpad|zandpad|jaagpad|kerkpad|kanaalpad|aandachtspunt|steunpunt|knooppunt"
    r"|tuincentrum|modehuis|landhuis|tehuis|pakhuis|warenhuis|woonhuis|koophuis|veilinghuis|gouden|dagblad|bedrijvenkring|ondernemerskring|uitvaart|crematie|consultatie)"
)
#: Halls: venues of many things, so they count only where no word of place stands before them.
HALLS = re.compile(
    r"(?:dorps|buurt|wijk|gemeenschaps|jeugd|club|school|kerk|verenigings|koffie|bak)(?:huis|kamer|centrum|zaal)$"
)
PLACING = words("in naast bij achter uit tegenover vanuit rond rondom vanaf om op yn aan over langs")
#: Words that say of what follows that it is the initiative; not a part of the name.
CALLED = re.compile(
    r"(?<![\w-])(?P<cue>(?i:(?:(?:burger|bewoners|buurt|wijk|dorps|inwoners)?initiatief|project|actie|wijkblad|dorpsblad"
    r"|buurtblad|groep|groepje|clubje|campagne|(?:wijk|dorps|buurt)app|plan)|onder de naam|met de naam"
    rf"|genaamd|geheten|gedoopt tot|omgedoopt tot|luistert naar de naam)) (?={_AHEAD})"
)
#: The same, of a thing or of a person.
IS_CALLED = re.compile(
    rf"(?<![\w-])(?:heet|heette|heten|hjit|het nu|hiet)(?: (?:voortaan|nu|dan ook|officieel|dus|al))?"
    rf" (?={_AHEAD})"
)
APPOSITION = re.compile(
    rf"(?<![\w-])(?P<run>{RUN}), (?:een|in|'n) (?:\w+ ){{0,2}}(?P<kind>stichting|vereniging|coöperatie"
    r"|clubje|groep|groepje|initiatief|collectief|handvol|werkgroep|bewonersgroep|ploeg|ploegje|buurtinitiatief"
    r"|bewonersinitiatief)\b"
    r"(?! uit de [A-Z]| voor jonge)"
)
TITLE = (
    re.compile(rf"^(?:Wie|Wat) (?:zijn|is) (?P<run>{ARTICLE} {CAPITAL}|{RUN})\?$", re.MULTILINE),
    re.compile(rf"^(?P<run>{RUN}),? (?:wie (?:zijn|is) (?:wij|we|wie)|over ons|wie we zijn)\b", re.MULTILINE),
    re.compile(rf"^(?:Over|Welkom bij) (?P<run>(?!de |het ){RUN})$", re.MULTILINE),
)
BODIES_OF_APPOSITION = frozenset({"stichting", "vereniging", "coöperatie"})

#: Before a body: it helps, pays, owns or is quoted, but is not who acts.
NOT_ACTING = words("met bij volgens aan dankzij naast tegen tussen mei mit")
BESIDE = words(
    """
    eigenaar verhuurder landelijke nationale provinciale zorginstelling koepel welzijnsorganisatie
    corporatie
    """
)
#: "van X" is who acts after these.
DEED_OF = words(
    """
    initiatief plan idee project nu is zijn eigendom vrijwilligers vrijwilliger leden bestuur voorzitter
    secretaris penningmeester initiatiefnemers dat actie komt werkgroep bestuursleden coördinator handen
    """
)
#: A body that is taken up again is what the text is about: "De stichting, een initiatief van".
LATER = re.compile(r"\b(?:De|Deze|de) (?:stichting|vereniging|coöperatie)\b,?(?= [a-z])(?! die)")
#: First word of "X Velp" that makes it no initiative, besides those the lexicon knows.
COMMON = words(
    """
    vvv omroep radio station halte camping hotel bibliotheek politie brandweer museum klooster kasteel kerk
    polder eiland gemeente stad dorp regio land provincie wijk buurt kern heel gans nieuws agenda programma
    hallo beste lieve mensen zeg hoi goedemorgen dag buurtjes vrijdag zaterdag zondag maandag dinsdag
    woensdag donderdag ook toen voor in op bij uit van naar oud nieuw groot klein noord oost zuid west sint
    volksuniversiteit restaurant café landgoed park winkelcentrum bedrijvenpark industrieterrein sportpark
    zorgcentrum fc vv sv rkvv kindcentrum scouting fanfare harmonie vandaag morgen hier waar wie als wat zo
    mijn ons onze de het een alle elke iedereen weer jong welkom hierbij dit dat deze die januari februari
    maart april mei juni juli augustus september oktober november december kerst pasen jumbo lidl plus coop
    spar vijf zes zeven acht drie twee vier negen tien twaalf terug bewoners wonen bakker slager boer boerin
    kapper smid notaris dokter huisarts juf meester opa oma tante ome oom buurman buurvrouw fysio gelderland
    brabant limburg zeeland holland friesland drenthe overijssel flevoland graag open tot over welke zie let
    rond rondom nabij sinds inwoners kinderen jongeren ouderen rabobank
    """
)
#: First words that make it one even where a sentence begins.
PROUD = words(
    """
    zonnig duurzaam groen samen schoon energie zorgzaam levend warm rollend serieus energiek heerlijk
    duorsum
    """
)
STREET = re.compile(
    r"(?:straat|weg|laan|plein|kade|dyk|dijk|singel|gracht|steeg|plantsoen|markt|dreef|park|brug|kerk|berg"
    r"|diep|school|toren|gebouw|station|kampen|buurt|wijk|kwartier|dag|eeuw)$"
)
#: Before or after the name of a person.
PERSONAL = TITLES | words(
    """
    secretaris penningmeester initiatiefnemer initiatiefneemster bedenker oprichter oprichtster trekker
    kartrekker coördinator woordvoerder woordvoerster vrijwilliger chauffeur bewoner bewoonster inwoner lid
    bestuurslid hij zij ze hem haar die
    """
)
#: "Ferdi Houben (61)".
AGE = re.compile(r" \(\d\d\)")
SAYING = words("zegt zei aldus vindt vertelt lacht volgens noemt meldt schrijft besluit belooft weet seit")
#: Words inside names that say nothing by themselves.
SMALL = words("de De het Het 't ’t een van der den en in op it d'n D'n voor")
#: After these "in" goes on with the name: "Wonen in Velp".
GOES_ON = words("wonen leven wandelen samen fietsen leren werken spelen zingen bewegen ouder oud")
NAMES = re.compile(rf"(?<![\w-])(?:{RUN})")
WORD = re.compile(r"[\w'’&!-]+")
LINK = re.compile(rf" (?P<link>{_SMALL}) (?={CAPITAL})")
