/* <first-steps>: says hello where one writes, and is done with that when something was said. Loaded with
   templates/_first_steps.html, which is only for a new owner. */

class FirstSteps extends HTMLElement {
  connectedCallback() {
    const hello = this.querySelector("[data-do=hello]");
    const field = document.querySelector("message-composer textarea");
    const list = document.querySelector("message-log .messages");
    if (!hello || !list || !(field instanceof HTMLElement)) return;
    hello.addEventListener("click", () => field.focus());
    const look = () => list.querySelector("[data-seq]") && hello.closest("li")?.classList.add("is-done");
    new MutationObserver(look).observe(list, { childList: true, subtree: true, attributeFilter: ["data-seq"] });
    look();
  }
}

customElements.define("first-steps", FirstSteps);
