/* <language-switch>: the page in the other language, where there are no settings yet. */

import { speak } from "../../lib/page/language.js";
import { part } from "../../lib/page/parts.js";

class LanguageSwitch extends HTMLElement {
  connectedCallback() {
    const button = part(this, "button");
    button.addEventListener("click", () => speak(button.dataset.language ?? ""));
  }
}

customElements.define("language-switch", LanguageSwitch);
