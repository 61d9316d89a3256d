/* What goes over the wire. Made from chatapp/protocol/ by `python -m tools.wire_types`; changes
   made by hand are lost. */

export interface Requests {
  message: Post | string;
  edit: Edit;
  delete: Delete;
  react: React;
  hide_previews: HidePreviews;
  vote: Vote;
  voters: ListVoters;
  close_poll: ClosePoll;
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
  files: ListFiles;
  resume: Resume;
  proofs: ReadProofs;
  checkpoints: ListCheckpoints;
  read: Read;
  inbox: ReadInbox;
  follow: FollowThread;
  threads: ListThreads;
  save: SaveMessage;
  saved: ListSaved;
  pin: PinMessage;
  pins: ListPins;
  title: TitleThread;
  move: MoveMessages;
  forward: ForwardMessages;
  original: FindOriginal;
  schedule: Schedule;
  scheduled: ListScheduled;
  unschedule: Unschedule;
  emoji: ListEmoji;
  add_emoji: AddEmoji;
  remove_emoji: RemoveEmoji;
  commands: ListCommands;
  add_command: AddCommand;
  remove_command: RemoveCommand;
  run_command: RunCommand;
  take_command: TakeCommand;
  answer_command: AnswerCommand;
  prefs: Prefs;
  notifications: SetNotifications;
  arrange: Arrange;
  status: Status;
  typing: ReportTyping;
  people: ListPeople;
  profile: ChangeProfile;
  photo: ChangePhoto;
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
  hide_previews: ChangedMessage;
  vote: ChangedMessage;
  voters: VoterList;
  close_poll: ChangedMessage;
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
  files: FoundFiles;
  resume: ResumedEvents;
  proofs: ProofsPage;
  checkpoints: CheckpointsPage;
  read: MovedMark;
  inbox: InboxPage;
  follow: FollowedThread;
  threads: ThreadsPage;
  save: SavedMessage;
  saved: SavedPage;
  pin: Done;
  pins: PinsPage;
  title: Done;
  move: MovedMessages;
  forward: ForwardedMessages;
  original: OriginalMessage;
  schedule: KeptScheduled;
  scheduled: ScheduledList;
  unschedule: Done;
  emoji: EmojiList;
  add_emoji: AddedEmoji;
  remove_emoji: Done;
  commands: CommandList;
  add_command: Done;
  remove_command: Done;
  run_command: StartedCommand;
  take_command: Done;
  answer_command: Done;
  prefs: KeptPrefs;
  notifications: KeptNotifications;
  arrange: ArrangedRooms;
  status: OwnStatus;
  typing: null;
  people: PeopleList;
  profile: OwnProfile;
  photo: OwnProfile;
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
  thread: ThreadMark;
  saved: SavedChange;
  reminder: Reminder;
  scheduled: ScheduledChange;
  webhook_off: WebhookOff;
  vote: OwnVoteChange;
  prefs: RoomPrefs;
  notifications: Notifications;
  order: RoomOrderChange;
  emoji: EmojiChange;
  command: CommandCall;
  command_answer: CommandAnswer;
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

export interface AddCommand {
  name: string;
  hint?: string;
  description?: string;
  rooms?: string[];
  posted?: boolean;
}

export interface AddEmoji {
  name: string;
  file: string;
  aliases?: string[];
}

export interface AddedEmoji {
  ok: boolean;
  emoji: CustomEmoji;
}

export interface AnswerCommand {
  id: string;
  text: string;
}

export interface Arrange {
  rooms: string[];
}

export interface ArrangedRooms {
  ok: boolean;
  rooms: string[];
}

export interface AttachedFile {
  id: string;
  alt?: string;
}

export interface Ban {
  name?: string;
  address?: string;
  seconds?: number;
  reason?: string;
}

export interface ChangePhoto {
  file: string;
}

export interface ChangeProfile {
  display_name?: string;
  colour?: "amber" | "blue" | "green" | "red" | "rose" | "slate" | "teal" | "violet" | "";
}

export interface ChangedMessage {
  ok: boolean;
  event: Event | null;
}

export interface CheckpointsPage {
  ok: boolean;
  checkpoints: SignedCheckpoint[];
  keys: PublishedKey[];
  more: boolean;
}

export interface ClosePoll {
  room: string;
  seq: number;
}

export interface Closing {
  reason: string;
  retry_after?: number;
}

export interface CommandAnswer {
  id: string;
  name: string;
  text: string;
  room: string;
  thread?: number;
  sender: string;
  at: string;
}

export interface CommandCall {
  id: string;
  name: string;
  text: string;
  room: string;
  thread?: number;
  sender: string;
  by: string;
  at: string;
  seq?: number;
}

export interface CommandList {
  ok: boolean;
  commands: OfferedCommand[];
}

export interface Create {
  room?: string;
  title?: string;
  kind?: "direct" | "private" | "public";
  members?: string[];
}

export interface CustomEmoji {
  name: string;
  aliases?: string[];
  sha256: string;
  bytes: number;
  width: number;
  height: number;
  animated?: boolean;
  by?: string;
  at: string;
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

export interface EmojiChange {
  version: string;
  name: string;
  emoji: CustomEmoji | null;
}

export interface EmojiList {
  ok: boolean;
  version: string;
  emoji?: CustomEmoji[];
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
  thread?: number;
  also_to_room?: boolean;
  moved_from?: MovedFrom;
  moved_to?: MovedTo;
  forwarded?: Forwarded;
  files?: FileInfo[];
  previews?: LinkPreview[];
  poll?: Poll;
  via?: Via;
  vote?: number[];
  erased_at?: string;
  seq: number;
  at: string;
  votes?: Votes;
}

export interface EventProof {
  seq: number;
  n: number;
  shown: ProofPart;
  body?: string;
  removable?: ProofPart;
  secret?: ProofPart;
}

export interface FileInfo {
  id: string;
  name: string;
  type: string;
  bytes: number;
  sha256: string;
  width?: number;
  height?: number;
  alt?: string;
  removed?: boolean;
}

export interface FileOfRoom {
  seq: number;
  sender: string;
  by?: string;
  at: string;
  thread?: number;
  file: FileInfo;
}

export interface FindOriginal {
  room: string;
  seq: number;
}

export interface FollowThread {
  room: string;
  thread: number;
  on: boolean;
}

export interface FollowedThread {
  ok: boolean;
  thread: ThreadInfo;
}

export interface ForwardMessages {
  room: string;
  seqs: number[];
  to_room: string;
  to_thread?: number;
  text?: string;
  cid?: string;
}

export interface Forwarded {
  sender: string;
  by?: string;
  at: string;
  room?: string;
  seq?: number;
  private?: boolean;
}

export interface ForwardedMessages {
  ok: boolean;
  seqs: number[];
}

export interface FoundFiles {
  ok: boolean;
  files: FileOfRoom[];
  more: boolean;
}

export interface FoundMessages {
  ok: boolean;
  messages: Message[];
  more: boolean;
  before: number | null;
}

export interface GroupInfo {
  named: boolean;
  may_remove: boolean;
}

export interface HidePreviews {
  room: string;
  seq: number;
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

export interface KeptNotifications {
  ok: boolean;
  notifications: Notifications;
}

export interface KeptPrefs {
  ok: boolean;
  prefs: RoomPrefs;
}

export interface KeptScheduled {
  ok: boolean;
  scheduled: Scheduled;
}

export interface Kick {
  name: string;
  reason: string;
}

export interface Leave {
  room: string;
}

export interface LinkPreview {
  url: string;
  title: string;
  text?: string;
  site?: string;
  image?: FileInfo;
}

export interface ListCheckpoints {
  after?: number;
}

export interface ListCommands {
  room?: string;
}

export interface ListEmoji {
  version?: string;
}

export interface ListFiles {
  room: string;
  kind?: "audio" | "document" | "image" | "video";
  before?: number;
  limit?: number;
}

export interface ListPeople {
  names?: string[];
  room?: string;
  query?: string;
  limit?: number;
  here?: boolean;
  after?: string;
}

export interface ListPins {
  room: string;
  after?: string;
  limit?: number;
}

export interface ListRooms {
}

export interface ListSaved {
  after?: string;
  limit?: number;
}

export interface ListScheduled {
  room?: string;
}

export interface ListThreads {
  room?: string;
  unread?: boolean;
  after?: string;
  limit?: number;
}

export interface ListVoters {
  room: string;
  seq: number;
  option: number;
  after?: number;
  limit?: number;
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
  thread?: number;
  also_to_room?: boolean;
  moved_from?: MovedFrom;
  moved_to?: MovedTo;
  forwarded?: Forwarded;
  files?: FileInfo[];
  previews?: LinkPreview[];
  poll?: Poll;
  via?: Via;
  replies?: Replies;
}

export interface MessageVersions {
  ok: boolean;
  versions: Version[];
}

export interface MoreMessages {
  before: boolean;
  after: boolean;
}

export interface MoveMessages {
  room: string;
  seqs: number[];
  to_room?: string;
  to_thread?: number;
}

export interface MovedFrom {
  room: string;
  seq: number;
  at: string;
}

export interface MovedMark {
  ok: boolean;
  read: NewMark;
}

export interface MovedMessages {
  ok: boolean;
  seqs: number[];
}

export interface MovedTo {
  room: string;
  seq: number;
}

export interface Mute {
  name: string;
  seconds: number;
  reason?: string;
}

export interface NewMark {
  room: string;
  read: number | null;
  unread: number;
  mentions: number;
  thread?: number;
  following?: boolean;
}

export interface NewPoll {
  question: string;
  options: string[];
  multiple?: boolean;
  anonymous?: boolean;
  hidden?: boolean;
  closes_at?: string;
}

export interface Notifications {
  keywords: string[];
  quiet: QuietHours | null;
}

export interface OfferedCommand {
  name: string;
  hint?: string;
  description?: string;
  owner: string;
  posted?: boolean;
  rooms?: string[] | null;
  registered_at?: string;
}

export interface OriginalMessage {
  ok: boolean;
  room: string;
  seq: number;
}

export interface OwnProfile {
  ok: boolean;
  profile: Profile;
}

export interface OwnStatus {
  ok: boolean;
  status?: PersonStatus | null;
}

export interface OwnVoteChange {
  room: string;
  seq: number;
  own: number[];
}

export interface PeopleList {
  ok: boolean;
  people: Profile[];
  more?: boolean;
}

export interface PersonStatus {
  emoji?: string;
  text?: string;
  until?: string;
  out_of_office?: boolean;
}

export interface PinMessage {
  room: string;
  seq: number;
  on: boolean;
}

export interface PinnedMessage {
  seq: number;
  pinned_by: string;
  pinned_at: string;
  message: Message;
}

export interface PinsPage {
  ok: boolean;
  pins: PinnedMessage[];
  after: string | null;
}

export interface Poll {
  question: string;
  options: string[];
  multiple?: boolean;
  anonymous?: boolean;
  hidden?: boolean;
  closes_at?: string;
  closed_at?: string;
  closed_by?: string;
  votes?: Votes;
}

export interface Post {
  text?: string;
  room?: string;
  cid?: string;
  reply_to?: number;
  thread?: number;
  also_to_room?: boolean;
  files?: (string | AttachedFile)[];
  poll?: NewPoll;
}

export interface PostedMessage {
  ok: boolean;
  message: Message;
  duplicate?: boolean;
  unreached?: string[];
  out_of_office?: Profile[];
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
  owner?: string;
  colour?: "amber" | "blue" | "green" | "red" | "rose" | "slate" | "teal" | "violet";
  photo?: string;
  state?: "away" | "busy" | "idle" | "online";
  last_seen?: string;
  status?: PersonStatus;
}

export interface ProofPart {
  text?: string;
  salt?: string;
  digest?: string;
}

export interface ProofsPage {
  ok: boolean;
  epoch: string;
  head: number;
  checkpoint: SignedCheckpoint | null;
  proofs: EventProof[];
  nodes: string[];
}

export interface PublicSettings {
  name: string;
  max_text_bytes: number;
  room_makers: "admins" | "everyone" | "members";
  emoji_makers: "admins" | "members" | "nobody";
  max_file_bytes: number;
}

export interface PublishedKey {
  id: string;
  algorithm: string;
  public_key: string;
  since: string;
  until: string | null;
  signed_by: string;
  signature: string;
}

export interface QuietHours {
  start: string;
  end: string;
  days: number[];
  zone: string;
  mentions: boolean;
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
  thread?: number;
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
  thread?: number;
  folded?: boolean;
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

export interface ReadOnlyMode {
  on: boolean;
  reason?: string;
}

export interface ReadProofs {
  room: string;
  after?: number;
  limit?: number;
}

export interface ReadVersions {
  room: string;
  seq: number;
}

export interface Refusal {
  ok: boolean;
  error: Problem;
}

export interface RefusedPost {
  code: string;
  message: string;
}

export interface Reminder {
  room: string;
  seq: number;
  remind_at: string;
  message: Message | null;
  due: number;
}

export interface Remove {
  room: string;
  name: string;
}

export interface RemoveCommand {
  name: string;
}

export interface RemoveEmoji {
  name: string;
}

export interface Removed {
  room: string;
}

export interface Replies {
  count: number;
  last: string;
  last_seq: number;
  by: string[];
  title?: string;
  unread?: number;
  following?: boolean;
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
  group?: GroupInfo;
  topic: string;
  read_only: boolean;
  archived: boolean;
  slow_seconds: number;
  threads: "free" | "off" | "required";
  previews: boolean;
  pinning: "admins" | "everyone";
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
  retention_days: number;
  published: boolean;
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
  pins?: number[];
}

export interface RoomList {
  ok: boolean;
  me: string;
  id: string;
  rooms: RoomInfo[];
  threads_unread: number;
  saved: number;
  saved_due: number;
  emoji: string | null;
}

export interface RoomNews {
  name: string;
  title: string;
  kind: "direct" | "private" | "public";
  group?: GroupInfo;
  topic: string;
  read_only: boolean;
  archived: boolean;
  slow_seconds: number;
  threads: "free" | "off" | "required";
  previews: boolean;
  pinning: "admins" | "everyone";
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
  retention_days: number;
  published: boolean;
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

export interface RunCommand {
  room: string;
  name: string;
  text?: string;
  thread?: number;
  cid?: string;
}

export interface SaveMessage {
  room: string;
  seq: number;
  on: boolean;
  remind_at?: string;
}

export interface Saved {
  room: string;
  seq: number;
  saved_at: string;
  remind_at?: string;
  due?: boolean;
  message: Message | null;
}

export interface SavedChange {
  room: string;
  seq: number;
  saved: Saved | null;
  count: number;
  due: number;
}

export interface SavedMessage {
  ok: boolean;
  saved: Saved | null;
  count: number;
  due: number;
}

export interface SavedPage {
  ok: boolean;
  saved: Saved[];
  after: string | null;
}

export interface Schedule {
  id?: string;
  at?: string;
  now?: boolean;
  text?: string;
  room?: string;
  thread?: number;
  also_to_room?: boolean;
  reply_to?: number;
  files?: (string | AttachedFile)[];
}

export interface Scheduled {
  id: string;
  at: string;
  room: string;
  text: string;
  thread?: number;
  also_to_room?: boolean;
  reply_to?: number;
  files?: FileInfo[];
  refused?: RefusedPost;
}

export interface ScheduledChange {
  id: string;
  room: string;
  gone?: "cancelled" | "refused" | "sent";
  scheduled?: Scheduled;
}

export interface ScheduledList {
  ok: boolean;
  scheduled: Scheduled[];
}

export interface Search {
  query: string;
  room?: string;
  before?: number;
  limit?: number;
  tz?: string;
}

export interface SetNotifications {
  keywords?: string[];
  quiet?: QuietHours | null;
}

export interface SignedCheckpoint {
  at: string;
  first: number;
  last: number;
  previous: string;
  hash: string;
  root: string;
  events: string;
  key: string;
  signature: string;
}

export interface StartedCommand {
  ok: boolean;
  id: string;
  seq?: number;
}

export interface Status {
  state?: "away" | "busy" | "idle" | "online";
  emoji?: string;
  text?: string;
  until?: string;
  out_of_office?: boolean;
}

export interface SystemLine {
  what: string;
  who?: string;
  people?: string[];
  thread?: number;
  seqs?: number[];
  room?: string;
}

export interface TakeCommand {
  id: string;
  mark: string;
}

export interface ThreadInfo {
  room: string;
  thread: number;
  root: Message;
  title: string | null;
  count: number;
  last: string;
  last_seq: number;
  by: string[];
  unread: number;
  mentions: number;
  following: boolean;
  read: number | null;
}

export interface ThreadMark {
  room: string;
  read: number | null;
  unread: number;
  mentions: number;
  thread: number;
  following: boolean;
}

export interface ThreadsPage {
  ok: boolean;
  threads: ThreadInfo[];
  after: string | null;
}

export interface TitleThread {
  room: string;
  thread: number;
  title: string;
}

export interface Typing {
  room: string;
  name: string;
}

export interface Unschedule {
  id: string;
}

export interface Update {
  room: string;
  title?: string;
  topic?: string;
  read_only?: boolean;
  archived?: boolean;
  slow_seconds?: number;
  threads?: "free" | "off" | "required";
  previews?: boolean;
  pinning?: "admins" | "everyone";
}

export interface Version {
  text: string;
  at: string;
}

export interface Via {
  name?: string;
  emoji?: string;
  approved_by?: string;
}

export interface Vote {
  room: string;
  seq: number;
  options: number[];
}

export interface VoterList {
  ok: boolean;
  names: string[];
  after: number | null;
}

export interface Votes {
  voters: number;
  counts?: number[];
  names?: string[][];
  own?: number[];
}

export interface WebhookOff {
  id: string;
  title: string;
  problem: string;
  at: string;
}
