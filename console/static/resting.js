// Says a minute before that the page will be locked, and locks it, so that what stands on a screen that
// nobody sits at does not stay there. Any key or press keeps it open (WCAG 2.2, 2.2.1). The server
// knows how long is left: other tabs count, too.

const WARNING = 60_000;
const EVERY = 60_000;
const box = document.getElementById("resting");
const { at, left } = document.body.dataset;
let end = Date.now() + Number(left);
let told = Date.now();
let timer;

function plan() {
  const rest = end - Date.now();
  clearTimeout(timer);
  timer = setTimeout(() => ask("/me/idle"), rest > WARNING ? rest - WARNING : Math.max(rest, 500));
}

async function ask(path) {
  let answer;
  try {
    answer = await fetch(path);
  } catch {
    // Without the server nobody can know better: the page goes when its time is over.
    if (Date.now() >= end) return location.replace(at);
    return plan();
  }
  if (answer.status === 401) return location.replace(at);
  if (answer.ok) end = Date.now() + (await answer.json()).left;
  warn(end - Date.now() <= WARNING);
  plan();
}

function warn(now) {
  if (now === !box.hidden) return;
  box.hidden = !now;
  box.textContent = now ? "This page is about to be locked. Press any key to keep it open." : "";
}

function here() {
  if (box.hidden && Date.now() - told < EVERY) return;
  told = Date.now();
  ask("/me/here");
}

if (box) {
  plan();
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, here, { passive: true });
}
