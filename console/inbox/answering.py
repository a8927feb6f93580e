"""How the inbox answers a form: in place where scripts run, else with the page anew."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import html, redirect

from console.rendering import render


def by_script(request: Request) -> bool:
    """Say whether a script has sent the form and puts the answer in its place."""
    return "hx-request" in request.headers


def said(words: str, over: str | None = None) -> str:
    """Return words to be said above the box for an answer, as HTML.

    Args:
        words: What is said.
        over: Whose the conversation is, where it can be taken over by a press.
    """
    return render("inbox/said.html", words=words, over=over)


def done(request: Request, conversation: str, words: str, event: str = "done") -> HTTPResponse:
    """Answer that something was done.

    Args:
        request: What asked for it.
        conversation: To which conversation.
        words: What is said where scripts run.
        event: What the page's scripts are told.
    """
    if by_script(request):
        return html(said(words), headers={"HX-Trigger": event})
    return redirect(f"/conversations/{conversation}#reply", status=303)
