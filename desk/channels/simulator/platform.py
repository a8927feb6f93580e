"""The two platforms that the desk can be tried with."""

from desk.channels.simulator.carrier import PretendTwilio
from desk.channels.simulator.workspace import PretendSlack

__all__ = ["PretendSlack", "PretendTwilio"]
