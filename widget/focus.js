/** Focus stays in a panel that fills the screen: what lies under it cannot be seen. */
const FOCUSABLE = "a[href], button, textarea, [tabindex='0']";

/** Turns Tab at the last element to the first, and Shift+Tab at the first to the last. */
export function keepFocusInside(panel, event) {
  const all = [...panel.querySelectorAll(FOCUSABLE)].filter((each) => each.getClientRects().length);
  if (!all.length) return;
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (panel.getRootNode().activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? all[all.length - 1] : all[0]).focus();
}
