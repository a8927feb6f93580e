// Makes a page of the inbox live: what the server sends is put in its place, nothing is loaded anew.
import { keepAges } from "/static/ages.js";
import { answering } from "/static/answer.js";
import { keys } from "/static/keys.js";
import { fillList, putRegion } from "/static/keyed.js";
import { Teller } from "/static/notify.js";
import { follow } from "/static/stream.js";
import { reviewing } from "/static/reviewing.js";
import { switches } from "/static/switches.js";

const main = document.querySelector("[data-live]");
for (const each of document.querySelectorAll("[data-scripts]")) each.hidden = false;

const find = (selector) => document.querySelector(selector);
const on = switches();
const teller = new Teller(main, on);
const words = find("[data-connection-words]");

function connection(state) {
  const said = { open: "Live", waiting: "Not connected. Trying again …" }[state] ?? "Connecting …";
  if (words.textContent !== said) words.textContent = said;
  find("[data-connection]").dataset.state = state;
  if (state === "waiting") teller.gap = true;
}

function inbox(told) {
  for (const [tab, count] of Object.entries(told.counts ?? {})) {
    const place = find(`[data-count="${tab}"]`);
    if (place) place.textContent = count;
  }
  if (told.urgent !== undefined) teller.urgent(told.urgent);
  const rows = find('[data-keyed="rows"]');
  if (rows && (told.order || told.rows)) {
    fillList(rows, told.rows ?? {}, told.order);
    find("[data-empty]").hidden = rows.children.length > 0;
  }
  for (const each of told.news ?? []) teller.tell(each);
}

function conversation(told) {
  const transcript = find('[data-keyed="entries"]');
  if (told.entries && transcript) {
    const before = new Set([...transcript.children].map((each) => each.dataset.key));
    const end = atEnd();
    fillList(transcript, told.entries);
    for (const each of transcript.children) {
      if (!before.has(each.dataset.key)) arrived(each, end);
    }
  }
  for (const [name, html] of Object.entries(told.regions ?? {})) putRegion(name, html);
}

const atEnd = () => window.innerHeight + window.scrollY >= document.body.scrollHeight - 240;
let typing = 0;

function arrived(entry, follow) {
  if (entry.matches(".from-visitor")) shown(false);
  // Said with the name, so that who cannot see the page knows who wrote.
  const name = entry.querySelector(".who strong").textContent;
  find("[data-spoken]").textContent = `${name}: ${entry.querySelector(".text").textContent}`;
  if (follow) entry.scrollIntoView({ block: "nearest" });
}

function shown(yes) {
  clearTimeout(typing);
  const line = find("[data-typing]");
  if (line) line.hidden = !yes;
  if (yes) typing = setTimeout(() => shown(false), 6000);
}

const stream = follow(main, {
  connection,
  inbox,
  conversation,
  typing: () => shown(true),
});
keepAges();
keys(on, reviewing);
answering(main, stream);
