/* What goes over the wire. Made from chatapp/wire.py by `python -m tools.wire_types`; what is
   changed here by hand is lost. */

export interface Event {
  room: string;
  seq: number;
  sender: string;
  at: string;
  type?: "delete" | "edit" | "message" | "react";
  text?: string;
  cid?: string;
  reply_to?: number;
  target?: number;
  emoji?: string;
  on?: boolean;
  erased_at?: string;
}

export interface Message {
  room: string;
  seq: number;
  sender: string;
  text: string;
  at: string;
  cid?: string;
  reply_to?: number;
  edited_at?: string;
  deleted_by?: string;
  erased_at?: string;
  reactions?: Record<string, string[]>;
}

export interface RoomInfo {
  name: string;
  title: string;
  kind: "direct" | "private" | "public";
  topic: string;
  read_only: boolean;
  archived: boolean;
  slow_seconds: number;
  invited: string[];
  head: number;
  epoch: string;
  joined: boolean;
  count: number;
  members: string[];
  states: Record<string, "away" | "busy" | "idle" | "online">;
  read: number | null;
  unread: number;
  mentions: number;
  level: "all" | "mentions" | "nothing";
  favourite: boolean;
  place: number | null;
  may_change: boolean;
}

export interface Profile {
  name: string;
  role?: "admin" | "bot" | "guest" | "member" | "owner";
  display_name?: string;
  colour?: "amber" | "blue" | "green" | "red" | "rose" | "slate" | "teal" | "violet";
  state?: "away" | "busy" | "idle" | "online";
  last_seen?: string;
}

export interface ReadOnlyMode {
  on: boolean;
  reason?: string;
}

export interface Problem {
  code: string;
  message: string;
  retry_after?: number;
}

export interface Arrange {
  rooms: string[];
}

export interface Ban {
  name?: string;
  address?: string;
  seconds?: number;
  reason?: string;
}

export interface ChangeProfile {
  display_name?: string;
  colour?: "amber" | "blue" | "green" | "red" | "rose" | "slate" | "teal" | "violet" | "";
}

export interface Create {
  room?: string;
  title?: string;
  kind?: "direct" | "private" | "public";
  members?: string[];
}

export interface Delete {
  room: string;
  seq: number;
}

export interface Edit {
  room: string;
  seq: number;
  text: string;
}

export interface Invite {
  room: string;
  name: string;
}

export interface Join {
  room: string;
}

export interface Kick {
  name: string;
  reason: string;
}

export interface Leave {
  room: string;
}

export interface ListPeople {
  names?: string[];
  room?: string;
  query?: string;
  limit?: number;
}

export interface ListRooms {
}

export interface Mute {
  name: string;
  seconds: number;
  reason?: string;
}

export interface Post {
  text: string;
  room?: string;
  cid?: string;
  reply_to?: number;
}

export interface Prefs {
  room: string;
  level?: "all" | "mentions" | "nothing";
  favourite?: boolean;
}

export interface React {
  room: string;
  seq: number;
  emoji: string;
  on: boolean;
}

export interface Read {
  room: string;
  seq: number;
  back?: boolean;
}

export interface ReadHistory {
  room: string;
  before?: number;
  after?: number;
  around?: number;
  since?: string;
  limit?: number;
}

export interface ReadVersions {
  room: string;
  seq: number;
}

export interface Remove {
  room: string;
  name: string;
}

export interface Resume {
  room: string;
  epoch: string;
  after: number;
}

export interface Search {
  query: string;
  room?: string;
  before?: number;
  limit?: number;
}

export interface Status {
  state: "away" | "busy" | "idle" | "online";
}

export interface Typing {
  room: string;
}

export interface Update {
  room: string;
  title?: string;
  topic?: string;
  read_only?: boolean;
  archived?: boolean;
  slow_seconds?: number;
}
