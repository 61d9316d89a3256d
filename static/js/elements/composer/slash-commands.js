/* What is done by a line that begins with a slash: the commands of `chatapp chat`, chatapp/client/terminal/
   commands.py, by the page's own means; others are those of bots. The composer asks with a "do-command" event,
   {name, rest}. */

import { filesPart } from "../../lib/page/files-part.js";
import { folded } from "../../lib/search/folded.js";
import { newId } from "../../lib/browser/ids.js";
import { momentOf } from "../../lib/text/moments.js";
import { elementOf, part } from "../../lib/page/parts.js";
import { quoted } from "../../lib/messages/quoting.js";
import { isSaid, t } from "../../lib/text/words.js";
import { BotCommands } from "../../models/composer/bot-commands.js";
import { Refused, problemOf } from "../../models/refused.js";
import { RoomDesk } from "../../models/rooms/room-desk.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { CLEARING, statusInWords, statusTyped } from "../../models/people/status.js";
import { MessageComposer } from "./message-composer.js";
import { sayingOf } from "../message/message-forwarding.js";
import { SendLater } from "./send-later.js";

const GENERAL = "general";
const NAME_CHARACTERS = 32; // at most

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Message } from "../../types.js" */
/** @import { Poll } from "../../wire.js" */

/** What there is to say when it is done: a note, one of a wrong use, or what stands in the composer then.
    @typedef {{ said?: string, problem?: string, text?: string } | void} Outcome */
