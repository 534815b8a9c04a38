// Generated from docs/asyncapi.json by `npm run generate`. Do not edit: a test compares it with the document.

export type Address = string;

export const Advance = ["auto", "chair"] as const;
export type Advance = (typeof Advance)[number];

export type Agenda = {
  current: ItemId | null;
  items: AgendaItem[];
};

export type AgendaItem = {
  began?: string | null;
  beneficiary?: PersonId | null;
  due?: string | null;
  ended?: string | null;
  id: ItemId;
  kind: ItemKind;
  limit_ms?: Millis | null;
  minutes: number;
  recording?: MediaId | null;
  recording_starts?: RecordingStarts | null;
  speakers: PersonId[];
  starts: string;
  state: ItemState;
  title: string;
  titles?: Record<string, string>;
};

export type Audience = string;

export type BoundedMillis = number;

export const Cause = ["chair", "chair_priority", "point_of_order", "disconnected", "stalled", "adjourned", "overtime", "full"] as const;
export type Cause = (typeof Cause)[number];

export type Channel = {
  handover?: Handover | null;
  interpreter?: PersonId | null;
  language: Language;
  lost?: PersonId | null;
  since?: string | null;
  source: Sound;
  state: ChannelState;
};

export const ChannelState = ["interpreted", "floor", "interrupted"] as const;
export type ChannelState = (typeof ChannelState)[number];

export type ChatLine = {
  at: string;
  figures?: SeatFigures | null;
  from: PersonId;
  help?: boolean;
  id: number;
  text: string;
  to: Audience;
};

export type ChatMessage = {
  figures?: SeatFigures | null;
  from: PersonId;
  help?: boolean;
  id: number;
  text: string;
  to: Audience;
};

export const Choice = ["yes", "no", "abstain"] as const;
export type Choice = (typeof Choice)[number];

export const Class = ["member", "observer", "guest", "staff"] as const;
export type Class = (typeof Class)[number];

export const ClockCause = ["set", "stood_still"] as const;
export type ClockCause = (typeof ClockCause)[number];

export const Code = ["unauthorized", "forbidden", "not_found", "invalid", "too_large", "rate_limited", "conflict", "list_closed", "duplicate", "too_many_requests", "floor_full", "absent", "policy_violation", "already_passed", "not_passed", "not_holder", "request_closed", "invalid_transition", "no_quorum", "nothing_listed", "too_late", "depends", "unavailable"] as const;
export type Code = (typeof Code)[number];

export const Colour = ["green", "amber", "red"] as const;
export type Colour = (typeof Colour)[number];

export type CommandId = string;

export type CommandOutput = FloorRequest | FloorView | AgendaItem | Loaded | Decision | Channel | SlowerAsked | Participant | Placed | Posted | NoticeRecorded | Recorded | RecordingState | PublishingDevice | Talk | TalkEnded | Secret;

export type Correction = {
  about_seq?: Seq | null;
  by: PersonId;
  text: string;
};

export type Decision = {
  closed_at?: string | null;
  closes_at?: string | null;
  id: DecisionId;
  item?: ItemId | null;
  kind: DecisionKind;
  objections: Objection[];
  opened_at: string;
  opened_by: PersonId;
  question: string;
  quorum?: QuorumCount | null;
  result?: Verdict | null;
  roll: RollEntry[];
  state: DecisionState;
  tally: Tally;
};

export type DecisionId = string;

export const DecisionKind = ["no_objection", "roll_call"] as const;
export type DecisionKind = (typeof DecisionKind)[number];

export const DecisionState = ["open", "closed", "withdrawn"] as const;
export type DecisionState = (typeof DecisionState)[number];

export type DelegationId = string;

export const DeletionReason = ["retention", "asked"] as const;
export type DeletionReason = (typeof DeletionReason)[number];

export type Departed = {
  at: string;
  person: PersonId;
};

export const DepartureReason = ["left", "lost", "removed", "moved"] as const;
export type DepartureReason = (typeof DepartureReason)[number];

export const Ending = ["released", "revoked", "yielded", "passed", "played"] as const;
export type Ending = (typeof Ending)[number];

export type Event = (Event2 | RoomEvent) & {
  at: string;
  seq: Seq;
};

