/* <place-name>: what the chat is called, and no offer of what its admins keep for others. */

class PlaceName extends HTMLElement {
  /** @param {import("../../models/chat.js").Chat} chat */
  attend({ place }) {
    const show = () => {
      this.textContent = place.name;
      for (const button of document.querySelectorAll("[data-shortcut=create-room]")) {
        button.toggleAttribute("hidden", !place.mayMakeRooms);
      }
    };
    place.on("changed", show);
    show();
  }
}

customElements.define("place-name", PlaceName);
