/* A message that is swiped to its end to be answered. It follows the finger a little, and an arrow shows
   when it has gone far enough; let go before, and nothing has happened. */

const FAR_ENOUGH_PX = 56;
const FARTHEST_PX = 72;

export class ReplySwipe {
  #isFar = false;

  /** That of the row that was touched; null where the finger goes the other way, or over what moves by
      itself.
      @param {{ x: number, target: Element }} down @param {number} across */
  static of({ x, target }, across) {
    /** @type {HTMLElement | null} */
    const row = target.closest(".message[data-seq]:not(.deleted, .system)");
    const direction = document.documentElement.dir === "rtl" ? -1 : 1;
    const isFree = row && !scrolls(target, row) && getSelection()?.isCollapsed !== false;
    return isFree && Math.sign(across) === direction ? new ReplySwipe(row, x + across, direction) : null;
  }

  /** @param {HTMLElement} row @param {number} from where it began to move @param {number} direction */
  constructor(row, from, direction) {
    this.row = row;
    this.from = from;
    this.direction = direction;
    row.dataset.swiped = "";
  }

  /** @param {number} across from where it began to move */
  follow(across) {
    const distance = Math.min(Math.max(0, across * this.direction), FARTHEST_PX);
    this.row.style.setProperty("--swiped", `${distance * this.direction}px`);
    const isFar = distance >= FAR_ENOUGH_PX;
    if (isFar === this.#isFar) return;
    this.#isFar = isFar;
    this.row.dataset.swiped = isFar ? "far" : "";
    if (isFar) navigator.vibrate?.(10);
  }

  letGo() {
    const isMeant = this.#isFar;
    this.giveUp();
    if (isMeant) this.row.dispatchEvent(new Event("replyswipe", { bubbles: true }));
  }

  giveUp() {
    delete this.row.dataset.swiped;
    this.row.style.removeProperty("--swiped");
  }
}

/** Whether a part of the row is wider than its place, as a table may be.
    @param {Element} target @param {Element} row */
function scrolls(target, row) {
  for (let node = /** @type {Element | null} */ (target); node && node !== row; node = node.parentElement) {
    if (node.scrollWidth > node.clientWidth && getComputedStyle(node).overflowX === "auto") return true;
  }
  return false;
}
