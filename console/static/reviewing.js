// Keys of a transcript with which reviewers work; each presses what stands on the page.
const press = (id) => document.getElementById(id)?.click();
const entry = () => document.activeElement?.closest("[data-keyed='entries'] > li");

export const reviewing = {
  v: () => press("do-reviewed"),
  u: () => press("next-unreviewed"),
  f: () => (entry()?.querySelector("[data-flag]") ?? document.getElementById("do-flag"))?.click(),
  t: () => document.getElementById("tag")?.focus(),
};
