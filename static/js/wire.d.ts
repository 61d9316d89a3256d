/* What goes over the wire. Made from chatapp/protocol/ by `python -m tools.wire_types`; changes
   made by hand are lost. */

export interface Requests {
  message: Post | string;
  edit: Edit;
  delete: Delete;
  react: React;
  join: Join;
  leave: Leave;
  create: Create;
  update: Update;
  delete_room: DeleteRoom;
  invite: Invite;
  remove: Remove;
  rooms: ListRooms;
  history: ReadHistory;
  versions: ReadVersions;
  search: Search;
  resume: Resume;
  read: Read;
  inbox: ReadInbox;
  prefs: Prefs;
  arrange: Arrange;
  status: Status;
  typing: ReportTyping;
  people: ListPeople;
  profile: ChangeProfile;
  mute: Mute;
  kick: Kick;
  ban: Ban;
  unban: Ban;
}

export interface Answers {
  message: PostedMessage;
  edit: ChangedMessage;
  delete: ChangedMessage;
  react: ChangedMessage;
  join: DescribedRoom;
  leave: Done;
  create: DescribedRoom;
  update: DescribedRoom;
  delete_room: Done;
  invite: DescribedRoom;
  remove: Done;
  rooms: RoomList;
  history: HistoryPage;
  versions: MessageVersions;
  search: FoundMessages;
  resume: ResumedEvents;
  read: MovedMark;
  inbox: InboxPage;
  prefs: KeptPrefs;
  arrange: ArrangedRooms;
  status: Done;
  typing: null;
  people: PeopleList;
  profile: OwnProfile;
  mute: Done;
  kick: Done;
  ban: Done;
  unban: Done;
}

export interface Pushes {
  message: Message;
  mention: Message;
  edit: Event;
  delete: Event;
  react: Event;
  presence: PresenceChange;
  read: ReadElsewhere;
  prefs: RoomPrefs;
  order: RoomOrderChange;
  typing: Typing;
  profile: Profile;
  heads: Record<string, number>;
  room: RoomNews;
  removed: Removed;
  erased: ErasedTexts;
  settings: PublicSettings;
  read_only: ReadOnlyMode;
  closing: Closing;
}

export interface Arrange {
  rooms: string[];
}

