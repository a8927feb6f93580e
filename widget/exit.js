/**
 * Quick exit, for someone who must not be seen here. The page goes blank before anything else
 * happens, as the next one may take seconds to load. Browser history cannot be erased from a page,
 * and the words beside the button say so.
 */
export const EXIT_TO = "https://www.weather.gov";
const PRESSES = 3;
const WINDOW_MS = 5000;

/** Blanks the page, forgets this tab's storage and replaces this page. Does not return here on "back". */
export function leave(to = EXIT_TO) {
  const quiet = document.createElement("meta");
  quiet.name = "referrer";
  quiet.content = "no-referrer";
  const head = document.createElement("head");
  head.append(quiet);
  document.documentElement.replaceChildren(head);
  try {
    sessionStorage.clear();
  } catch {
    // Forbidden storage holds nothing to clear.
  }
  location.replace(to);
}

/**
 * Calls back when Shift alone is pressed three times within five seconds. Not Escape: browsers and
 * assistive tech use it for much else.
 * @param {{active: () => boolean, progress: (left: number) => void, exit: () => void}} hooks
 */
export function watchShift({ active, progress, exit }) {
  let presses = 0;
  let first = 0;
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey || !active()) {
      presses = 0;
      return;
    }
    if (event.timeStamp - first > WINDOW_MS) presses = 0;
    if (!presses) first = event.timeStamp;
    presses += 1;
    if (presses === PRESSES) exit();
    else progress(PRESSES - presses);
  }, true);
}
