"""Try it without an account: a phone and Slack, in front of the desk's real endpoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
DELIVERED = re.compile(r"^\d+ segments?, (GSM-7|UCS-2), delivered")
# Each test is somebody else to the desk.
_people = count(1)


class Trial:
    """One of the two pages, as whoever tries the desk uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.own = self.log.locator(".message.you")
        self.answers = self.log.locator(".message.desk")
        self.carrier = self.log.locator(".message.carrier")
        self.failed = page.locator("#failed")

    def say(self, text: str) -> None:
        """Writes a message and sends it with Enter."""
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")
        expect(self.page.locator("#text")).to_have_value("")

    def ask(self, text: str) -> Locator:
        """Says something, and waits for the first answer to it."""
        before = self.answers.count()
        self.say(text)
        answer = self.answers.nth(before)
        expect(answer).to_be_visible()
        return answer

    def with_number(self) -> None:
        self.page.get_by_label("Your number").fill(f"+1 213 555 {next(_people):04}")
        self.page.get_by_label("Your number").press("Enter")
        expect(self.log.locator(".message")).to_have_count(0)

    def with_name(self) -> None:
        self.page.get_by_label("Your name").fill(f"Robin {next(_people)}")
        self.page.get_by_label("Your name").press("Enter")
        expect(self.log.locator(".message.desk")).to_have_count(0)


def a_phone(page: Page, site: str) -> Trial:
    page.goto(site + "/try/phone")
    trial = Trial(page)
    trial.with_number()
    return trial


def slack_of(page: Page, site: str) -> Trial:
    page.goto(site + "/try/slack")
    trial = Trial(page)
    trial.with_name()
    return trial


@pytest.fixture
def phone(page: Page, site: str) -> Iterator[Trial]:
    trial = a_phone(page, site)
    yield trial
    page.get_by_label("Deliver the assistant's messages").select_option("yes")


@pytest.fixture
def slack(page: Page, site: str) -> Trial:
    return slack_of(page, site)


