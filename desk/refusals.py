"""Answers to what the desk does not take. None of them repeats what was sent."""

from __future__ import annotations

from typing import Any

from desk import lines
from desk.items import detached
from desk.lines import Lines
from desk.risk_replies import risk_message
from desk.screening import NOTHING, Screening
from safety.course import Course

#: Code to status and message; the line on 988 is added where the answer is made.
#: Those that a person reads most are texts of the catalogue.
SPOKEN = {
    "token_expired": lines.EXPIRED,
    "too_many": lines.RATE_LIMITED,
    "crowded": lines.CROWDED,
    "too_many_codes": lines.CODES_LIMITED,
    "not_taken": lines.NOT_TAKEN,
    "code_unknown": lines.CODE_UNKNOWN,
}
REFUSALS: dict[str, tuple[int, str]] = {
    "not_json": (400, "The body must be a JSON object in UTF-8."),
    "wrong_shape": (
        400,
        "The body must hold `id` (8 to 64 letters, digits, - or _) and either `text` or `button`, "
        "each a string.",
    ),
    "wrong_seq": (400, "`after` and `Last-Event-ID` must be a whole number, 0 or more."),
    "wrong_rating": (
        400,
        "The body must hold `message`, the number of an answer, and `helped`, true or false.",
    ),
    "button_unknown": (400, "This choice was not offered in this conversation."),
    "form_foreign": (
        400,
        "This form is out of date. Your message was not sent. Please send it again.",
    ),
    "not_form": (400, "The body must be the form that the platform posts."),
    "not_signed": (403, "The platform's signature is missing or wrong."),
    "bad_request": (400, "The request cannot be read."),
    "token_missing": (401, "This needs the conversation's token (Authorization: Bearer ...)."),
    "token_unknown": (401, "This conversation is not known. Please start a new one."),
    "token_expired": (401, ""),
    "code_unknown": (404, ""),
    "answer_unknown": (404, "There is no such answer in this conversation."),
    "not_found": (404, "There is nothing here."),
    "wrong_method": (405, "This address does not take that kind of request."),
    "too_large": (413, "The message is too long: 100,000 characters at most. It was not sent."),
    "too_many": (429, ""),
    "too_many_codes": (429, ""),
    "failed": (500, "Something went wrong on our side. Your message may not have been sent."),
    "not_taken": (503, ""),
    "crowded": (503, ""),
    "wrong_host": (421, "This address is not served here."),
    "unavailable": (503, "The conversation cannot be shown just now. Please try again."),
    "too_slow": (408, "The request took too long to arrive."),
}


class RefusedError(Exception):
    """A request that is answered with an error, with crisis resources where there is a risk."""

    def __init__(self, code: str, screening: Screening = NOTHING, text: str = "") -> None:
        """Keep what the answer needs.

        Args:
            code: A key of REFUSALS.
            screening: What the screen said of the message that is refused.
            text: Its words, for the language of the resources only.
        """
        super().__init__(code)
        self.code, self.screening, self.text = code, screening, text
        self.status, self._message = REFUSALS[code]

    def message(self, spoken: Lines) -> str:
        """Return what a person is told; it always names 988."""
        if self.code in SPOKEN:
            return spoken.say(SPOKEN[self.code]).text
        return f"{self._message} {spoken.say(lines.UNSCREENED).text}"

    def crisis(self, spoken: Lines) -> dict[str, Any] | None:
        """Return the item with crisis resources that goes with it, if there is a risk."""
        message = risk_message(spoken, self.screening, self.text, Course())
        return None if message is None else detached(message)
