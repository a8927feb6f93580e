/**
 * What the widget remembers in this tab: the conversation's token, what is still to be sent, the
 * draft, and whether the panel is open. sessionStorage and nothing else, so that closing the tab on a
 * shared computer forgets it. Messages themselves stay on the server.
 */
const EMPTY = { token: null, seen: 0, open: false, draft: "", outbox: [] };

export class Session {
  #key;
  #state;

  /** @param {string} base address of the desk; two desks on one site do not share a conversation */
  constructor(base) {
    this.#key = `iop-chat:${base}`;
    this.#state = { ...EMPTY, ...this.#read() };
  }

  get(name) {
    return this.#state[name];
  }

  set(changes) {
    Object.assign(this.#state, changes);
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#state));
    } catch {
      // Storage is full or forbidden: the conversation then lives as long as the page.
    }
  }

  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key)) ?? {};
    } catch {
      return {};
    }
  }
}

/** A version 4 UUID. `crypto.randomUUID` is missing on pages served over plain http. */
export function newId() {
  const random = () => crypto.getRandomValues(new Uint8Array(1))[0];
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (random() & (15 >> (digit / 4)))).toString(16));
}