def test_the_first_page_leads_to_both(page: Page, site: str) -> None:
    for name, address in (("A phone with text messages", "phone"), ("Slack", "slack")):
        page.goto(site + "/try")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(f"/try/{address}$"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_text_is_answered_with_segments_and_state(phone: Trial) -> None:
    answer = phone.ask("How much does it cost?")
    expect(phone.own.locator(".words")).to_have_text("How much does it cost?")
    expect(phone.own.locator(".facts")).to_contain_text("taken by the assistant")
    expect(answer.locator(".facts")).to_have_text(DELIVERED)


def test_words_of_risk_bring_the_number_to_text(phone: Trial) -> None:
    answer = phone.ask("I want to kill myself")
    expect(answer.locator(".words")).to_contain_text("988")
    expect(answer.locator(".facts")).to_have_text(DELIVERED)


def test_what_is_not_delivered_is_still_shown(phone: Trial) -> None:
    phone.page.get_by_label("Deliver the assistant's messages").select_option("blocked")
    answer = phone.ask("I want to kill myself")
    expect(answer.locator(".words")).to_contain_text("988")
    expect(answer.locator(".facts")).to_contain_text("not delivered (30007)")
    expect(phone.page.get_by_label("Deliver the assistant's messages")).to_have_value("blocked")


def test_the_carrier_answers_stop_and_start(phone: Trial) -> None:
    phone.ask("How much does it cost?")
    phone.page.get_by_role("button", name="STOP").click()
    expect(phone.carrier).to_contain_text("unsubscribed")
    expect(phone.carrier.locator(".who")).to_have_text("From the carrier")
    expect(phone.page.locator("#stopped")).to_be_visible()
    phone.page.get_by_role("button", name="START").click()
    expect(phone.carrier.last).to_contain_text("re-subscribed")
    expect(phone.page.locator("#stopped")).to_be_hidden()


def test_a_photo_is_sent(phone: Trial) -> None:
    phone.page.get_by_role("button", name="Send a photo").click()
    expect(phone.own.locator(".words")).to_have_text("(a photo)")
    expect(phone.own.locator(".facts")).to_contain_text("taken by the assistant")
    expect(phone.own.locator(".facts")).to_contain_text(re.compile("photo (at|deleted)"))


def test_markup_is_shown_as_text(phone: Trial) -> None:
    phone.say("<img src=x><b>bold</b>")
    expect(phone.own.locator(".words")).to_have_text("<img src=x><b>bold</b>")
    expect(phone.log.locator("b, img")).to_have_count(0)


def test_what_could_not_be_sent_stays_in_the_field(phone: Trial) -> None:
    phone.page.route("**/try/phone/send", lambda route: route.abort())
    phone.page.locator("#text").fill("hello")
    phone.page.locator("#text").press("Enter")
    expect(phone.failed).to_contain_text("does not answer")
    expect(phone.page.locator("#text")).to_have_value("hello")
    phone.page.unroute("**/try/phone/send")
    phone.page.locator("#text").press("Enter")
    phone.page.locator("#text").press("Enter")
    expect(phone.own).to_have_count(1)
    expect(phone.failed).to_be_hidden()


def test_a_wrong_number_is_told(phone: Trial) -> None:
    phone.page.get_by_label("Your number").fill("twelve")
    phone.page.get_by_label("Your number").press("Enter")
    expect(phone.failed).to_contain_text("country code")
    phone.with_number()
    expect(phone.failed).to_be_hidden()


def test_a_page_that_nobody_sees_asks_for_nothing(phone: Trial) -> None:
    page, asked = phone.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.wait_for_timeout(300)
    asked.clear()
    page.wait_for_timeout(1600)
    assert asked == []
    with page.expect_request(re.compile("/try/phone/state")):
        page.evaluate(
            """() => {
                delete document.hidden;
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )


def test_a_message_in_slack_is_answered(slack: Trial) -> None:
    answer = slack.ask("How much does it cost?")
    expect(answer.locator(".block").first).to_be_visible()
    expect(slack.own.last.locator(".facts")).to_have_text("taken by the assistant")


def test_a_pressed_button_is_replaced(slack: Trial) -> None:
    slack.ask("What does it cost?")
    offering = slack.answers.filter(has=slack.page.locator("button")).first
    expect(offering).to_be_visible()
    before = slack.answers.count()
    place = offering.evaluate("node => [...node.parentNode.children].indexOf(node)")
    offering.locator("button").first.click()
    expect(slack.answers.nth(before)).to_be_visible()
    chosen = slack.log.locator(".message").nth(place)
    expect(chosen.locator("button")).to_have_count(0)
    expect(chosen.locator(".facts")).to_contain_text("edited")


def test_in_a_channel_only_a_hint_is_given(slack: Trial) -> None:
    slack.page.get_by_label("Send it").select_option("mention")
    hint = slack.ask("How much does it cost?")
    expect(hint.locator(".facts")).to_contain_text("only visible to you")
    expect(slack.log.locator(".message.desk").last).to_contain_text(re.compile("direct message"))


def test_a_slash_command_is_taken(slack: Trial) -> None:
    slack.page.get_by_label("Send it").select_option("command")
    slack.ask("how much is it")
    expect(slack.own.last.locator(".facts")).to_have_text("taken by the assistant")


def test_words_of_risk_bring_the_number_in_slack(slack: Trial) -> None:
    expect(slack.ask("I want to kill myself")).to_contain_text("988")


def first_page(page: Page, site: str) -> None:
    page.goto(site + "/try")


def phone_used(page: Page, site: str) -> None:
    """Answers, a message of the carrier, an error."""
    trial = a_phone(page, site)
    expect(trial.ask("How much does it cost?").locator(".facts")).to_have_text(DELIVERED)
    page.get_by_role("button", name="HELP").click()
    expect(trial.carrier).to_be_visible()
    page.get_by_label("Your number").fill("twelve")
    page.get_by_label("Your number").press("Enter")
    expect(trial.failed).to_be_visible()


def phone_crisis(page: Page, site: str) -> None:
    a_phone(page, site).ask("I want to kill myself")


def slack_used(page: Page, site: str) -> None:
    """Answers with links and buttons."""
    slack_of(page, site).ask("What does it cost?")


STATES = [first_page, phone_used, phone_crisis, slack_used]


@pytest.fixture(params=SCREENS, ids=[f"{width}-{scheme}" for width, scheme in SCREENS])
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    screen: Page, site: str, state: Callable[[Page, str], None]
) -> None:
    state(screen, site)
    # Half under the bar that stays in sight, a field would be too small to hit.
    screen.evaluate("() => scrollTo(0, 0)")
    results = Axe().run(screen, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    wide = screen.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('.screen')]"
        ".filter(each => each.scrollWidth > each.clientWidth).length"
    )
    assert wide == 0


def test_everything_is_reached_by_keyboard_and_seen(phone: Trial) -> None:
    page = phone.page
    page.get_by_label("Your number").focus()
    names, bare = [], []
    for _ in range(8):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => [document.activeElement.id || document.activeElement.textContent.trim(),
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        names.append(name)
        bare += [name] if outline == "none" else []
    assert names[:4] == ["deliver", "log", "text", "Send"]
    assert "START" in names
    assert bare == []


def test_the_number_for_help_stays_in_sight(phone: Trial) -> None:
    phone.page.set_viewport_size({"width": 320, "height": 480})
    phone.page.mouse.wheel(0, 5000)
    expect(phone.page.get_by_role("link", name="Call 988")).to_be_in_viewport()
