/* The chat as a whole, as its admins have set it: what it is called, how long a message may be,
   and who may make rooms. Tells "changed". */

import { Emitter } from "../lib/emitter.js";
import { MAX_TEXT_BYTES } from "../lib/texts.js";

const LOOKS_AFTER_THE_PLACE = new Set(["admin", "owner"]);

/** @typedef {{ name: string, max_text_bytes: number, room_makers: "everyone" | "members" | "admins" }} Settings */

/** @extends {Emitter<{ changed: void }>} */
export class Place extends Emitter {
  name = "Chat";
  maxTextBytes = MAX_TEXT_BYTES;
  /** @type {Settings["room_makers"]} */
  #roomMakers = "everyone";

  /** @param {string} role what the person here is */
  constructor(role) {
    super();
    this.role = role;
  }

  /** Takes what the server says.
      @param {Settings} settings */
  become({ name, max_text_bytes: maxTextBytes, room_makers: roomMakers }) {
    this.name = name;
    this.maxTextBytes = maxTextBytes;
    this.#roomMakers = roomMakers;
    this.tell("changed");
  }

  get mayMakeRooms() {
    if (this.#roomMakers === "everyone" || LOOKS_AFTER_THE_PLACE.has(this.role)) return true;
    return this.#roomMakers === "members" && this.role !== "guest";
  }
}
