/** Quick exit where no JavaScript is needed: blank at once; the desk takes its cookie back. */
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
// Enter sends, as in the panel.
document.querySelector("textarea")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});
