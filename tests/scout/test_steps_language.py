"""Which languages stay."""

import pytest

from scout.steps.language import Language, detect, refused

STAYS = {
    "Dutch": (
        "Bewoners van de wijk Presikhaaf hebben samen een buurttuin aangelegd op het braakliggende "
        "terrein naast de oude school. Iedere zaterdagochtend werken ze er met een groep vrijwilligers, "
        "en wie wil mag aanschuiven voor koffie. De initiatiefnemers zoeken nog mensen die willen "
        "helpen met het bouwen van een schuurtje."
    ),
    "Frisian": (
        "Yn it doarpshûs wurdt freed in gearkomste holden oer de takomst fan it swimbad. De foarsitter "
        "fan de stichting seit dat der noch tolve frijwilligers nedich binne om it bad kommende simmer "
        "iepen te hâlden. Elkenien dy't wat betsjutte kin, is om acht oere wolkom. De kofje stiet "
        "klear, en der is koeke."
    ),
    "Gronings": (
        "Bewoners van t dörp hebben mit mekoar n nije speultoen aanlegd noast t olle schoulhoes. Elke "
        "zotterdagmörgen warken ze doar mit n ploug vrijwilligers, en wel wil mag aanschoeven veur n "
        "kopke kovvie. De lu dij t bedocht hebben zuiken nog mensken dij helpen willen mit t bouwen van "
        "n schuurke."
    ),
    "Drents": (
        "De bewoners van het dörp hebt mit mekaar een neie speultuun anlegd naost de olde schoele. Elke "
        "zaoterdagmörgen warkt ze daor mit een ploeg vrijwilligers, en wel wil mag anschoeven veur een "
        "koppie koffie. De lu die het bedacht hebt zuukt nog meinsen die helpen wilt mit het bouwen van "
        "een schuurtien."
    ),
    "Twents": (
        "De leu oet 't darp hebt met mekaar nen niejen speultuin anelegd naost de oale schole. Elken "
        "zaoterdagmorgen warkt ze doar met ne ploge vriewilligers, en wel wil mag anschoeven vuur n "
        "köpken koffie. De leu dee 't bedacht hebt zeukt nog meansken dee helpen wilt met 't bouwen van "
        "n schuurken."
    ),
    "Achterhoeks": (
        "De bewonners van 't darp hebt met mekare nen ni-jen speultuin an-elegd naost de olde schole. "
        "Elken zaoterdagmorgen warkt ze daor met ne ploog vri-jwilligers, en wee wil mag anschoeven "
        "veur een köpken koffie. De luu den 't bedacht hebt zuukt nog meensen den wilt helpen met 't "
        "bouwen van een schuurken."
    ),
    "Limburgish": (
        "De bewoeners van 't dörp höbbe mit zien alle 'ne nuje sjpeeltoen aangelag neve de aaj sjool. "
        "Edere zaoterdigmörge wirke ze dao mit 'n groep vriewilligers, en wae wilt maag aansjuve veur "
        "'n tas kóffie. De luuj die 't bedach höbbe zeuke nog minse die wille hulpe mit 't boewe van 'n "
        "sjuurke."
    ),
    "Zeelandic": (
        "De mensen uut 't durp è mee mekare een nieuwen speeltuun angeleid neffen d'ouwe schole. Elke "
        "zaeterdagmorhen werke ze daer mee een ploegje vrijwillihers, en wie wil mag anschuve vò een "
        "bakje koffie. De mensen die 't bedocht è zoeke nog volk dat wil 'elpe mee 't bouwen van een "
        "schuurtje."
    ),
    "English": (
        "Residents of the neighbourhood have created a community garden on the vacant lot next to the "
        "old school. Every Saturday morning they work there with a group of volunteers, and anyone who "
        "likes can join them for coffee. The organisers are still looking for people who want to help "
        "build a small shed."
    ),
    "Afrikaans": (
        "Die inwoners van die dorp het saam 'n nuwe speelpark langs die ou skool aangelê. Elke "
        "Saterdagoggend werk hulle daar saam met 'n groep vrywilligers, en wie wil kan aansluit vir 'n "
        "koppie koffie. Die mense wat dit begin het soek nog mense wat wil help om 'n skuurtjie te bou."
    ),
    "Turkish between Dutch": (
        "Buurtfeest in de Indische Buurt! Iedereen is welkom op zaterdag. Mahalle şenliği cumartesi "
        "günü okulun yanındaki meydanda yapılacak. Herkes davetlidir, çocuklar için oyunlar ve ücretsiz "
        "yemek var. Komşular birlikte yemek pişirecek. Neem je buren mee en breng iets lekkers voor het "
        "lange tafel buffet."
    ),
    "a list of figures": "Jan 5432, Dinie 5311, Gert 5299, Sjaan 5177, Bep 5102, Wim 5044, Riet 4987; " * 5,
}
REFUSED = {
    "German": (
        "Der Gemeinderat hat am Dienstagabend beschlossen, den Wochenmarkt um eine Stunde zu "
        "verlängern. Wie der Bürgermeister mitteilte, soll das Angebot an frischen Waren wachsen. Wer "
        "hier einen Stand betreiben will, kann sich noch bis Ende des Monats bei der Verwaltung melden. "
        "Auch die Vereine sind eingeladen."
    ),
    "French": (
        "Les habitants du quartier ont créé ensemble un jardin partagé sur le terrain vague à côté de "
        "l'ancienne école. Chaque samedi matin, ils y travaillent avec un groupe de bénévoles, et tous "
        "ceux qui le souhaitent peuvent les rejoindre pour un café. On cherche encore des personnes qui "
        "veulent aider."
    ),
    "Turkish": (
        "Mahalle sakinleri eski okulun yanındaki boş arazide birlikte bir mahalle bahçesi kurdu. Her "
        "cumartesi sabahı bir grup gönüllüyle birlikte orada çalışıyorlar ve isteyen herkes kahve "
        "içmeye gelebilir. Girişimciler küçük bir kulübe yapımına yardım etmek isteyen insanlar arıyor."
    ),
    "Polish": (
        "Mieszkańcy dzielnicy wspólnie założyli ogród społeczny na opuszczonym terenie obok starej "
        "szkoły. W każdą sobotę rano pracują tam z grupą wolontariuszy, a każdy, kto chce, może "
        "dołączyć na kawę. Pomysłodawcy szukają jeszcze osób, które chciałyby pomóc w budowie małej "
        "szopy."
    ),
    "Arabic": (
        "أنشأ سكان الحي معا حديقة مجتمعية على الأرض الخالية بجوار المدرسة القديمة. يعملون هناك كل صباح "
        "يوم سبت مع مجموعة من المتطوعين، ويمكن لأي شخص يرغب في ذلك الانضمام إليهم لتناول القهوة. ولا "
        "يزال المنظمون يبحثون عن أشخاص يرغبون في المساعدة في بناء كوخ صغير."
    ),
    "Spanish": (
        "Los vecinos del barrio han creado juntos un jardín comunitario en el terreno baldío junto a la "
        "antigua escuela. Cada sábado por la mañana trabajan allí con un grupo de voluntarios, y quien "
        "quiera puede unirse a tomar un café. Los promotores todavía buscan personas que quieran "
        "ayudar."
    ),
    "Danish": (
        "Beboerne i kvarteret har sammen anlagt en fælles have på den tomme grund ved siden af den "
        "gamle skole. Hver lørdag formiddag arbejder de der med en gruppe frivillige, og alle, der har "
        "lyst, kan komme til en kop kaffe. Initiativtagerne leder stadig efter folk, som vil hjælpe med "
        "at bygge et lille skur."
    ),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in STAYS.items()])
