/* How people are shown: what they call themselves, their colour, whether they are here.

   The log, mentions and requests know names; only what stands on the page is a display name. Asking
   never waits: who is not known yet is shown by name, and looked up with all others that were asked
   for in the same moment. Guests have no profile but a status, and are asked for only once.

   Tells "changed" {names} when some of them are shown otherwise from now on, and "states" {names} when
   some have come, gone, or do something else. */

import { Emitter } from "../../lib/browser/emitter.js";
import { flagOf } from "../../lib/text/flags.js";
import { Names } from "../../lib/text/tokens.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Connection, Now, Profile } from "../../types.js" */
/** @import { Room } from "../rooms/room.js" */

const AT_ONCE = 200; // as many as the server answers
const FOUND_AT_MOST = 8;

/** @extends {Emitter<{ changed: { names: Set<string> }, states: { names: Set<string> } }>} */
export class People extends Emitter {
  /** @type {Map<string, Profile | null>} by name; null has no account, or none that we know of, and no status */
  #profiles = new Map();
  /** @type {Set<string>} */
  #unknown = new Set();
  #isAsking = false;

  /** @param {{ connection: Connection, now: Now, me?: string }} parts */
  constructor({ connection, now, me = "" }) {
    super();
    this.mentionable = new Names([me]);
    this.connection = connection;
    this.now = now;
    connection.on("online", () => this.#comeOnline());
  }

  /** What the server wrote into the page.
      @param {Profile[]} profiles */
  begin(profiles) {
    for (const profile of profiles) this.#know(profile.name, profile);
  }

  /** Of these, all is known that is to be known: who is not, has no profile.
      @param {Iterable<string>} names */
  areKnown(names) {
    for (const name of names) {
      this.#unknown.delete(name);
      if (!this.#profiles.has(name)) this.#know(name, null);
    }
  }

  /** Of everybody whom we have heard of. */
  get names() {
    return this.#profiles.keys();
  }

  /** What is known of somebody.
      @param {string} name */
  of(name) {
    const known = this.#profiles.get(name);
    if (known === undefined && name) this.#lookUp(name);
    return known ?? null;
  }

  /** What somebody is shown as.
      @param {string} name */
  shown(name) {
    return this.of(name)?.display_name || name;
  }

  /** `{letter, hue, pattern}` of somebody's flag.
      @param {string} name */
  flag(name) {
    return flagOf(name, this.of(name));
  }

  /** What is to be known before one trusts somebody: "guest", "bot", "admin", "owner", in the page's words;
      "" for members, and while it is not known.
      @param {string} name @param {{ guests?: boolean }} [how] whether guests are marked */
  mark(name, { guests = true } = {}) {
    this.of(name);
    const profile = this.#profiles.get(name);
    const role = profile === null ? "guest" : (profile?.role ?? "member");
    return role === "member" || (role === "guest" && !guests) ? "" : t(`role.${role}`);
  }

  /** Both names, where they differ: to look for somebody by either.
      @param {string} name */
  bothNames(name) {
    const shown = this.shown(name);
    return shown === name ? name : `${shown} @${name}`;
  }

  /** Somebody wants to be shown otherwise.
      @param {Profile} profile */
  hear(profile) {
    const { state, last_seen } = this.#profiles.get(profile.name) ?? {};
    this.#keep([{ state, last_seen, ...profile }]);
  }

  /** Who came and who went, in any room.
      @param {{ joined: string[], left: string[], states?: Record<string, Profile["state"]> }} news */
  presence({ joined, left, states = {} }) {
    for (const name of joined) this.#note(name, { state: "online", last_seen: undefined });
    for (const [name, state] of Object.entries(states)) this.#note(name, { state });
    for (const name of left) this.#note(name, { state: undefined, last_seen: this.now().toISOString() });
    this.tell("states", { names: new Set([...joined, ...left, ...Object.keys(states)]) });
  }

  /** Asks anew, for who is looked at closely; throws Refused or Lost.
      @param {string} name */
  async lookAt(name) {
    const { people } = await this.connection.request("people", { names: [name] });
    this.#know(name, null);
    this.#keep(people);
    return this.of(name);
  }

  /** Those of a room who are not here, the last seen first; throws Refused or Lost.
      @param {string} room */
  async away(room) {
    const { people } = await this.connection.request("people", { room });
    this.#keep(people);
    return people.map(({ name }) => name);
  }

  /** The next of those who are in a room now; throws Refused or Lost.
      @param {Room} room */
  async listMore(room) {
    const { people } = await this.connection.request("people", { room: room.name, here: true, after: room.after });
    room.listMore(people);
  }

  /** Those of a room who are called like that, here or not; throws Refused or Lost.
      @param {string} room @param {string} query */
  async find(room, query) {
    const { people } = await this.connection.request("people", { room, query, limit: FOUND_AT_MOST });
    this.#keep(people);
    return people.map(({ name }) => name);
  }

  /** @param {string} name @param {Partial<Profile>} news */
  #note(name, news) {
    const known = this.#profiles.get(name);
    if (known) this.#profiles.set(name, { ...known, ...news });
  }

  /** @param {Profile[]} profiles */
  #keep(profiles) {
    const changed = profiles.filter((profile) => !isShownAlike(profile, this.#profiles.get(profile.name)));
    const moved = profiles.filter(({ name, state }) => state !== this.#profiles.get(name)?.state);
    for (const profile of profiles) this.#know(profile.name, profile);
    if (changed.length > 0) this.tell("changed", { names: new Set(changed.map(({ name }) => name)) });
    if (moved.length > 0) this.tell("states", { names: new Set(moved.map(({ name }) => name)) });
  }

  /** @param {string} name @param {Profile | null} profile */
  #know(name, profile) {
    if (!this.#profiles.has(name)) this.mentionable.add(name);
    this.#profiles.set(name, profile);
  }

  // Looking up

  /** @param {string} name */
  #lookUp(name) {
    this.#unknown.add(name);
    if (!this.#isAsking) this.#askSoon();
  }

  #askSoon() {
    this.#isAsking = true;
    queueMicrotask(() => this.#ask());
  }

  async #ask() {
    const names = [...this.#unknown].slice(0, AT_ONCE);
    this.#isAsking = names.length > 0;
    if (!this.#isAsking) return;
    try {
      const { people } = await this.connection.request("people", { names });
      for (const name of names) this.#unknown.delete(name);
      this.#forget(names, people);
      this.#keep(people);
    } catch (error) {
      ignoreUnanswered(error);
      this.#isAsking = false; // Asked again with the next connection, or the next name.
      return;
    }
    this.#isAsking = false;
    if (this.#unknown.size > 0) this.#askSoon();
  }

  /** Those who were asked for and have no account any more.
      @param {string[]} names @param {Profile[]} people */
  #forget(names, people) {
    const there = new Set(people.map(({ name }) => name));
    const gone = names.filter((name) => !there.has(name));
    const changed = gone.filter((name) => this.#profiles.get(name) !== null);
    for (const name of gone) this.#know(name, null);
    if (changed.length > 0) this.tell("changed", { names: new Set(changed) });
  }

  /** What was heard before a break may be of yesterday: ask again for all that are known. */
  #comeOnline() {
    for (const name of this.#profiles.keys()) this.#unknown.add(name);
    if (this.#unknown.size > 0 && !this.#isAsking) this.#askSoon();
  }
}

/** @param {Profile} one @param {Profile | null | undefined} other */
function isShownAlike(one, other) {
  return looksOf(one) === looksOf(other);
}

/** @param {Partial<Profile> | null | undefined} profile */
function looksOf(profile) {
  const { display_name, owner, colour, photo, role, status } = profile ?? {};
  return JSON.stringify([display_name || "", owner || "", colour, photo || "", role, status]);
}
