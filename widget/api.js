/** The desk's public API over fetch. The token travels in a header, never in an address. */

const TIMEOUT_MS = 30000;

/** Answers that mean: this token or this conversation is no more. */
export const GONE = [401, 403, 404, 410];

/** A request that failed. `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  constructor(status, body = {}) {
    super(body?.error?.message ?? "");
    this.status = status;
    this.crisis = body?.crisis ?? null;
  }

  get expired() {
    return GONE.includes(this.status);
  }

  /** Key of strings.failed that tells a person what happened. */
  get reason() {
    if (this.status === 0) return "offline";
    if (this.expired) return "expired";
    if (this.status === 413) return "large";
    if (this.status === 429) return "limit";
    return this.status >= 500 ? "server" : "refused";
  }
}

export class Api {
  #root;

  /** @param {string} base address of the desk, with a slash at its end */
  constructor(base) {
    this.#root = new URL("api/v1/", base).href;
  }

  notice() {
    return this.#call("GET", "notice");
  }

  start() {
    return this.#call("POST", "conversations", { body: {} });
  }

  /** @param {{id: string, text?: string, button?: string}} entry an entry of the outbox */
  send(token, { id, text, button }) {
    return this.#call("POST", "messages", { token, body: button ? { id, button } : { id, text } });
  }

  /** A code with which this conversation is taken up again elsewhere. */
  makeCode(token) {
    return this.#call("POST", "return-codes", { token });
  }

  takeCode(code) {
    return this.#call("POST", "return", { body: { code } });
  }

  helped(token, message, helped) {
    return this.#call("POST", "helped", { token, body: { message, helped } });
  }

  history(token) {
    return this.#call("GET", "messages?after=0", { token });
  }

  /** Lets staff see that the person types; whether it arrives does not matter. */
  typing(token) {
    return fetch(`${this.#root}typing`, { ...this.#options(token), method: "POST" }).catch(() => {});
  }

  /** Opens the stream of events; resolves with the raw response. */
  events(token, after, signal) {
    return fetch(`${this.#root}events`, {
      ...this.#options(token),
      headers: { ...this.#options(token).headers, Accept: "text/event-stream", "Last-Event-ID": String(after) },
      signal,
    });
  }

  #options(token) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    return { headers, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
  }

  async #call(method, path, { token, body } = {}) {
    const options = this.#options(token);
    if (body) options.headers["Content-Type"] = "application/json";
    let response;
    let answer;
    try {
      response = await fetch(this.#root + path, {
        ...options,
        method,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = await response.json();
    } catch (error) {
      // Text that is no JSON comes from something in between; anything else is a line that was cut.
      if (!(error instanceof SyntaxError)) throw new ApiError(0);
    }
    if (!response.ok) throw new ApiError(response.status, answer);
    if (!answer) throw new ApiError(502);
    return answer;
  }
}
