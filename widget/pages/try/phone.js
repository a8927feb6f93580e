/** A phone: what is written goes to the desk as signed webhooks, what comes back is shown. */
import { element, showFailure } from "./dom.js";
import { logOf } from "./log.js";
import { follow, post } from "./state.js";

const number = document.getElementById("number");
const deliver = document.getElementById("deliver");
const field = document.getElementById("text");
const compose = document.getElementById("compose");
const SPEAKERS = { you: "You", desk: "Assistant", carrier: "From the carrier" };
const STATES = {
  sending: "on its way",
  received: "taken by the assistant",
  undelivered: "not delivered",
  refused: "not taken",
};

const facts = (message) => {
  const { segments, alphabet, state, code, note, tries, photos, photos_kept: kept } = message;
  const said = [`${segments} ${segments === 1 ? "segment" : "segments"}`, alphabet];
  said.push((STATES[state] ?? state) + (code ? ` (${code})` : ""));
  if (tries > 1) said.push(`${tries} tries`);
  if (photos) said.push(kept ? "photo at the provider" : "photo deleted by the assistant");
  if (note) said.push(`the assistant answered: ${note}`);
  return said.join(", ");
};

function drawn(message, old) {
  const node = old?.node ?? whole(message);
  node.classList.toggle("wrong", ["refused", "undelivered"].includes(message.state) || !!message.note);
  node.querySelector(".facts").textContent = facts(message);
  return node;
}

function whole(message) {
  const words = element("div", "words spoken", message.text || (message.photos ? "(a photo)" : ""));
  words.dir = "auto";
  const below = element("p", "facts");
  // States follow one another within a second: they are there to be read, not read out.
  below.setAttribute("aria-live", "off");
  const who = element("p", "who", SPEAKERS[message.from]);
  return element("div", `message ${message.from}`, who, element("div", "bubble", words), below);
}

const show = logOf(document.getElementById("log"), drawn);
let sending = "";
let asked = "";
const fail = (words) => {
  asked = words;
  showFailure(sending || asked);
};
const look = follow(
  () => `/try/phone/state?number=${encodeURIComponent(number.value)}`,
  (state) => {
    show(state.messages);
    document.getElementById("empty").hidden = state.messages.length > 0;
    document.getElementById("stopped").hidden = !state.stopped;
    if (document.activeElement !== deliver) deliver.value = state.deliver;
  },
  fail,
);

async function send(address, body) {
  try {
    await post(address, body);
    sending = "";
    return true;
  } catch (problem) {
    sending = problem.message;
    return false;
  } finally {
    showFailure(sending || asked);
    look();
  }
}
const write = (text, media = false) =>
  send("/try/phone/send", { number: number.value, text, media });

compose.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = field.value;
  field.focus();
  if (!text.trim()) return;
  // Emptied at once, so that Enter pressed twice sends it once.
  field.value = "";
  if (!(await write(text))) field.value ||= text;
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  compose.requestSubmit();
});
compose.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button]");
  if (button?.dataset.text) write(button.dataset.text);
  else if (button) write("", true);
});
deliver.addEventListener("change", () => send("/try/phone/deliver", { mode: deliver.value }));
number.addEventListener("change", () => {
  sending = "";
  look();
});
document.getElementById("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
