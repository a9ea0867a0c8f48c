"""What came of asking PhonePe, in a sentence."""

from core.services.polling.claims import CheckResult

SENTENCES = {
    CheckResult.FINAL: "PhonePe gave its final word, {state}; our books say {books}.",
    CheckResult.PENDING: "PhonePe says it is still pending.",
    CheckResult.NOT_FOUND: "PhonePe does not know it.",
    CheckResult.UNANSWERED: "PhonePe did not answer. It is asked again by the clock.",
    CheckResult.NOT_ASKED: "PhonePe was asked within the last three seconds; our books say {books}.",
}


def told(result: CheckResult, *, state: str, books: str) -> str:
    return SENTENCES[result].format(state=state, books=books)
