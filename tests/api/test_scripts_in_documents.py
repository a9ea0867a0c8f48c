"""Names in every script of India, emoji and other signs on a document: drawn right, or readably replaced."""

from collections.abc import Iterator

import pytest

from core.models import Payment
from core.services.documents import drawable, fonts, pdf
from core.services.documents.transliteration import in_latin_letters
from tests.log_lines import lines_of
from tests.pdfs import NOTDEF, Drawn, glyphs_of, text_of
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds

MACHINE, WHEELS = "the machine's fonts", "the wheels' fonts alone"
# Each in its script, as letters that are drawn together, and as it is spelled where there is no font for it.
OF_WHEELS = {
    "Noto Sans": ["क्ष", "त्रि", "य", "र्\u200d", "य"],  # the joiner makes it another letter than र्य
    "Noto Sans Tamil": ["கொ", "டி"],
    "Noto Sans Telugu": ["కృ", "ష్ణ"],
}
OF_MACHINES = {
    "Noto Sans Bengali": (["ক্ষি", "তী", "শ"], "Kshitish"),
    "Noto Sans Gujarati": (["ક્ષ", "મા"], "Kshama"),
    "Noto Sans Gurmukhi": (["ਸਿੰ", "ਘ"], "Singh"),
    "Noto Sans Kannada": (["ಕೃ", "ಷ್ಣ"], "Krishna"),
    "Noto Sans Malayalam": (["ശ്രീ", "ധ", "ര", "ൻ"], "Shridharan"),
    "Noto Sans Oriya": (["ଜ", "ଗ", "ନ୍ନା", "ଥ"], "Jagannatha"),
    "Noto Sans Ol Chiki": (["ᱥ", "ᱟ", "ᱱ"], "[text in Ol Chiki script]"),
    "Noto Sans MeeteiMayek": (["ꯃꯤ", "ꯇꯩ"], "[text in Meetei Mayek script]"),
    "Noto Sans Arabic": (["\u062e", "\u0627", "\u0646"], "[text in Arabic script]"),
}


def forget_fonts() -> None:
    for remembered in (fonts.installed, fonts.families, fonts.letters, pdf._compiler, drawable._report):
        remembered.cache_clear()
    drawable._drawable.cache_clear()


