/* The emoji of the chat's own, by name and by alias: at first those of the messages that the server rendered,
   all of them once a text or a reaction may have another one.

   Tells "changed". */

import { Emitter } from "../lib/browser/emitter.js";
import { ignoreUnanswered } from "./refused.js";

/** @import { CustomEmoji, EmojiChange, EmojiList } from "../wire.js" */

const NAMES = /:([a-z0-9_+-]{2,32})(?=:)/gu;
const SIGN = "🙂";

/** @extends {Emitter<{ changed: void }>} */
class OwnEmoji extends Emitter {
  /** @type {Map<string, CustomEmoji>} */
  known = new Map();
  version = "";
  #isWhole = false;
  /** @type {Promise<void> | null} */
  #learning = null;
  /** @type {() => Promise<EmojiList>} */
  #ask;

  /** `ask()` gives all of them; throws Refused or Lost.
      @param {() => Promise<EmojiList>} ask @param {EmojiList} [first] */
  begin(ask, { version, emoji = [] } = { ok: true, version: "" }) {
    this.#ask = ask;
    this.version = version;
    emoji.forEach((each) => this.#add(each));
  }

  /** @param {string} written as `:name:` */
  get(written) {
    return this.known.get(written.slice(1, -1));
  }

  /** A text or a reaction is shown: what it may have is learned, if that is not known.
      @param {string} text */
  see(text) {
    if (!this.version || this.#isWhole) return;
    if ([...text.matchAll(NAMES)].some(([, name]) => !this.known.has(name))) void this.all().catch(ignoreUnanswered);
  }

  /** A text as it would be with standard emoji.
      @param {string} text */
  without(text) {
    return this.known.size ? text.replace(/:([a-z0-9_+-]{2,32}):/gu, (all, name) => (this.known.has(name) ? SIGN : all)) : text;
  }

  /** All of them, by name; throws Refused or Lost.  */
  async all() {
    if (this.version && !this.#isWhole) await (this.#learning ??= this.#learn().finally(() => (this.#learning = null)));
    return [...new Set(this.known.values())];
  }

  /** There is a connection again, and this is the version now.
      @param {string} version */
  compare(version) {
    if (version === this.version) return;
    this.version = version;
    this.#isWhole = false;
    if (version) return void this.all().catch(ignoreUnanswered);
    this.known.clear();
    this.tell("changed");
  }

  /** @param {EmojiChange} change */
  hear({ version, name, emoji }) {
    this.version = version;
    for (const [each, { name: of }] of this.known) if (of === name) this.known.delete(each);
    if (emoji) this.#add(emoji);
    this.tell("changed");
  }

  async #learn() {
    const { version, emoji = [] } = await this.#ask();
    this.version = version;
    this.known.clear();
    emoji.forEach((each) => this.#add(each));
    this.#isWhole = true;
    this.tell("changed");
  }

  /** @param {CustomEmoji} emoji */
  #add(emoji) {
    for (const name of [emoji.name, ...(emoji.aliases ?? [])]) this.known.set(name, emoji);
  }
}

export const ownEmoji = new OwnEmoji();
