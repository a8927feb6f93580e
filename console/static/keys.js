// Keys for those who want them: never while something is typed, never with another key held.

const FIELDS = "input, textarea, select, [contenteditable]";

// Beside those of every page, a page may have keys of its own.
export function keys(on, own = {}) {
  document.addEventListener("keydown", (event) => {
    if (!on("keys") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(FIELDS)) return;
    const done = {
      j: () => step(1),
      k: () => step(-1),
      r: () => document.getElementById("reply")?.focus(),
      n: () => document.getElementById("note")?.focus(),
      i: () => location.assign("/inbox"),
      ...own,
    }[event.key];
    if (done) {
      event.preventDefault();
      done();
    }
  });
}

function step(by) {
  const places = [...document.querySelectorAll("[data-keyed='rows'] > li > .row-head > a, [data-keyed='entries'] > li")];
  const here = places.findIndex((each) => each.contains(document.activeElement));
  const to = here < 0 ? (by > 0 ? 0 : places.length - 1) : here + by;
  places[to]?.focus();
}
