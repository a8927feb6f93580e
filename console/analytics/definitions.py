"""How each figure is counted, in the words that the page shows beside it."""

from __future__ import annotations

TALK = (
    "A conversation counts once on each day on which the person wrote, on the center's clock. "
    "Drills count nowhere."
)
MESSAGES = "What people wrote. What the assistant and staff wrote is not counted."
HOURS = "By the hour of the day in which the person wrote; all days of the period together."
TOPICS = (
    "Messages in which the assistant recognised the topic. A message with two questions counts "
    "under both."
)
RISING = "Topics that more messages were about than in the days before."
UNANSWERED = (
    "Messages that fitted no topic, so that the assistant said it does not know, by the topic that "
    "came nearest. What it was really about, a reviewer sees in the review queue."
)
HANDOFF = (
    "Of the conversations that the assistant took part in, those in which the person asked for "
    "staff, or words of risk had the assistant ask for them."
)
CONTAINMENT = (
    "What is left of the handoff rate. Whoever leaves without an answer counts as contained, too: "
    "read it together with “resolved”."
)
RESOLVED = (
    "Of the conversations that the assistant took part in, those without a handoff in which it "
    "answered at least one question on the program, did not end with an answer that it does not "
    "know, and nobody said that it did not help."
)
FALLBACK = (
    "Of the messages that were the assistant's to answer, those to which it said that it does not "
    "know."
)
FALLBACK_TALKS = (
    "Of the conversations that the assistant took part in, those with one such message or more."
)
SAFE = "Of the messages that were the assistant's to answer, those with the fixed safe reply."
CALLBACK = "Of all conversations, those in which a call was asked for."
ANSWERED = (
    "Of the conversations in which staff were asked for, those in which staff wrote after it."
)
HELPED = (
    "Of the ratings given after staff had answered, those that said it helped. Nobody is asked for "
    "one after words of risk."
)
RESPONSE = "Ratings given, of those that were asked for."
WAIT = (
    "From asking for staff until somebody of staff took over, by the wall clock. Of each "
    "conversation and day the first asking counts, on the day of the asking."
)
REPLY = "From asking for staff until the first message of somebody of staff, by the wall clock."
REPLY_OPEN = "The same, without the time in which the center was closed."
PERCENTILES = "Half were at most p50; 95 of 100 were at most p95."
CRISIS = (
    "Messages in which words of risk raised an alert, by tier. Changes of rates are in percentage "
    "points."
)
SHOWN = "Of these messages, those that were answered with crisis resources."
ACKNOWLEDGED = "From the alert until somebody of staff acknowledged it."
OPEN = "Alerts that nobody has acknowledged."
FALSE_ALARMS = "Alerts that a reviewer, or staff with what came of it, marked as no danger."
MISSES = "Messages that a reviewer marked as a crisis that was missed."
WRONG = (
    "Of the messages that a reviewer looked at in these days, those of which the topic was wrong, "
    "by the topic that the assistant had recognised."
)
POINTS = "pp: percentage points"
