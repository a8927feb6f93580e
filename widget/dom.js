/** Small helpers to build elements. Text always enters as text nodes, never as markup. */

const SAFE_SCHEME = /^(https:\/\/|tel:|sms:|mailto:)/i;
const WEB_ADDRESS = /https:\/\/[^\s<>"]*[^\s<>".,;:!?)\]']/g;

/**
 * Makes an element.
 * @param {string} tag
 * @param {Object<string, *>} [props] attributes; a function becomes a listener, null and false are left out
 * @param {...(Node|string|null|undefined)} children
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon drawn from one SVG path on a 24 by 24 grid; decoration, hidden from assistive tech. */
export function icon(path) {
  const make = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  const svg = make("svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const line = make("path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** A link, or null when its address is of a kind that must not be followed (javascript:, data:, ...). */
export function link({ title, href }) {
  if (!SAFE_SCHEME.test(href ?? "")) return null;
  const away = /^https:/i.test(href);
  return h("a", away ? { href, target: "_blank", rel: "noopener noreferrer" } : { href }, title || href);
}

/** Blank lines part paragraphs, single newlines break lines, https addresses become links if wanted. */
export function paragraphs(text, { links = false } = {}) {
  return String(text ?? "")
    .replace(/\r\n?/g, "\n")
    .split(/\n{2,}/)
    .filter((block) => block.trim())
    .map((block) => {
      const lines = block.split("\n").map((line) => (links ? linked(line) : [line]));
      return h("p", {}, ...lines.flatMap((line, at) => (at ? [h("br"), ...line] : line)));
    });
}

function linked(line) {
  const nodes = [];
  let from = 0;
  for (const match of line.matchAll(WEB_ADDRESS)) {
    nodes.push(line.slice(from, match.index), link({ href: match[0] }));
    from = match.index + match[0].length;
  }
  nodes.push(line.slice(from));
  return nodes;
}
