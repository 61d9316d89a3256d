/* <photo-field>: one's own photo on the page of one's account: choose another one, or none. The
   picture is uploaded, and then it is one's photo. */

import { part } from "../../lib/page/parts.js";

class PhotoField extends HTMLElement {
  #choose = part(this, "[data-do=choose]", HTMLButtonElement);
  #remove = part(this, "[data-do=remove]", HTMLButtonElement);
  #file = part(this, "input[type=file]", HTMLInputElement);
  #problem = part(this, ".problem");
  #token = part(this, "input[name=csrf_token]", HTMLInputElement).value;

  connectedCallback() {
    this.#choose.disabled = this.#remove.disabled = false;
    this.#choose.addEventListener("click", () => this.#file.click());
    this.#remove.addEventListener("click", () => this.#change(async () => ""));
    this.#file.addEventListener("change", () => {
      const [picture] = this.#file.files ?? [];
      if (picture) this.#change(() => this.#upload(picture));
    });
  }

  /** @param {() => Promise<string>} file the id of what was uploaded; "" is no photo */
  async #change(file) {
    this.#problem.hidden = true;
    this.#choose.disabled = this.#remove.disabled = true;
    this.ariaBusy = "true";
    try {
      await this.#ask("/api/v1/photo", JSON.stringify({ file: await file() }), "application/json");
      location.reload();
    } catch (error) {
      this.#problem.textContent = error instanceof Refusal ? error.message : (this.dataset.failed ?? "");
      this.#problem.hidden = false;
      this.#choose.disabled = this.#remove.disabled = false;
      this.ariaBusy = null;
      this.#file.value = "";
    }
  }

  /** @param {File} picture */
  async #upload(picture) {
    const address = `/api/v1/files?name=${encodeURIComponent(picture.name)}`;
    const { files } = await this.#ask(address, picture, "application/octet-stream");
    return files[0].id;
  }

  /** @param {string} address @param {BodyInit} body @param {string} type */
  async #ask(address, body, type) {
    const headers = { "X-CSRF-Token": this.#token, "Content-Type": type };
    const answer = await fetch(address, { method: "POST", headers, body });
    const said = await answer.json();
    if (!answer.ok) throw new Refusal(said.error?.message ?? "");
    return said;
  }
}

/** What the server said against it. */
class Refusal extends Error {}

customElements.define("photo-field", PhotoField);
