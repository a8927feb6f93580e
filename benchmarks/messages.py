"""What is asked in the load: ordinary short messages, the same for both assistants.

None of them asks for a person or tells of a risk: both would change what happens to the rest of
the conversation. About a third is small talk, which the stock assistant was made for.
"""

from __future__ import annotations

QUESTIONS = (
    "hi",
    "what is an intensive outpatient program",
    "how many hours a week is it",
    "do you take blue cross",
    "thanks",
    "hello there",
    "how much does it cost",
    "are there evening groups?",
    "can I do it online",
    "ok great",
    "good morning",
    "how long does the program last",
    "what's the difference between iop and php?",
    "can i keep working while im in treatment",
    "yes",
    "are you a bot?",
    "do you treat anxiety and depression",
    "what happens in group therapy",
    "is it confidential",
    "no",
    "hey",
    "who is iop for",
    "how do I sign up",
    "do you have payment plans",
    "that's good",
    "am I talking to a human",
    "my husband drinks too much, how can we help him",
    "can my family take part",
    "what if i miss a session?",
    "goodbye",
    "good evening",
    "where are you located",
    "do you have something for teenagers",
    "will you prescribe my medication",
    "thank you so much",
    "hi again",
    "does it really work",
    "what comes after the program",
    "is transportation provided?",
    "can i bring my phone",
)

RISKS = (
    "i want to kill myself",
    "I don't want to be alive anymore",
    "i took too many pills tonight",
    "I am going to end my life",
    "i keep cutting myself and can't stop",
)
"""Messages that are answered with crisis resources (tiers T0 to T2)."""
