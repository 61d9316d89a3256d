/* What one does to messages that are there: edit, delete, react.

   A reaction shows at once and is taken back if the server refuses. An edit and a deletion wait
   for the answer: nobody's text is lost in between. All throw Refused or Lost. */

const LOOKS_AFTER_THE_PLACE = new Set(["admin", "owner"]);

export class Changes {
  /* `receive(room, events)` takes what the server answers. */
  constructor({ connection, me, role, receive }) {
    Object.assign(this, { connection, me, role, receive });
  }

  mayEdit(message) {
    return Boolean(message.seq) && !message.deleted_by && message.sender === this.me;
  }

  mayDelete(message) {
    const isOwn = message.sender === this.me;
    return Boolean(message.seq) && !message.deleted_by && (isOwn || LOOKS_AFTER_THE_PLACE.has(this.role));
  }

  mayReact(message) {
    return Boolean(message.seq) && !message.deleted_by;
  }

  edit(room, seq, text) {
    return this.#change(room, "edit", { seq, text });
  }

  delete(room, seq) {
    return this.#change(room, "delete", { seq });
  }

  /** Gives a reaction, or takes it back if one has given it. */
  async toggle(room, seq, emoji) {
    const names = room.timeline.find(seq)?.reactions?.[emoji] ?? [];
    const on = !names.includes(this.me);
    this.#foresee(room, seq, emoji, on);
    try {
      await this.#change(room, "react", { seq, emoji, on });
    } catch (error) {
      this.#foresee(room, seq, emoji, !on);
      throw error;
    }
  }

  #foresee(room, target, emoji, on) {
    room.timeline?.foresee({ type: "react", target, emoji, on, sender: this.me });
  }

  async #change(room, what, payload) {
    const { event } = await this.connection.request(what, { room: room.name, ...payload });
    if (event) this.receive(room, [{ type: what, ...event }]);
  }
}
