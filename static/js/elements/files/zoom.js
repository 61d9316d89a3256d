/* Makes what stands on a stage larger, and moves it about: by two fingers, by the wheel with Ctrl, by a double
   press. One finger on what is not enlarged is a swipe. */

const LARGEST = 8;
const DOUBLE = 2.5;
const SWIPE_PX = 56;
const DOUBLE_MS = 300;
const STILL_PX = 8;

/** @typedef {{ x: number, y: number }} Point */

export class Zoom {
  /** @type {HTMLElement | null} */
  #shown = null;
  /** @type {Map<number, Point>} the fingers that are down */
  #fingers = new Map();
  #scale = 1;
  #at = { x: 0, y: 0 };
  /** @type {{ from: Point, distance: number, scale: number } | null} where this movement began */
  #began = null;
  #tapped = 0;

  /** `swiped(along, down)` hears where a finger went: -1 or 1 across, or down.
      @param {HTMLElement} stage @param {{ swiped: (along: number, down: boolean) => void }} parts */
  constructor(stage, { swiped }) {
    this.stage = stage;
    this.swiped = swiped;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#moved(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#forget(event));
    stage.addEventListener("wheel", (event) => this.#turned(event), { passive: false });
    stage.addEventListener("dblclick", (event) => event.preventDefault());
  }

  /** Another one stands there; null where the browser scrolls it.
      @param {Element | null} shown */
  begin(shown) {
    this.#shown = shown instanceof HTMLElement ? shown : null;
    this.#fingers.clear();
    this.stage.classList.toggle("zooms", this.#shown !== null);
    this.reset();
  }

  reset() {
    this.#scale = 1;
    this.#at = { x: 0, y: 0 };
    this.#apply();
  }

  /** @param {number} factor @param {Point} [around] what stays where it is */
  by(factor, around = this.#middle) {
    const scale = Math.min(LARGEST, Math.max(1, this.#scale * factor));
    const { x, y } = this.#middle;
    const grown = scale / this.#scale;
    const at = { x: around.x - x - (around.x - x - this.#at.x) * grown, y: around.y - y - (around.y - y - this.#at.y) * grown };
    this.#scale = scale;
    this.#at = scale === 1 ? { x: 0, y: 0 } : at;
    this.#apply();
  }

  get #middle() {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  #apply() {
    if (!this.#shown) return;
    const { x, y } = this.#at;
    this.#shown.style.transform = this.#scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${this.#scale})`;
    this.stage.classList.toggle("zoomed", this.#scale > 1);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (!this.#shown || event.button > 0) return;
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.stage.setPointerCapture(event.pointerId);
    this.#began = { from: this.#centre, distance: this.#distance, scale: this.#scale };
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger || !this.#began) return;
    const before = this.#centre;
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    const now = this.#centre;
    if (this.#scale > 1 || this.#fingers.size > 1) {
      this.#at = { x: this.#at.x + now.x - before.x, y: this.#at.y + now.y - before.y };
      this.#apply();
    }
    if (this.#fingers.size > 1 && this.#began.distance > 0) {
      this.by((this.#began.scale * (this.#distance / this.#began.distance)) / this.#scale, now);
    }
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const began = this.#began;
    const isLast = this.#fingers.size === 1 && this.#fingers.has(event.pointerId);
    this.#forget(event);
    if (!isLast || !began || began.distance > 0) return;
    const [across, along] = [event.clientX - began.from.x, event.clientY - began.from.y];
    if (Math.hypot(across, along) < STILL_PX) return this.#pressed(event);
    if (this.#scale > 1) return;
    if (Math.abs(across) > SWIPE_PX && Math.abs(across) > Math.abs(along)) this.swiped(Math.sign(across), false);
    else if (event.pointerType !== "mouse" && along > SWIPE_PX && along > 2 * Math.abs(across)) this.swiped(0, true);
  }

  /** Twice in a moment: as near as one reads, and back.
      @param {PointerEvent} event */
  #pressed(event) {
    const isSecond = event.timeStamp - this.#tapped < DOUBLE_MS;
    this.#tapped = isSecond ? 0 : event.timeStamp;
    if (!isSecond) return;
    if (this.#scale > 1) this.reset();
    else this.by(DOUBLE, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #forget(event) {
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size > 0) this.#began = { from: this.#centre, distance: 1, scale: this.#scale };
  }

  /** @param {WheelEvent} event */
  #turned(event) {
    if (!this.#shown || !event.ctrlKey) return; // So the browser tells of two fingers on a touchpad, too.
    event.preventDefault();
    this.by(Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
  }

  get #centre() {
    const all = [...this.#fingers.values()];
    const sum = all.reduce((one, other) => ({ x: one.x + other.x, y: one.y + other.y }), { x: 0, y: 0 });
    return { x: sum.x / all.length, y: sum.y / all.length };
  }

  /** Between two fingers; 0 of one. */
  get #distance() {
    const [one, other] = this.#fingers.values();
    return other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  }
}
