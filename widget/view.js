/** The launcher and the panel: builds them, opens and closes them, keeps focus where it belongs. */
import { h, icon, link, paragraphs } from "./dom.js";
import { keepFocusInside } from "./focus.js";

const SPEECH = "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z";
const CROSS = "M5 5l14 14M19 5L5 19";
const ARROW = "M12 20V5M5 11l7-7 7 7";
const FULL_SCREEN = "(max-width: 480px), (max-height: 480px)";

const choice = ({ title, label, run }) =>
  h("button", { type: "button", class: "choice", "aria-label": label, click: run }, title);

export class View {
  #strings;
  #on;
  #full = matchMedia(FULL_SCREEN);
  #opener = null;
  noticed = false;

  /**
   * @param {ShadowRoot} root
   * @param {object} strings
   * @param {{open, close, submit, exit, draft, code, types}} on what a person did
   * @param {string} label words on the launcher
   */
  constructor(root, strings, on, label) {
    this.#strings = strings;
    this.#on = on;
    this.label = label;
    this.#build();
    root.append(this.launcher, this.panel);
    this.#full.addEventListener("change", () => this.#fit());
    // With an on-screen keyboard the visible part is smaller than 100dvh on some phones.
    globalThis.visualViewport?.addEventListener("resize", () => {
      this.panel.style.setProperty("--visible", `${globalThis.visualViewport.height}px`);
    });
    this.panel.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value ?? "";
    this.#on.draft(value);
  }

