/* <composer-files>: the files that go with the next message, above what one writes: each with its picture or
   ending, how far it is, and what can be done about it. */

import { endingOf, sizeInWords } from "../../lib/files/files.js";
import { drawnButton, node } from "../../lib/page/nodes.js";
import { around, fill, part, write } from "../../lib/page/parts.js";
import { drawPicture } from "../../lib/files/pictures.js";
import { t } from "../../lib/text/words.js";
import { MessageComposer } from "./message-composer.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Upload, Uploads } from "../../models/files/uploads.js" */

const THUMB_PX = { width: 56, height: 56 };
const PER_CENT = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

export class ComposerFiles extends HTMLElement {
  list = node("ul", { className: "attachments" });
  status = node("p", { className: "visually-hidden", role: "status" });
  again = node("input", { type: "file", hidden: true, tabIndex: -1 });
  /** @type {MessageComposer} */
  composer;
  /** @type {Chat} */
  chat;
  /** @type {Uploads} */
  uploads;
  /** @type {Map<string, HTMLLIElement>} */
  #cards = new Map();
  /** @type {string | null} the file that is chosen again */
  #wanted = null;

  /** @param {Chat} chat @param {Uploads} uploads */
  begin(chat, uploads) {
    const composer = this.closest("message-composer");
    if (!(composer instanceof MessageComposer)) return;
    if (this.composer) return this.#show();
    Object.assign(this, { composer, chat, uploads });
    this.list.ariaLabel = t("files.attached");
    this.append(this.list, this.status, this.again);
    uploads.on("listed", () => this.#show()).on("changed", ({ upload }) => this.#changed(upload));
    chat.on("opened", () => this.#show());
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.list.addEventListener("change", (event) => this.#described(event));
    this.list.addEventListener("keydown", (event) => this.#keyed(event));
    this.again.addEventListener("change", () => this.#chosenAgain());
    this.#show();
  }

  #show() {
    const all = this.uploads.of(this.composer.place);
    for (const key of this.#cards.keys()) if (!this.uploads.get(key)) this.#cards.delete(key);
    fill(this.list, all.map((upload) => this.#card(upload)));
    for (const [index, upload] of all.entries()) this.#showOrder(upload, index, all.length);
    this.hidden = all.length === 0;
    this.composer.filesChanged();
  }

  /** @param {Upload} upload */
  #changed(upload) {
    const card = this.#cards.get(upload.key);
    if (!card) return;
    this.#showState(card, upload);
    if (upload.state === "done" || upload.state === "failed") this.composer.filesChanged();
  }

  /** @param {Upload} upload */
  #card(upload) {
    const known = this.#cards.get(upload.key);
    if (known) return known;
    const { key, name } = upload;
    const order = node("span", { className: "attachment-order" }, drawnButton("previous", t("files.earlier", { name }), "earlier"), drawnButton("next", t("files.later", { name }), "later"));
    const card = node(
      "li",
      { className: "attachment" },
      node("span", { className: "attachment-face", ariaHidden: "true" }, endingOf(name) || "···"),
      node("span", { className: "attachment-name", title: name, dir: "auto" }, name),
      node("span", { className: "attachment-state" }),
      node("progress", { max: 1, ariaLabel: t("upload.progress", { name }) }),
      order,
      drawnButton("retry", t("files.retry", { name }), "retry"),
      drawnButton("close", t("files.remove", { name }), "remove"),
    );
    card.dataset.key = key;
    this.#cards.set(key, card);
    this.#drawFace(card, upload);
    this.#showState(card, upload);
    return card;
  }

  /** @param {HTMLLIElement} card @param {Upload} upload */
  async #drawFace(card, { key }) {
    const canvas = node("canvas", { className: "attachment-face", ariaHidden: "true" });
    if (await drawPicture(canvas, await this.uploads.blobOf(key), THUMB_PX)) part(card, ".attachment-face").replaceWith(canvas);
  }

  /** @param {HTMLLIElement} card @param {Upload} upload */
  #showState(card, upload) {
    const { state, sent = 0, bytes, reason, isFinal, width, name } = upload;
    const said = { done: "", waiting: t("upload.waiting"), uploading: PER_CENT.format(bytes > 0 ? sent / bytes : 0), failed: reason, lacking: reason }[state];
    if (card.dataset.state !== state && (state === "failed" || state === "done")) {
      this.status.textContent = state === "done" ? t("upload.done", { name }) : `${name}: ${reason}`;
    }
    card.dataset.state = state;
    write(part(card, ".attachment-state"), [state === "failed" || state === "lacking" ? "" : sizeInWords(bytes), said].filter(Boolean).join(" · "));
    const bar = part(card, "progress", HTMLProgressElement);
    bar.value = bytes > 0 ? sent / bytes : 0;
    bar.hidden = state !== "uploading" && state !== "waiting";
    part(card, "[data-do=retry]").hidden = !(state === "lacking" || (state === "failed" && !isFinal));
    if (width && !card.querySelector(".attachment-alt")) this.#offerDescription(card, upload);
  }

  /** @param {HTMLLIElement} card @param {Upload} upload */
  #offerDescription(card, { name, alt }) {
    const field = node("input", { className: "input attachment-alt", type: "text", value: alt, maxLength: 1000, placeholder: t("files.describe"), dir: "auto" });
    field.ariaLabel = t("files.describe-it", { name });
    card.append(field);
  }

  /** @param {Upload} upload @param {number} index @param {number} count */
  #showOrder({ key }, index, count) {
    const card = this.#cards.get(key);
    if (!card) return;
    part(card, ".attachment-order").hidden = count < 2;
    part(card, "[data-do=earlier]", HTMLButtonElement).disabled = index === 0;
    part(card, "[data-do=later]", HTMLButtonElement).disabled = index === count - 1;
  }

  // What one does

  /** @param {Event} event */
  #pressed(event) {
    const key = keyAt(event);
    const what = around(event, "[data-do]")?.getAttribute("data-do");
    if (!key || !what) return;
    if (what === "remove") this.#remove(key);
    else if (what === "earlier") this.#move(key, -1);
    else if (what === "later") this.#move(key, 1);
    else if (this.uploads.get(key)?.state === "lacking") this.#askAgain(key);
    else this.uploads.retry(key);
  }

