/** Who answers, and who is writing at this moment: the assistant or, by name, one of staff. */
const TYPING_AFTER_MS = 400;
// The desk passes on every few seconds that staff are writing, and not that they have stopped.
const STAFF_TYPING_MS = 6000;
const TELL_EVERY_MS = 3000;

export class Speaker {
  #view;
  #strings;
  #staff = false;
  #with = false;
  #timer = 0;
  #told = 0;

  constructor(view, strings) {
    this.#view = view;
    this.#strings = strings;
    this.assistant = strings.assistant;
  }

  /** Who answers from now on, as the desk's event `owner` tells it. */
  changed({ owner, name }) {
    const { staffName, subtitle, subtitleStaff } = this.#strings;
    this.#staff = owner === "human";
    this.#with = owner !== "bot";
    this.quiet();
    if (this.#staff) this.#view.speaker(staffName(name), subtitleStaff);
    else this.#view.speaker(this.assistant, subtitle);
  }

  /** A message is on its way: the assistant will need a moment. Staff are not said to be writing. */
  asked() {
    clearTimeout(this.#timer);
    if (!this.#staff) this.#timer = setTimeout(() => this.#show(this.assistant), TYPING_AFTER_MS);
  }

  /** The desk's event `typing`. */
  typing({ on, from, name }) {
    const staff = from === "staff";
    if (!on) return this.quiet();
    if (staff !== this.#staff) return;
    this.#show(staff ? this.#strings.staffName(name) : this.assistant);
    if (staff) this.#timer = setTimeout(() => this.quiet(), STAFF_TYPING_MS);
  }

  quiet() {
    this.#show();
  }

  /** Whether staff are to be told now that the person types: only while they have to do with it. */
  tells() {
    const tells = this.#with && Date.now() - this.#told > TELL_EVERY_MS;
    if (tells) this.#told = Date.now();
    return tells;
  }

  #show(name = "") {
    clearTimeout(this.#timer);
    this.#view.typing(name);
  }
}