export type Event2 = {
  by?: PersonId | null;
  request: FloorRequest;
  type: "floor.requested";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  type: "floor.accepted";
} | {
  by?: PersonId | null;
  reason?: string | null;
  request: FloorRequest;
  type: "floor.denied";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  type: "floor.cancelled";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  speech: Speech;
  type: "floor.granted";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  ruling?: Ruling | null;
  speech: Speech;
  type: "floor.released";
} | {
  by?: PersonId | null;
  reason?: RevokeReason | null;
  request: FloorRequest;
  ruling?: Ruling | null;
  speech: Speech;
  type: "floor.revoked";
} | {
  by?: PersonId | null;
  reason?: PassReason | null;
  request: FloorRequest;
  speech?: Speech | null;
  type: "floor.passed";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  type: "floor.recalled";
} | {
  by?: PersonId | null;
  overrode: boolean;
  request: FloorRequest;
  type: "floor.moved";
} | {
  by?: PersonId | null;
  cause: Cause;
  request: FloorRequest;
  speech: Speech;
  type: "floor.suspended";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  speech: Speech;
  type: "floor.resumed";
} | {
  by?: PersonId | null;
  by_ms: Millis;
  request: FloorRequest;
  speech: Speech;
  type: "floor.extended";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  speech?: Speech | null;
  to: PersonId;
  type: "floor.yielded";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  speech: Speech;
  type: "floor.absent";
} | {
  by?: PersonId | null;
  request: FloorRequest;
  speech: Speech;
  type: "floor.waiting";
} | {
  by?: PersonId | null;
  order: RequestId[];
  overrode?: boolean;
  type: "floor.order";
} | {
  by?: PersonId | null;
  person: PersonId | null;
  type: "floor.on_deck";
} | {
  by?: PersonId | null;
  speech: Speech;
  type: "floor.timer";
} | {
  about: RequestId;
  by?: PersonId | null;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.started";
} | {
  about: RequestId;
  by?: PersonId | null;
  cause: Cause;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.paused";
} | {
  about: RequestId;
  by?: PersonId | null;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.resumed";
} | {
  about: RequestId;
  by?: PersonId | null;
  from_ms: Millis;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.sought";
} | {
  about: RequestId;
  by?: PersonId | null;
  reason?: string | null;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.stalled";
} | {
  about: RequestId;
  by?: PersonId | null;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.ended";
} | {
  about: RequestId;
  by?: PersonId | null;
  recorded: RecordedAddress;
  speaker: PersonId;
  type: "recording.stopped";
} | {
  by?: PersonId | null;
  settings: Settings;
  type: "floor.settings";
} | {
  about?: RequestId | null;
  before: FormerState;
  by?: PersonId | null;
  command: UndoableCommand;
  id: number;
  type: "floor.undoable";
  until: string;
} | {
  about?: RequestId | null;
  by?: PersonId | null;
  command: UndoableCommand;
  of: number;
  restored: FormerState;
  type: "floor.undone";
} | {
  agreed: PersonId[];
  by?: PersonId | null;
  limit_ms?: Millis | null;
  type: "floor.item";
} | {
  by?: PersonId | null;
  type: "floor.item_ended";
} | {
  by?: PersonId | null;
  open: boolean;
  type: "floor.roll_call";
} | {
  by?: PersonId | null;
  person: PersonId;
  type: "floor.connected";
} | {
  by?: PersonId | null;
  person: PersonId;
  type: "floor.disconnected";
} | {
  by?: PersonId | null;
  down_since: string;
  type: "floor.restarted";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.opened";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.closed";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.close_announced";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.reopened";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.adjourned";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.resumed";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.replies";
} | {
  by?: PersonId | null;
  list: ListView;
  type: "list.concluded";
} | {
  by?: PersonId | null;
  chair: PersonId | null;
  type: "chair.changed";
} | {
  by?: PersonId | null;
  on: boolean;
  type: "chair.priority";
};

export type FileDelegation = {
  id: DelegationId;
  name: string;
  names?: Record<string, string>;
  status: Status;
};

export type FileFacts = {
  conference: string;
  delegations: FileDelegation[];
  items: FileItem[];
  name: string;
  names?: Record<string, string>;
  people: FilePerson[];
  room: RoomId;
  theme: string;
  themes?: Record<string, string>;
  time_zone: string;
  title: string;
  titles?: Record<string, string>;
};

export type FileItem = {
  id: ItemId;
  kind: ItemKind;
  minutes: number;
  starts: string;
  title: string;
  titles?: Record<string, string>;
};

export type FilePerson = {
  delegation?: DelegationId | null;
  id: PersonId;
  name: string;
  names?: Record<string, string>;
  role: Role;
};

export type FloorRequest = {
  admitted?: boolean;
  asked_at: string;
  beneficiary: PersonId;
  class: Class;
  delegation?: DelegationId | null;
  id: RequestId;
  info?: string | null;
  kind: Kind;
  left_ms?: Millis | null;
  listed?: number | null;
  overrode?: boolean;
  pinned?: number | null;
  position?: number | null;
  priority: Priority;
  requested_by?: PersonId | null;
  state: State;
  substate?: Substate | null;
  yields_to?: Speaker | null;
};

export type FloorView = {
  chair: PersonId | null;
  chair_priority: boolean;
  granted: FloorRequest[];
  item_limit_ms?: Millis | null;
  list: ListView;
  mode: Mode;
  nom: number;
  on_deck: PersonId | null;
  policy: Policy;
  requests: FloorRequest[];
  roll_call?: boolean;
  settings: Settings;
  speech: Speech | null;
  speeches: Speech[];
  spoken: Record<string, Spoken>;
  undoable?: UndoableView | null;
  version: number;
};

export type FormerState = {
  list?: ListView | null;
  made?: RequestId[];
  order: RequestId[];
  pins?: Pin[];
  requests?: FloorRequest[];
  speeches?: Speech[];
  spoken?: SpokenBefore[];
};

export type Handover = {
  at: string;
  to: PersonId;
};

export type IceServer = {
  credential: string;
  urls: string[];
  username: string;
};

export const InitialList = ["open", "not_open"] as const;
export type InitialList = (typeof InitialList)[number];

export type ItemId = string;

export const ItemKind = ["address", "presentations", "debate", "decision", "report"] as const;
export type ItemKind = (typeof ItemKind)[number];

export const ItemState = ["planned", "on", "done"] as const;
export type ItemState = (typeof ItemState)[number];

export const Kind = ["statement", "response", "reply", "point_of_order", "motion", "address"] as const;
export type Kind = (typeof Kind)[number];

export type Language = string;

export const ListState = ["not_open", "open", "closed", "replies", "concluded", "adjourned"] as const;
export type ListState = (typeof ListState)[number];

export type ListView = {
  adjourned_from?: ListState | null;
  closes_at?: string | null;
  state: ListState;
};

export type Loaded = {
  in_planned_order: boolean;
  item: AgendaItem;
  listed: FloorRequest[];
  not_listed: NotListed[];
};

export const MediaEnd = ["silence", "handshake", "closed"] as const;
export type MediaEnd = (typeof MediaEnd)[number];

export type MediaId = string;

export type Millis = number;

export const Mode = ["moderated", "queue", "open", "direct"] as const;
export type Mode = (typeof Mode)[number];

export type NotListed = {
  code: Code;
  detail: string;
  person: PersonId;
};

export type Notice = {
  at: string;
  by: PersonId;
  text: string;
};

export type NoticeRecorded = {
  room: RoomId;
  seq: Seq;
};

export type Objection = {
  at: string;
  by: PersonId;
  delegation: DelegationId;
  reason?: string | null;
};

export const Overtime = ["continue", "mute", "revoke"] as const;
export type Overtime = (typeof Overtime)[number];

