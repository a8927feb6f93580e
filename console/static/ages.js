// Keeps ages right: how long somebody has waited goes on while nothing else happens.

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"]];

function age(seconds) {
  for (const [size, unit] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return seconds < 10 ? "now" : `${seconds} s`;
}

function tick() {
  for (const each of document.querySelectorAll("time[data-age]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Number(each.dataset.age)) / 1000));
    const words = age(seconds);
    if (each.textContent !== words) each.textContent = words;
  }
}

export function keepAges() {
  tick();
  setInterval(tick, 5000);
}
