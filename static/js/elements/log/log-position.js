/* Where one reads in <message-log>, and that it stays there.

   The scroller is laid out from its end (column-reverse), so the browser itself keeps the newest
   message in view while one is at the end, and keeps still what one reads while older pages come
   in above. Only for what comes in below while one reads further up, the position is moved by
   hand; the browser's own anchoring is off, so that nothing is moved twice.

   To ask where one is lays out the whole list again. So it is asked when one has scrolled, and
   known from then on. */

import { isCalm } from "../../lib/page/looks.js";

const AT_END_PX = 40;
const NEAR_PX = 900;
const PAGE = 0.9; // of the screen

export class LogPosition {
  /** Whether the last row is in view. */
  isAtBottom = true;
  /** Whether the last row is more than a screen away. */
  isFar = false;

  /** @param {HTMLElement} scroller @param {HTMLElement} list */
  constructor(scroller, list) {
    this.scroller = scroller;
    this.list = list;
  }

  /** Scrolling up is negative in a scroller that is laid out from its end. */
  look() {
    const { scrollTop, clientHeight } = this.scroller;
    this.isAtBottom = scrollTop > -AT_END_PX;
    this.isFar = -scrollTop > clientHeight;
  }

  get isInUpperHalf() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return -scrollTop > (scrollHeight - clientHeight) / 2;
  }

  /** How near one is to the two ends of what is there; `isShort`: it does not fill the screen. */
  get ends() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    return {
      isShort: scrollHeight <= clientHeight,
      isNearTop: scrollHeight - clientHeight + scrollTop < NEAR_PX,
      isNearBottom: -scrollTop < NEAR_PX,
    };
  }

  /** @param {ScrollBehavior} behavior */
  goToBottom(behavior) {
    this.scroller.scrollTo({ top: 0, behavior: isCalm() ? "instant" : behavior });
    this.look();
  }

  /** Scrolls to a row: into the middle, or so that a part of the screen stays free above it, as far as
      there is anything to scroll. A row that is taller than the screen begins at its top.
      @param {Element} row @param {"middle" | number} where */
  goTo(row, where) {
    const { top, height } = row.getBoundingClientRect();
    const screen = this.scroller.getBoundingClientRect();
    const above = where === "middle" ? Math.max((screen.height - height) / 2, 0) : where * screen.height;
    this.#moveBy(top - screen.top - above);
  }

  /** A screen up (-1) or down (1), but for the last lines, which one goes on from.
      @param {number} direction */
  page(direction) {
    this.#moveBy(direction * this.scroller.clientHeight * PAGE);
  }

  /** Changes what stands below without moving what one reads.
      @param {() => void} change */
  keepStill(change) {
    const anchor = this.#anchor;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    this.#moveBy(anchor?.isConnected ? anchor.getBoundingClientRect().top - before : 0);
  }

  /** Changes a row so that one goes on reading it where it begins.
      @param {Element} row @param {() => void} change */
  keepTop(row, change) {
    const before = row.getBoundingClientRect().top;
    change();
    if (before < this.scroller.getBoundingClientRect().top) this.goTo(row, 0);
    else this.#moveBy(row.getBoundingClientRect().top - before);
  }

  /** The browser stops at the ends: one step, so that nothing is lost there and taken off again after.
      @param {number} distance */
  #moveBy(distance) {
    if (distance !== 0) this.scroller.scrollTop += distance;
    this.look();
  }

  /** The first row that one sees. */
  get #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    const rows = this.list.children;
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  }
}
