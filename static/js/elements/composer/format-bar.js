/* <format-bar>: puts Markdown's marks into what one writes, as the composer asks with a "do-format" event.
   Lists go on by themselves, and an address that is pasted over words makes a link of them. Each
   change can be undone: it is made as if it had been typed. */

import { begun, isAddress, linked, marked, nextLine } from "../../lib/markdown/formatting.js";
import { isComposing } from "../../lib/browser/keys.js";
import { chooseLook } from "../../lib/page/looks.js";
import { around, elementOf, part } from "../../lib/page/parts.js";
import { isInFence } from "../../lib/text/texts.js";

/** @import { MessageComposer } from "./message-composer.js" */
/** @import { Change, Selected } from "../../lib/markdown/formatting.js" */

/** @type {Record<string, (field: Selected) => Change>} */
const STEPS = {
  bold: (field) => marked(field, "**"),
  italic: (field) => marked(field, "*"),
  strike: (field) => marked(field, "~~"),
  code: (field) => marked(field, "`"),
  link: (field) => linked(field),
  list: (field) => begun(field, "list"),
  numbers: (field) => begun(field, "numbers"),
  quote: (field) => begun(field, "quote"),
};

class FormatBar extends HTMLElement {
  composer = /** @type {MessageComposer} */ (this.closest("message-composer"));
  field = this.composer.field;

  attend() {
    document.addEventListener("do-format", (event) => {
      const asked = elementOf(event).closest("message-composer") ?? part(document, ".write message-composer");
      if (asked === this.composer) this.#press(/** @type {CustomEvent<string>} */ (event).detail);
    });
    this.addEventListener("keydown", (event) => this.#walk(event));
    this.field.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    this.field.addEventListener("paste", (event) => this.#pasted(event));
  }

  // What is done to the text

  /** @param {string} what one of STEPS, or "bar" */
  #press(what) {
    if (what === "bar") chooseLook("formatting", getComputedStyle(this).display === "none" ? "shown" : "hidden");
    else this.#apply(STEPS[what](this.#selected));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event) || event.key !== "Enter" || !event.shiftKey || !this.#breakLine()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Goes on with a list; false where there is none. */
  #breakLine() {
    const change = this.#isInCode ? null : nextLine(this.#selected);
    if (change) this.#apply(change);
    return change !== null;
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const address = event.clipboardData?.getData("text/plain").trim() ?? "";
    const { text, start, end } = this.#selected;
    const words = text.slice(start, end).trim();
    if (!words || words.includes("\n") || isAddress(words) || !isAddress(address) || this.#isInCode) return;
    event.preventDefault();
    this.#apply(linked(this.#selected, address));
  }

  get #selected() {
    const { value: text, selectionStart: start, selectionEnd: end } = this.field;
    return { text, start, end };
  }

  get #isInCode() {
    return isInFence(this.field.value.slice(0, this.field.selectionStart));
  }

  /** @param {Change} change */
  #apply({ from, to, insert, select }) {
    this.field.focus();
    this.field.setSelectionRange(from, to);
    if (insert) this.composer.insert(insert);
    else if (to > from) document.execCommand("delete");
    this.field.setSelectionRange(...select);
  }

  /** One stop of the Tab key, and arrows between its buttons.
      @param {KeyboardEvent} event */
  #walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const button = around(event, "button");
    if (!step || !button) return;
    const all = /** @type {HTMLElement[]} */ ([...this.children]);
    const towards = getComputedStyle(this).direction === "rtl" ? -step : step;
    const next = all[(all.indexOf(button) + towards + all.length) % all.length];
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    next.focus();
    event.preventDefault();
  }
}

customElements.define("format-bar", FormatBar);
