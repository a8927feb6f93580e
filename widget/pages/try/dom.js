/** Makes elements; whatever came from elsewhere enters as text only. */

/** An element of a class, with text or elements inside. */
export function element(name, className = "", ...inside) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/** A link, or its words alone where it leads to something that must not be followed. */
export function link(address, words, className = "") {
  if (!/^(https:\/\/|tel:|sms:|mailto:)/i.test(address)) return element("span", "", words);
  const made = element("a", className, words);
  made.href = address;
  made.rel = "noopener noreferrer";
  if (/^https:/i.test(address)) made.target = "_blank";
  return made;
}

/** Shows what went wrong, or nothing. */
export function showFailure(words) {
  const place = document.getElementById("failed");
  place.textContent = words;
  place.hidden = !words;
}
