/* What the page's files hand to each other, for the type checker; nothing of it runs. The values
   that go over the wire are in wire.d.ts, which is made from the server's. */

import type { Emitter } from "./lib/browser/emitter.js";
import type * as wire from "./wire.js";

export type Message = wire.Message;
export type RoomInfo = wire.RoomInfo;
export type FileInfo = wire.FileInfo;
export type LinkPreview = wire.LinkPreview;
export type Profile = wire.Profile;
export type State = RoomInfo["states"][string];

/** An event of a room, as it comes, or before the log has it: then it has no number. */
export type RoomEvent = Partial<wire.Event> & Pick<wire.Event, "type" | "sender">;
/** One that is in the log. */
export type LoggedEvent = wire.Event & Partial<Message>;

/** How far a person has read a room. */
export type Mark = Pick<RoomInfo, "read" | "unread" | "mentions">;
/** How one stands to a thread: read up to there, and what is new in it. */
export type ThreadMark = wire.ThreadMark;
/** A thread as the list of those that one follows has it. */
export type ThreadInfo = wire.ThreadInfo;
export type Presence = wire.PresenceChange;

/** Each event that is asked of the server: what is sent, and what a kind answer has. */
export type Requests = { [E in Exclude<keyof wire.Answers, "typing">]: [wire.Requests[E], wire.Answers[E]] };

/** What the connection tells; docs/protocol.md has the events. */
export type ConnectionNews = {
  online: void;
  offline: void;
  ended: { reason?: string };
  refused: wire.Problem;
  event: { name: string; payload: any }; // Anything: what it is, its name says.
};

/** What the models need of a connection; connection.js, or a test's. */
export interface Connection extends Emitter<ConnectionNews> {
  request<E extends keyof Requests>(event: E, payload: Requests[E][0]): Promise<Requests[E][1]>;
  emit(event: "typing", payload: wire.Requests["typing"]): void;
}

/** What was written and is not in the log yet. */
export interface Item extends Pick<Message, "sender" | "room" | "text" | "at" | "reply_to" | "thread" | "also_to_room"> {
  cid: string;
  place: number;
  state: "waiting" | "sending" | "failed";
  reason?: string;
  /** What it has of files, as models/files/uploads.js knows them. */
  uploads?: string[];
}

/** What stands on the page: a message, or what is to become one. */
export type Shown = Omit<Message, "seq"> & Partial<Pick<Message, "seq"> & Pick<Item, "state" | "reason" | "uploads">>;

/** Calls a step later; gives what calls it off. */
export type Later = (step: () => void, seconds: number) => () => void;
export type Now = () => Date;

/* Scripts that are no modules leave themselves here. */
declare global {
  var DOMPurify: typeof import("dompurify").default;
  var katex: typeof import("katex").default;
  var markdownit: typeof import("markdown-it").default;
  var tus: typeof import("tus-js-client");
}
