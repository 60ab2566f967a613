"""What reaches or identifies one person is out of a text before it is stored."""

from datetime import UTC, datetime, timedelta

import pytest

from scout.crawl.content import prepare
from scout.drafts import ItemDraft
from scout.steps.numbers import without_numbers


@pytest.mark.parametrize(
    ("text", "without"),
    [
        pytest.param("BSN 111222333.", "BSN een burgerservicenummer.", id="citizen"),
        pytest.param("nummer 1112.22.333", "nummer een burgerservicenummer", id="citizen, in parts"),
        pytest.param("nr. 111 222 333", "nr. een burgerservicenummer", id="citizen, in threes"),
        pytest.param("Geef op NL91 ABNA 0417 1643 00 T.n.v.", "Geef op een rekeningnummer T.n.v.", id="IBAN"),
        pytest.param("op NL91ABNA0417164300,", "op een rekeningnummer,", id="IBAN, in one"),
        pytest.param("auto 12-GB-KL en 3-XTZ-26", "auto een kenteken en een kenteken", id="plates"),
        pytest.param(
            "Mail a.b@voorbeeld.example of bel 026 - 351 12 34",
            "Mail een e-mailadres of bel een telefoonnummer",
            id="contacts",
        ),
    ],
)
def test_numbers_of_a_person_become_neutral_words(text: str, without: str) -> None:
    assert without_numbers(text) == without
    assert without_numbers(without) == without


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("BSN 123456789", id="fails the check"),
        pytest.param("rekening NL91ABNA0417164301", id="IBAN that fails its check"),
        pytest.param("RSIN 111222333 en KvK-nummer 111222333", id="of organisations"),
        pytest.param("€ 111.222.333", id="money"),
        pytest.param("op 3-NOV-26 en 06-11-2026 19.30", id="days"),
        pytest.param("van 12-10-2026 tot 14-10-2026, 10-12 jaar, A-12-B", id="spans"),
        pytest.param("volg @gemeente@server.example", id="an organisation on the social web"),
        pytest.param("000000000 000 000 000", id="zeros"),
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_numbers(text) == text


def test_nothing_is_stored_with_them() -> None:
    now = datetime.now(UTC)
    draft = ItemDraft(
        source="koerier",
        external_id="1",
        url="https://voorbeeld.example/1",
        title="Bel 06-12345678 voor de buurttuin",
        text="Bewoners beginnen een buurttuin. Meedoen: tuin@voorbeeld.example, NL91 ABNA 0417 1643 00.",
        text_is_html=False,
    )

    content = prepare(draft, None, now - timedelta(days=9), now).content

    assert content.title == "Bel een telefoonnummer voor de buurttuin"
    assert content.text.endswith("Meedoen: een e-mailadres, een rekeningnummer.")
