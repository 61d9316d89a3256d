/* <touch-gestures>: what fingers do that has a button too. From the edge inwards: the rooms, and
   on the other side the people; back outwards: closed again. A long press on a message: what one
   can do with it. */

import { part } from "../lib/parts.js";

const EDGE_PX = 28;
const FAR_ENOUGH_PX = 48;
const STRAIGHT = 2; // so many times further along than across
const LONG_PRESS_MS = 450;
const STILL_PX = 10;

class TouchGestures extends HTMLElement {
  rooms = part(document, "#sidebar");
  people = part(document, "#members");
  list = part(document, "message-log .messages");
  /** @type {{ x: number, y: number, target: Element } | null} where the only finger came down */
  #down = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isLong = false;

  connectedCallback() {
    const options = { passive: true };
    document.addEventListener("touchstart", (event) => this.#began(event), options);
    document.addEventListener("touchmove", (event) => this.#moved(event), options);
    document.addEventListener("touchend", (event) => this.#ended(event));
    document.addEventListener("touchcancel", () => this.#forget(), options);
    this.list.addEventListener("contextmenu", (event) => this.#isLong && event.preventDefault());
  }

  /** @param {TouchEvent} event */
  #began({ touches, target }) {
    this.#forget();
    if (touches.length > 1 || !(target instanceof Element)) return;
    const [{ clientX: x, clientY: y }] = touches;
    this.#down = { x, y, target };
    /** @type {HTMLElement | null} */
    const row = target.closest(".message[data-seq]");
    const isPressable = row && !target.closest("a, button");
    if (isPressable) this.#timer = setTimeout(() => this.#pressedLong(row), LONG_PRESS_MS);
  }

  /** @param {TouchEvent} event */
  #moved({ touches }) {
    if (!this.#down) return;
    const [{ clientX, clientY }] = touches;
    const [across, along] = [clientX - this.#down.x, clientY - this.#down.y];
    if (Math.hypot(across, along) > STILL_PX) clearTimeout(this.#timer);
    if (Math.abs(across) < FAR_ENOUGH_PX) return;
    if (Math.abs(across) > STRAIGHT * Math.abs(along)) this.#swiped(this.#down, Math.sign(across));
    this.#forget();
  }

  /** A long press is no click on what lies under the finger.
      @param {TouchEvent} event */
  #ended(event) {
    if (this.#isLong && event.cancelable) event.preventDefault();
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#down = null;
    this.#isLong = false;
  }

  /** @param {{ x: number, target: Element }} from @param {number} direction 1 is to the right */
  #swiped({ x, target }, direction) {
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    const inwards = direction * turned; // 1: from where a line begins
    const fromStart = turned === 1 ? x : innerWidth - x;
    for (const [drawer, opensBy, distance] of /** @type {const} */ ([
      [this.rooms, 1, fromStart],
      [this.people, -1, innerWidth - fromStart],
    ])) {
      const isOpen = drawer.matches(":popover-open");
      if (isOpen && inwards === -opensBy) drawer.hidePopover();
      else if (!isOpen && inwards === opensBy && distance <= EDGE_PX && !target.closest("dialog, [popover]")) {
        if (isDrawer(drawer)) drawer.showPopover();
      }
    }
  }

  /** The actions come with the focus, and stay when the finger is lifted.
      @param {HTMLElement} row */
  #pressedLong(row) {
    this.#isLong = true;
    navigator.vibrate?.(10);
    row.focus({ preventScroll: true });
  }
}

/** Where there is room it stands beside the talk, and opens to nobody.
    @param {HTMLElement} panel */
function isDrawer(panel) {
  return getComputedStyle(panel).position === "fixed";
}

customElements.define("touch-gestures", TouchGestures);