@pytest.fixture(params=[MACHINE, WHEELS])
def at_hand(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Draw with the fonts of this machine, or as on one that has none."""
    monkeypatch.setattr(fonts, "use_system_fonts", request.param == MACHINE)
    forget_fonts()
    yield request.param
    forget_fonts()


@pytest.fixture
def receipt_for(request: pytest.FixtureRequest, payment: Payment, phonepe: PhonePe, days: Days):
    """Return the receipt of a tenant who has a name."""

    def get(name: str):
        payment.tenancy.tenant.name = name
        payment.tenancy.tenant.save()
        phonepe.pays(payment)
        days.tick_for(25)
        return Caller(payment.tenancy.tenant.user).get(f"/api/payments/{payment.pk}/receipt/")

    return get


def drawn_as(glyphs: list[Drawn], letters: list[str]) -> list[Drawn]:
    """Return the glyphs that draw these letters, which must follow each other."""
    texts = [glyph.text for glyph in glyphs]
    for first in range(len(texts)):
        found = [at for at in range(first, len(texts)) if texts[at]][: len(letters)]
        if [texts[at] for at in found] == letters:
            return glyphs[first : found[-1] + 1]
    raise AssertionError(f"{letters} is not in {texts}")


@pytest.mark.parametrize("family", OF_WHEELS)
def test_what_the_wheels_have_is_shaped_everywhere(receipt_for, at_hand: str, family: str) -> None:
    letters = OF_WHEELS[family]

    glyphs = glyphs_of(receipt_for("".join(letters)))

    assert drawn_as(glyphs, letters)
    assert not [glyph for glyph in glyphs if glyph.glyph == NOTDEF]


@pytest.mark.parametrize("family", OF_MACHINES)
def test_what_the_machine_has_is_shaped_and_the_rest_is_spelled(receipt_for, at_hand: str, family: str) -> None:
    letters, spelled = OF_MACHINES[family]
    if at_hand == MACHINE and family not in fonts.families():
        pytest.skip(f"{family} is not installed here: Debian's fonts-noto-core has it")

    answer = receipt_for(f"Ravi {''.join(letters)}")

    glyphs = glyphs_of(answer)
    assert not [glyph for glyph in glyphs if glyph.glyph == NOTDEF]
    if at_hand == MACHINE:
        drawn = drawn_as(glyphs, letters[::-1] if "Arabic" in family else letters)  # it is written to the left
        assert {glyph.font.partition("-")[0] for glyph in drawn} == {family.replace(" ", "")}
    else:
        assert f"Received from Ravi {spelled}" in text_of(answer)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Ravi 😀👍🏽", "Ravi [grinning face][thumbs up sign]"),
        ("Ravi 👨‍👩‍👧 🇮🇳 ❤️", "Ravi [man][woman][girl] IN [heavy black heart]"),
        ("𝐑𝐚𝐯𝐢 Ｒａｖｉ ①", "Ravi Ravi 1"),  # noqa: RUF001
        ("王伟 한국어", "[text in Chinese script] [text in Hangul script]"),
        ("José Žižek", "José Žižek"),
        ("Jose\u0301 é", "José é"),
        ("Ravi\u202e ivaR\u200b", "Ravi ivaR"),
        ("\u200b", "[blank]"),
        ("Ravi\ue000", "Ravi[unnamed sign e000]"),
        ("#panic() *Ravi* $x$ @a <b> \\u{41} [c]", "#panic() *Ravi* $x$ @a <b> \\u{41} [c]"),
        ("Ravi\tthe\n tenant", "Ravi the tenant"),
    ],
)
def test_other_signs_are_drawn_or_named(receipt_for, at_hand: str, written: str, drawn: str) -> None:
    answer = receipt_for(written)

    assert f"Received from {drawn} On behalf of" in text_of(answer)
    assert not [glyph for glyph in glyphs_of(answer) if glyph.glyph == NOTDEF]


@pytest.mark.parametrize("at_hand", [WHEELS], indirect=True)
class TestWhatIsMissing:
    def test_it_is_logged_once_and_nobody_is_named(
        self, receipt_for, at_hand: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        receipt_for("ક્ષમા પટેલ")
        drawable.drawable("અમદાવાદ")

        [told] = lines_of(caplog, "document_letters_without_font")
        assert (told["level"], told["script"]) == ("warning", "GUJARATI")
        assert not {"ક્ષમા", "પટેલ", "Kshama", "Patel"} & set(str(told).split())

    def test_several_words_of_a_script_are_named_once(self, receipt_for, at_hand: str) -> None:
        assert "from [text in Arabic script] On" in text_of(receipt_for("محمد علی"))

    def test_it_is_replaced_in_a_reason_too(self, at_hand: str, owner: Caller, paid: Payment, days: Days) -> None:
        refund = refunds(owner, paid, "100.00", "ક્ષમા 😀")
        days.tick_for(30)

        text = text_of(owner.get(f"/api/payments/{paid.pk}/refunds/{refund}/receipt/"))

        assert "Reason Kshama [grinning face]" in text


@pytest.mark.parametrize(
    ("word", "spelled"),
    [
        ("પટેલ", "Patel"),  # a final "a" is not spoken
        ("કૃષ્ણ", "Krishna"),  # unless two consonants stand before it
        ("ઉત્સવ", "Utsav"),
        ("મ", "Ma"),
        ("સિંહ", "Sinh"),
        ("અંબા", "Amba"),
        ("મુખોપાધ્યાય", "Mukhopadhyay"),
        ("ਕੌਰ", "Kaur"),
        ("রহমান", "Rahaman"),
        ("রায়", "Ray"),
        ("ರಾಮ", "Rama"),  # here it is
        ("శ్రీధరం", "Shridharam"),
        ("കോഴിക്കോട്", "Kozhikkot"),
        ("ଓଡ଼ିଆ", "Odia"),
        ("ઋષિ", "Rishi"),
        ("દુઃખ", "Duhkh"),
        ("૧૨", "12"),
    ],
)
def test_a_word_is_spelled_as_it_sounds(word: str, spelled: str) -> None:
    assert in_latin_letters(word) == spelled
