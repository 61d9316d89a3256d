/* To whom one is about to write: who was chosen so far, and who else there is. Only people with an
   account can be written to; those who are here come first, then who was here last. */

import { fit } from "../../lib/search/fuzzy.js";
import { GENERAL } from "../../lib/page/routes.js";

/** @import { Chat } from "../chat.js" */

const SHOWN_AT_MOST = 8;
const SHORTEST_QUESTION = 2;

export class Recipients {
  /** @type {string[]} names, in the order in which they were chosen */
  chosen = [];

  /** @param {Pick<Chat, "me" | "people">} chat */
  constructor({ me, people }) {
    this.me = me;
    this.people = people;
  }

  /** Names that fit what was typed and are not chosen yet, the best first.
      @param {string} typed */
  find(typed) {
    const { me, chosen, people } = this;
    return [...people.names]
      .filter((name) => name !== me && !chosen.includes(name))
      .map((name) => ({ name, fits: fit(typed, people.bothNames(name)), profile: people.of(name) }))
      .filter(({ fits, profile }) => fits !== null && profile !== null && profile.role !== "guest")
      .sort(
        (a, b) =>
          Number(b.fits) - Number(a.fits) ||
          Number(b.profile?.state !== undefined) - Number(a.profile?.state !== undefined) ||
          (b.profile?.last_seen ?? "").localeCompare(a.profile?.last_seen ?? "") ||
          a.name.localeCompare(b.name),
      )
      .slice(0, SHOWN_AT_MOST)
      .map(({ name }) => name);
  }

  /** Has the server name those who are called like that, or without a text those who are away;
      throws Refused or Lost.
      @param {string} typed */
  async ask(typed) {
    const sought = typed.trim();
    if (sought === "") await this.people.away(GENERAL);
    else if (sought.length >= SHORTEST_QUESTION) await this.people.find(GENERAL, sought);
  }

  /** @param {string} name */
  add(name) {
    if (!this.chosen.includes(name)) this.chosen.push(name);
  }

  /** @param {string | undefined} name */
  remove(name) {
    this.chosen = this.chosen.filter((other) => other !== name);
  }
}
