"""Where nothing was planted, nothing is found."""

from __future__ import annotations

from tests.supervisor.doctor.clinic import MACHINE

STOPPED = {"desk-silent", "console-silent", "brain-silent"}


def test_of_a_healthy_clinic_that_is_stopped_it_is_told_that_it_is_stopped(
    healthy: frozenset[str],
) -> None:
    assert healthy - MACHINE == {*STOPPED, "keys-copy"}
