/**
 * One conversation with the desk, without any page: begins or recalls it, keeps the stream of events
 * open, sends what the outbox holds. What happens is told through callbacks.
 */
import { Api, ApiError } from "./api.js";
import { EventStream } from "./events.js";
import { Outbox } from "./outbox.js";

export class Conversation {
  #api;
  #session;
  #on;
  #stream = null;
  #streamed = 0;
  #starting = null;
  #ended = false;

  /**
   * @param {string} base address of the desk, with a slash at its end
   * @param {Session} session
   * @param {{begun, item, copy, sending, sent, failed, typing, owner, up, down, ended}} on
   */
  constructor(base, session, on) {
    this.#api = new Api(base);
    this.#session = session;
    this.#on = on;
    this.outbox = new Outbox(session, (entry) => this.#deliver(entry), on);
  }

  get ended() {
    return this.#ended;
  }

  /** The desk's words to be read before writing, or null when it cannot be reached. */
  notice() {
    return this.#api.notice().catch((error) => {
      if (error instanceof ApiError) return null;
      throw error;
    });
  }

  /** Recalls the conversation of this tab or begins one; does nothing when it is under way. */
  async join() {
    if (this.#stream || this.#ended) return;
    try {
      await (this.#session.get("token") ? this.#recall() : this.#start());
    } catch (error) {
      if (!error.expired) throw error;
      this.end();
    }
  }

  /** Makes a code with which this conversation is taken up again; older ones hold no more. */
  makeCode() {
    return this.#api.makeCode(this.#session.get("token"));
  }

  /** Takes up the conversation of a code, in the place of the one that has just begun. */
  async takeCode(code) {
    const { token, messages } = await this.#api.takeCode(code);
    this.reset();
    this.#session.set({ token });
    this.#listen(messages);
    this.#on.begun(messages, { live: false, returned: true });
  }

  /** Tells whether an answer helped. */
  helped(seq, helped) {
    return this.#api.helped(this.#session.get("token"), seq, helped);
  }

  /** The person is typing, and staff may see that they do. */
  types() {
    if (this.#session.get("token") && !this.#ended) this.#api.typing(this.#session.get("token"));
  }

  /** The desk no longer takes this token. */
  end() {
    this.#ended = true;
    this.#stream?.close();
    this.#stream = null;
    this.#on.ended();
  }

  /** Forgets the conversation that ended, so that the next join begins another. */
  reset() {
    this.#ended = false;
    this.#session.set({ token: null, outbox: [], read: 0 });
  }

  /** The network is back: no waiting for the next attempt. */
  wake({ onlyIfWaiting = false } = {}) {
    if (onlyIfWaiting && !this.#stream?.waiting) return;
    this.#stream?.wake();
    this.outbox.flush();
  }

  async #recall() {
    const { messages } = await this.#api.history(this.#session.get("token"));
    this.#listen(messages);
    this.#on.begun(messages, { live: false });
    this.outbox.flush();
  }

  #start() {
    this.#starting ??= this.#api.start().then(({ token, messages }) => {
      this.#session.set({ token, read: 0 });
      this.#listen(messages);
      this.#on.begun(messages, { live: true });
    }).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #deliver(entry) {
    if (this.#ended) throw new ApiError(401);
    if (!this.#session.get("token")) await this.#start();
    return this.#api.send(this.#session.get("token"), entry);
  }

  #listen(messages) {
    // Only the stream's own numbers count: an answer to a request may run ahead of what staff wrote.
    this.#streamed = Math.max(0, ...messages.map((item) => item.seq));
    this.#stream?.close();
    this.#stream = new EventStream(
      (signal) => this.#api.events(this.#session.get("token"), this.#streamed, signal),
      {
        event: ({ event, data }) => this.#event(event, data),
        up: () => {
          this.#on.up();
          // The desk says who answers at the beginning of a stream, unless it is the assistant.
          this.#on.owner({ owner: "bot" });
          this.outbox.flush();
        },
        down: (attempt) => this.#on.down(attempt),
        expired: () => this.end(),
      });
  }

  #event(event, data) {
    if (event === "typing") this.#on.typing(data);
    if (event === "owner") this.#on.owner(data);
    if (event !== "message") return;
    this.#streamed = Math.max(this.#streamed, data.seq ?? 0);
    // The desk's copy of what is being sent right now may come before the answer to the request.
    const current = this.outbox.current;
    const own = data.from === "visitor" && current && data.text.trim() === current.text.trim();
    if (!own) return this.#on.item(data);
    this.outbox.remove(current.id);
    this.#on.copy(current, data);
  }

}
