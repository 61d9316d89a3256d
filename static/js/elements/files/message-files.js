/* <message-files>: the files of one message, or of what is to become one. Pictures side by side in the place
   that their size reserves; sound and film play where they stand; of a document the first page, of a text
   the first lines; anything else by name. The server renders the same outlines: templates/_files.html. */

import { fileUrl, kindOf, isMovingWebp, placeOf, previewUrl } from "../../lib/files/files.js";
import { node, drawnButton } from "../../lib/page/nodes.js";
import { around, opensElsewhere } from "../../lib/page/parts.js";
import { drawPicture } from "../../lib/files/pictures.js";
import { t } from "../../lib/text/words.js";
import { fileCard, showLines } from "./file-card.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Upload, Uploads } from "../../models/files/uploads.js" */
/** @import { FileInfo } from "../../types.js" */
/** @import { FileViewer } from "./file-viewer.js" */
/** @import { MessageRow } from "../message/message-row.js" */

/** One of a message, or one that is on its way to be.
    @typedef {Partial<FileInfo> & Pick<FileInfo, "name" | "type" | "bytes"> & { upload?: Upload }} Shown */

const HEADER_BYTES = 32;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class MessageFiles extends HTMLElement {
  /** @type {Chat} */
  static chat;
  /** @type {Uploads} */
  static uploads;
  /** @type {FileViewer} */
  static viewer;
  /** @type {MessageRow["message"]} */
  message;
  #drawn = "";

  /** @param {Chat} chat @param {Uploads} uploads @param {FileViewer} viewer */
  static begin(chat, uploads, viewer) {
    Object.assign(MessageFiles, { chat, uploads, viewer });
    uploads.on("changed", ({ upload }) => {
      for (const each of document.querySelectorAll("message-files")) {
        if (each instanceof MessageFiles && each.message?.uploads?.includes(upload.key)) each.#showProgress(upload);
      }
    });
  }

  connectedCallback() {
    this.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {MessageRow} row */
  show({ message }) {
    this.message = message;
    const files = this.#files;
    const drawn = files.map(({ id, alt, upload }) => `${upload?.key ?? id} ${alt}`).join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const pictures = files.filter((file) => kindOf(file) === "picture");
    const others = files.filter((file) => kindOf(file) !== "picture");
    this.#showPictures(pictures);
    for (const card of this.querySelectorAll(":scope > :not(.pictures)")) card.remove();
    for (const text of [...this.childNodes]) if (text.nodeType === Node.TEXT_NODE) text.remove();
    this.append(...others.map((file) => this.#card(file)));
  }

  /** @returns {Shown[]} */
  get #files() {
    const { files, uploads = [] } = this.message;
    if (files) return files;
    return uploads.flatMap((key) => {
      const upload = MessageFiles.uploads.get(key);
      return upload ? [{ ...upload, id: undefined, upload }] : [];
    });
  }

  // Pictures

  /** Those that stand there already, the server's or what was drawn before it had them, stay until the new
      ones have come.
      @param {Shown[]} pictures */
  #showPictures(pictures) {
    const there = this.querySelector(".pictures");
    if (pictures.length === 0) return there?.remove();
    const grid = there ?? node("div");
    grid.className = pictures.length > 1 ? "pictures several" : "pictures";
    const before = [...grid.children];
    grid.replaceChildren(...pictures.map((file, index) => this.#picture(file, pictures.length === 1, before[index])));
    if (!there) this.prepend(grid);
  }

  /** @param {Shown} file @param {boolean} isAlone @param {Element} [before] what stood in its place */
  #picture(file, isAlone, before) {
    if (file.upload) return this.#pendingPicture(file, file.upload, isAlone);
    const info = /** @type {FileInfo} */ (file);
    const known = before?.querySelector("img");
    const isKnown = known?.getAttribute("src") === previewUrl(info);
    const { width, height } = placeOf(info, isAlone);
    const image = isKnown ? known : node("img", { loading: "lazy", src: this.#sourceOf(info) });
    Object.assign(image, { width, height });
    image.alt = info.alt ?? "";
    const link = node("a", { className: "picture", href: fileUrl(info), target: "_blank", title: info.alt || info.name }, image);
    link.dataset.file = info.id;
    link.ariaLabel = t("file.view", { name: info.alt || info.name });
    const canvas = before?.querySelector("canvas");
    if (canvas) this.#holdUntilLoaded(canvas, image, link);
    if (info.type === "image/gif") this.#letMove(info, link, image);
    if (info.type === "image/webp") this.#letMoveIfItDoes(info, link, image);
    return link;
  }

  /** @param {FileInfo} info */
  #sourceOf(info) {
    return previewUrl(info, { isFull: info.type === "image/gif" && !calm.matches });
  }

  /** @param {HTMLCanvasElement} canvas @param {HTMLImageElement} image @param {HTMLElement} link */
  #holdUntilLoaded(canvas, image, link) {
    link.append(canvas);
    for (const end of ["load", "error"]) image.addEventListener(end, () => canvas.remove(), { once: true });
    image.loading = "eager";
  }

  /** @param {Shown} file @param {Upload} upload @param {boolean} isAlone */
  #pendingPicture(file, upload, isAlone) {
    const place = placeOf(file, isAlone);
    const canvas = node("canvas", place);
    canvas.style.inlineSize = `${place.width}px`;
    canvas.role = "img";
    canvas.ariaLabel = upload.alt || upload.name;
    const bar = node("progress", { max: 1 });
    bar.ariaLabel = t("upload.progress", { name: upload.name });
    const picture = node("span", { className: "picture" }, canvas, bar);
    picture.dataset.key = upload.key;
    MessageFiles.uploads.blobOf(upload.key).then((blob) => drawPicture(canvas, blob, place));
    showHowFar(picture, upload);
    return picture;
  }

  // Pictures that move

  /** @param {FileInfo} info @param {HTMLElement} link @param {HTMLImageElement} image */
  async #letMoveIfItDoes(info, link, image) {
    try {
      const answer = await fetch(fileUrl(info), { headers: { Range: `bytes=0-${HEADER_BYTES - 1}` } });
      const bytes = answer.status === 206 ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array();
      if (bytes.length >= HEADER_BYTES && isMovingWebp(bytes)) this.#letMove(info, link, image);
    } catch {
      // The network is away: it stands still.
    }
  }

  /** For those who want nothing to move, it does when they press a button.
      @param {FileInfo} info @param {HTMLElement} link @param {HTMLImageElement} image */
  #letMove(info, link, image) {
    const moving = previewUrl(info, { isFull: true });
    if (!calm.matches) return void (image.src = moving);
    const button = drawnButton("play", t("file.play"), "play");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const isMoving = image.getAttribute("src") === moving;
      image.src = isMoving ? previewUrl(info) : moving;
      button.replaceWith(this.#playButton(button, !isMoving));
    });
    link.after(button);
    link.append(button);
  }

  /** @param {HTMLButtonElement} button @param {boolean} isMoving */
  #playButton(button, isMoving) {
    const name = t(isMoving ? "file.pause" : "file.play");
    Object.assign(button, { ariaLabel: name, title: name });
    button.replaceChildren(...drawnButton(isMoving ? "pause" : "play", name, "play").childNodes);
    return button;
  }

  // Others

  /** @param {Shown} file */
  #card(file) {
    const card = fileCard(file);
    if (file.upload) {
      card.dataset.key = file.upload.key;
      card.append(node("progress", { max: 1, ariaLabel: t("upload.progress", { name: file.name }) }));
      showHowFar(card, file.upload);
    } else if (card.dataset.kind === "text") {
      showLines(card, /** @type {FileInfo} */ (file));
    }
    return card;
  }

  /** @param {Upload} upload */
  #showProgress(upload) {
    const place = this.querySelector(`[data-key="${upload.key}"]`);
    if (place instanceof HTMLElement) showHowFar(place, upload);
  }

  // Pressed

  /** @param {MouseEvent} event */
  #pressed(event) {
    const id = around(event, "[data-file]")?.getAttribute("data-file");
    if (!id || opensElsewhere(event)) return;
    event.preventDefault();
    MessageFiles.viewer.openAmong(this.message, id);
  }
}

/** @param {HTMLElement} place @param {Upload} upload */
function showHowFar(place, { state, sent = 0, bytes }) {
  place.dataset.state = state;
  const bar = place.querySelector("progress");
  if (!bar) return;
  bar.value = state === "done" ? 1 : bytes > 0 ? sent / bytes : 0;
  bar.hidden = state === "done" || state === "failed" || state === "lacking";
}

customElements.define("message-files", MessageFiles);