@pytest.mark.parametrize("hint", ["", "de"])
def test_our_languages_stay(text: str, hint: str) -> None:
    assert len(text) > 200
    assert not refused(detect(text, hint), text)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in REFUSED.items()])
@pytest.mark.parametrize("hint", ["", "nl-NL"])
def test_a_long_text_that_is_surely_foreign_is_refused(text: str, hint: str) -> None:
    assert len(text) > 200
    assert refused(detect(text, hint), text)


@pytest.mark.parametrize("text", [pytest.param(text[:200], id=name) for name, text in REFUSED.items()])
def test_a_short_text_stays_whatever_its_language(text: str) -> None:
    assert not refused(detect(text), text)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Dutch", "nl"), ("Frisian", "fy"), ("Gronings", "nds"), ("Limburgish", "li"), ("English", "en")],
)
def test_the_language_is_named(name: str, code: str) -> None:
    assert detect(STAYS[name]) == Language(code, sure=True)


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        pytest.param("", "", "und", id="nothing"),
        pytest.param("", "nl-NL", "nl", id="nothing but a hint"),
        pytest.param("Oproep", "fy", "fy", id="one word and a hint"),
        pytest.param("Soep!", "NL_nl", "nl", id="a hint in another spelling"),
    ],
)
def test_what_says_too_little_is_what_the_source_claims_and_never_sure(
    text: str, hint: str, code: str
) -> None:
    assert detect(text, hint) == Language(code, sure=False)