  /** The focus goes to the next one, or back to writing.
      @param {string} key */
  #remove(key) {
    const card = this.#cards.get(key);
    const next = card?.nextElementSibling ?? card?.previousElementSibling;
    this.uploads.remove(key);
    if (next instanceof HTMLElement) part(next, "[data-do=remove]").focus();
    else this.composer.field.focus();
  }

  /** @param {string} key @param {1 | -1} step */
  #move(key, step) {
    const pressed = document.activeElement;
    this.uploads.move(key, step);
    const card = this.#cards.get(key);
    if (pressed instanceof HTMLButtonElement && !pressed.disabled) pressed.focus();
    else if (card) part(card, step > 0 ? "[data-do=earlier]" : "[data-do=later]").focus();
  }

  /** @param {Event} event */
  #described(event) {
    const key = keyAt(event);
    if (key && event.target instanceof HTMLInputElement) this.uploads.describe(key, event.target.value);
  }

  /** Enter in a description goes back to writing: what is sent, is sent from there.
      @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    this.#described(event);
    this.composer.field.focus();
  }

  /** @param {string} key */
  #askAgain(key) {
    this.#wanted = key;
    this.again.click();
  }

  #chosenAgain() {
    const [file] = this.again.files ?? [];
    if (file && this.#wanted && !this.uploads.giveAgain(this.#wanted, file)) this.status.textContent = t("files.another");
    this.again.value = "";
  }
}

/** @param {Event} event */
function keyAt(event) {
  return around(event, "[data-key]")?.getAttribute("data-key");
}

customElements.define("composer-files", ComposerFiles);