export type Participant = {
  delegation: DelegationId | null;
  joined_at: string;
  muted: boolean;
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  publishing: boolean;
  role: Role;
  since?: string | null;
  state: Presence;
};

export const PassReason = ["absent", "away"] as const;
export type PassReason = (typeof PassReason)[number];

export const PauseCause = ["bandwidth"] as const;
export type PauseCause = (typeof PauseCause)[number];

export const Permission = ["floor.request", "floor.accept", "floor.grant", "floor.deny", "floor.cancel", "floor.move", "floor.pass", "floor.wait", "floor.recall", "floor.suspend", "floor.resume", "floor.release", "floor.yield", "floor.revoke", "floor.extend", "floor.order", "floor.next", "floor.undo", "floor.set", "list.open", "list.close", "list.announce_close", "list.reopen", "list.admit", "list.adjourn", "list.resume", "list.conclude", "chair.take", "chair.hand_over", "chair.priority_on", "chair.priority_off", "agenda.start", "agenda.end", "agenda.postpone", "agenda.load", "decision.open", "decision.object", "decision.vote", "decision.close", "decision.withdraw", "channel.take", "channel.release", "channel.hand_over", "channel.keep", "channel.relay", "channel.assign", "channel.clear", "speech.slower", "recording.play", "recording.pause", "recording.seek", "recording.stop", "participant.move", "participant.remove", "participant.mute", "participant.admit", "chat.post", "help.close", "notice.post", "proceedings.correct", "record.start", "record.stop", "device.use", "talk.call", "talk.answer", "talk.refuse", "talk.hang_up", "talk.close", "room.read", "proceedings.read", "health.read", "invitation.revoke", "recording.delete", "media.manage", "participant.call"] as const;
export type Permission = (typeof Permission)[number];

export type PersonId = string;

export const PictureSize = ["small", "large"] as const;
export type PictureSize = (typeof PictureSize)[number];

export type Pin = {
  overrode?: boolean;
  pinned?: number | null;
  request: RequestId;
};

export type Placed = {
  person: PersonId;
  request?: FloorRequest | null;
  state: Placement;
  to?: RoomId | null;
};

export const Placement = ["moved", "removed", "admitted", "listed"] as const;
export type Placement = (typeof Placement)[number];

export const Policy = ["fifo", "agreed", "members_first", "rotation", "members_first_rotation", "protocol"] as const;
export type Policy = (typeof Policy)[number];

export type Posted = {
  id: number;
};

export const Presence = ["seated", "away"] as const;
export type Presence = (typeof Presence)[number];

export type Priority = number;

export type Problem = {
  code: Code;
  detail: string;
  request?: RequestId | null;
  status: number;
  title: string;
};

export type PublishingDevice = {
  publishing: boolean;
  session: SessionId;
};

export type Quorum = number | string;

export type QuorumCount = {
  members: number;
  needed: number;
};

export const RecordFault = ["disk_full", "disk_slow", "disk_failed"] as const;
export type RecordFault = (typeof RecordFault)[number];

export type Recorded = {
  about_seq: Seq | null;
  by: PersonId;
  seq: Seq;
  text: string;
};

export type RecordedAddress = {
  duration_ms: Millis;
  from_ms: Millis;
  generation: number;
  languages?: Language[];
  media: MediaId;
  name: string;
  position_ms: Millis;
  running: boolean;
  stall?: Stall | null;
  subtitles?: Language[];
};

export type RecordingFailed = {
  at: string;
  reason: RecordFault;
};

export const RecordingStarts = ["chair", "auto"] as const;
export type RecordingStarts = (typeof RecordingStarts)[number];

export type RecordingState = {
  by?: PersonId | null;
  recording: boolean;
  since?: string | null;
};

export type Removed = {
  name: string;
  names?: Record<string, string>;
  person: PersonId;
};

export type Reply = ({
  result: CommandOutput;
} | {
  problem: Problem;
}) & {
  command_id: CommandId;
};

export type RequestId = string;

export type Resume = {
  seq: Seq;
  session: SessionId;
};

export type RevokeReason = RevokeRule | string;

export const RevokeRule = ["Replaced by the next speaker.", "The next speaker was called.", "The conference no longer gives this person the floor.", "The time and its grace are used up.", "The recording was stopped."] as const;
export type RevokeRule = (typeof RevokeRule)[number];

export const Role = ["delegate", "moderator", "clerk", "interpreter", "operator", "viewer"] as const;
export type Role = (typeof Role)[number];

export type RollEntry = {
  at?: string | null;
  by?: PersonId | null;
  choice?: Choice | null;
  delegation: DelegationId;
};

export type RoomEvent = {
  participant: Participant;
  type: "participant.joined";
} | {
  participant: Participant;
  type: "participant.updated";
} | {
  person: PersonId;
  reason: DepartureReason;
  to?: RoomId | null;
  type: "participant.left";
} | {
  person: PersonId;
  type: "participant.admitted";
} | (ChatMessage & {
  type: "chat.posted";
}) | {
  by: PersonId;
  from: PersonId;
  message: number;
  text?: string | null;
  type: "help.closed";
} | {
  by: PersonId;
  text: string;
  type: "notice.posted";
} | {
  by: PersonId;
  item: AgendaItem;
  type: "agenda.started";
} | {
  by: PersonId;
  item: AgendaItem;
  type: "agenda.ended";
} | {
  by: PersonId;
  by_minutes?: number | null;
  item: AgendaItem;
  type: "agenda.postponed";
} | {
  by: PersonId;
  code: Code;
  detail: string;
  item: ItemId;
  media: MediaId;
  type: "recording.refused";
} | {
  by?: PersonId | null;
  channel: Channel;
  type: "channel.changed";
} | {
  by: PersonId;
  language?: Language | null;
  speakers: PersonId[];
  type: "speech.slower_asked";
} | {
  decision: Decision;
  type: "decision.opened";
} | {
  decision: Decision;
  type: "decision.objected";
} | {
  decision: Decision;
  type: "decision.voted";
} | {
  by?: PersonId | null;
  decision: Decision;
  type: "decision.closed";
} | {
  by: PersonId;
  decision: Decision;
  type: "decision.withdrawn";
} | (Correction & {
  type: "proceedings.corrected";
}) | {
  by?: PersonId | null;
  type: "record.started";
} | {
  by?: PersonId | null;
  reason?: RecordFault | null;
  type: "record.stopped";
} | (Take & {
  type: "record.take";
}) | {
  by?: PersonId | null;
  id: TakeId;
  reason: DeletionReason;
  type: "record.take_deleted";
} | {
  from: string;
  reason: RecordFault;
  to: string;
  type: "record.gap";
} | {
  facts: FileFacts;
  type: "conference.recorded";
} | {
  type: "room.draining";
} | {
  cause: ClockCause;
  decision?: Decision | null;
  type: "room.clock_moved";
  was: string;
};

