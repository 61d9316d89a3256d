/* The chat as a whole, as its admins have set it: what it is called, how long a message may be,
   and who may make rooms. Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { MAX_TEXT_BYTES } from "../../lib/text/texts.js";

const LOOKS_AFTER_THE_PLACE = new Set(["admin", "owner"]);

/** @typedef {{ name: string, max_text_bytes: number, max_file_bytes: number, room_makers: "everyone" | "members" | "admins", emoji_makers?: "members" | "admins" | "nobody" }} Settings */

/** @extends {Emitter<{ changed: void }>} */
export class Place extends Emitter {
  name = "Chat";
  maxTextBytes = MAX_TEXT_BYTES;
  /** The largest file; 0 where none are taken. */
  maxFileBytes = 0;
  /** Who may add emoji.
      @type {Settings["emoji_makers"]} */
  emojiMakers;
  /** @type {Settings["room_makers"]} */
  #roomMakers = "everyone";

  /** @param {string} role what the person here is */
  constructor(role) {
    super();
    this.role = role;
  }

  /** Takes what the server says.
      @param {Settings} settings */
  become({ name, max_text_bytes: maxTextBytes, max_file_bytes: maxFileBytes, room_makers: roomMakers, emoji_makers: emojiMakers }) {
    this.name = name;
    this.maxTextBytes = maxTextBytes;
    this.maxFileBytes = maxFileBytes;
    this.#roomMakers = roomMakers;
    this.emojiMakers = emojiMakers;
    this.tell("changed");
  }

  get mayMakeRooms() {
    if (this.#roomMakers === "everyone" || LOOKS_AFTER_THE_PLACE.has(this.role)) return true;
    return this.#roomMakers === "members" && this.role !== "guest";
  }
}
