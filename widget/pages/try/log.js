/** Keeps a log of messages on the page: only what has changed is drawn anew, so that it is read out once. */

/** Returns a function that shows messages; `drawn` makes the element of one. */
export function logOf(place, drawn) {
  const shown = new Map();

  return (messages) => {
    const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
    const ids = new Set(messages.map((each) => each.id));
    for (const [id, old] of shown) if (!ids.has(id)) shown.delete(id) && old.node.remove();
    messages.forEach((message, index) => {
      const print = JSON.stringify(message);
      const old = shown.get(message.id);
      let node = old?.node;
      if (old?.print !== print) {
        node = drawn(message, old);
        if (old && node !== old.node) replace(old.node, node);
        shown.set(message.id, { print, node, message });
      }
      if (place.children[index] !== node) place.insertBefore(node, place.children[index] ?? null);
    });
    if (atEnd) place.scrollTop = place.scrollHeight;
  };
}

function replace(old, node) {
  // Whoever has pressed a button that is gone stays where they were.
  const had = old.contains(document.activeElement);
  old.replaceWith(node);
  if (!had) return;
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}
