/**
 * <iop-chat>: the chat of a treatment center, from one tag:
 *
 *   <a href="https://desk.example/chat" class="iop-chat-link">Ask a question</a>
 *   <script type="module" src="https://desk.example/widget/iop-chat.js"></script>
 *
 * The plain link works without JavaScript; with it, it becomes the launcher. Any other link with
 * `data-iop-chat` opens the panel, and with `data-topic` puts that topic in the field.
 */
import { Chat } from "./chat.js";
import { strings } from "./strings.js";
import { styleSheet } from "./styles.js";

// The desk is where this module came from, on whatever site it is embedded.
const BASE = new URL("..", import.meta.url).href;
const LINK = "a.iop-chat-link";

export class IopChat extends HTMLElement {
  #chat = null;

  connectedCallback() {
    if (this.#chat) return;
    const label = this.getAttribute("label") || this.textContent.trim() || strings.launch;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    if (!this.lang) this.lang = "en";
    this.#chat = new Chat(root, BASE, label);
  }

  /** @param {{topic?: {id: string, title: string}, opener?: HTMLElement}} [how] */
  open(how) {
    this.#chat.open(how);
  }
}

function upgrade() {
  const link = document.querySelector(LINK);
  let element = document.querySelector("iop-chat");
  if (!element) {
    element = document.createElement("iop-chat");
    if (link) element.setAttribute("label", link.textContent.trim());
    if (link) link.replaceWith(element);
    else document.body.append(element);
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.(`${LINK}, [data-iop-chat]`);
    // With a modifier key the person wants the plain link in another tab.
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { topic: id } = opener.dataset;
    element.open({ opener, topic: id ? { id, title: opener.dataset.title || opener.textContent.trim() } : null });
  });
}

if (!customElements.get("iop-chat")) {
  customElements.define("iop-chat", IopChat);
  upgrade();
}
