// Tells staff what is news: number in title and icon, a sound, a notification while the page is out
// of sight. None of it ever holds what people write.

const WORDS = {
  crisis: "Crisis: a conversation needs somebody now",
  waiting: "A conversation waits",
  assigned: "A conversation was handed to you",
  message: "A new message in a conversation of yours",
  reminder: "Somebody waits for your answer",
};

export class Teller {
  constructor(main, on) {
    this.main = main;
    this.on = on;
    this.icon = document.querySelector("link[data-quiet]");
    this.news = document.querySelector("[data-news]");
    this.now = null;
    this.gap = false;
  }

  urgent(count) {
    document.title = (count ? `(${count}) ` : "") + this.main.dataset.title;
    this.icon.href = count ? this.icon.dataset.urgent : this.icon.dataset.quiet;
    if (count) navigator.setAppBadge?.(count).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
    // After a gap in the stream nobody says what was news; the number does.
    if (this.now !== null && count > this.now && this.gap) this.sound("waiting");
    this.gap = false;
    this.now = count;
  }

  tell({ kind, conversation }) {
    const words = WORDS[kind];
    if (!words) return;
    const inSight = !document.hidden && this.main.dataset.conversation === conversation;
    if (inSight && kind !== "crisis") return;
    this.news.textContent = "";
    this.news.textContent = `${words}.`;
    this.sound(kind);
    if (document.hidden && this.on("notifications")) this.notify(words, kind, conversation);
  }

  notify(words, kind, conversation) {
    const shown = new Notification(words, {
      tag: conversation,
      renotify: true,
      requireInteraction: kind === "crisis",
      icon: this.icon.dataset.urgent,
    });
    shown.onclick = () => {
      window.focus();
      shown.close();
      location.assign(`/conversations/${conversation}#reply`);
    };
  }

  sound(kind) {
    if (!this.on("sound")) return;
    this.audio ??= new AudioContext();
    const tones = kind === "crisis" ? [880, 660, 880, 660] : [660, 880];
    this.audio.resume().catch(() => {});
    tones.forEach((pitch, at) => this.tone(pitch, this.audio.currentTime + at * 0.18));
  }

  tone(pitch, at) {
    const [wave, volume] = [this.audio.createOscillator(), this.audio.createGain()];
    wave.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
    wave.connect(volume).connect(this.audio.destination);
    wave.start(at);
    wave.stop(at + 0.17);
  }
}