export interface ArrangedRooms {
  ok: boolean;
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

export interface ChangedMessage {
  ok: boolean;
  event: Event | null;
}

export interface Closing {
  reason: string;
  retry_after?: number;
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

export interface DeleteRoom {
  room: string;
}

export interface DescribedRoom {
  ok: boolean;
  room: RoomInfo;
}

export interface Done {
  ok: boolean;
}

export interface Edit {
  room: string;
  seq: number;
  text: string;
}

export interface ErasedTexts {
  room: string;
  epoch: string;
  at: string;
  seqs: number[];
}

export interface Event {
  room: string;
  sender: string;
  by?: string;
  type?: "delete" | "edit" | "message" | "react";
  text?: string;
  cid?: string;
  reply_to?: number;
  target?: number;
  emoji?: string;
  on?: boolean;
  system?: SystemLine;
  erased_at?: string;
  seq: number;
  at: string;
}

export interface FoundMessages {
  ok: boolean;
  messages: Message[];
  more: boolean;
  before: number | null;
}

export interface HistoryPage {
  ok: boolean;
  messages: Message[];
  more: MoreMessages;
  found?: number | null;
}

export interface InboxPage {
  ok: boolean;
  rooms: InboxRoom[];
  after: string | null;
}

export interface InboxRoom {
  room: string;
  read: number | null;
  unread: number;
  mentions: number;
  messages: Message[];
}

export interface Invite {
  room: string;
  name: string;
}

export interface Join {
  room: string;
}

export interface KeptPrefs {
  ok: boolean;
  prefs: RoomPrefs;
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
  here?: boolean;
  after?: string;
}

export interface ListRooms {
}

export interface Message {
  room: string;
  seq: number;
  sender: string;
  by?: string;
  text: string;
  at: string;
  cid?: string;
  reply_to?: number;
  edited_at?: string;
  deleted_by?: string;
  erased_at?: string;
  reactions?: Record<string, string[]>;
  system?: SystemLine;
}

export interface MessageVersions {
  ok: boolean;
  versions: Version[];
}

export interface MoreMessages {
  before: boolean;
  after: boolean;
}

export interface MovedMark {
  ok: boolean;
  read: ReadMark;
}

export interface Mute {
  name: string;
  seconds: number;
  reason?: string;
}

export interface OwnProfile {
  ok: boolean;
  profile: Profile;
}

export interface PeopleList {
  ok: boolean;
  people: Profile[];
  more?: boolean;
}

export interface Post {
  text: string;
  room?: string;
  cid?: string;
  reply_to?: number;
}

export interface PostedMessage {
  ok: boolean;
  message: Message;
  duplicate?: boolean;
  unreached?: string[];
}

export interface Prefs {
  room: string;
  level?: "all" | "mentions" | "nothing";
  favourite?: boolean;
  closed?: boolean;
  muted_until?: string;
}

export interface PresenceChange {
  room: string;
  joined: string[];
  left: string[];
  count: number;
  states?: Record<string, "away" | "busy" | "idle" | "online">;
}

export interface Problem {
  code: string;
  message: string;
  retry_after?: number;
}

export interface Profile {
  name: string;
  role?: "admin" | "bot" | "guest" | "member" | "owner";
  display_name?: string;
  colour?: "amber" | "blue" | "green" | "red" | "rose" | "slate" | "teal" | "violet";
  state?: "away" | "busy" | "idle" | "online";
  last_seen?: string;
}

export interface PublicSettings {
  name: string;
  max_text_bytes: number;
  room_makers: "admins" | "everyone" | "members";
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

export interface ReadElsewhere {
  room: string;
  read: number | null;
  unread: number;
  mentions: number;
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

export interface ReadInbox {
  after?: string;
  limit?: number;
}

export interface ReadMark {
  room: string;
  read: number | null;
  unread: number;
  mentions: number;
}

export interface ReadOnlyMode {
  on: boolean;
  reason?: string;
}

export interface ReadVersions {
  room: string;
  seq: number;
}

export interface Refusal {
  ok: boolean;
  error: Problem;
}

export interface Remove {
  room: string;
  name: string;
}

export interface Removed {
  room: string;
}

export interface ReportTyping {
  room: string;
}

export interface Resume {
  room: string;
  epoch: string;
  after: number;
}

export interface ResumedEvents {
  ok: boolean;
  recovered: boolean;
  events: Event[];
  more: boolean;
  head: number;
  epoch: string;
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
  count: number;
  member_count: number;
  last_at: string | null;
  may_change: boolean;
  viewed_at: string | null;
  created_by: string | null;
  created_at: string | null;
  joined: boolean;
  members: string[];
  states: Record<string, "away" | "busy" | "idle" | "online">;
  read: number | null;
  unread: number;
  mentions: number;
  level: "all" | "mentions" | "nothing";
  favourite: boolean;
  muted_until: string | null;
  place: number | null;
  closed: boolean;
}

export interface RoomList {
  ok: boolean;
  me: string;
  id: string;
  rooms: RoomInfo[];
}

export interface RoomNews {
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
  count: number;
  member_count: number;
  last_at: string | null;
  may_change: boolean;
  viewed_at: string | null;
  created_by: string | null;
  created_at: string | null;
}

export interface RoomOrderChange {
  rooms: string[];
}

export interface RoomPrefs {
  room: string;
  level: "all" | "mentions" | "nothing";
  favourite: boolean;
  closed: boolean;
  muted_until: string | null;
}

export interface Search {
  query: string;
  room?: string;
  before?: number;
  limit?: number;
  tz?: string;
}

export interface Status {
  state: "away" | "busy" | "idle" | "online";
}

export interface SystemLine {
  what: "invited" | "joined" | "left" | "removed" | "renamed" | "topic";
  who?: string;
}

export interface Typing {
  room: string;
  name: string;
}

export interface Update {
  room: string;
  title?: string;
  topic?: string;
  read_only?: boolean;
  archived?: boolean;
  slow_seconds?: number;
}

export interface Version {
  text: string;
  at: string;
}
