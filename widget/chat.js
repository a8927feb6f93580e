/** The chat as a person sees it: joins the conversation, the panel and the list of messages. */
import { Conversation } from "./conversation.js";
import { leave, watchShift } from "./exit.js";
import { Session } from "./session.js";
import { Speaker } from "./speaker.js";
import { strings } from "./strings.js";
import { Transcript } from "./transcript.js";
import { View } from "./view.js";

/** The desk's own limit for one message, in characters. */
const LONGEST = 100000;

/** A button that every text on the wait for staff has. */
const ON_A_WAIT = "handoff_cancel";

/** The desk's own words on what it refused, if it answered. */
const why = ({ status, message }) => (status && message) || `${strings.code.failed} ${strings.crisisLine}`;

export class Chat {
  #session;
  #conversation;
  #view;
  #transcript;
  #asked;
  #person = [];
  #info = null;
  #preparing = null;
  #topic = null;
  #making = null;
  #code = null;
  #unread = 0;
  #speaker;
  #names = { visitor: strings.you, bot: strings.assistant, staff: strings.staff, system: strings.system };

  /**
   * @param {ShadowRoot} root
   * @param {string} base address of the desk, with a slash at its end
   * @param {string} label words on the launcher
   */
  constructor(root, base, label) {
    this.#session = new Session(base);
    this.#view = new View(root, strings, {
      open: () => this.open(),
      close: () => this.close(),
      submit: () => this.#submit(),
      exit: () => leave(),
      draft: (draft) => this.#session.set({ draft }),
      code: (code) => this.#conversation.takeCode(code).then(() => "", why),
      types: () => this.#speaker.tells() && this.#conversation.types(),
    }, label);
    this.#speaker = new Speaker(this.#view, strings);
    this.#transcript = new Transcript(this.#view.log, this.#view.scroller, {
      names: this.#names,
      strings,
      onButton: (button) => this.#choose(button),
      onAgain: (id) => this.#conversation.outbox.retry(id),
      onLast: (item) => this.#ask(item),
    });
    this.#conversation = new Conversation(base, this.#session, {
      begun: (messages, how) => this.#begun(messages, how),
      item: (item) => this.#receive(item),
      copy: (entry, item) => this.#transcript.settle(entry.id, item),
      sending: (entry) => this.#sending(entry),
      sent: (entry, answer) => this.#sent(entry, answer),
      failed: (entry, error) => this.#failed(entry, error),
      typing: (typing) => this.#speaker.typing(typing),
      owner: (owner) => {
        this.#speaker.changed(owner);
        if (owner.owner === "human") this.#ask();
      },
      up: () => this.#view.status(""),
      down: (attempt) => attempt && this.#view.status(navigator.onLine ? strings.reconnecting : strings.offline),
      ended: () => this.#showEnd(strings.expired),
    });
    this.#listen();
    this.#resume();
  }

  /**
   * Opens the panel. A topic is put in the field, not sent, until this conversation has begun: the
   * notice comes first.
   * @param {{topic?: {id: string, title: string}, opener?: HTMLElement, focus?: boolean}} [how]
   */
  open({ topic = null, opener = null, focus = true } = {}) {
    this.#view.open({ focus, opener });
    this.#session.set({ open: true, read: Math.max(this.#session.get("read") ?? 0, this.#transcript.last) });
    this.#unread = 0;
    this.#view.badge(0);
    if (this.#transcript.spoken) this.#transcript.toEnd();
    this.#prepare();
    if (topic && this.#transcript.spoken) this.#choose(topic);
    else if (topic) {
      this.#topic = topic;
      this.#view.text = topic.title;
    }
  }

  close() {
    this.#session.set({ open: false });
    this.#view.close();
  }

  #listen() {
    watchShift({
      active: () => this.#view.isOpen,
      progress: (left) => this.#view.status(strings.exitMore(left)),
      exit: () => leave(),
    });
    globalThis.addEventListener("offline", () => this.#view.status(strings.offline));
    globalThis.addEventListener("online", () => {
      this.#view.status("");
      this.#conversation.wake();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#conversation.wake({ onlyIfWaiting: true });
    });
  }

  /** After a reload, or on the next page of the site: as it was, without taking the focus. */
  #resume() {
    this.#view.text = this.#session.get("draft");
    if (this.#session.get("open")) this.open({ focus: false });
    else if (this.#session.get("token")) this.#prepare();
  }

  #prepare() {
    this.#preparing ??= this.#load().finally(() => {
      this.#preparing = null;
    });
  }

  /** The notice, then the conversation so far or a new one. Safe to call again after a failure. */
  async #load() {
    if (!this.#info) {
      if (!this.#view.noticed) this.#view.status(strings.loading);
      this.#info = await this.#conversation.notice();
      this.#view.introduce(this.#info ?? { notice: { ...strings.fallbackNotice, links: strings.crisisLinks } }, !this.#session.get("token"));
      this.#names.bot = this.#info?.assistant || strings.assistant;
      this.#speaker.assistant = this.#names.bot;
      this.#view.speaker(this.#names.bot, strings.subtitle);
      this.#view.status("");
      this.#view.ready();
    }
    try {
      await this.#conversation.join();
    } catch {
      this.#view.status(`${strings.startFailed} ${strings.crisisLine}`,
        { title: strings.retry, run: () => this.#prepare() });
    }
  }

  #begun(messages, { live, returned }) {
    this.#view.status("");
    if (returned) this.#transcript.clear();
    if (live) messages.forEach((item) => this.#receive(item));
    else this.#transcript.quietly(() => this.#layDown(messages));
    const offered = this.#transcript.spoken || messages.some((item) => item.buttons?.length);
    this.#view.starters(offered ? [] : this.#info?.topics ?? [], (topic) => this.#choose(topic));
    this.#view.entry.hidden = this.#transcript.spoken;
    if (!returned) return;
    this.#view.field.focus();
    // The history is laid down in silence, so that it is there has to be said, after that.
    requestAnimationFrame(() => this.#transcript.add({ from: "system", kind: "notice", text: strings.code.back }));
  }

  #layDown(messages) {
    messages.forEach((item) => this.#receive(item, false));
    for (const entry of this.#conversation.outbox.entries) {
      this.#transcript.addPending(entry);
      if (entry.failed) this.#transcript.markFailed(entry.id, entry.failed);
    }
    if (this.#transcript.spoken) this.#transcript.toEnd();
  }

  #receive(item, live = true) {
    if (this.#transcript.has(item.seq)) return;
    this.#transcript.add(this.#withOffer(item), { alert: live });
    if (item.kind === "crisis") this.#view.pin(item.links ?? []);
    const person = item.buttons?.find(({ id }) => id === "speak_to_human");
    if (person) this.#person = [{ title: person.title, run: () => this.#choose(person) }];
    if (item.from === "visitor") return;
    if (live) this.#speaker.quiet();
    const read = this.#session.get("read") ?? 0;
    if (this.#view.isOpen) this.#session.set({ read: Math.max(read, item.seq ?? 0) });
    else if (item.seq > read) this.#view.badge(++this.#unread);
  }

  /** @param {object} [item] the answer that stands last, if it is to be asked whether it helped */
  #ask(item) {
    if (item?.seq === this.#asked) return;
    this.#asked = item?.seq;
    const { ask, yes, no } = strings.helped;
    const say = (helped) => () => this.#conversation.helped(item.seq, helped)
      .then(() => this.#thank(item.seq, helped), (error) => this.#view.status(why(error)));
    if (!item || item.seq === this.#session.get("helped")) this.#view.ask();
    else this.#view.ask(ask, { ...yes, run: say(true) }, { ...no, run: say(false) });
  }

  #thank(seq, helped) {
    this.#session.set({ helped: seq });
    if (seq === this.#asked) this.#view.ask(strings.helped.thanks, ...(helped ? [] : this.#person));
  }

  /** A text on the wait for staff offers a code to come back with. */
  #withOffer(item) {
    if (!item.buttons?.some(({ id }) => id === ON_A_WAIT)) return item;
    const offer = { title: strings.code.offer[item.lang ?? "en"], run: () => this.#makeCode() };
    return { ...item, buttons: [...item.buttons, offer] };
  }

  /** Shows a code on the page alone, which no log holds; one that was shown before holds no more. */
  #makeCode() {
    this.#making ??= this.#conversation.makeCode().then(({ code, text, lang }) => {
      const copy = { title: strings.code.copy[lang ?? "en"], run: () => this.#copy(code) };
      this.#code?.remove();
      this.#code = this.#transcript.add({ from: "system", kind: "notice", text, lang, buttons: [copy] });
      this.#transcript.toEnd();
    }).catch((error) => this.#view.status(why(error))).finally(() => {
      this.#making = null;
    });
  }

  async #copy(code) {
    try {
      await navigator.clipboard.writeText(code);
      this.#view.status(strings.code.copied);
    } catch {
      this.#view.status(strings.code.failed);
    }
  }

  #submit() {
    const text = this.#view.text;
    if (!text.trim()) return;
    if (this.#conversation.ended) {
      this.#showEnd(strings.expired);
    } else if (!this.#view.noticed) {
      this.#view.status(strings.loading);
    } else if (text.length > LONGEST && [...text].length > LONGEST) {
      const size = [...text].length.toLocaleString();
      this.#view.fieldError(`${strings.tooLong(size, LONGEST.toLocaleString())} ${strings.crisisLine}`);
    } else {
      const topic = this.#topic?.title === text.trim() ? this.#topic : null;
      this.#topic = null;
      this.#view.text = "";
      this.#put({ text, button: topic?.id });
    }
  }

  #choose({ id, title, run }) {
    if (run) run();
    else if (this.#conversation.ended) this.#showEnd(strings.expired);
    else this.#put({ text: title, button: id });
  }

  #put(message) {
    this.#view.starters([]);
    this.#view.entry.hidden = true;
    this.#transcript.addPending(this.#conversation.outbox.add(message));
    this.#conversation.outbox.flush();
  }

  #sending(entry) {
    this.#transcript.markSending(entry.id);
    this.#speaker.asked();
  }

  #sent(entry, { message, replies }) {
    this.#speaker.quiet();
    this.#transcript.settle(entry.id, message);
    replies.forEach((item) => this.#receive(item));
  }

  /** The message stays, in the list or back in the field; only a person throws away their words. */
  #failed(entry, error) {
    this.#speaker.quiet();
    if (error.crisis) this.#receive(error.crisis);
    if (!this.#transcript.waiting(entry.id)) return;
    const back = !entry.button && !this.#view.text && (error.expired || error.status === 413);
    if (back) {
      this.#conversation.outbox.remove(entry.id);
      this.#transcript.drop(entry.id);
      this.#view.text = entry.text;
    } else this.#transcript.markFailed(entry.id, error.reason);
    if (error.expired) {
      this.#conversation.end();
      if (back) this.#showEnd(strings.expiredKept);
    } else if (back) this.#view.fieldError(`${strings.failed.large} ${strings.crisisLine}`);
  }

  #showEnd(words) {
    this.#view.status(`${words} ${strings.crisisLine}`, { title: strings.restart, run: () => this.#restart() });
  }

  #restart() {
    const unsent = this.#conversation.outbox.entries.filter((entry) => !entry.button).map((entry) => entry.text);
    this.#conversation.reset();
    this.#transcript.clear();
    this.#view.pin([]);
    if (!this.#view.text) this.#view.text = unsent.join("\n");
    this.#view.field.focus();
    this.#prepare();
  }
}
