/**
 * Server-sent events read with fetch: EventSource can send neither the token nor the id to resume
 * from in a header. Comes back after every loss, with backoff and jitter.
 */
import { GONE } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30000;
// The desk sends a comment every few seconds; a line silent for this long is dead without saying so.
const SILENCE_MS = 60000;

export class EventStream {
  #open;
  #on;
  #attempt = 0;
  #timer = 0;
  #watchdog = 0;
  #abort = null;
  #closed = false;
  #waiting = false;

  /**
   * @param {(signal: AbortSignal) => Promise<Response>} open makes the request, resuming where it stopped
   * @param {{event: Function, up: Function, down: Function, expired: Function}} on
   */
  constructor(open, on) {
    this.#open = open;
    this.#on = on;
    this.#run();
  }

  /** Whether it is between two attempts. */
  get waiting() {
    return this.#waiting;
  }

  /** Tries at once instead of waiting out the backoff; drops the line it has, as it may be dead. */
  wake() {
    if (this.#closed) return;
    this.#attempt = 0;
    this.#run();
  }

  close() {
    this.#closed = true;
    this.#drop();
  }

  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#abort?.abort();
  }

  async #run() {
    this.#drop();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const response = await this.#open(abort.signal);
      if (GONE.includes(response.status)) {
        this.close();
        this.#on.expired();
        return;
      }
      if (response.ok) await this.#read(response.body, abort);
    } catch {
      // Aborted, offline or cut: all mean the same, come back later.
    }
    if (this.#abort !== abort || this.#closed) return;
    clearTimeout(this.#watchdog);
    this.#waiting = true;
    this.#on.down(this.#attempt);
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    // Half fixed, half random, so that a desk that restarts is not met by everybody at once.
    this.#timer = setTimeout(() => this.#run(), ceiling / 2 + (Math.random() * ceiling) / 2);
  }

  async #read(body, abort) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new Parser((event) => this.#on.event(event));
    this.#attempt = 0;
    this.#waiting = false;
    this.#on.up();
    for (;;) {
      clearTimeout(this.#watchdog);
      this.#watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
      const { done, value } = await reader.read();
      if (done || abort.signal.aborted) return;
      parser.feed(value);
    }
  }
}

/** Splits the text of a stream into `{event, data}`; chunks may end anywhere. */
export class Parser {
  #rest = "";
  #emit;

  constructor(emit) {
    this.#emit = emit;
  }

  feed(chunk) {
    // A lone CR at the end may be half of CRLF, so it waits for the next chunk.
    const text = this.#rest + chunk;
    const held = text.endsWith("\r") ? 1 : 0;
    const blocks = text.slice(0, text.length - held).replace(/\r\n?/g, "\n").split("\n\n");
    this.#rest = blocks.pop() + (held ? "\r" : "");
    blocks.forEach((block) => this.#parse(block));
  }

  #parse(block) {
    const fields = { event: "message", data: [] };
    for (const line of block.split("\n")) {
      const match = /^(event|data): ?(.*)$/.exec(line);
      if (match) match[1] === "data" ? fields.data.push(match[2]) : (fields.event = match[2]);
    }
    if (!fields.data.length) return;
    let data;
    try {
      data = JSON.parse(fields.data.join("\n"));
    } catch {
      return;
    }
    this.#emit({ event: fields.event, data });
  }
}
