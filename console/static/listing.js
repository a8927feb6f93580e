// Keys of the list of conversations, for those who have switched them on.
import { keys } from "/static/keys.js";
import { switches } from "/static/switches.js";

for (const each of document.querySelectorAll("[data-scripts]")) each.hidden = false;

const place = () => document.activeElement?.closest("[data-keyed='rows'] > li");

keys(switches(), {
  r: () => place()?.querySelector("[data-review]")?.click(),
  u: () => document.getElementById("next-unreviewed")?.click(),
  o: () => document.getElementById("older")?.click(),
  "/": () => document.getElementById("words").focus(),
});
