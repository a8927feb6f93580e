/** The list of messages: in the order of the desk's numbers, those still being sent at the end. */
import { h, link } from "./dom.js";
import { renderMessage } from "./message.js";

// After this long without a message, a new one is a new turn and scrolls to its own beginning.
const TURN_MS = 5000;
const NEAR_PX = 48;

export class Transcript {
  #log;
  #scroller;
  #context;
  #items = new Map();
  #pending = new Map();
  #rated = new WeakMap();
  #anchor = null;
  #placedTop = 0;
  #lastAt = 0;

  /**
   * @param {HTMLElement} log the element with role="log"
   * @param {HTMLElement} scroller the element that scrolls
   * @param {{names: object, strings: object, onButton: Function, onAgain: Function, onLast: Function}} context
   */
  constructor(log, scroller, context) {
    this.#log = log;
    this.#scroller = scroller;
    this.#context = context;
  }

  has(seq) {
    return this.#items.has(seq);
  }

  /** The highest number so far, 0 when there is none. */
  get last() {
    return Math.max(0, ...this.#items.keys());
  }

  get spoken() {
    return this.#log.querySelector(".visitor") !== null;
  }

  clear() {
    this.#log.replaceChildren();
    this.#items.clear();
    this.#pending.clear();
    this.#anchor = null;
    this.#tellLast();
  }

  /** History is laid down in silence: a screen reader is not made to read it all again. */
  quietly(fill) {
    this.#log.setAttribute("aria-live", "off");
    fill();
    requestAnimationFrame(() => this.#log.removeAttribute("aria-live"));
  }

  /** @param {{alert?: boolean}} [how] alert: announce a crisis message at once, for its first showing */
  add(item, { alert = false } = {}) {
    const numbered = Number.isInteger(item.seq);
    if (numbered && this.#items.has(item.seq)) return;
    const follow = this.#following();
    const element = renderMessage(item, this.#context);
    if (numbered) this.#items.set(item.seq, element);
    if (item.rate) this.#rated.set(element, item);
    this.#log.insertBefore(element, this.#place(item.seq));
    // One message alone has the role, so that none is announced twice.
    if (alert && item.kind === "crisis") {
      this.#log.querySelector("[role=alert]")?.removeAttribute("role");
      element.setAttribute("role", "alert");
    }
    this.#tellLast();
    this.#settleView(element, item, follow);
    return element;
  }

  /** Whether a message is still on its way. */
  waiting(id) {
    return this.#pending.has(id);
  }

  addPending(entry) {
    if (this.#pending.has(entry.id)) return;
    const item = { from: "visitor", kind: "text", text: entry.text, at: entry.at };
    const element = renderMessage(item, this.#context);
    element.append(h("div", { class: "state" }));
    this.#pending.set(entry.id, element);
    this.#log.append(element);
    this.#tellLast();
    this.#settleView(element, item, true);
  }

  markSending(id) {
    this.#state(id, this.#context.strings.sending);
  }

  /** @param {string} reason key of strings.failed */
  markFailed(id, reason) {
    const { strings, onAgain } = this.#context;
    this.#state(id,
      h("p", {}, strings.failed[reason]),
      h("p", {}, strings.crisisLine),
      h("div", { class: "links" }, ...strings.crisisLinks.map(link)),
      h("button", { type: "button", class: "choice", click: () => onAgain(id) }, strings.again));
    this.#pending.get(id)?.classList.add("unsent");
    this.toEnd();
  }

  /** The desk has taken the message: the bubble moves to its number, or goes if it is there already. */
  settle(id, item) {
    const element = this.#pending.get(id);
    this.#pending.delete(id);
    if (!element) return this.add(item);
    if (this.#items.has(item.seq)) {
      element.remove();
      return this.#tellLast();
    }
    element.querySelector(".state")?.remove();
    element.classList.remove("unsent");
    element.dataset.seq = item.seq;
    this.#items.set(item.seq, element);
    const place = this.#place(item.seq, element);
    // Moving an element that is in its place already would make a screen reader say it again.
    if (place !== element.nextElementSibling) this.#log.insertBefore(element, place);
  }

  drop(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
    this.#tellLast();
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#placedTop = this.#scroller.scrollTop;
  }

  /** Tells which answer stands last, if it is one to be asked about: never after words of risk. */
  #tellLast() {
    const item = this.#rated.get(this.#log.lastElementChild);
    this.#context.onLast(this.#log.querySelector(".crisis") ? undefined : item);
  }

  #state(id, ...content) {
    this.#pending.get(id)?.classList.remove("unsent");
    this.#pending.get(id)?.querySelector(".state")?.replaceChildren(...content);
  }

  /** The element before which a number belongs. Unnumbered ones stay where they were put. */
  #place(seq, self = null) {
    if (!Number.isInteger(seq)) return null;
    const pending = [...this.#pending.values()];
    return [...this.#log.children].find((each) =>
      each !== self && (Number(each.dataset.seq) > seq || pending.includes(each))) ?? null;
  }

  #following() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - clientHeight - scrollTop < NEAR_PX || Math.abs(scrollTop - this.#placedTop) < NEAR_PX;
  }

  /** Scrolls down, but never past the beginning of the turn: a long answer is read from its start. */
  #settleView(element, item, follow) {
    const now = Date.now();
    const newTurn = item.from !== "bot" || item.kind === "crisis" || now - this.#lastAt > TURN_MS;
    if (newTurn || !this.#anchor) this.#anchor = element;
    this.#lastAt = now;
    if (!follow || !this.spoken) return;
    const top = this.#anchor.offsetTop - 12;
    this.#scroller.scrollTop = Math.max(0, top);
    this.#placedTop = this.#scroller.scrollTop;
  }
}
