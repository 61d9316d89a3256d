/* What is done by a line that begins with a slash: the commands of `chatapp chat`, chatapp/client/terminal/
   commands.py, by the page's own means. The composer asks with a "do-command" event, {name, rest}. */

import { folded } from "../lib/folded.js";
import { part } from "../lib/parts.js";
import { isSaid, t } from "../lib/words.js";
import { problemOf } from "../models/refused.js";
import { RoomDesk, titleFor } from "../models/rooms.js";
import { MessageComposer } from "./message-composer.js";

const GENERAL = "general";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */
/** @import { Message } from "../types.js" */

/** What there is to say when it is done: a note, one of a wrong use, or what stands in the composer then.
    @typedef {{ said?: string, problem?: string, text?: string } | void} Outcome */
/** @typedef {(rest: string) => Outcome | Promise<Outcome>} Act */
/** @typedef {{ name: string, rest: string }} Command */

/** Thrown where a command is written wrong. */
class Misused extends Error {}

export class SlashCommands extends HTMLElement {
  composer = part(document, "message-composer", MessageComposer);
  /** @type {Chat} */
  #chat;
  /** @type {RoomDesk} */
  #desk;

  /** @type {Record<string, Act>} */
  #acts = {
    join: (rest) => this.#chat.open(this.#room(rest).name),
    leave: (rest) => this.#leave(rest ? this.#room(rest) : this.#chat.current),
    create: (rest) => this.#create(rest, "public"),
    private: (rest) => this.#create(rest, "private"),
    dm: async (rest) => this.#chat.open(await this.#chat.talkTo(only(rest))),
    rooms: () => tell("do-browse"),
    topic: (rest) => this.#desk.update(this.#chat.current, { topic: rest }),
    invite: (rest) => this.#after("invite", only(rest), this.#desk.invite(this.#chat.current, only(rest))),
    remove: (rest) => this.#after("remove", only(rest), this.#desk.remove(this.#chat.current, only(rest))),
    "delete-room": async (rest) => {
      await this.#chat.open(this.#room(needed(rest)).name);
      tell("do-details");
    },
    who: () => tell("do-people"),
    whois: (rest) => this.#whois(only(rest)),
    history: () => tell("do-scroll-up"),
    show: (rest) => this.#chat.show(this.#chat.current.name, this.#message(rest, this.#all.at(-1))[0].seq),
    search: (rest) => search(needed(rest)),
    read: () => this.#chat.reading.markRead(this.#chat.current),
    me: () => undefined, // A text.
    reply: (rest) => this.#reply(...this.#message(rest, this.#all.at(-1))),
    react: (rest) => this.#react(...this.#message(rest, this.#all.at(-1))),
    edit: (rest) => this.#edit(...this.#message(rest, this.#ownLast)),
    delete: (rest) => tell("delete-message", this.#message(rest, this.#ownLast)[0]),
    name: (rest) => this.#ask("profile", { display_name: rest }),
    colour: (rest) => this.#ask("profile", { colour: needed(rest).toLowerCase() }),
    status: (rest) => this.#status(needed(rest).toLowerCase()),
    mute: (rest) => this.#mute(...first(rest)),
    kick: (rest) => this.#moderate("kick", ...first(rest)),
    ban: (rest) => this.#moderate("ban", ...first(rest)),
    unban: (rest) => this.#after("unban", only(rest), this.#ask("unban", { name: only(rest) })),
    help: () => ({ text: "/" }),
    quit: () => /** @type {HTMLFormElement | null} */ (document.querySelector('form[action="/leave"]'))?.requestSubmit(),
  };

