/* <room-files>: all files of a room, in its details: pictures side by side, the others as a list. */

import { endingOf, fileUrl, kindOf, previewUrl, sizeInWords } from "../../lib/files/files.js";
import { drawn, drawnButton, node } from "../../lib/page/nodes.js";
import { around, opensElsewhere } from "../../lib/page/parts.js";
import { dayName } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { FilesOfRoom } from "../../models/files/room-files.js";
import { FileViewer } from "./file-viewer.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Found, Kind } from "../../models/files/room-files.js" */

const THUMB_PX = { width: 112, height: 112 };
/** @type {Record<string, Kind | undefined>} */
const KINDS = { pictures: "image", documents: "document", all: undefined };

export class RoomFiles extends HTMLElement {
  /** @type {Chat} */
  static chat;
  /** @type {FileViewer} */
  static viewer;

  choice = node("div", { className: "files-kinds", role: "group" });
  list = node("ul", { className: "files-list" });
  note = node("p", { className: "hint", role: "status" });
  again = node("button", { type: "button", className: "button small", hidden: true });
  end = node("div", { className: "files-end" });
  /** @type {Room} */
  #room;
  #kind = "pictures";
  #nearEnd = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.#files?.loadMore(), {
    rootMargin: "200px",
  });
  /** @type {FilesOfRoom | null} */
  #files = null;

  /** @param {Chat} chat @param {FileViewer} viewer */
  static begin(chat, viewer) {
    Object.assign(RoomFiles, { chat, viewer });
  }

  connectedCallback() {
    this.choice.ariaLabel = t("files.kinds");
    this.choice.append(...Object.keys(KINDS).map(choiceOf));
    this.again.textContent = t("try-again");
    this.append(this.choice, this.list, this.note, this.again, this.end);
    this.choice.addEventListener("click", (event) => this.#choose(around(event, "button")?.getAttribute("data-kind")));
    this.again.addEventListener("click", () => this.#files?.loadMore() ?? this.#begin());
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Room} room */
  show(room) {
    this.#room = room;
    this.#begin();
  }

  /** @param {string | null | undefined} kind */
  #choose(kind) {
    if (!kind || kind === this.#kind) return;
    this.#kind = kind;
    this.#begin();
  }

  #begin() {
    for (const button of this.choice.querySelectorAll("button")) button.ariaPressed = String(button.dataset.kind === this.#kind);
    this.list.replaceChildren();
    const files = new FilesOfRoom(RoomFiles.chat.connection, this.#room.name, KINDS[this.#kind]);
    this.#files = files;
    files.on("changed", () => files === this.#files && this.#showFound());
    files.begin();
  }

  #showFound() {
    const { found, state, problem, more } = /** @type {FilesOfRoom} */ (this.#files);
    const isGrid = this.#kind === "pictures";
    this.list.classList.toggle("grid", isGrid);
    const items = found.slice(this.list.childElementCount);
    this.list.append(...items.map((each) => (isGrid ? tile(each) : this.#row(each))));
    const isEmpty = state === "done" && found.length === 0;
    this.note.textContent = isEmpty ? t(`files.none.${this.#kind}`) : { loading: found.length ? "" : t("log.loading"), done: "", failed: problem }[state];
    this.again.hidden = state !== "failed";
    this.end.hidden = !more;
    this.#nearEnd.disconnect();
    if (state === "done") this.#nearEnd.observe(this.end); // Anew: it may be in sight still.
  }

  /** @param {Found} found */
  #row({ seq, sender, at, file }) {
    const facts = [sizeInWords(file.bytes), RoomFiles.chat.people.shown(sender), dayName(at)].join(" · ");
    const name = node("a", { className: "file-name", href: fileUrl(file), target: "_blank", title: file.name, dir: "auto" }, file.name);
    if (FileViewer.sees(file)) name.dataset.file = file.id;
    const says = t("file.download", { name: file.name });
    const download = node("a", { className: "button quiet square", href: fileUrl(file), download: file.name, ariaLabel: says, title: says }, drawn("download"));
    const go = drawnButton("message", t("viewer.message"), "message");
    go.dataset.seq = String(seq);
    return node(
      "li",
      { className: "files-row" },
      node("span", { className: "file-ending", ariaHidden: "true" }, endingOf(file.name) || "···"),
      node("div", { className: "files-about" }, name, node("span", { className: "file-size" }, facts)),
      go,
      download,
    );
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const seq = around(event, "[data-seq]")?.getAttribute("data-seq");
    if (seq) return void this.#goTo(Number(seq));
    const id = around(event, "[data-file]")?.getAttribute("data-file");
    if (!id || opensElsewhere(event)) return;
    event.preventDefault();
    const all = this.#files?.found.map((found) => ({ ...found, room: this.#room.name })) ?? [];
    RoomFiles.viewer.open(all, id);
  }

  /** @param {number} seq */
  async #goTo(seq) {
    this.closest("dialog")?.close();
    try {
      await RoomFiles.chat.show(this.#room.name, seq);
    } catch (error) {
      ignoreUnanswered(error); // The connection's banner says why.
    }
  }
}

/** @param {string} kind */
function choiceOf(kind) {
  const button = node("button", { type: "button", className: "button small files-kind" }, t(`files.kind.${kind}`));
  button.dataset.kind = kind;
  return button;
}

/** @param {Found} found */
function tile({ file }) {
  const image = node("img", { ...THUMB_PX, loading: "lazy", alt: file.alt ?? "", src: previewUrl(file) });
  const link = node("a", { className: "files-tile", href: fileUrl(file), target: "_blank", title: file.alt || file.name, ariaLabel: t("file.view", { name: file.alt || file.name }) }, image);
  if (kindOf(file) === "picture") link.dataset.file = file.id;
  return node("li", {}, link);
}

customElements.define("room-files", RoomFiles);
