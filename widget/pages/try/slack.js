/** Slack as one person sees it: a direct message with the assistant, and one channel. */
import { drawnBlock, marked } from "./blocks.js";
import { element, showFailure } from "./dom.js";
import { logOf } from "./log.js";
import { follow, post } from "./state.js";

const person = document.getElementById("name");
const mood = document.getElementById("mood");
const kind = document.getElementById("kind");
const field = document.getElementById("text");
const compose = document.getElementById("compose");

const facts = (message) => {
  const said = [];
  if (message.where === "channel") said.push("in #general");
  if (message.thread) said.push("in a thread");
  if (message.only_you) said.push("only visible to you");
  if (message.edited) said.push("edited");
  if (message.refused) said.push(`not taken by Slack: ${message.state}`);
  else if (message.state === "sending") said.push("on its way");
  else if (message.state === "taken") said.push("taken by the assistant");
  else if (message.state) said.push(`not taken by the assistant: ${message.state}`);
  if (message.pressed === "sending") said.push("button pressed");
  else if (message.pressed && message.pressed !== "taken") {
    said.push(`the button was not taken by the assistant: ${message.pressed}`);
  }
  return said.join(", ");
};
const isWrong = ({ refused, state, pressed }) =>
  refused || [state, pressed].some((each) => each && !["sending", "taken"].includes(each));

function drawn(message, old) {
  const node = old && sameContent(old.message, message) ? old.node : whole(message);
  node.classList.toggle("wrong", isWrong(message));
  const below = node.querySelector(".facts");
  below.textContent = facts(message);
  below.hidden = !below.textContent;
  return node;
}

const sameContent = (one, other) =>
  one.text === other.text && JSON.stringify(one.blocks) === JSON.stringify(other.blocks);

function whole(message) {
  const press = (block, action) =>
    send("/try/slack/press", { ts: message.id, block_id: block, action_id: action });
  const inside = message.blocks.length
    ? message.blocks.map((block) => drawnBlock(block, press))
    : [element("div", "spoken", marked(message.text))];
  const bubble = element("div", "bubble", ...inside);
  bubble.dir = "auto";
  const below = element("p", "facts");
  below.setAttribute("aria-live", "off");
  const who = element("p", "who", message.from === "you" ? "You" : "Assistant");
  return element("div", `message ${message.from}`, who, bubble, below);
}

const show = logOf(document.getElementById("log"), drawn);
let sending = "";
let asked = "";
const look = follow(
  () => `/try/slack/state?user=${encodeURIComponent(person.value)}`,
  (state) => {
    show(state.messages);
    document.getElementById("empty").hidden = state.messages.length > 0;
    if (document.activeElement !== mood) mood.value = state.mood;
  },
  (words) => {
    asked = words;
    showFailure(sending || asked);
  },
);

async function send(address, body) {
  try {
    await post(address, { user: person.value, ...body });
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

compose.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = field.value;
  field.focus();
  if (!text.trim() && kind.value !== "command") return;
  // Emptied at once, so that Enter pressed twice sends it once.
  field.value = "";
  if (!(await send("/try/slack/send", { text, kind: kind.value }))) field.value ||= text;
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  compose.requestSubmit();
});
mood.addEventListener("change", () => send("/try/slack/mood", { mode: mood.value }));
person.addEventListener("change", () => {
  sending = "";
  look();
});
document.getElementById("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