  open({ focus = true, opener = null } = {}) {
    this.#opener = opener;
    this.panel.hidden = false;
    this.launcher.hidden = true;
    this.launcher.setAttribute("aria-expanded", "true");
    this.#fit();
    if (focus || this.#full.matches) this.field.focus();
  }

  close() {
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.#fit();
    (this.#opener?.isConnected ? this.#opener : this.launcher).focus();
  }

  /** What must be read before the first message, and who the center is. */
  introduce({ notice, center, demo }, announce) {
    const strings = this.#strings;
    this.panel.setAttribute("aria-label", strings.dialog(center?.name));
    this.demo.hidden = !demo;
    if (announce) this.notice.setAttribute("aria-live", "polite");
    this.notice.replaceChildren(
      h("h3", {}, notice.title || strings.notice),
      ...notice.lines.flatMap((line) => paragraphs(line)),
      h("p", { class: "quiet" }, strings.exitHint),
      h("div", { class: "links" }, ...(notice.links ?? []).map(link).filter(Boolean)));
  }

  /** Who answers now. */
  speaker(name, subtitle) {
    this.title.textContent = name;
    this.subtitle.textContent = subtitle;
  }

  starters(topics, choose) {
    this.start.replaceChildren();
    this.start.hidden = !topics.length;
    if (!topics.length) return;
    this.start.append(
      h("p", { class: "quiet" }, this.#strings.starters),
      h("div", { class: "choices" }, ...topics.map((topic) => choice({ title: topic.title, run: () => choose(topic) }))));
  }

  /** Keeps the numbers of a crisis in reach, first in the panel, while the conversation goes on. */
  pin(links) {
    const numbers = links.filter(({ href }) => /^(tel|sms):/.test(href ?? "")).map(link);
    this.help.hidden = !numbers.length;
    this.help.replaceChildren(...numbers);
  }

  badge(count) {
    const { unread } = this.#strings;
    this.launcher.setAttribute("aria-label", count ? `${this.label}, ${unread(count)}` : this.label);
    this.count.hidden = !count;
    this.count.textContent = count > 9 ? "9+" : String(count);
  }

  typing(name) {
    this.dots.hidden = !name;
    this.typingText.textContent = name && this.#strings.typing(name);
  }

  /** A line above the field; `action` is `{title, run}` for a button beside it. */
  status(text, action = null) {
    this.statusText.textContent = text;
    this.statusAction.replaceChildren();
    if (action) this.statusAction.append(choice(action));
  }

  /** A line below the log and not in it, so that no screen reader says it after every answer. */
  ask(text, ...actions) {
    const held = this.helped.matches(":focus-within");
    this.helped.hidden = !text;
    this.helped.replaceChildren(h("p", { id: "helped", class: "quiet", tabindex: "-1" }, text), ...actions.map(choice));
    // Whoever is here with the keyboard stays in the chat.
    if (held) (text ? this.helped.firstChild : this.scroller).focus();
  }

  fieldError(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
    if (text) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  /** The notice is on the page: from now on messages may be sent. */
  ready() {
    this.noticed = true;
    this.send.removeAttribute("aria-disabled");
  }

  #build() {
    const { fieldHint, transcript, scroller, notice, crisisHelp } = this.#strings;
    this.count = h("span", { class: "count", hidden: true, "aria-hidden": "true" });
    this.launcher = h("button",
      { type: "button", class: "launcher", part: "launcher", "aria-expanded": "false", "aria-label": this.label,
        "aria-haspopup": "dialog", click: () => this.#on.open() },
      icon(SPEECH), h("span", {}, this.label), this.count);
    this.help = h("nav", { class: "help", "aria-label": crisisHelp, hidden: true });
    this.demo = h("p", { class: "demo", hidden: true }, this.#strings.demo);
    this.notice = h("section", { class: "before", "aria-label": notice });
    this.log = h("div", { class: "log", role: "log", "aria-label": transcript });
    this.helped = h("div", { class: "helped", role: "group", "aria-labelledby": "helped", hidden: true });
    this.start = h("div", { class: "start", hidden: true });
    this.scroller = h("div",
      { class: "scroller", tabindex: "0", role: "region", "aria-label": scroller },
      this.notice, this.log, this.helped, this.start, this.#codeForm());
    this.dots = h("span", { class: "dots", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
    this.typingText = h("span");
    this.statusText = h("p", { role: "status" });
    this.statusAction = h("div");
    this.error = h("p", { class: "error", id: "error", role: "status", hidden: true });
    this.hint = h("p", { class: "hint", id: "hint" }, fieldHint);
    this.panel = h("section", { class: "panel", role: "dialog", "aria-label": this.#strings.dialog(), hidden: true },
      this.help, this.#header(), this.demo, this.scroller,
      h("p", { class: "typing", role: "status" }, this.dots, this.typingText),
      h("div", { class: "status" }, this.statusText, this.statusAction),
      this.#composer());
  }

  #header() {
    const { assistant, subtitle, exit, close } = this.#strings;
    this.title = h("h2", {}, assistant);
    this.subtitle = h("p", {}, subtitle);
    return h("div", { class: "head" },
      h("div", { class: "names" }, this.title, this.subtitle),
      h("button", { type: "button", class: "exit", click: () => this.#on.exit() }, exit),
      h("button", { type: "button", class: "plain", "aria-label": close, click: () => this.#on.close() }, icon(CROSS)));
  }

  /** For whoever comes back with a code. */
  #codeForm() {
    const { have, label, go } = this.#strings.code;
    const code = h("input", { id: "code", required: true, autocomplete: "off", "aria-describedby": "refused" });
    const refusal = h("p", { class: "error", id: "refused", role: "status" });
    const toEnd = () => {
      this.scroller.scrollTop = this.scroller.scrollHeight;
    };
    const submit = async (event) => {
      event.preventDefault();
      refusal.textContent = "";
      refusal.textContent = await this.#on.code(code.value);
      if (refusal.textContent) toEnd();
      else code.value = "";
    };
    this.entry = h("details", { hidden: true, toggle: toEnd }, h("summary", {}, have),
      h("form", { submit }, h("label", { for: "code" }, label),
        h("div", { class: "row" }, code, h("button", { class: "choice" }, go)), refusal));
    return this.entry;
  }

  #composer() {
    const { field, placeholder, send } = this.#strings;
    this.field = h("textarea", {
      id: "field", rows: "1", placeholder, autocomplete: "off", enterkeyhint: "send",
      "aria-describedby": "error hint",
      input: () => {
        this.fieldError("");
        this.#on.draft(this.field.value);
        if (this.field.value.trim()) this.#on.types();
      },
      keydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#on.submit();
      },
    });
    this.send = h("button", { type: "submit", class: "send", "aria-label": send, "aria-disabled": "true" }, icon(ARROW));
    const submit = (event) => {
      event.preventDefault();
      this.#on.submit();
    };
    return h("form", { class: "composer", novalidate: true, submit },
      h("label", { for: "field", class: "unseen" }, field), this.error,
      h("div", { class: "row" }, this.field, this.send), this.hint);
  }

  #key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#on.close();
    }
    if (event.key === "Tab" && this.#full.matches) keepFocusInside(this.panel, event);
  }

  #fit() {
    const modal = this.isOpen && this.#full.matches;
    if (modal) this.panel.setAttribute("aria-modal", "true");
    else this.panel.removeAttribute("aria-modal");
    document.documentElement.style.overflow = modal ? "hidden" : "";
  }
}
