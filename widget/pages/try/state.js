/** Asks for what is new while the page is seen, and sends what is done in it. */

const EVERY_MS = 700;

/** Posts JSON; throws an error with words for the person. */
export async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (!answer) throw new Error("The assistant does not answer. Is it running?");
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(read.error ?? `Not sent: HTTP ${answer.status}.`);
  return read;
}

/** Calls `draw` with each state of `address()`; returns a function that asks at once. */
export function follow(address, draw, fail) {
  let timer = 0;
  let round = 0;

  async function look() {
    clearTimeout(timer);
    // An answer that was asked for before is not drawn after a newer one.
    const mine = ++round;
    if (document.hidden) return;
    try {
      const answer = await fetch(address());
      const read = await answer.json().catch(() => ({}));
      if (mine !== round) return;
      if (answer.ok) draw(read);
      fail(answer.ok ? "" : (read.error ?? `HTTP ${answer.status}`));
    } catch {
      if (mine !== round) return;
      fail("The assistant does not answer. Is it running?");
    }
    timer = setTimeout(look, EVERY_MS);
  }

  document.addEventListener("visibilitychange", look);
  look();
  return look;
}
