from __future__ import annotations

import pytest

from tests.console.entering import Staff
from tests.console.inbox.talks import talk


@pytest.fixture
async def entered(staff: Staff) -> Staff:
    """A reviewer before a conversation."""
    await staff.enter("reviewer")
    await talk(staff)
    return staff
