// Review by keyboard alone: j and k to the next and previous message, numbers to say what it was.
// Single keys work where a message has the focus; anywhere only for those who have switched them on.
import { switches } from "/static/switches.js";

for (const each of document.querySelectorAll("[data-scripts]")) each.hidden = false;

const on = switches();
const FIELDS = "input, textarea, select, [contenteditable]";
const items = () => [...document.querySelectorAll("[data-item]")];

function here() {
  const all = items();
  return all.find((each) => each.contains(document.activeElement)) ?? all[0];
}

function step(by) {
  const all = items();
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  all[to]?.focus();
}

// A button is pressed; a field is gone to; what is folded opens, and its first field is gone to.
function use(found) {
  if (found.tagName === "BUTTON") found.click();
  else if (found.tagName === "DETAILS") {
    found.open = true;
    found.querySelector("input").focus();
  } else found.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && event.ctrlKey && event.target.matches("[data-taught]")) {
    event.preventDefault();
    event.target.form.querySelector("button[value='teach']").click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest(FIELDS)) {
    if (event.key === "Escape") event.target.closest("[data-item]")?.focus();
    return;
  }
  if (!on("keys") && !event.target.closest("[data-item], .undo")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    step(event.key === "j" ? 1 : -1);
    return;
  }
  if (!/^[1-8u]$/.test(event.key)) return;
  const scope = event.key === "u" ? document : here();
  const found = scope?.querySelector(`[data-key="${event.key}"]`);
  if (!found) return;
  event.preventDefault();
  use(found);
});

// What was said takes the message away: the next one is where the keyboard is then, and after the
// last one what takes it back.
if (document.querySelector("[data-begin]")) {
  (items()[0] ?? document.querySelector(".undo button"))?.focus();
}