export type RoomId = string;

export type RoomRecording = {
  by?: PersonId | null;
  since: string;
};

export type RoomSnapshot = {
  agenda: Agenda;
  channels: Channel[];
  chat: ChatLine[];
  decisions: Decision[];
  floor: FloorView;
  gallery: boolean;
  help?: ChatLine[];
  id: RoomId;
  left?: Departed[];
  notice?: Notice | null;
  participants: Participant[];
  recording?: RoomRecording | null;
  recording_failed?: RecordingFailed | null;
  removed?: Removed[];
  seq: Seq;
  side_talks: boolean;
  title: string;
  titles?: Record<string, string>;
};

export const Ruling = ["upheld", "overruled"] as const;
export type Ruling = (typeof Ruling)[number];

export type SeatFigures = {
  bitrate_down?: number | null;
  bitrate_up?: number | null;
  cause?: string | null;
  ice_path?: string | null;
  jitter_ms?: number | null;
  loss_down?: number | null;
  loss_up?: number | null;
  quality: string;
  rtt_ms?: number | null;
  state: string;
};

export type Secret = {
  expires: string;
  expires_in_ms: Millis;
  ice_servers: IceServer[];
  now: string;
  token: string;
};

export type Seq = number;

export type SessionId = string;

export type Settings = {
  advance: Advance;
  carry_over: boolean;
  drawn?: string | null;
  first_voice_ms: Millis;
  grace_ms: Millis;
  limit_by_class_ms?: Record<string, Millis>;
  limit_by_kind_ms?: Record<string, Millis>;
  limit_ms: Millis;
  list: InitialList;
  max_requests: number;
  mode: Mode;
  nom: number;
  overtime: Overtime;
  policy: Policy;
  protocol?: DelegationId[];
  reconnect_grace_ms: Millis;
  warning_ms: Millis;
  when_full: WhenFull;
  yielding: boolean;
};

export type Shows = {
  cause?: PauseCause | null;
  language?: Language | null;
  participant: PersonId;
  paused?: boolean;
  source: Source;
  stage: boolean;
};

export type SlotShows = {
  mid: string;
  shows: Shows | null;
};

export type SlotWant = {
  mid: string;
  size?: PictureSize | null;
  wants: string;
};

export type SlowerAsked = {
  speakers: PersonId[];
};

export type Sound = string;

export const Source = ["microphone", "camera", "screen"] as const;
export type Source = (typeof Source)[number];

export type Speaker = {
  class: Class;
  delegation?: DelegationId | null;
  person: PersonId;
};

export type Speech = {
  absent_since?: string | null;
  as_of: string;
  asked?: boolean;
  began?: string | null;
  colour: Colour;
  consumed_ms: Millis;
  delegation?: DelegationId | null;
  ended_at?: string | null;
  granted_at: string;
  how?: Ending | null;
  kind: Kind;
  limit_ms: Millis;
  overtime?: boolean;
  recorded?: RecordedAddress | null;
  request: RequestId;
  running: boolean;
  speaker: PersonId;
  suspended_by?: Cause[];
  waits_until?: string | null;
};

export type Spoken = {
  consumed_ms: Millis;
  times: number;
  unused_ms: Millis;
};

export type SpokenBefore = {
  delegation: DelegationId;
  in_item: Spoken;
  in_room: Spoken;
};

export type Stall = {
  failure?: string | null;
  since: string;
};

export const State = ["pending", "accepted", "granted", "released", "revoked", "denied", "cancelled"] as const;
export type State = (typeof State)[number];

export const Status = ["member", "observer", "guest"] as const;
export type Status = (typeof Status)[number];

export const Substate = ["passed", "live", "suspended"] as const;
export type Substate = (typeof Substate)[number];

export type Take = {
  bytes: number;
  from: string;
  id: TakeId;
  language?: Language | null;
  lost_packets?: number;
  media_type: string;
  participant: PersonId;
  recovered?: boolean;
  sha256: string;
  source: Source;
  speech?: RequestId | null;
  to: string;
};

export type TakeId = string;

export type Talk = {
  callee: PersonId;
  caller: PersonId;
  here?: boolean;
  id: TalkId;
  since: string;
  state: TalkState;
};

export const TalkEnd = ["refused", "unanswered", "hung_up", "no_path", "left", "floor", "closed"] as const;
export type TalkEnd = (typeof TalkEnd)[number];

export type TalkEnded = {
  by?: PersonId | null;
  callee: PersonId;
  caller: PersonId;
  id: TalkId;
  why: TalkEnd;
};

export type TalkId = string;

export const TalkState = ["ringing", "talking"] as const;
export type TalkState = (typeof TalkState)[number];

export type Tally = {
  absent: number;
  abstain: number;
  no: number;
  present?: number | null;
  yes: number;
};

export const UndoableCommand = ["floor.next", "floor.grant", "floor.deny", "floor.pass", "floor.accept", "floor.move", "floor.recall", "floor.order", "recording.play"] as const;
export type UndoableCommand = (typeof UndoableCommand)[number];

