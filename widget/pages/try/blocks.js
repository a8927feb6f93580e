/** Draws Block Kit, as far as the pretend Slack takes it. */
import { element, link } from "./dom.js";

/** The words of Slack's markup, as text and elements. */
export function marked(text) {
  const made = document.createDocumentFragment();
  // A link or mention in angle brackets, else words between asterisks.
  for (const part of text.split(/(<[^<>\n]+>|\*[^*\n]+\*)/)) {
    if (part.startsWith("<") && part.endsWith(">")) made.append(angled(part.slice(1, -1)));
    else if (/^\*[^*]+\*$/.test(part)) made.append(element("strong", "", plain(part.slice(1, -1))));
    else made.append(plain(part));
  }
  return made;
}

function angled(inside) {
  const [target, ...words] = inside.split("|");
  const said = plain(words.join("|") || target);
  if (target.startsWith("@")) return element("strong", "", words.length ? said : "@Assistant");
  return link(plain(target), said);
}

const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const words = (text) => (text?.type === "mrkdwn" ? marked(text.text) : (text?.text ?? ""));

/** A button; `press` is called with its place. */
function button(item, block, press) {
  const style = `choice ${item.style ?? ""}`.trim();
  if (item.url) return link(item.url, words(item.text), style);
  const made = element("button", style, words(item.text));
  made.type = "button";
  made.addEventListener("click", () => press(block.block_id, item.action_id));
  return made;
}

const spoken = (name, text) => element(name, "spoken", words(text));
const KINDS = {
  header: (block) => [spoken("h3", block.text)],
  divider: () => [element("hr")],
  context: (block) => block.elements.map((each) => spoken("div", each)),
  actions: (block, press) => [
    element("div", "choices", ...block.elements.map((each) => button(each, block, press))),
  ],
  section(block, press) {
    const fields = (block.fields ?? []).map((each) => spoken("div", each));
    const made = block.text ? [spoken("div", block.text)] : [];
    if (fields.length) made.push(element("div", "fields", ...fields));
    if (block.accessory) made.push(element("div", "choices", button(block.accessory, block, press)));
    return made;
  },
};

/** The element of one block. */
export function drawnBlock(block, press) {
  const inside = KINDS[block.type]?.(block, press) ?? [`(${block.type})`];
  return element("div", `block of-${block.type}`, ...inside);
}
