"""What happened and when, for a person to read."""

import time


class Timeline:
    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def done(self, sentence: str) -> None:
        self._line("✓", sentence)

    def warned(self, sentence: str) -> None:
        self._line("!", sentence)

    def failed(self, sentence: str) -> None:
        self._line("✗", sentence)

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    def _line(self, sign: str, sentence: str) -> None:
        self.say(f"{self.seconds:6.1f} s  {sign} {sentence}")
