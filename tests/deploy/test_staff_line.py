from __future__ import annotations

import pytest

from deploy.server import install

LINK = "Staff, once, within 30 minutes: https://console.example.org/invitation/abc"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (f"Visitors: https://example.org/\n{LINK}\nTexts: all are approved.\n", LINK),
        (f'{{"level": "INFO", "message": "{LINK}"}}\n{{"message": "Texts"}}\n[1]\n', LINK),
        ("Visitors: https://example.org/\n", ""),
    ],
)
def test_the_way_in_is_found_however_log_lines_look(
    monkeypatch: pytest.MonkeyPatch, said: str, found: str
) -> None:
    monkeypatch.setattr(install, "_asked", lambda *command: said)
    assert install.staff_line() == found
