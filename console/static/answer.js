// The box for an answer: sent by Ctrl+Enter, texts put into it, kept until the server has it.

const TYPING_EVERY = 3000;

export function answering(main, stream) {
  const form = document.getElementById("reply-form");
  document.body.addEventListener("done", () => taken(null));
  document.body.addEventListener("sent", () => taken(form));
  document.body.addEventListener("htmx:responseError", lost);
  document.body.addEventListener("htmx:sendError", lost);
  document.body.addEventListener("htmx:afterSettle", () => {
    // A press that was not enough: the next one stands where the words are.
    document.getElementById("take-over")?.focus();
  });

  function taken(sender) {
    const note = document.querySelector(".note-form textarea");
    if (sender) empty(form.elements.text);
    else if (note && note.dataset.sent) empty(note);
    if (sender) form.elements.client_id.value = crypto.randomUUID();
    if (!stream.open()) location.reload();
  }

  function lost(event) {
    if (event.detail.xhr?.status === 401) return;
    const said = "This did not reach the server. Nothing is lost: try again.";
    document.getElementById("said").textContent = said;
  }

  const note = document.querySelector(".note-form");
  note?.addEventListener("submit", () => {
    note.elements.text.dataset.sent = "yes";
  });
  if (!form) return;

  const text = form.elements.text;
  // What was said last is old as soon as something else is written.
  text.addEventListener("input", () => {
    const said = document.getElementById("said");
    if (text.value && !said.querySelector("button")) said.textContent = "";
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(document.getElementById("send"));
    }
  });

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("[data-insert]");
      if (!button) return;
      event.preventDefault();
      put(text, button.closest("li").querySelector("[data-text]").textContent);
    },
    true,
  );

  let told = 0;
  text.addEventListener("input", () => {
    if (!text.value || Date.now() - told < TYPING_EVERY) return;
    told = Date.now();
    const proof = new URLSearchParams({ proof: main.dataset.proof });
    fetch(`/conversations/${main.dataset.conversation}/typing`, { method: "POST", body: proof }).catch(() => {});
  });
}

function empty(area) {
  area.value = "";
  delete area.dataset.sent;
  // The draft's keeper listens for this.
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function put(area, words) {
  const before = area.value.slice(0, area.selectionStart).trimEnd();
  const after = area.value.slice(area.selectionEnd).trimStart();
  area.value = [before, words.trim(), after].filter(Boolean).join("\n\n").slice(0, area.maxLength);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}
