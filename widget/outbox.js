/**
 * Messages on their way. Each keeps the id it was given when it was written, so that the desk answers
 * it once however often it is sent; they go out one at a time, in order.
 */
import { ApiError } from "./api.js";
import { newId } from "./session.js";

const RETRY_FIRST_MS = 2000;
const RETRY_LONGEST_MS = 30000;

export class Outbox {
  #session;
  #deliver;
  #on;
  #busy = false;
  #timer = 0;
  #attempt = 0;

  /**
   * @param {Session} session where entries survive a reload
   * @param {(entry) => Promise} deliver sends one entry; rejects with ApiError
   * @param {{sending: Function, sent: Function, failed: Function}} on
   */
  constructor(session, deliver, on) {
    this.#session = session;
    this.#deliver = deliver;
    this.#on = on;
  }

  get entries() {
    return this.#session.get("outbox");
  }

  /** The entry being sent at this moment, or null. */
  get current() {
    return this.#busy ? this.entries.find((entry) => !entry.failed) ?? null : null;
  }

  /** @returns the new entry; it is sent by the next flush */
  add({ text, button = null }) {
    const entry = { id: newId(), text, button, failed: null, at: new Date().toISOString() };
    this.#session.set({ outbox: [...this.entries, entry] });
    return entry;
  }

  remove(id) {
    this.#session.set({ outbox: this.entries.filter((entry) => entry.id !== id) });
  }

  retry(id) {
    this.#mark(id, null);
    this.#attempt = 0;
    return this.flush();
  }

  /** Sends what waits. Entries that the desk refused wait for a person's "send again". */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    try {
      let entry;
      while ((entry = this.entries.find((each) => !each.failed))) {
        if (!(await this.#attemptOne(entry))) break;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** @returns whether to go on with the next entry */
  async #attemptOne(entry) {
    this.#on.sending(entry);
    try {
      const answer = await this.#deliver(entry);
      this.remove(entry.id);
      this.#attempt = 0;
      this.#on.sent(entry, answer);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 0) this.#later();
      else this.#mark(entry.id, error.reason);
      this.#on.failed(entry, error);
      return error.status !== 0;
    }
  }

  #later() {
    const ceiling = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.flush(), ceiling / 2 + (Math.random() * ceiling) / 2);
  }

  #mark(id, failed) {
    this.#session.set({
      outbox: this.entries.map((entry) => (entry.id === id ? { ...entry, failed } : entry)),
    });
  }
}
