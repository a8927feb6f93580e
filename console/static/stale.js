// Says so while a page that shows itself anew gets no answer: what stands there may be old.
const line = document.querySelector("[data-stale]");

function stale(yes) {
  const words = yes ? "The server does not answer: what is shown may be old. Trying again …" : "";
  line.classList.toggle("warning", yes);
  // Said once, however often it is tried.
  if (line.textContent !== words) line.textContent = words;
}

for (const kind of ["sendError", "responseError"]) {
  document.body.addEventListener(`htmx:${kind}`, () => stale(true));
}
document.body.addEventListener("htmx:afterSwap", () => stale(false));
