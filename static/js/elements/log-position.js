/* Where one reads in <message-log>, and that it stays there.

   The scroller is laid out from its end (column-reverse), so the browser itself keeps the newest
   message in view while one is at the end, and keeps still what one reads while older pages come
   in above. Only for what comes in below while one reads further up, the position is moved by
   hand; the browser's own anchoring is off, so that nothing is moved twice.

   To ask where one is lays out the whole list again. So it is asked when one has scrolled, and
   known from then on. */

import { isCalm } from "../lib/looks.js";

const AT_END_PX = 40;
const NEAR_PX = 900;

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

  /** Brings a row into view; `above`: that part of the screen stays free above it.
      @param {Element} row @param {{ block: ScrollLogicalPosition, above?: number }} where */
  goTo(row, { block, above = 0 }) {
    row.scrollIntoView({ block });
    if (above) this.scroller.scrollTop -= this.scroller.clientHeight * above;
    this.look();
  }

  /** Changes what stands below without moving what one reads.
      @param {() => void} change */
  keepStill(change) {
    const anchor = this.#anchor;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (anchor?.isConnected) {
      this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
    }
    this.look();
  }

  /** Changes a row so that one goes on reading it where it begins.
      @param {Element} row @param {() => void} change */
  keepTop(row, change) {
    const before = row.getBoundingClientRect().top;
    change();
    this.scroller.scrollTop += row.getBoundingClientRect().top - before;
    if (before < this.scroller.getBoundingClientRect().top) row.scrollIntoView({ block: "start" });
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
