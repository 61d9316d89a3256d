/* The full view of pictures, pages and texts: a dialog over the page. Arrows, Home and End go to the others;
   two fingers, the wheel with Ctrl, + and - make it larger, 0 as large as the screen again; a swipe goes on,
   or down and out. Escape closes it, and the focus is where it was. */

import { fileUrl, kindOf, previewUrl, sizeInWords } from "../../lib/files/files.js";
import { drawn, drawnButton, node } from "../../lib/page/nodes.js";
import { clockOf, dayName } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { colour, linesOf } from "./file-card.js";
import { Zoom } from "./zoom.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { FileInfo, Shown } from "../../types.js" */

/** A file, and where it was sent.
    @typedef {{ file: FileInfo, room: string, seq: number, sender: string, at: string }} Sent */

const SEEN = new Set(["picture", "page", "text"]);

export class FileViewer {
  stage = node("div", { className: "viewer-stage", tabIndex: -1 });
  title = node("h2", { className: "viewer-title", dir: "auto" });
  facts = node("p", { className: "viewer-facts" });
  place = node("p", { className: "viewer-place", role: "status" });
  alt = node("p", { className: "viewer-alt", dir: "auto" });
  previous = drawnButton("previous", t("viewer.previous"), "previous");
  next = drawnButton("next", t("viewer.next"), "next");
  link = node("a", { className: "button quiet square", ariaLabel: t("viewer.download"), title: t("viewer.download") }, drawn("download"));
  message = drawnButton("message", t("viewer.message"), "message");
  dialog = this.#frame();
  zoom = new Zoom(this.stage, {
    swiped: (along, down) => this.#swiped(along, down),
  });
  /** @type {Sent[]} */
  #all = [];
  #at = 0;

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    document.body.append(this.dialog);
  }

  /** Whether there is more to see of a file than its name.
      @param {FileInfo} file */
  static sees(file) {
    return SEEN.has(kindOf(file));
  }

  /** Opens one of the files of a message: among the others that the room has on the page, or, in a thread,
      among those of the message.
      @param {Shown} message @param {string} id */
  openAmong({ room, seq, ...message }, id) {
    const timeline = this.chat.rooms.get(room)?.timeline;
    const messages = seq && timeline?.find(seq) ? timeline.messages : [{ ...message, seq: seq ?? 0 }];
    const all = messages.flatMap(({ files = [], seq, sender, at }) => files.map((file) => ({ file, room, seq, sender, at })));
    this.open(all, id);
  }

  /** @param {Sent[]} all @param {string} id */
  open(all, id) {
    this.#all = all.filter(({ file }) => FileViewer.sees(file));
    const at = this.#all.findIndex(({ file }) => file.id === id);
    if (at < 0) return;
    this.#show(at);
    this.dialog.showModal();
    this.stage.focus();
  }

  #frame() {
    const close = drawnButton("close", t("close"), "close");
    const head = node(
      "div",
      { className: "viewer-head" },
      node("div", { className: "viewer-what" }, this.title, this.facts),
      this.place,
      this.message,
      this.link,
      close,
    );
    const dialog = node("dialog", { className: "viewer", ariaLabel: t("viewer.title") }, head, this.previous, this.stage, this.next, this.alt);
    dialog.addEventListener("keydown", (event) => this.#keyed(event));
    dialog.addEventListener("close", () => this.stage.replaceChildren());
    close.addEventListener("click", () => dialog.close());
    this.previous.addEventListener("click", () => this.#go(this.#at - 1));
    this.next.addEventListener("click", () => this.#go(this.#at + 1));
    this.message.addEventListener("click", () => this.#openMessage());
    return dialog;
  }

  /** @param {number} at */
  #go(at) {
    if (at >= 0 && at < this.#all.length && at !== this.#at) this.#show(at);
  }

  /** @param {number} at */
  #show(at) {
    this.#at = at;
    const { file, sender, at: time } = this.#all[at];
    this.title.textContent = file.name;
    this.facts.textContent = [this.chat.people.shown(sender), `${dayName(time)}, ${clockOf(time)}`, sizeInWords(file.bytes)].join(" · ");
    this.place.textContent = this.#all.length > 1 ? t("viewer.place", { number: at + 1, all: this.#all.length }) : "";
    this.alt.textContent = file.alt ?? "";
    Object.assign(this.link, { href: fileUrl(file), download: file.name });
    const isFocused = document.activeElement === this.previous || document.activeElement === this.next;
    this.previous.disabled = at === 0;
    this.next.disabled = at === this.#all.length - 1;
    if (isFocused && document.activeElement === document.body) this.stage.focus();
    this.stage.replaceChildren(this.#seen(file));
    this.zoom.begin(kindOf(file) === "text" ? null : this.stage.firstElementChild);
    this.#fetchBeside();
  }

  /** @param {FileInfo} file */
  #seen(file) {
    if (kindOf(file) === "text") {
      const code = node("code");
      const text = node("pre", { className: "viewer-text", tabIndex: 0 }, code);
      this.#fillIn(code, file);
      return node("div", { className: "viewer-paper" }, text);
    }
    const { width, height } = file;
    const image = node("img", { className: "viewer-picture", src: sourceOf(file), alt: file.alt ?? file.name, draggable: false });
    if (width && height) Object.assign(image, { width, height });
    return image;
  }

  /** @param {HTMLElement} code @param {FileInfo} file */
  async #fillIn(code, file) {
    code.textContent = (await linesOf(file)) ?? t("viewer.no-text");
    await colour(code, file.name);
  }

  /** The next one is there when one goes on. */
  #fetchBeside() {
    const next = this.#all[this.#at + 1]?.file;
    if (next && kindOf(next) !== "text") new Image().src = sourceOf(next);
  }

  async #openMessage() {
    const { room, seq } = this.#all[this.#at];
    this.dialog.close();
    for (const open of document.querySelectorAll("dialog[open]")) if (open instanceof HTMLDialogElement) open.close();
    try {
      await this.chat.show(room, seq);
    } catch (error) {
      ignoreUnanswered(error); // The connection's banner says why.
    }
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    const isReading = event.target instanceof Element && event.target.matches("pre");
    /** @type {Record<string, () => void>} */
    const steps = {
      ArrowLeft: () => this.#go(this.#at - turned),
      ArrowRight: () => this.#go(this.#at + turned),
      Home: () => this.#go(0),
      End: () => this.#go(this.#all.length - 1),
      "+": () => this.zoom.by(1.5),
      "-": () => this.zoom.by(1 / 1.5),
      "0": () => this.zoom.reset(),
    };
    const step = steps[event.key];
    if (!step || (isReading && !event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  }

  /** @param {number} along -1, 0 or 1, to where a line ends @param {boolean} down */
  #swiped(along, down) {
    if (down) this.dialog.close();
    else this.#go(this.#at - along * (document.documentElement.dir === "rtl" ? -1 : 1));
  }
}

/** @param {FileInfo} file */
function sourceOf(file) {
  return previewUrl(file, { isFull: true });
}