export type UndoableView = {
  about?: RequestId | null;
  by?: PersonId | null;
  command: UndoableCommand;
  id: number;
  until: string;
};

export const Verdict = ["adopted", "rejected", "objected", "tied", "no_quorum"] as const;
export type Verdict = (typeof Verdict)[number];

export const Watching = ["display"] as const;
export type Watching = (typeof Watching)[number];

export type Welcome = {
  answer?: string | null;
  events?: Event[];
  ice_servers: IceServer[];
  now: string;
  resumed?: boolean;
  room?: RoomSnapshot | null;
  seq: Seq;
  session: SessionId;
  token_expires: string;
  you: You;
};

export const WhenFull = ["wait", "override"] as const;
export type WhenFull = (typeof WhenFull)[number];

export type You = {
  delegation: DelegationId | null;
  languages?: Language[];
  may: Permission[];
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  publishing: boolean;
  role: Role;
  session: SessionId;
  watching?: Watching | null;
};

/** Every message that the server sends, by its type. */
export interface ServerMessages {
  "welcome": Welcome & {
    type: "welcome";
  };
  "check": {
    answer: string;
    ends_in_ms: Millis;
    type: "check";
  };
  "events": {
    events: Event[];
    type: "events";
  };
  "reply": Reply & {
    type: "reply";
  };
  "slots": {
    slots: SlotShows[];
    type: "slots";
  };
  "clock": {
    now: string;
    sent: number;
    type: "clock";
  };
  "device.replaced": {
    type: "device.replaced";
  };
  "device.active": {
    type: "device.active";
  };
  "level": {
    dbov: number;
    type: "level";
  };
  "received": {
    camera: boolean;
    microphone: boolean;
    type: "received";
  };
  "speaking": {
    participants: PersonId[];
    type: "speaking";
  };
  "talks": {
    ended?: TalkEnded | null;
    talks: Talk[];
    type: "talks";
  };
  "media.ended": {
    type: "media.ended";
    why: MediaEnd;
  };
  "problem": {
    problem: Problem;
    type: "problem";
  };
  "signal": ({
    offer: unknown;
  } | {
    answer: unknown;
  } | {
    candidate: unknown;
  }) & {
    from: string;
    talk?: TalkId;
    type: "signal";
  };
  "floor.requested": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    type: "floor.requested";
  };
  "floor.accepted": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    type: "floor.accepted";
  };
  "floor.denied": {
    at: string;
    by?: PersonId | null;
    reason?: string | null;
    request: FloorRequest;
    seq: Seq;
    type: "floor.denied";
  };
  "floor.cancelled": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    type: "floor.cancelled";
  };
  "floor.granted": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.granted";
  };
  "floor.released": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    ruling?: Ruling | null;
    seq: Seq;
    speech: Speech;
    type: "floor.released";
  };
  "floor.revoked": {
    at: string;
    by?: PersonId | null;
    reason?: RevokeReason | null;
    request: FloorRequest;
    ruling?: Ruling | null;
    seq: Seq;
    speech: Speech;
    type: "floor.revoked";
  };
  "floor.passed": {
    at: string;
    by?: PersonId | null;
    reason?: PassReason | null;
    request: FloorRequest;
    seq: Seq;
    speech?: Speech | null;
    type: "floor.passed";
  };
  "floor.recalled": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    type: "floor.recalled";
  };
  "floor.moved": {
    at: string;
    by?: PersonId | null;
    overrode: boolean;
    request: FloorRequest;
    seq: Seq;
    type: "floor.moved";
  };
  "floor.suspended": {
    at: string;
    by?: PersonId | null;
    cause: Cause;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.suspended";
  };
  "floor.resumed": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.resumed";
  };
  "floor.extended": {
    at: string;
    by?: PersonId | null;
    by_ms: Millis;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.extended";
  };
  "floor.yielded": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    speech?: Speech | null;
    to: PersonId;
    type: "floor.yielded";
  };
  "floor.absent": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.absent";
  };
  "floor.waiting": {
    at: string;
    by?: PersonId | null;
    request: FloorRequest;
    seq: Seq;
    speech: Speech;
    type: "floor.waiting";
  };
  "floor.order": {
    at: string;
    by?: PersonId | null;
    order: RequestId[];
    overrode?: boolean;
    seq: Seq;
    type: "floor.order";
  };
  "floor.on_deck": {
    at: string;
    by?: PersonId | null;
    person: PersonId | null;
    seq: Seq;
    type: "floor.on_deck";
  };
  "floor.timer": {
    at: string;
    by?: PersonId | null;
    seq: Seq;
    speech: Speech;
    type: "floor.timer";
  };
  "recording.started": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.started";
  };
  "recording.paused": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    cause: Cause;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.paused";
  };
  "recording.resumed": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.resumed";
  };
  "recording.sought": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    from_ms: Millis;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.sought";
  };
  "recording.stalled": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    reason?: string | null;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.stalled";
  };
  "recording.ended": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.ended";
  };
  "recording.stopped": {
    about: RequestId;
    at: string;
    by?: PersonId | null;
    recorded: RecordedAddress;
    seq: Seq;
    speaker: PersonId;
    type: "recording.stopped";
  };
  "floor.settings": {
    at: string;
    by?: PersonId | null;
    seq: Seq;
    settings: Settings;
    type: "floor.settings";
  };
  "floor.undoable": {
    about?: RequestId | null;
    at: string;
    before: FormerState;
    by?: PersonId | null;
    command: UndoableCommand;
    id: number;
    seq: Seq;
    type: "floor.undoable";
    until: string;
  };
  "floor.undone": {
    about?: RequestId | null;
    at: string;
    by?: PersonId | null;
    command: UndoableCommand;
    of: number;
    restored: FormerState;
    seq: Seq;
    type: "floor.undone";
  };
  "floor.item": {
    agreed: PersonId[];
    at: string;
    by?: PersonId | null;
    limit_ms?: Millis | null;
    seq: Seq;
    type: "floor.item";
  };
  "floor.item_ended": {
    at: string;
    by?: PersonId | null;
    seq: Seq;
    type: "floor.item_ended";
  };
  "floor.roll_call": {
    at: string;
    by?: PersonId | null;
    open: boolean;
    seq: Seq;
    type: "floor.roll_call";
  };
  "floor.connected": {
    at: string;
    by?: PersonId | null;
    person: PersonId;
    seq: Seq;
    type: "floor.connected";
  };
  "floor.disconnected": {
    at: string;
    by?: PersonId | null;
    person: PersonId;
    seq: Seq;
    type: "floor.disconnected";
  };
  "floor.restarted": {
    at: string;
    by?: PersonId | null;
    down_since: string;
    seq: Seq;
    type: "floor.restarted";
  };
  "list.opened": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.opened";
  };
  "list.closed": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.closed";
  };
  "list.close_announced": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.close_announced";
  };
  "list.reopened": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.reopened";
  };
  "list.adjourned": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.adjourned";
  };
  "list.resumed": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.resumed";
  };
  "list.replies": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.replies";
  };
  "list.concluded": {
    at: string;
    by?: PersonId | null;
    list: ListView;
    seq: Seq;
    type: "list.concluded";
  };
  "chair.changed": {
    at: string;
    by?: PersonId | null;
    chair: PersonId | null;
    seq: Seq;
    type: "chair.changed";
  };
  "chair.priority": {
    at: string;
    by?: PersonId | null;
    on: boolean;
    seq: Seq;
    type: "chair.priority";
  };
  "participant.joined": {
    at: string;
    participant: Participant;
    seq: Seq;
    type: "participant.joined";
  };
  "participant.updated": {
    at: string;
    participant: Participant;
    seq: Seq;
    type: "participant.updated";
  };
  "participant.left": {
    at: string;
    person: PersonId;
    reason: DepartureReason;
    seq: Seq;
    to?: RoomId | null;
    type: "participant.left";
  };
  "participant.admitted": {
    at: string;
    person: PersonId;
    seq: Seq;
    type: "participant.admitted";
  };
  "chat.posted": ChatMessage & {
    at: string;
    seq: Seq;
    type: "chat.posted";
  };
  "help.closed": {
    at: string;
    by: PersonId;
    from: PersonId;
    message: number;
    seq: Seq;
    text?: string | null;
    type: "help.closed";
  };
  "notice.posted": {
    at: string;
    by: PersonId;
    seq: Seq;
    text: string;
    type: "notice.posted";
  };
  "agenda.started": {
    at: string;
    by: PersonId;
    item: AgendaItem;
    seq: Seq;
    type: "agenda.started";
  };
  "agenda.ended": {
    at: string;
    by: PersonId;
    item: AgendaItem;
    seq: Seq;
    type: "agenda.ended";
  };
  "agenda.postponed": {
    at: string;
    by: PersonId;
    by_minutes?: number | null;
    item: AgendaItem;
    seq: Seq;
    type: "agenda.postponed";
  };
  "recording.refused": {
    at: string;
    by: PersonId;
    code: Code;
    detail: string;
    item: ItemId;
    media: MediaId;
    seq: Seq;
    type: "recording.refused";
  };
  "channel.changed": {
    at: string;
    by?: PersonId | null;
    channel: Channel;
    seq: Seq;
    type: "channel.changed";
  };
  "speech.slower_asked": {
    at: string;
    by: PersonId;
    language?: Language | null;
    seq: Seq;
    speakers: PersonId[];
    type: "speech.slower_asked";
  };
  "decision.opened": {
    at: string;
    decision: Decision;
    seq: Seq;
    type: "decision.opened";
  };
  "decision.objected": {
    at: string;
    decision: Decision;
    seq: Seq;
    type: "decision.objected";
  };
  "decision.voted": {
    at: string;
    decision: Decision;
    seq: Seq;
    type: "decision.voted";
  };
  "decision.closed": {
    at: string;
    by?: PersonId | null;
    decision: Decision;
    seq: Seq;
    type: "decision.closed";
  };
  "decision.withdrawn": {
    at: string;
    by: PersonId;
    decision: Decision;
    seq: Seq;
    type: "decision.withdrawn";
  };
  "proceedings.corrected": Correction & {
    at: string;
    seq: Seq;
    type: "proceedings.corrected";
  };
  "record.started": {
    at: string;
    by?: PersonId | null;
    seq: Seq;
    type: "record.started";
  };
  "record.stopped": {
    at: string;
    by?: PersonId | null;
    reason?: RecordFault | null;
    seq: Seq;
    type: "record.stopped";
  };
  "record.take": Take & {
    at: string;
    seq: Seq;
    type: "record.take";
  };
  "record.take_deleted": {
    at: string;
    by?: PersonId | null;
    id: TakeId;
    reason: DeletionReason;
    seq: Seq;
    type: "record.take_deleted";
  };
  "record.gap": {
    at: string;
    from: string;
    reason: RecordFault;
    seq: Seq;
    to: string;
    type: "record.gap";
  };
  "conference.recorded": {
    at: string;
    facts: FileFacts;
    seq: Seq;
    type: "conference.recorded";
  };
  "room.draining": {
    at: string;
    seq: Seq;
    type: "room.draining";
  };
  "room.clock_moved": {
    at: string;
    cause: ClockCause;
    decision?: Decision | null;
    seq: Seq;
    type: "room.clock_moved";
    was: string;
  };
  "hidden": {
    at: string;
    seq: Seq;
    type: "hidden";
  };
}

