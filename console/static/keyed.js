// Puts pieces of HTML of the server in their places, each known by its key. The server has escaped
// what people wrote, and the page's policy runs no script that a piece might hold.

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Puts a piece in the place of another: what was open stays open, what was chosen stays chosen, and
// the keyboard's place stays where it was.
function exchange(old, fresh) {
  if (old.dataset.hash === fresh.dataset.hash) return old;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const details = old.querySelectorAll("details");
  fresh.querySelectorAll("details").forEach((each, at) => {
    each.open = details[at]?.open ?? false;
  });
  for (const select of fresh.querySelectorAll("select[id]")) {
    const before = old.querySelector(`#${select.id}`)?.value;
    if ([...select.options].some((each) => each.value === before)) select.value = before;
  }
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) {
    const same = focused.id && document.getElementById(focused.id);
    (same || fresh.querySelector("[tabindex='-1'], a, button") || fresh).focus();
  }
  return fresh;
}

export function putRegion(name, html) {
  const old = document.querySelector(`[data-region="${name}"]`);
  if (old) exchange(old, element(html));
}

// Without an order, keys are numbers and the list goes by them.
export function fillList(list, pieces, order) {
  const held = new Map([...list.children].map((each) => [each.dataset.key, each]));
  for (const [key, html] of Object.entries(pieces)) {
    const fresh = element(html);
    const old = held.get(key);
    if (old) held.set(key, exchange(old, fresh));
    else {
      held.set(key, fresh);
      if (!order) insert(list, fresh);
    }
  }
  if (order) arrange(list, order.map((key) => held.get(key)).filter(Boolean));
}

function insert(list, fresh) {
  const number = (each) => Number(each.dataset.key);
  let at = list.lastElementChild;
  while (at && number(at) > number(fresh)) at = at.previousElementSibling;
  if (at) at.after(fresh);
  else list.prepend(fresh);
}

function arrange(list, wanted) {
  const stays = new Set(wanted);
  for (const each of [...list.children]) {
    if (!stays.has(each)) each.remove();
  }
  // Only what is out of place is moved: moving an element takes the focus from it.
  let at = list.firstElementChild;
  for (const each of wanted) {
    if (each === at) at = at.nextElementSibling;
    else list.insertBefore(each, at);
  }
}