  /** @param {Chat} chat */
  attend(chat) {
    this.#chat = chat;
    this.#desk = new RoomDesk(chat.connection);
    document.addEventListener("do-command", (event) => this.#obey(/** @type {CustomEvent<Command>} */ (event).detail));
  }

  /** Those that begin so: `{label, hint, insert}`.
      @param {string} begun */
  like(begun) {
    const names = Object.keys(this.#acts).filter((name) => name.startsWith(begun.toLowerCase()));
    return names.map((name) => ({ label: usage(name), hint: t(`command.${name}`), insert: `/${name}` }));
  }

  /** What is unknown is asked about; what does not work stays where it was written.
      @param {Command} command */
  async #obey({ name, rest }) {
    const { composer } = this;
    const { room, field } = composer;
    const { value } = field;
    if (!Object.hasOwn(this.#acts, name)) return composer.askAbout(name);
    composer.done();
    const { said, problem, text } = await this.#outcome(name, rest);
    if (problem && composer.room === room && !field.value) composer.done(value);
    if (text) composer.insert(text);
    if (said || problem) composer.note.tell(said ?? problem ?? "");
  }

  /** @param {string} name @param {string} rest @returns {Promise<Exclude<Outcome, void>>} */
  async #outcome(name, rest) {
    try {
      return (await this.#acts[name](rest)) ?? {};
    } catch (error) {
      if (!(error instanceof Misused)) return { problem: problemOf(error) };
      return { problem: error.message || t("command.usage", { usage: usage(name) }) };
    }
  }

  // Rooms

  /** @param {Room} room */
  #leave({ name }) {
    if (name === GENERAL) throw new Misused(t("command.leave.general"));
    tell("leave-room", name);
  }

  /** @param {string} rest @param {"public" | "private"} kind */
  async #create(rest, kind) {
    const [, name = "", title = ""] = /^(\S+)\s*([^]*)$/u.exec(needed(rest)) ?? [];
    await this.#chat.open(await this.#chat.create(name, title || name, kind));
  }

  /** By its address or its name.
      @param {string} rest */
  #room(rest) {
    const wanted = folded(needed(rest).replace(/^#/u, ""));
    const all = [...this.#chat.rooms.values()];
    const found =
      all.find(({ name }) => folded(name) === wanted) ?? all.find((room) => folded(titleFor(room, this.#chat)) === wanted);
    if (!found) throw new Misused(t("command.no-room", { room: rest }));
    return found;
  }

  // Messages

  get #all() {
    return (this.#chat.current.timeline?.messages ?? []).filter((message) => this.#chat.changes.mayReact(message));
  }

  get #ownLast() {
    return this.#all.findLast((message) => this.#chat.changes.mayEdit(message));
  }

  /** "#12 and the rest" is of that message; without a number it is of another.
      @param {string} rest @param {Message | undefined} otherwise @returns {[Message, string]} */
  #message(rest, otherwise) {
    const [, number, more = ""] = /^#([0-9]{1,15})(?:\s+([^]*))?$/u.exec(rest) ?? [];
    const message = number ? this.#chat.current.timeline?.find(Number(number)) : otherwise;
    if (!message) throw new Misused(t("command.no-message"));
    return [message, number ? more : rest];
  }

  /** @param {Message} message @param {string} text */
  #reply({ seq }, text) {
    this.#chat.post(needed(text), { replyTo: seq });
  }

  /** @param {Message} message @param {string} text */
  #edit({ seq }, text) {
    return this.#chat.changes.edit(this.#chat.current, seq, needed(text));
  }

  /** @param {Message} message @param {string} emoji */
  #react({ seq, reactions }, emoji) {
    const isGiven = reactions?.[needed(emoji)]?.includes(this.#chat.me);
    return isGiven ? undefined : this.#chat.changes.toggle(this.#chat.current, seq, emoji);
  }

  // People

  /** @param {string} name @returns {Promise<Outcome>} */
  async #whois(name) {
    const { people } = await this.#chat.connection.request("people", { names: [name] });
    const [found] = people;
    if (!found) throw new Misused(t("command.nobody", { name }));
    const role = isSaid(`role.${found.role}`) ? t(`role.${found.role}`) : found.role;
    return { said: [found.display_name, `@${found.name}`, role].filter(Boolean).join(" · ") };
  }

  /** What one is by what one does cannot be said; busy can.
      @param {string} state */
  async #status(state) {
    if (!["online", "idle", "away", "busy"].includes(state)) throw new Misused();
    this.#chat.presence.isBusy = state === "busy";
    if (state === "idle" || state === "away") await this.#ask("status", { state });
  }

  /** @param {string} name @param {string} rest */
  #mute(name, rest) {
    const [, seconds, reason = ""] = /^([0-9]{1,9})(?:\s+([^]*))?$/u.exec(rest) ?? [];
    if (!seconds) throw new Misused();
    return this.#after(Number(seconds) ? "mute" : "unmute", name, this.#ask("mute", { name, seconds: Number(seconds), reason }));
  }

  /** @param {"kick" | "ban"} what @param {string} name @param {string} reason */
  #moderate(what, name, reason) {
    return this.#after(what, name, this.#ask(what, { name, reason: needed(reason) }));
  }

  // What is said

  /** @param {string} what @param {string} name @param {Promise<unknown>} done @returns {Promise<Outcome>} */
  async #after(what, name, done) {
    await done;
    return { said: t(`command.done.${what}`, { name }) };
  }

  /** @param {"profile" | "status" | "mute" | "kick" | "ban" | "unban"} event @param {any} payload what was typed, which the
      server decides about
      @returns {Promise<void>} */
  async #ask(event, payload) {
    await this.#chat.connection.request(event, payload);
  }
}

/** @param {string} name */
function usage(name) {
  const takes = `command.${name}.takes`;
  return isSaid(takes) ? `/${name} ${t(takes)}` : `/${name}`;
}

/** @param {string} text */
function needed(text) {
  if (!text.trim()) throw new Misused();
  return text;
}

/** The whole line as a name, which may have spaces.
    @param {string} rest */
function only(rest) {
  return needed(rest.replace(/^@/u, "").replace(/^"|"$/gu, ""));
}

/** A name, with an @ or in quotes or not, and the rest of the line.
    @param {string} rest @returns {[string, string]} */
function first(rest) {
  const [, quoted, plain, more = ""] = /^@?(?:"([^"]+)"|(\S+))(?:\s+([^]*))?$/u.exec(rest) ?? [];
  return [needed(quoted ?? plain ?? ""), more];
}

/** @param {string} type @param {unknown} [detail] */
function tell(type, detail) {
  document.dispatchEvent(new CustomEvent(type, { detail }));
}

/** @param {string} words */
function search(words) {
  tell("do-search");
  const field = document.querySelector("search-panel input");
  if (!(field instanceof HTMLInputElement)) return;
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

customElements.define("slash-commands", SlashCommands);
