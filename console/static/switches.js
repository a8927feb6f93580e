// What somebody has switched on, kept by this browser. All is off until chosen.

const kept = (name) => `inbox ${name}`;

export function switches() {
  for (const box of document.querySelectorAll("[data-switch]")) {
    const name = box.dataset.switch;
    box.checked = localStorage.getItem(kept(name)) === "on";
    if (name === "notifications") box.checked &&= allowed();
    box.addEventListener("change", () => change(box, name));
  }
  const on = (name) => localStorage.getItem(kept(name)) === "on";
  return (name) => on(name) && (name !== "notifications" || allowed());
}

const allowed = () => window.Notification?.permission === "granted";

async function change(box, name) {
  if (name === "notifications" && box.checked && !allowed()) {
    const answer = await window.Notification?.requestPermission();
    box.checked = answer === "granted";
    document.querySelector("[data-denied]").hidden = box.checked;
  }
  // A browser plays nothing before the page was touched, so the switch itself lets it.
  if (name === "sound" && box.checked) new AudioContext().resume();
  localStorage.setItem(kept(name), box.checked ? "on" : "off");
}
