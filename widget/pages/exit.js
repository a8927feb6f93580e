/**
 * Quick exit on the page that works without JavaScript. There the link leads by way of the desk, which
 * takes the cookie back; here the page blanks and is replaced at once, and the desk is told beside.
 */
import { leave, watchShift } from "../exit.js";
import { strings } from "../strings.js";

const link = document.querySelector("[data-exit]");
const status = document.querySelector("[data-exit-status]");
const exit = () => {
  navigator.sendBeacon(link.href);
  leave();
};

link?.addEventListener("click", (event) => {
  event.preventDefault();
  exit();
});
watchShift({
  active: () => link !== null,
  progress: (left) => {
    status.textContent = strings.exitMore(left);
  },
  exit,
});
// Enter sends, as in the panel; the form does without.
document.querySelector("textarea")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});
