/* <touch-gestures>: what fingers do that has a button too. From the edge inwards: the rooms, and
   on the other side the people; back outwards: closed again. On a message a long press opens what one
   can do with it ("longpress"), and a swipe to its end answers it ("replyswipe"). Loaded where there
   are fingers. */

import { endAboveKeyboard } from "../../lib/browser/keyboard-cover.js";
import { part } from "../../lib/page/parts.js";
import { ReplySwipe } from "../message/reply-swipe.js";

const EDGE_PX = 28;
const FAR_ENOUGH_PX = 48;
const STRAIGHT = 2; // so many times further along than across
const LONG_PRESS_MS = 450;
const STILL_PX = 10;

/** @typedef {{ x: number, y: number, target: Element }} Down */

class TouchGestures extends HTMLElement {
  rooms = part(document, "#sidebar");
  people = part(document, "#members");
  list = part(document, "message-log .messages");
  /** @type {Down | null} where the only finger came down */
  #down = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isLong = false;
  /** Whether this move is ours, and not for the browser to scroll by. */
  #isSwipe = false;
  /** @type {ReplySwipe | null} */
  #reply = null;

  connectedCallback() {
    const options = { passive: true };
    document.addEventListener("touchstart", (event) => this.#began(event), options);
    document.addEventListener("touchmove", (event) => this.#moved(event), { passive: false });
    document.addEventListener("touchend", (event) => this.#ended(event));
    document.addEventListener("touchcancel", () => this.#forget(), options);
    if (window.visualViewport) endAboveKeyboard(window.visualViewport);
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

  /** From its first move on, a swipe is kept from the browser, which would go back in its history.
      @param {TouchEvent} event */
  #moved(event) {
    const [now] = event.touches;
    if (this.#reply) this.#reply.follow(now.clientX - this.#reply.from);
    else if (this.#down) this.#look(this.#down, now);
    if (this.#isSwipe && event.cancelable) event.preventDefault();
  }

  /** @param {Down} down @param {Touch} now */
  #look(down, { clientX, clientY }) {
    const [across, along] = [clientX - down.x, clientY - down.y];
    const isFar = Math.hypot(across, along) > STILL_PX;
    if (isFar) clearTimeout(this.#timer);
    const isStraight = Math.abs(across) > STRAIGHT * Math.abs(along);
    const drawer = isStraight && this.#drawer(down, Math.sign(across));
    if (!drawer && isFar && isStraight && !this.#isLong) this.#reply = ReplySwipe.of(down, across);
    this.#isSwipe = Boolean(drawer || this.#reply);
    if (!this.#reply && Math.abs(across) < FAR_ENOUGH_PX) return;
    if (drawer) drawer.togglePopover();
    clearTimeout(this.#timer);
    this.#down = null;
  }

  /** A long press is no click on what lies under the finger.
      @param {TouchEvent} event */
  #ended(event) {
    if (this.#isLong && event.cancelable) event.preventDefault();
    this.#reply?.letGo();
    this.#reply = null;
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#reply?.giveUp();
    this.#reply = null;
    this.#down = null;
    this.#isLong = false;
    this.#isSwipe = false;
  }

  /** What a swipe opens or closes, if anything.
      @param {{ x: number, target: Element }} from @param {number} direction 1 is to the right */
  #drawer({ x, target }, direction) {
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    const inwards = direction * turned; // 1: from where a line begins
    const fromStart = turned === 1 ? x : innerWidth - x;
    for (const [drawer, opensBy, distance] of /** @type {const} */ ([
      [this.rooms, 1, fromStart],
      [this.people, -1, innerWidth - fromStart],
    ])) {
      const isOpen = drawer.matches(":popover-open");
      const closes = isOpen && inwards === -opensBy;
      const opens = !isOpen && inwards === opensBy && distance <= EDGE_PX && isDrawer(drawer);
      if (closes || (opens && !target.closest("dialog, [popover]"))) return drawer;
    }
    return null;
  }

  /** @param {HTMLElement} row */
  #pressedLong(row) {
    this.#isLong = true;
    navigator.vibrate?.(10);
    row.dispatchEvent(new Event("longpress", { bubbles: true }));
  }
}

/** Where there is room it stands beside the talk, and opens to nobody.
    @param {HTMLElement} panel */
function isDrawer(panel) {
  return getComputedStyle(panel).position === "fixed";
}

customElements.define("touch-gestures", TouchGestures);