export type ServerMessage = ServerMessages[keyof ServerMessages];

export const SERVER_MESSAGE_TYPES: ReadonlySet<string> = new Set<keyof ServerMessages>([
  "welcome",
  "check",
  "events",
  "reply",
  "slots",
  "clock",
  "device.replaced",
  "device.active",
  "level",
  "received",
  "speaking",
  "talks",
  "media.ended",
  "problem",
  "signal",
  "floor.requested",
  "floor.accepted",
  "floor.denied",
  "floor.cancelled",
  "floor.granted",
  "floor.released",
  "floor.revoked",
  "floor.passed",
  "floor.recalled",
  "floor.moved",
  "floor.suspended",
  "floor.resumed",
  "floor.extended",
  "floor.yielded",
  "floor.absent",
  "floor.waiting",
  "floor.order",
  "floor.on_deck",
  "floor.timer",
  "recording.started",
  "recording.paused",
  "recording.resumed",
  "recording.sought",
  "recording.stalled",
  "recording.ended",
  "recording.stopped",
  "floor.settings",
  "floor.undoable",
  "floor.undone",
  "floor.item",
  "floor.item_ended",
  "floor.roll_call",
  "floor.connected",
  "floor.disconnected",
  "floor.restarted",
  "list.opened",
  "list.closed",
  "list.close_announced",
  "list.reopened",
  "list.adjourned",
  "list.resumed",
  "list.replies",
  "list.concluded",
  "chair.changed",
  "chair.priority",
  "participant.joined",
  "participant.updated",
  "participant.left",
  "participant.admitted",
  "chat.posted",
  "help.closed",
  "notice.posted",
  "agenda.started",
  "agenda.ended",
  "agenda.postponed",
  "recording.refused",
  "channel.changed",
  "speech.slower_asked",
  "decision.opened",
  "decision.objected",
  "decision.voted",
  "decision.closed",
  "decision.withdrawn",
  "proceedings.corrected",
  "record.started",
  "record.stopped",
  "record.take",
  "record.take_deleted",
  "record.gap",
  "conference.recorded",
  "room.draining",
  "room.clock_moved",
  "hidden",
]);

