// Keeps what staff have typed and not sent in this tab alone, while a session is locked or over.
// A <textarea data-draft> is kept by person, address of its form and name; nothing leaves the tab.

const PREFIX = "draft ";
const key = (person, action, name) => `${PREFIX}${person} ${action} ${name}`;
const me = document.body.dataset.me;

function forget(keep) {
  for (const each of Object.keys(sessionStorage)) {
    if (each.startsWith(PREFIX) && !(keep && each.startsWith(`${PREFIX}${keep} `))) {
      sessionStorage.removeItem(each);
    }
  }
}

// A form that came too late: the page that asks for the password carries what it held.
for (const box of document.querySelectorAll("[data-kept-for]")) {
  for (const field of box.children) {
    if (field.textContent) {
      sessionStorage.setItem(key(box.dataset.keptFor, box.dataset.action, field.dataset.name), field.textContent);
    }
  }
  box.remove();
}

if (document.querySelector("[data-signed-out]")) forget();

if (me) {
  forget(me);
  for (const area of document.querySelectorAll("textarea[data-draft]")) {
    const mine = key(me, new URL(area.form.action).pathname, area.name);
    const kept = sessionStorage.getItem(mine);
    if (kept && !area.value) {
      area.value = kept;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.addEventListener("input", () => {
      if (area.value) sessionStorage.setItem(mine, area.value);
      else sessionStorage.removeItem(mine);
    });
    // Scripts that send a form by themselves empty the field when it was taken, and say so by "input".
    area.form.addEventListener("submit", (event) => {
      setTimeout(() => event.defaultPrevented || sessionStorage.removeItem(mine));
    });
  }
}
