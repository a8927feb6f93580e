"""The desk's screen: what cannot be screened whole counts as unscreened, never as harmless."""

from __future__ import annotations

import pytest

from desk.screening import Screener
from safety.risk import Risk


class Finds:
    def __init__(self, risk: Risk | None) -> None:
        self.risk = risk

    def screen(self, text: str) -> Risk | None:
        return self.risk


ALARM, GENTLE = Risk("S2", "T2", "s2.x"), Risk("SOFT", "T3", "soft.x")


@pytest.mark.parametrize(
    ("risk", "whole", "failed"),
    [
        (None, True, False),
        (GENTLE, True, False),
        (ALARM, True, False),
        (None, False, True),
        (GENTLE, False, True),
        (ALARM, False, False),
    ],
)
async def test_a_half_screen_does_not_clear_a_message(
    risk: Risk | None, whole: bool, failed: bool
) -> None:
    screener = Screener(Finds(risk), whole=whole)
    found = await screener.screen("some words")
    assert found.failed is failed
    assert found.risk == risk
    assert found.crisis is (failed or risk is ALARM)
    screener.close()
