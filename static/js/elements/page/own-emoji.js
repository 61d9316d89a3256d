/* <own-emoji>: all emoji of the chat's own, for who may add some a form, and to remove them. It opens with a
   "do-emoji" event. */

import { filesPart } from "../../lib/page/files-part.js";
import { around, cloned, fill, part, write } from "../../lib/page/parts.js";
import { isSaid, t } from "../../lib/text/words.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { problemOf, Refused } from "../../models/refused.js";
import { pictureOf } from "./emoji-picture.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { CustomEmoji } from "../../wire.js" */

const MAX_BYTES = 256 * 1024;
const LONGEST_NAME = 32;

class OwnEmojiDialog extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  list = part(this, ".own-emoji-list");
  note = part(this, ".own-emoji-note");
  template = part(this, "template", HTMLTemplateElement);
  /** None for guests. */
  form = /** @type {HTMLFormElement | null} */ (this.querySelector("form"));
  /** @type {Chat} */
  chat;
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-emoji", () => void this.#open());
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.form?.addEventListener("change", ({ target }) => target === this.#field("file") && this.#chosen());
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#add();
    });
    ownEmoji.on("changed", () => this.dialog.open && void this.#show());
    chat.place.on("changed", () => this.dialog.open && this.#offer());
  }

  async #open() {
    this.#say("");
    this.#offer();
    this.dialog.showModal();
    await this.#show();
  }

  async #show() {
    try {
      const all = await ownEmoji.all();
      this.#rows = new Map(all.map(({ name }) => [name, this.#rows.get(name) ?? cloned(this.template)]));
      fill(this.list, all.map((emoji) => this.#row(emoji)));
      write(this.note, all.length ? t("emoji.own.count", { count: all.length }) : t("emoji.own.none"));
    } catch (error) {
      write(this.note, problemOf(error));
    }
    if (this.dialog.open && !this.dialog.contains(document.activeElement)) part(this, "h2").focus(); // What had it was removed.
  }

  /** @param {CustomEmoji} emoji */
  #row({ name, aliases = [], by, sha256 }) {
    const row = /** @type {HTMLElement} */ (this.#rows.get(name));
    if (row.dataset.sha256 !== sha256) part(row, ".own-emoji-sign").replaceChildren(pictureOf(`:${name}:`));
    Object.assign(row.dataset, { name, sha256 });
    write(part(row, "b"), `:${name}:`);
    const others = aliases.map((alias) => `:${alias}:`).join(" ");
    write(part(row, ".hint"), [others, by ? t("emoji.own.by", { name: this.chat.people.shown(by) }) : ""].filter(Boolean).join(" · "));
    const remove = part(row, "[data-do=remove]");
    remove.hidden = by !== this.chat.me && !this.#isAdmin;
    remove.ariaLabel = remove.title = t("emoji.own.remove", { name: `:${name}:` });
    return row;
  }

  get #isAdmin() {
    return ["admin", "owner"].includes(this.chat.place.role);
  }

  /** The form, to those who may add some. */
  #offer() {
    if (!this.form) return;
    const { emojiMakers, maxFileBytes } = this.chat.place;
    this.form.hidden = maxFileBytes === 0 || !(emojiMakers === "members" || (emojiMakers === "admins" && this.#isAdmin));
  }

  /** A picture was chosen: it is shown, and may have a name. */
  #chosen() {
    const { file, name } = this.#typed;
    const image = part(this, ".own-emoji-preview > img", HTMLImageElement);
    image.hidden = true;
    if (!file) return;
    if (file.size <= MAX_BYTES) {
      const reader = new FileReader();
      reader.addEventListener("load", () => Object.assign(image, { src: reader.result, hidden: file !== this.#typed.file }));
      reader.readAsDataURL(file);
    }
    const field = this.#field("name");
    if (!name) field.value = nameFrom(file.name);
    this.#say(file.size > MAX_BYTES ? t("emoji.own.refused.too_large") : "");
    field.focus();
    field.select();
  }

  async #add() {
    const { file, name, aliases } = this.#typed;
    if (!file || !this.form) return;
    const button = part(this.form, ".primary", HTMLButtonElement);
    this.#say("");
    button.disabled = true;
    try {
      if (file.size > MAX_BYTES) throw new Refused({ code: "too_large" });
      await filesPart.load();
      const id = await filesPart.send?.({ blob: file, name: file.name, begun: () => {}, sent: () => {}, end: new AbortController().signal });
      await this.chat.connection.request("add_emoji", { name, aliases, file: id ?? "" });
      this.form.reset();
      this.#chosen();
      this.#field("name").focus();
    } catch (error) {
      this.#say(inWords(error));
    }
    button.disabled = false;
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const name = around(event, "[data-do=remove]") && around(event, "[data-name]")?.dataset.name;
    if (!name) return;
    const question = {
      heading: t("emoji.own.remove", { name: `:${name}:` }),
      means: t("emoji.own.remove.means"),
      act: t("emoji.own.remove.act"),
      go: () => void this.#remove(name),
    };
    document.dispatchEvent(new CustomEvent("ask-first", { detail: question }));
  }

  /** @param {string} name */
  async #remove(name) {
    try {
      await this.chat.connection.request("remove_emoji", { name });
    } catch (error) {
      write(this.note, problemOf(error));
    }
  }

  get #typed() {
    const words = this.#field("aliases").value.toLowerCase().match(/[a-z0-9_+-]+/gu);
    return { file: this.#field("file").files?.[0], name: this.#field("name").value.trim(), aliases: [...(words ?? [])] };
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.form?.elements.namedItem(name));
  }

  /** @param {string} problem */
  #say(problem) {
    if (this.form) write(part(this.form, ".problem"), problem);
  }
}

/** A name that a file may give.
    @param {string} file */
function nameFrom(file) {
  const plain = file.replace(/\.\w+$/u, "").normalize("NFKD").toLowerCase();
  return plain.replace(/[^a-z0-9+-]+/gu, "_").replace(/^_|_$/gu, "").slice(0, LONGEST_NAME);
}

/** @param {unknown} error */
function inWords(error) {
  const key = error instanceof Refused ? `emoji.own.refused.${error.code}` : "";
  return isSaid(key) ? t(key) : problemOf(error);
}

customElements.define("own-emoji", OwnEmojiDialog);
