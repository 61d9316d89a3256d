/* <message-composer>: where one writes. Enter sends, Shift-Enter breaks the line. What is being
   written belongs to its room: it is still there after a look into another room, or a reload.
   A text that is too long is kept, and says by how much. */

import { excessBytes } from "../lib/texts.js";

const WARN_BELOW_BYTES = 1024;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

class MessageComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.querySelector("textarea");
    this.button = this.querySelector("button");
    this.problem = this.querySelector(".problem");
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    this.field.addEventListener("keydown", (event) => this.#keyed(event));
  }

  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#open());
    this.#open({ focus: false });
  }

  #open({ focus = true } = {}) {
    const { current, memory } = this.chat;
    if (this.room !== current) {
      this.room = current;
      this.field.value = memory.get(this.#draftKey, "");
    }
    this.field.placeholder = this.field.ariaLabel = `Message ${current.title}`;
    this.#check();
    if (focus && matchMedia("(hover: hover)").matches) this.field.focus();
  }

  #written() {
    this.#check();
    this.#keepDraft();
    if (this.field.value.trim()) this.chat.typed();
  }

  #keyed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #submitted(event) {
    event.preventDefault();
    const text = this.field.value;
    if (!text.trim() || excessBytes(text) > 0) return;
    this.field.value = "";
    this.#check();
    this.#keepDraft();
    this.chat.post(text);
    this.field.focus();
  }

  #check() {
    const text = this.field.value;
    const excess = excessBytes(text);
    this.field.setAttribute("aria-invalid", excess > 0);
    this.button.disabled = !text.trim() || excess > 0;
    this.problem.textContent = lengthProblem(excess);
    this.problem.classList.toggle("hint", excess <= 0);
    if (!GROWS_BY_ITSELF) this.#grow();
  }

  #grow() {
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight}px`;
  }

  get #draftKey() {
    return `draft.${this.chat.me}.${this.room.name}`;
  }

  #keepDraft() {
    if (this.field.value) this.chat.memory.put(this.#draftKey, this.field.value);
    else this.chat.memory.forget(this.#draftKey);
  }
}

function lengthProblem(excess) {
  if (excess > 0) return `Too long to send, by ${excess.toLocaleString()} bytes. Nothing is lost.`;
  if (-excess < WARN_BELOW_BYTES) return `${(-excess).toLocaleString()} bytes left.`;
  return "";
}

customElements.define("message-composer", MessageComposer);
