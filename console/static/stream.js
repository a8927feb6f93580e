// The stream of events of one page. Browsers open six connections to a place at most, so of the
// pages that nobody looks at only one keeps its stream: enough for its notifications.

const AGAIN = 2000;

export function follow(main, told) {
  const about = new URLSearchParams();
  for (const name of ["tab", "conversation"]) {
    if (main.dataset[name]) about.set(name, main.dataset[name]);
  }
  let source = null;
  let last = main.dataset.after ?? "0";
  let letGo = null;

  function open() {
    if (source) return;
    about.set("after", last);
    source = new EventSource(`/inbox/events?${about}`);
    source.onopen = () => told.connection("open");
    source.onerror = () => {
      told.connection("waiting");
      if (source?.readyState === EventSource.CLOSED) refused();
    };
    for (const name of ["inbox", "conversation", "typing"]) {
      source.addEventListener(name, (event) => {
        if (event.lastEventId) last = event.lastEventId;
        told[name](JSON.parse(event.data));
      });
    }
    // Too much was missed, or the session is over: the page as the server shows it now says it all.
    for (const name of ["anew", "over"]) source.addEventListener(name, () => location.reload());
  }

  function close() {
    source?.close();
    source = null;
  }

  async function refused() {
    close();
    const answer = await fetch("/me/idle", { redirect: "manual" }).catch(() => null);
    if (answer?.status === 401) location.reload();
    else setTimeout(open, AGAIN);
  }

  function looked() {
    if (!document.hidden) {
      letGo?.();
      letGo = null;
      open();
    } else if (navigator.locks && !letGo) {
      const over = new AbortController();
      letGo = () => over.abort();
      const turn = { signal: over.signal };
      let waits = setTimeout(close, 500);
      navigator.locks
        .request("inbox, out of sight", turn, () => {
          clearTimeout(waits);
          open();
          return new Promise((done) => over.signal.addEventListener("abort", done));
        })
        .catch(() => clearTimeout(waits));
    }
  }

  document.addEventListener("visibilitychange", looked);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (document.hidden) looked();
  else open();
  return { open: () => source?.readyState === EventSource.OPEN };
}