/** Every message that the server accepts, by its type. */
export interface ClientMessages {
  "hello": {
    batches?: boolean;
    check?: boolean;
    offer?: string | null;
    resume?: Resume | null;
    room?: RoomId | null;
    slots?: SlotWant[] | null;
    token: string;
    type: "hello";
  };
  "slots": {
    slots: SlotWant[];
    type: "slots";
  };
  "clock": {
    sent: number;
    type: "clock";
  };
  "signal": ({
    offer: unknown;
  } | {
    answer: unknown;
  } | {
    candidate: unknown;
  }) & {
    talk?: TalkId;
    to: string;
    type: "signal";
  };
  "floor.request": {
    beneficiary?: PersonId | null;
    command_id: CommandId;
    if_match?: number;
    info?: string | null;
    kind?: Kind | null;
    priority?: Priority | null;
    type: "floor.request";
  };
  "floor.accept": {
    command_id: CommandId;
    if_match?: number;
    position?: number | null;
    request: RequestId;
    type: "floor.accept";
  };
  "floor.grant": {
    command_id: CommandId;
    if_match?: number;
    replace?: RequestId | null;
    request: RequestId;
    type: "floor.grant";
  };
  "floor.deny": {
    command_id: CommandId;
    if_match?: number;
    reason?: string | null;
    request: RequestId;
    type: "floor.deny";
  };
  "floor.cancel": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.cancel";
  };
  "floor.move": {
    command_id: CommandId;
    if_match?: number;
    override?: boolean;
    position: number;
    request: RequestId;
    type: "floor.move";
  };
  "floor.pass": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.pass";
  };
  "floor.wait": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.wait";
  };
  "floor.recall": {
    command_id: CommandId;
    if_match?: number;
    position?: number | null;
    request: RequestId;
    type: "floor.recall";
  };
  "floor.suspend": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.suspend";
  };
  "floor.resume": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.resume";
  };
  "floor.release": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.release";
  };
  "floor.yield": {
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    to?: PersonId | null;
    type: "floor.yield";
  };
  "floor.revoke": {
    command_id: CommandId;
    if_match?: number;
    reason?: string | null;
    request: RequestId;
    type: "floor.revoke";
  };
  "floor.extend": {
    by_ms: BoundedMillis;
    command_id: CommandId;
    if_match?: number;
    request: RequestId;
    type: "floor.extend";
  };
  "floor.order": {
    command_id: CommandId;
    ids: RequestId[];
    if_match?: number;
    type: "floor.order";
  };
  "floor.next": {
    command_id: CommandId;
    expect?: RequestId | null;
    if_match?: number;
    type: "floor.next";
  };
  "floor.undo": {
    command_id: CommandId;
    if_match?: number;
    of?: number | null;
    type: "floor.undo";
  };
  "floor.set": {
    advance?: Advance | null;
    carry_over?: boolean | null;
    command_id: CommandId;
    drawn?: string | null;
    grace_ms?: BoundedMillis | null;
    if_match?: number;
    limit_by_class_ms?: Record<string, BoundedMillis> | null;
    limit_by_kind_ms?: Record<string, BoundedMillis> | null;
    limit_ms?: BoundedMillis | null;
    max_requests?: number | null;
    mode?: Mode | null;
    nom?: number | null;
    overtime?: Overtime | null;
    policy?: Policy | null;
    protocol?: DelegationId[] | null;
    reconnect_grace_ms?: BoundedMillis | null;
    type: "floor.set";
    warning_ms?: BoundedMillis | null;
    when_full?: WhenFull | null;
    yielding?: boolean | null;
  };
  "list.open": {
    command_id: CommandId;
    if_match?: number;
    type: "list.open";
  };
  "list.close": {
    command_id: CommandId;
    if_match?: number;
    type: "list.close";
  };
  "list.announce_close": {
    at: string;
    command_id: CommandId;
    if_match?: number;
    type: "list.announce_close";
  };
  "list.reopen": {
    command_id: CommandId;
    if_match?: number;
    type: "list.reopen";
  };
  "list.admit": {
    command_id: CommandId;
    if_match?: number;
    kind?: Kind | null;
    person: PersonId;
    type: "list.admit";
  };
  "list.adjourn": {
    command_id: CommandId;
    if_match?: number;
    type: "list.adjourn";
  };
  "list.resume": {
    command_id: CommandId;
    if_match?: number;
    type: "list.resume";
  };
  "list.conclude": {
    command_id: CommandId;
    if_match?: number;
    type: "list.conclude";
  };
  "chair.take": {
    command_id: CommandId;
    if_match?: number;
    type: "chair.take";
  };
  "chair.hand_over": {
    command_id: CommandId;
    if_match?: number;
    to: PersonId;
    type: "chair.hand_over";
  };
  "chair.priority_on": {
    command_id: CommandId;
    if_match?: number;
    type: "chair.priority_on";
  };
  "chair.priority_off": {
    command_id: CommandId;
    if_match?: number;
    type: "chair.priority_off";
  };
  "agenda.start": {
    command_id: CommandId;
    if_match?: number;
    item: ItemId;
    type: "agenda.start";
  };
  "agenda.end": {
    command_id: CommandId;
    if_match?: number;
    item: ItemId;
    type: "agenda.end";
  };
  "agenda.postpone": {
    by_minutes?: number | null;
    command_id: CommandId;
    if_match?: number;
    item: ItemId;
    type: "agenda.postpone";
  };
  "agenda.load": {
    command_id: CommandId;
    if_match?: number;
    item: ItemId;
    type: "agenda.load";
  };
  "decision.open": {
    closes_in_ms?: BoundedMillis | null;
    command_id: CommandId;
    if_match?: number;
    item?: ItemId | null;
    kind: DecisionKind;
    question: string;
    quorum?: Quorum | null;
    type: "decision.open";
  };
  "decision.object": {
    command_id: CommandId;
    decision: DecisionId;
    delegation?: DelegationId | null;
    if_match?: number;
    reason?: string | null;
    type: "decision.object";
  };
  "decision.vote": {
    choice: Choice;
    command_id: CommandId;
    decision: DecisionId;
    delegation?: DelegationId | null;
    if_match?: number;
    type: "decision.vote";
  };
  "decision.close": {
    command_id: CommandId;
    decision: DecisionId;
    if_match?: number;
    type: "decision.close";
  };
  "decision.withdraw": {
    command_id: CommandId;
    decision: DecisionId;
    if_match?: number;
    type: "decision.withdraw";
  };
  "channel.take": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    source?: Sound;
    type: "channel.take";
  };
  "channel.release": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    type: "channel.release";
  };
  "channel.hand_over": {
    command_id: CommandId;
    if_match?: number;
    in_ms?: number | null;
    language: Language;
    to: PersonId;
    type: "channel.hand_over";
  };
  "channel.keep": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    type: "channel.keep";
  };
  "channel.relay": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    source: Sound;
    type: "channel.relay";
  };
  "channel.assign": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    person: PersonId;
    source?: Sound;
    type: "channel.assign";
  };
  "channel.clear": {
    command_id: CommandId;
    if_match?: number;
    language: Language;
    type: "channel.clear";
  };
  "speech.slower": {
    command_id: CommandId;
    if_match?: number;
    type: "speech.slower";
  };
  "recording.play": {
    beneficiary?: PersonId | null;
    command_id: CommandId;
    if_match?: number;
    item?: ItemId | null;
    media?: MediaId | null;
    position_ms?: BoundedMillis | null;
    type: "recording.play";
  };
  "recording.pause": {
    command_id: CommandId;
    if_match?: number;
    type: "recording.pause";
  };
  "recording.seek": {
    command_id: CommandId;
    if_match?: number;
    position_ms: BoundedMillis;
    type: "recording.seek";
  };
  "recording.stop": {
    command_id: CommandId;
    if_match?: number;
    type: "recording.stop";
  };
  "participant.move": {
    command_id: CommandId;
    if_match?: number;
    person: PersonId;
    to: RoomId;
    type: "participant.move";
  };
  "participant.remove": {
    command_id: CommandId;
    if_match?: number;
    person: PersonId;
    reason?: string | null;
    type: "participant.remove";
  };
  "participant.mute": {
    command_id: CommandId;
    if_match?: number;
    on?: boolean;
    person: PersonId;
    type: "participant.mute";
  };
  "participant.admit": {
    command_id: CommandId;
    if_match?: number;
    person: PersonId;
    type: "participant.admit";
  };
  "chat.post": {
    command_id: CommandId;
    help?: boolean;
    if_match?: number;
    text: string;
    to?: Audience;
    type: "chat.post";
  };
  "help.close": {
    command_id: CommandId;
    if_match?: number;
    message: number;
    text?: string | null;
    type: "help.close";
  };
  "notice.post": {
    command_id: CommandId;
    if_match?: number;
    text: string;
    type: "notice.post";
  };
  "proceedings.correct": {
    about_seq?: Seq | null;
    command_id: CommandId;
    if_match?: number;
    text: string;
    type: "proceedings.correct";
  };
  "record.start": {
    command_id: CommandId;
    if_match?: number;
    type: "record.start";
  };
  "record.stop": {
    command_id: CommandId;
    if_match?: number;
    type: "record.stop";
  };
  "device.use": {
    command_id: CommandId;
    if_match?: number;
    type: "device.use";
  };
  "talk.call": {
    command_id: CommandId;
    if_match?: number;
    to: PersonId;
    type: "talk.call";
  };
  "talk.answer": {
    command_id: CommandId;
    if_match?: number;
    talk: TalkId;
    type: "talk.answer";
  };
  "talk.refuse": {
    command_id: CommandId;
    if_match?: number;
    talk: TalkId;
    type: "talk.refuse";
  };
  "talk.hang_up": {
    command_id: CommandId;
    if_match?: number;
    no_path?: boolean;
    talk: TalkId;
    type: "talk.hang_up";
  };
  "talk.close": {
    command_id: CommandId;
    if_match?: number;
    talk: TalkId;
    type: "talk.close";
  };
  "token.renew": {
    command_id: CommandId;
    type: "token.renew";
  };
}

export type ClientMessage = ClientMessages[keyof ClientMessages];