/** `isUnknown`: no bot has such a command.
    @typedef {Exclude<Outcome, void> & { isUnknown?: boolean }} OfBot */
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
  /** @type {BotCommands} */
  #ofBots;

  /** @type {Record<string, Act>} */
  #acts = {
    join: (rest) => this.#chat.open(this.#room(rest).name),
    leave: (rest) => this.#leave(rest ? this.#room(rest) : this.#chat.current),
    create: (rest) => this.#create(rest, "public"),
    private: (rest) => this.#create(rest, "private"),
    dm: async (rest) => this.#chat.open(await this.#chat.talkTo(...(await this.#names(rest)))),
    rooms: () => tell("do-browse"),
    topic: (rest) => this.#desk.update(this.#chat.current, { topic: rest }),
    invite: (rest) => this.#invite(rest),
    remove: (rest) => this.#after("remove", only(rest), this.#desk.remove(this.#chat.current, only(rest))),
    rename: (rest) => this.#desk.update(this.#chat.current, { title: rest }),
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
    quote: (rest) => this.#quote(...this.#message(rest, this.#all.findLast(({ text }) => text))),
    forward: (rest) => tell("forward-messages", { messages: this.#messages(rest) }),
    thread: (rest) => tell("open-thread", { ...this.#thread(rest)[0], isToWrite: true }),
    threads: () => tell("do-threads"),
    follow: (rest) => this.#follow(rest, true),
    unfollow: (rest) => this.#follow(rest, false),
    title: (rest) => this.#title(...this.#thread(rest)),
    move: (rest) => tell("select-messages", this.#message(rest, this.#ownLast)[0]),
    file: () => part(this.composer, "input[type=file]", HTMLInputElement).click(),
    get: (rest) => this.#get(this.#message(rest, this.#all.findLast(({ files }) => files?.length))[0]),
    save: (rest) => this.#save(...this.#message(rest, this.#all.at(-1))),
    unsave: (rest) => tell("save-message", { what: "unsave", message: this.#message(rest, this.#all.at(-1))[0] }),
    saved: () => tell("do-saved"),
    pin: (rest) => tell("pin-message", { what: "pin", message: this.#message(rest, this.#all.at(-1))[0] }),
    unpin: (rest) => tell("pin-message", { what: "unpin", message: this.#message(rest, this.#all.at(-1))[0] }),
    pins: () => tell("do-pins"),
    poll: (rest) => tell("do-poll", rest),
    vote: (rest) => this.#vote(...this.#poll(rest)),
    votes: (rest) => this.#votes(this.#poll(rest)[0]),
    "close-poll": (rest) => this.#closePoll(this.#poll(rest, (message) => this.#chat.isOwn(message))[0]),
    emoji: () => tell("do-emoji"),
    react: (rest) => this.#react(...this.#message(rest, this.#all.at(-1))),
    edit: (rest) => this.#edit(...this.#message(rest, this.#ownLast)),
    delete: (rest) => tell("delete-message", this.#message(rest, this.#ownLast)[0]),
    name: (rest) => this.#ask("profile", { display_name: rest }),
    colour: (rest) => this.#ask("profile", { colour: needed(rest).toLowerCase() }),
    photo: (rest) => (rest.toLowerCase() === "none" ? this.#ask("photo", { file: "" }) : location.assign("/account")),
    status: (rest) => (rest ? this.#status(rest) : tell("do-status")),
    mute: (rest) => this.#mute(...first(rest)),
    kick: (rest) => this.#moderate("kick", ...first(rest)),
    ban: (rest) => this.#moderate("ban", ...first(rest)),
    unban: (rest) => this.#after("unban", only(rest), this.#ask("unban", { name: only(rest) })),
    notify: () => tell("do-settings"),
    later: (rest) => this.#later(rest),
    scheduled: () => tell("do-scheduled"),
    help: () => ({ text: "/" }),
    quit: () => /** @type {HTMLFormElement | null} */ (document.querySelector('form[action="/leave"]'))?.requestSubmit(),
  };

  /** @param {Chat} chat */
  attend(chat) {
    this.#chat = chat;
    this.#desk = new RoomDesk(chat.connection);
    this.#ofBots = new BotCommands(chat.connection, { now: Date.now, newId });
    document.addEventListener("do-command", (event) => {
      this.composer = elementOf(event).closest("message-composer") ?? part(document, ".write message-composer", MessageComposer);
      void this.#obey(/** @type {CustomEvent<Command>} */ (event).detail);
    });
  }

  /** Those that begin so: `{label, hint, insert}`.
      @param {string} begun */
  like(begun) {
    const names = Object.keys(this.#acts).filter((name) => name.startsWith(begun.toLowerCase()));
    return names.map((name) => ({ label: usage(name), hint: t(`command.${name}`), insert: `/${name}` }));
  }

  /** Those of bots that begin so, as the server says.
      @param {string} begun */
  async likeOfBots(begun) {
    const found = await this.#ofBots.like(this.#chat.current.name, begun);
    const others = found.filter(({ name }) => !Object.hasOwn(this.#acts, name));
    return others.map(({ name, hint = "", description = "", owner }) => ({
      label: `/${name} ${hint}`.trim(),
      hint: [description, this.#chat.people.shown(owner)].filter(Boolean).join(" · "),
      insert: `/${name}`,
    }));
  }

  /** What is unknown is asked about; what does not work stays where it was written.
      @param {Command} command */
  async #obey({ name, rest }) {
    const { composer } = this;
    const { room, field } = composer;
    const { value } = field;
    composer.done();
    const isOwn = Object.hasOwn(this.#acts, name);
    const { said, problem, text, isUnknown } = await (isOwn ? this.#outcome(name, rest) : this.#ofBot(composer, name, rest));
    const isBack = problem && composer.room === room && !field.value;
    if (isBack) composer.done(value);
    if (text) composer.insert(text);
    if (isUnknown && isBack) composer.askAbout(name);
    else if (said || problem) composer.note?.tell(said ?? (isBack ? problem : `${problem} ${value}`));
  }

  /** @param {MessageComposer} composer @param {string} name @param {string} rest @returns {Promise<OfBot>} */
  async #ofBot({ room, thread }, name, rest) {
    try {
      await this.#ofBots.run({ room: room.name, name, text: rest, ...(thread && { thread: thread.seq }) });
      return {};
    } catch (error) {
      return { problem: problemOf(error), isUnknown: error instanceof Refused && error.code === "not_found" };
    }
  }

  /** @param {string} name @param {string} rest @returns {Promise<OfBot>} */
  async #outcome(name, rest) {
    try {
      return (await this.#acts[name](rest)) ?? {};
    } catch (error) {
      if (!(error instanceof Misused)) return { problem: problemOf(error) };
      return { problem: error.message || t("command.usage", { usage: usage(name) }) };
    }
  }

  /** A time is picked in the dialog.
      @param {Message} message @param {string} when */
  #save(message, when) {
    if (when) tell("pick-reminder", message);
    else tell("save-message", { what: "save", message });
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

  /** Those with these numbers, or the last.
      @param {string} rest */
  #messages(rest) {
    const numbers = rest.split(/\s+/u).filter(Boolean);
    if (!numbers.every((number) => /^#[0-9]+$/u.test(number))) throw new Misused();
    const last = this.#all.findLast(({ poll }) => !poll);
    return numbers.length ? numbers.map((number) => this.#message(number, undefined)[0]) : [this.#message("", last)[0]];
  }

  /** A poll, or the last one of these, and the rest of the line.
      @param {string} rest @param {(message: Message) => boolean} isMeant @returns {[Message & { poll: Poll }, string]} */
  #poll(rest, isMeant = () => true) {
    const [message, more] = this.#message(rest, this.#all.findLast((each) => each.poll && isMeant(each)));
    const { poll } = message;
    if (!poll) throw new Misused(t("command.no-poll"));
    return [{ ...message, poll }, more];
  }

  /** The thread of a message, or that which went on last, and the rest of the line.
      @param {string} rest @returns {[{ room: string, thread: number }, string]} */
  #thread(rest) {
    const [message, more] = this.#message(rest, this.#all.findLast(({ replies }) => replies));
    return [{ room: message.room, thread: message.thread ?? message.seq }, more];
  }

  /** @param {string} rest @param {boolean} on */
  #follow(rest, on) {
    const [{ room, thread }] = this.#thread(rest);
    return this.#chat.threads.follow(room, thread, on);
  }

  /** @param {{ room: string, thread: number }} place @param {string} title */
  #title({ room, thread }, title) {
    return this.#chat.threads.name(room, thread, title.trim());
  }

  /** @param {Message} message */
  #get({ files = [] }) {
    if (!files.length) throw new Misused(t("command.no-file"));
    for (const { id, name } of files) {
      Object.assign(document.createElement("a"), { href: `/files/${id}/${encodeURIComponent(name)}`, download: name }).click();
    }
  }

  /** @param {Message} message @param {string} text */
  #reply({ seq }, text) {
    this.#chat.post(needed(text), { replyTo: seq });
  }

  /** @param {Message} message @param {string} text */
  #quote(message, text) {
    if (!message.text) throw new Misused(t("command.no-message"));
    this.#chat.post(`${quoted(message, sayingOf(this.#chat))}\n\n${needed(text)}`, this.composer.about(), this.composer.place);
  }

  /** Options by their numbers, or none.
      @param {Message & { poll: Poll }} message @param {string} typed */
  async #vote(message, typed) {
    const isNone = [t("command.vote.none"), "none"].includes(typed.trim().toLowerCase());
    const options = isNone ? [] : needed(typed).trim().split(/[\s,]+/u).map((number) => Number(number) - 1);
    if (!options.every((place) => place in message.poll.options)) throw new Misused();
    return (await filesPart.polls()).vote(this.#chat, message, options);
  }

  /** @param {Message} message */
  async #closePoll(message) {
    return (await filesPart.polls()).closePoll(this.#chat, message);
  }

  /** Who voted, where that is told; else how it stands.
      @param {Message & { poll: Poll }} message */
  async #votes(message) {
    const isTold = message.poll.votes?.names?.some((names) => names.length);
    if (!isTold) return this.#chat.show(message.room, message.seq);
    return (await filesPart.polls()).showVoters(this.#chat, message);
  }

  /** @param {string} rest @returns {Promise<Outcome>} */
  async #later(rest) {
    const [, quoted, word, text = ""] = /^(?:"([^"]+)"|(\S+))\s+([^]+)$/u.exec(rest) ?? [];
    const at = momentOf(quoted ?? word ?? "", new Date());
    if (!at) throw new Misused();
    return { said: await part(document, "send-later", SendLater).schedule(at, this.composer, needed(text)) };
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

  /** @param {string} rest @returns {Promise<Outcome>} */
  async #invite(rest) {
    const room = this.#chat.current;
    const names = await this.#names(rest);
    for (const name of names) await this.#desk.invite(room, name);
    return { said: t("command.done.invite", { name: names.join(", ") }) };
  }

  /** Names between spaces or commas. A name with spaces is in quotes, or between commas, or alone.
      @param {string} rest */
  async #names(rest) {
    const alone = only(rest);
    if (rest.includes(",")) return rest.split(",").filter((part) => part.trim()).map((part) => only(part.trim()));
    const names = Array.from(rest.matchAll(/@?(?:"([^"]+)"|([^\s"@][^\s"]*))/gu), ([, quoted, plain]) => quoted ?? plain);
    if (names.length < 2 || rest.includes('"')) return [needed(names[0] ?? ""), ...names.slice(1)];
    const isOne = alone.length <= NAME_CHARACTERS && (await this.#chat.connection.request("people", { names: [alone] })).people.length > 0;
    return isOne ? [alone] : names;
  }

  /** @param {string} name @returns {Promise<Outcome>} */
  async #whois(name) {
    const { people } = await this.#chat.connection.request("people", { names: [name] });
    const [found] = people;
    if (!found) throw new Misused(t("command.nobody", { name }));
    const role = isSaid(`role.${found.role}`) ? t(`role.${found.role}`) : found.role;
    const what = found.owner ? t("card.bot-of", { name: found.owner }) : role;
    return { said: [found.display_name, `@${found.name}`, what].filter(Boolean).join(" · ") };
  }

  /** A state, or a status. What one is by what one does cannot be said; busy can.
      @param {string} rest @returns {Promise<Outcome>} */
  async #status(rest) {
    const state = rest.toLowerCase();
    if (["online", "idle", "away", "busy"].includes(state)) {
      this.#chat.presence.isBusy = state === "busy";
      if (state === "idle" || state === "away") await this.#ask("status", { state });
      return;
    }
    const wanted = CLEARING.includes(state) ? { text: "" } : statusTyped(rest, new Date());
    if (!wanted) throw new Misused();
    const { status } = await this.#chat.connection.request("status", wanted);
    if (!status) return { said: t("statuses.cleared") };
    return { said: t("statuses.now", { status: `${status.emoji ?? ""} ${statusInWords(status, new Date())}`.trim() }) };
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

  /** @param {"photo" | "profile" | "status" | "mute" | "kick" | "ban" | "unban"} event @param {any} payload what was typed, which the
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
