/** One message as an element: speaker, text, links, then buttons. */
import { h, link, paragraphs } from "./dom.js";

const KINDS = ["text", "answer", "crisis", "safe", "notice"];
const SPEAKERS = ["visitor", "bot", "staff", "system"];

/**
 * @param {object} item a message of the public API
 * @param {{names: object, strings: object, onButton: Function}} context
 */
export function renderMessage(item, { names, strings, onButton }) {
  const from = SPEAKERS.includes(item.from) ? item.from : "system";
  const kind = KINDS.includes(item.kind) ? item.kind : "text";
  const links = (item.links ?? []).map(link).filter(Boolean);
  const buttons = (item.buttons ?? []).map((button) =>
    h("button", { type: "button", class: "choice", click: () => onButton(button) }, button.title));
  return h(
    "div",
    { class: `message ${from} ${kind}`, lang: item.lang, "data-seq": item.seq },
    h("p", { class: "who" }, from === "staff" ? strings.staffName(item.name) : names[from], clock(item.at)),
    h("div", { class: "bubble" },
      h("div", { class: "words", dir: "auto" }, ...paragraphs(item.text, { links: from !== "visitor" })),
      links.length ? h("div", { class: "links" }, ...links) : null),
    buttons.length ? h("div", { class: "choices" }, ...buttons) : null,
  );
}

function clock(at) {
  const time = new Date(at);
  if (!at || Number.isNaN(time.getTime())) return null;
  const shown = time.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  return h("time", { datetime: time.toISOString() }, shown);
}
