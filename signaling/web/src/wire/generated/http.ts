// Generated from docs/openapi.json by `npm run generate`. Do not edit: a test compares it with the document.

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

export type Alarm = {
  cause: AlarmCause;
  detail: string;
  interpreter: PersonId;
  kind: "channel_interrupted";
  language: Language;
  room: RoomId;
  since: string | null;
  try: string;
} | {
  detail: string;
  failure?: string | null;
  kind: "recording_stalled";
  media: MediaId;
  name: string;
  position_ms: Millis;
  room: RoomId;
  since: string;
  speaker: PersonId;
  try: string;
};

export const AlarmCause = ["away", "lost", "muted", "no_path"] as const;
export type AlarmCause = (typeof AlarmCause)[number];

export type Attendance = {
  delegation?: DelegationId | null;
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  role: Role;
  spans: Span[];
};

export type Audience = string;

export type BoundedMillis = number;

export const Cause = ["chair", "chair_priority", "point_of_order", "disconnected", "stalled", "adjourned", "overtime", "full"] as const;
export type Cause = (typeof Cause)[number];

export type ChairChange = {
  at: Time;
  by?: PersonId | null;
  chair?: PersonId | null;
  seq: Seq;
};

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

export type CheckFacts = {
  conference: string;
  names?: Record<string, string>;
  valid_until: string;
};

export const Choice = ["yes", "no", "abstain"] as const;
export type Choice = (typeof Choice)[number];

export const Class = ["member", "observer", "guest", "staff"] as const;
export type Class = (typeof Class)[number];

export const ClockCause = ["set", "stood_still"] as const;
export type ClockCause = (typeof ClockCause)[number];

export type ClockChange = {
  at: Time;
  cause: ClockCause;
  seq: Seq;
  was: Time;
};

export type ClockHealth = {
  log_ahead_ms: Millis;
  set_by_ms: number;
  standstill_ms: Millis;
};

export const Code = ["unauthorized", "forbidden", "not_found", "invalid", "too_large", "rate_limited", "conflict", "list_closed", "duplicate", "too_many_requests", "floor_full", "absent", "policy_violation", "already_passed", "not_passed", "not_holder", "request_closed", "invalid_transition", "no_quorum", "nothing_listed", "too_late", "depends", "unavailable"] as const;
export type Code = (typeof Code)[number];

export const Colour = ["green", "amber", "red"] as const;
export type Colour = (typeof Colour)[number];

export type ConferenceFacts = {
  agenda: PlannedItem[];
  delegations: DelegationFacts[];
  ends: string;
  host: DelegationId | null;
  id: string;
  languages: Language[];
  name: string;
  names?: Record<string, string>;
  people: PersonFacts[];
  rooms: RoomTitle[];
  starts: string;
  theme: string;
  themes?: Record<string, string>;
  time_zone: string;
};

export type ConferenceFacts2 = {
  id: string;
  name: string;
  names?: Record<string, string>;
  theme: string;
  themes?: Record<string, string>;
  time_zone: string;
};

export type Correction = {
  about_seq?: Seq | null;
  by: PersonId;
  text: string;
};

export type Correction2 = {
  about_seq?: Seq | null;
  at: Time;
  by: PersonId;
  seq: Seq;
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

export type DelegationFacts = {
  country: string;
  id: DelegationId;
  name: string;
  names?: Record<string, string>;
  status: Status;
  time_zone: string;
};

export type DelegationFigures = {
  delegation: DelegationId;
  name: string;
  names?: Record<string, string>;
  present: boolean;
  speeches: number;
  status: Status;
  used_ms: Millis;
};

export type DelegationId = string;

export const DeletionReason = ["retention", "asked"] as const;
export type DeletionReason = (typeof DeletionReason)[number];

export type Departed = {
  at: string;
  person: PersonId;
};

export const DepartureReason = ["left", "lost", "removed", "moved"] as const;
export type DepartureReason = (typeof DepartureReason)[number];

export type DiskHealth = {
  advice: string | null;
  committing_ms: Millis;
  free_bytes: number | null;
  since: string | null;
  size_bytes: number | null;
  slow_ms: Millis | null;
  state: DiskState;
  trouble: string | null;
  waiting: number;
};

export const DiskState = ["ok", "low", "slow", "full", "read_only", "failing", "damaged", "gone"] as const;
export type DiskState = (typeof DiskState)[number];

export type DisplayHealth = {
  since: string;
};

export const EndedBy = ["speaker", "next_called", "replaced", "time_used_up", "withdrawn", "not_entitled", "yielded", "passed", "recording_ended", "recording_stopped"] as const;
export type EndedBy = (typeof EndedBy)[number];

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

export type Event3 = {
  at: string;
  seq: Seq;
  type: "hidden";
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

export type Health = {
  rooms: RoomHealth[];
  server: ServerHealth;
};

export type HelpCall = {
  at: string;
  delegation: DelegationId | null;
  detail: string;
  figures?: SeatFigures | null;
  from: PersonId;
  help?: boolean;
  id: number;
  name: string;
  names?: Record<string, string>;
  text: string;
  to: Audience;
};

export type IceServer = {
  credential: string;
  urls: string[];
  username: string;
};

export const InitialList = ["open", "not_open"] as const;
export type InitialList = (typeof InitialList)[number];

export type Interpretation = {
  language: Language;
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  spans: Span[];
};

export type ItemId = string;

export const ItemKind = ["address", "presentations", "debate", "decision", "report"] as const;
export type ItemKind = (typeof ItemKind)[number];

export const ItemState = ["planned", "on", "done"] as const;
export type ItemState = (typeof ItemState)[number];

export const Kind = ["statement", "response", "reply", "point_of_order", "motion", "address"] as const;
export type Kind = (typeof Kind)[number];

export type Language = string;

export type Link = {
  expires: string;
  expires_in_ms: Millis;
  path: string;
};

export type ListChange = {
  at: Time;
  by?: PersonId | null;
  seq: Seq;
  what: ListStep;
};

export const ListState = ["not_open", "open", "closed", "replies", "concluded", "adjourned"] as const;
export type ListState = (typeof ListState)[number];

export const ListStep = ["opened", "close_announced", "closed", "reopened", "adjourned", "resumed", "replies", "concluded"] as const;
export type ListStep = (typeof ListStep)[number];

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

export type Me = {
  conference: ConferenceFacts;
  person: PersonFacts;
  rooms: MyRoom[];
};

export type MediaId = string;

export type MediaItem = {
  bytes: number;
  damaged?: string | null;
  duration_ms: Millis;
  id: MediaId;
  name: string;
  subtitles?: Language[];
  tracks: MediaTrack[];
  warnings?: string[];
};

export type MediaTrack = {
  codec: string;
  height?: number | null;
  kind: string;
  language?: Language | null;
};

export type MediaUpload = {
  bytes: number;
  expires: string;
  id: string;
  media?: MediaId | null;
  metadata?: string;
  name: string;
  received: number;
  refused?: string | null;
  state: MediaUploadState;
};

export const MediaUploadState = ["receiving", "checking", "added", "refused"] as const;
export type MediaUploadState = (typeof MediaUploadState)[number];

export type Millis = number;

export const Mode = ["moderated", "queue", "open", "direct"] as const;
export type Mode = (typeof Mode)[number];

export type MyRoom = {
  agenda: PlannedItem[];
  id: RoomId;
  recording: boolean;
  title: string;
  titles?: Record<string, string>;
};

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

export type NoticeToAll = {
  text: string;
};

export type Objection = {
  at: string;
  by: PersonId;
  delegation: DelegationId;
  reason?: string | null;
};

export const Overtime = ["continue", "mute", "revoke"] as const;
export type Overtime = (typeof Overtime)[number];

export type Part = {
  began: Time;
  ended?: Time | null;
  why?: Cause | null;
};

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

export type PersonFacts = {
  delegation: DelegationId | null;
  id: PersonId;
  languages: Language[];
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  role: Role;
  rooms: RoomId[];
  watching?: Watching | null;
};

export type PersonId = string;

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

export type PlannedItem = {
  id: ItemId;
  kind: ItemKind;
  limit_ms: Millis | null;
  minutes: number;
  room: RoomId;
  speakers: PersonId[];
  starts: string;
  title: string;
  titles?: Record<string, string>;
};

export type PointOfOrder = {
  by?: PersonId | null;
  city?: string | null;
  delegation?: DelegationId | null;
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  raised: Time;
  request: RequestId;
  ruled?: Time | null;
  ruling?: Ruling2 | null;
  seq: Seq;
  word?: string | null;
};

export const Policy = ["fifo", "agreed", "members_first", "rotation", "members_first_rotation", "protocol"] as const;
export type Policy = (typeof Policy)[number];

export type Posted = {
  id: number;
};

export type Postponement = {
  at: Time;
  by: PersonId;
  by_minutes?: number | null;
  due: Time;
  item: ItemId;
  seq: Seq;
  title: string;
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

export type Proceedings = {
  attendance: Attendance[];
  chair: ChairChange[];
  clock?: ClockChange[];
  conference: ConferenceFacts2;
  corrections: Correction2[];
  decisions: RecordedDecision[];
  delegations: DelegationFigures[];
  from_seq: Seq;
  generated: Time;
  interpretation: Interpretation[];
  items: RecordedItem[];
  list: ListChange[];
  notices?: RecordedNotice[];
  points_of_order: PointOfOrder[];
  postponements?: Postponement[];
  recording?: RecordingChange[];
  recording_gaps?: RecordingGap[];
  room: RoomFacts;
  seal: Seal | null;
  speeches: RecordedSpeech[];
  takes?: RecordedTake[];
  to_seq: Seq;
  undone?: Undoing[];
  version: number;
};

export type Quorum = number | string;

export type QuorumCount = {
  members: number;
  needed: number;
};

export const Reach = ["tile", "stage"] as const;
export type Reach = (typeof Reach)[number];

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

export type RecordedDecision = {
  closed_at?: Time | null;
  closes_at?: Time | null;
  id: DecisionId;
  item?: ItemId | null;
  kind: DecisionKind;
  objections: RecordedObjection[];
  opened_at: Time;
  opened_by: PersonId;
  question: string;
  quorum?: QuorumCount | null;
  result?: Verdict | null;
  roll: RecordedVote[];
  seq: Seq;
  state: DecisionState;
  tally: Tally;
};

export type RecordedItem = {
  began?: Time | null;
  began_seq?: Seq | null;
  ended?: Time | null;
  ended_seq?: Seq | null;
  id: ItemId;
  kind: ItemKind;
  minutes: number;
  planned: Time;
  title: string;
  titles?: Record<string, string>;
};

export type RecordedNotice = {
  at: Time;
  by: PersonId;
  name: string;
  names?: Record<string, string>;
  seq: Seq;
  text: string;
};

export type RecordedObjection = {
  at: Time;
  by: PersonId;
  delegation: DelegationId;
  reason?: string | null;
};

export type RecordedSpeech = {
  asked: Time;
  began: Time;
  city?: string | null;
  delegation?: DelegationId | null;
  ended?: Time | null;
  ended_by?: EndedBy | null;
  extended_ms: Millis;
  how?: Ending | null;
  item?: ItemId | null;
  kind: Kind;
  limit_ms: Millis;
  name: string;
  names?: Record<string, string>;
  parts: Part[];
  person: PersonId;
  reason?: string | null;
  recording?: SpeechRecording | null;
  request: RequestId;
  seq: Seq;
  undone?: boolean;
  used_ms: Millis;
};

export type RecordedTake = {
  bytes: number;
  deleted?: Time | null;
  deletion?: DeletionReason | null;
  from: Time;
  id: TakeId;
  language?: Language | null;
  lost_packets: number;
  media_type: string;
  participant: PersonId;
  recovered: boolean;
  seq: Seq;
  sha256: string;
  source: Source;
  speech?: RequestId | null;
  to: Time;
};

export type RecordedVote = {
  at?: Time | null;
  by?: PersonId | null;
  choice?: Choice | null;
  delegation: DelegationId;
};

export type RecordingChange = {
  at: Time;
  by?: PersonId | null;
  name?: string | null;
  names?: Record<string, string>;
  reason?: RecordFault | null;
  recording: boolean;
  seq: Seq;
};

export type RecordingFailed = {
  at: string;
  reason: RecordFault;
};

export type RecordingGap = {
  from: Time;
  reason: RecordFault;
  seq: Seq;
  to: Time;
};

export type RecordingHealth = {
  bytes: number;
  bytes_per_hour: number;
  free_hours?: number | null;
  since: string;
  takes: number;
};

export const RecordingStarts = ["chair", "auto"] as const;
export type RecordingStarts = (typeof RecordingStarts)[number];

export type RecordingState = {
  by?: PersonId | null;
  recording: boolean;
  since?: string | null;
};

export type Redeem = {
  invitation: string;
};

export type Redeemed = {
  check?: CheckFacts | null;
  expires: string;
  expires_in_ms: Millis;
  ice_servers: IceServer[];
  may: Permission[];
  now: string;
  person?: PersonFacts | null;
  token: string;
};

export type Removed = {
  name: string;
  names?: Record<string, string>;
  person: PersonId;
};

export type RequestId = string;

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

export type RoomFacts = {
  id: RoomId;
  title: string;
  titles?: Record<string, string>;
};

export type RoomHealth = {
  alarms: Alarm[];
  displays: DisplayHealth[];
  help: HelpCall[];
  participants: SeatHealth[];
  recording?: RecordingHealth | null;
  room: RoomId;
  seq: Seq;
  stale?: boolean;
  talks: Talk[];
  title: string;
  titles?: Record<string, string>;
};

export type RoomId = string;

export type RoomListed = {
  gallery: boolean;
  id: RoomId;
  late_ms: Millis | null;
  next: AgendaItem | null;
  on: AgendaItem | null;
  recording: boolean;
  title: string;
  titles?: Record<string, string>;
};

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

export type RoomTitle = {
  id: RoomId;
  title: string;
  titles?: Record<string, string>;
};

export const Ruling = ["upheld", "overruled"] as const;
export type Ruling = (typeof Ruling)[number];

export const Ruling2 = ["upheld", "overruled", "withdrawn", "heard"] as const;
export type Ruling2 = (typeof Ruling2)[number];

export type Seal = {
  algorithm: string;
  hash: string;
  key: string;
  signature: string;
};

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

export type SeatHealth = {
  bitrate_down: number | null;
  bitrate_up: number | null;
  cause: string | null;
  delegation: DelegationId | null;
  estimate_down?: number | null;
  ice_path: string | null;
  jitter_ms: number | null;
  lacks: UndecodableSource[] | null;
  loss_down: number | null;
  loss_up: number | null;
  name: string;
  names?: Record<string, string>;
  person: PersonId;
  quality: string;
  role: Role;
  rtt_ms: number | null;
  slots: SlotShows[] | null;
  sources: SourceFigures[] | null;
  state: string;
};

export type Secret = {
  expires: string;
  expires_in_ms: Millis;
  ice_servers: IceServer[];
  now: string;
  token: string;
};

export type Seen = Event | Event3;

export type Seq = number;

export type ServerAlarm = {
  detail: string;
  kind: ServerAlarmKind;
  try: string;
};

export const ServerAlarmKind = ["log_ahead", "wal_lost", "recording_stopped", "recording_ends_soon", "certificate_refused", "certificate_ends", "certificate_not_issued"] as const;
export type ServerAlarmKind = (typeof ServerAlarmKind)[number];

export type ServerHealth = {
  alarms: ServerAlarm[];
  clock: ClockHealth;
  disk: DiskHealth;
  load: number | null;
  processors: number | null;
};

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

export type SittingRecorded = {
  bytes: number;
  duration_ms: Millis;
  from: string;
  languages: Language[];
  name: string;
  to: string;
  url: string;
};

export type SlotShows = {
  mid: string;
  shows: Shows | null;
};

export type SlowerAsked = {
  speakers: PersonId[];
};

export type Sought = {
  from_ms: Millis;
  to_ms: Millis;
};

export type Sound = string;

export const Source = ["microphone", "camera", "screen"] as const;
export type Source = (typeof Source)[number];

export type SourceFigures = {
  codec: string | null;
  jitter_ms: number;
  layers: number;
  loss: number;
  packets: number;
  reach: Reach | null;
  source: Source;
};

export type Span = {
  from: Time;
  to?: Time | null;
};

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

export type SpeechRecorded = {
  duration_ms: Millis;
  from: string;
  has_picture: boolean;
  languages: Language[];
  name: string;
  participant: PersonId;
  speech: RequestId;
  to: string;
  url: string;
};

export type SpeechRecording = {
  duration_ms: Millis;
  failures?: string[];
  from_ms: Millis;
  media: MediaId;
  name: string;
  sought?: Sought[];
  until_ms: Millis;
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

export type Subtitle = {
  from_ms: Millis;
  text: string;
  to_ms: Millis;
};

export type Subtitles = {
  cues: Subtitle[];
  language: Language;
  media: MediaId;
};

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

export type TakeListed = {
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
  url: string;
};

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

export type Time = {
  local: string;
  utc: string;
};

export type UndecodableSource = {
  codec: string;
  participant: PersonId;
  source: Source;
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

export type Undoing = {
  at: Time;
  by?: PersonId | null;
  command: UndoableCommand;
  person?: string | null;
  resumed?: string[];
  seq: Seq;
};

export const Verdict = ["adopted", "rejected", "objected", "tied", "no_quorum"] as const;
export type Verdict = (typeof Verdict)[number];

export const Watching = ["display"] as const;
export type Watching = (typeof Watching)[number];

export const WhenFull = ["wait", "override"] as const;
export type WhenFull = (typeof WhenFull)[number];

/** The JSON that each route gives. */
export interface Answers {
  "GET /asyncapi.json": Record<string, unknown>;
  "GET /conference": ConferenceFacts;
  "GET /health": Health;
  "POST /invitations/redeem": Redeemed;
  "GET /me": Me;
  "GET /media": MediaItem[];
  "POST /media": MediaItem;
  "GET /media/uploads": MediaUpload[];
  "POST /media/uploads": MediaUpload;
  "GET /media/uploads/{upload}": MediaUpload;
  "POST /media/{media}/link": Link;
  "PUT /media/{media}/subtitles/{language}": MediaItem;
  "POST /notices": NoticeRecorded[];
  "GET /openapi.json": Record<string, unknown>;
  "GET /rooms": RoomListed[];
  "GET /rooms/{room}": RoomSnapshot;
  "POST /rooms/{room}/agenda/{item}/end": AgendaItem;
  "POST /rooms/{room}/agenda/{item}/load": Loaded;
  "POST /rooms/{room}/agenda/{item}/postpone": AgendaItem;
  "POST /rooms/{room}/agenda/{item}/start": AgendaItem;
  "POST /rooms/{room}/chair/hand_over": FloorView;
  "POST /rooms/{room}/chair/priority_off": FloorView;
  "POST /rooms/{room}/chair/priority_on": FloorView;
  "POST /rooms/{room}/chair/take": FloorView;
  "POST /rooms/{room}/channels/{language}/assign": Channel;
  "POST /rooms/{room}/channels/{language}/clear": Channel;
  "POST /rooms/{room}/channels/{language}/hand_over": Channel;
  "POST /rooms/{room}/channels/{language}/keep": Channel;
  "POST /rooms/{room}/channels/{language}/relay": Channel;
  "POST /rooms/{room}/channels/{language}/release": Channel;
  "POST /rooms/{room}/channels/{language}/take": Channel;
  "POST /rooms/{room}/decisions": Decision;
  "POST /rooms/{room}/decisions/{decision}/close": Decision;
  "POST /rooms/{room}/decisions/{decision}/object": Decision;
  "POST /rooms/{room}/decisions/{decision}/vote": Decision;
  "POST /rooms/{room}/decisions/{decision}/withdraw": Decision;
  "GET /rooms/{room}/events": Seen[];
  "GET /rooms/{room}/floor": FloorView;
  "PATCH /rooms/{room}/floor": FloorView;
  "POST /rooms/{room}/floor/list/adjourn": FloorView;
  "POST /rooms/{room}/floor/list/admit": FloorRequest;
  "POST /rooms/{room}/floor/list/announce_close": FloorView;
  "POST /rooms/{room}/floor/list/close": FloorView;
  "POST /rooms/{room}/floor/list/conclude": FloorView;
  "POST /rooms/{room}/floor/list/open": FloorView;
  "POST /rooms/{room}/floor/list/reopen": FloorView;
  "POST /rooms/{room}/floor/list/resume": FloorView;
  "POST /rooms/{room}/floor/next": FloorRequest;
  "PUT /rooms/{room}/floor/order": FloorView;
  "POST /rooms/{room}/floor/requests": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/accept": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/cancel": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/deny": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/extend": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/grant": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/move": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/pass": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/recall": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/release": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/resume": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/revoke": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/suspend": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/wait": FloorRequest;
  "POST /rooms/{room}/floor/requests/{request}/yield": FloorRequest;
  "POST /rooms/{room}/floor/undo": FloorView;
  "GET /rooms/{room}/health": RoomHealth;
  "POST /rooms/{room}/help/close": Posted;
  "POST /rooms/{room}/notices": NoticeRecorded;
  "POST /rooms/{room}/participants/{person}/admit": Placed;
  "POST /rooms/{room}/participants/{person}/move": Placed;
  "POST /rooms/{room}/participants/{person}/mute": Participant;
  "POST /rooms/{room}/participants/{person}/remove": Placed;
  "GET /rooms/{room}/proceedings": Proceedings;
  "POST /rooms/{room}/proceedings/corrections": Recorded;
  "POST /rooms/{room}/record/start": RecordingState;
  "POST /rooms/{room}/record/stop": RecordingState;
  "POST /rooms/{room}/recording/pause": FloorView;
  "POST /rooms/{room}/recording/play": FloorView;
  "POST /rooms/{room}/recording/seek": FloorView;
  "POST /rooms/{room}/recording/stop": FloorView;
  "GET /rooms/{room}/recording/subtitles/{language}": Subtitles;
  "GET /rooms/{room}/recordings": TakeListed[];
  "GET /rooms/{room}/recordings/sittings": SittingRecorded[];
  "GET /rooms/{room}/recordings/speeches": SpeechRecorded[];
  "POST /rooms/{room}/speech/slower": SlowerAsked;
  "POST /rooms/{room}/talks/{talk}/close": TalkEnded;
  "POST /token/renew": Secret;
}

/** The JSON that each route takes. */
export interface Bodies {
  "POST /invitations/redeem": Redeem;
  "POST /notices": NoticeToAll;
  "POST /rooms/{room}/agenda/{item}/end": Record<string, never>;
  "POST /rooms/{room}/agenda/{item}/load": Record<string, never>;
  "POST /rooms/{room}/agenda/{item}/postpone": {
    by_minutes?: number | null;
  };
  "POST /rooms/{room}/agenda/{item}/start": Record<string, never>;
  "POST /rooms/{room}/chair/hand_over": {
    to: PersonId;
  };
  "POST /rooms/{room}/chair/priority_off": Record<string, never>;
  "POST /rooms/{room}/chair/priority_on": Record<string, never>;
  "POST /rooms/{room}/chair/take": Record<string, never>;
  "POST /rooms/{room}/channels/{language}/assign": {
    person: PersonId;
    source?: Sound;
  };
  "POST /rooms/{room}/channels/{language}/clear": Record<string, never>;
  "POST /rooms/{room}/channels/{language}/hand_over": {
    in_ms?: number | null;
    to: PersonId;
  };
  "POST /rooms/{room}/channels/{language}/keep": Record<string, never>;
  "POST /rooms/{room}/channels/{language}/relay": {
    source: Sound;
  };
  "POST /rooms/{room}/channels/{language}/release": Record<string, never>;
  "POST /rooms/{room}/channels/{language}/take": {
    source?: Sound;
  };
  "POST /rooms/{room}/decisions": {
    closes_in_ms?: BoundedMillis | null;
    item?: ItemId | null;
    kind: DecisionKind;
    question: string;
    quorum?: Quorum | null;
  };
  "POST /rooms/{room}/decisions/{decision}/close": Record<string, never>;
  "POST /rooms/{room}/decisions/{decision}/object": {
    delegation?: DelegationId | null;
    reason?: string | null;
  };
  "POST /rooms/{room}/decisions/{decision}/vote": {
    choice: Choice;
    delegation?: DelegationId | null;
  };
  "POST /rooms/{room}/decisions/{decision}/withdraw": Record<string, never>;
  "PATCH /rooms/{room}/floor": {
    advance?: Advance | null;
    carry_over?: boolean | null;
    drawn?: string | null;
    grace_ms?: BoundedMillis | null;
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
    warning_ms?: BoundedMillis | null;
    when_full?: WhenFull | null;
    yielding?: boolean | null;
  };
  "POST /rooms/{room}/floor/list/adjourn": Record<string, never>;
  "POST /rooms/{room}/floor/list/admit": {
    kind?: Kind | null;
    person: PersonId;
  };
  "POST /rooms/{room}/floor/list/announce_close": {
    at: string;
  };
  "POST /rooms/{room}/floor/list/close": Record<string, never>;
  "POST /rooms/{room}/floor/list/conclude": Record<string, never>;
  "POST /rooms/{room}/floor/list/open": Record<string, never>;
  "POST /rooms/{room}/floor/list/reopen": Record<string, never>;
  "POST /rooms/{room}/floor/list/resume": Record<string, never>;
  "POST /rooms/{room}/floor/next": {
    expect?: RequestId | null;
  };
  "PUT /rooms/{room}/floor/order": {
    ids: RequestId[];
  };
  "POST /rooms/{room}/floor/requests": {
    beneficiary?: PersonId | null;
    info?: string | null;
    kind?: Kind | null;
    priority?: Priority | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/accept": {
    position?: number | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/cancel": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/deny": {
    reason?: string | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/extend": {
    by_ms: BoundedMillis;
  };
  "POST /rooms/{room}/floor/requests/{request}/grant": {
    replace?: RequestId | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/move": {
    override?: boolean;
    position: number;
  };
  "POST /rooms/{room}/floor/requests/{request}/pass": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/recall": {
    position?: number | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/release": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/resume": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/revoke": {
    reason?: string | null;
  };
  "POST /rooms/{room}/floor/requests/{request}/suspend": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/wait": Record<string, never>;
  "POST /rooms/{room}/floor/requests/{request}/yield": {
    to?: PersonId | null;
  };
  "POST /rooms/{room}/floor/undo": {
    of?: number | null;
  };
  "POST /rooms/{room}/help/close": {
    message: number;
    text?: string | null;
  };
  "POST /rooms/{room}/notices": {
    text: string;
  };
  "POST /rooms/{room}/participants/{person}/admit": Record<string, never>;
  "POST /rooms/{room}/participants/{person}/move": {
    to: RoomId;
  };
  "POST /rooms/{room}/participants/{person}/mute": {
    on?: boolean;
  };
  "POST /rooms/{room}/participants/{person}/remove": {
    reason?: string | null;
  };
  "POST /rooms/{room}/proceedings/corrections": {
    about_seq?: Seq | null;
    text: string;
  };
  "POST /rooms/{room}/record/start": Record<string, never>;
  "POST /rooms/{room}/record/stop": Record<string, never>;
  "POST /rooms/{room}/recording/pause": Record<string, never>;
  "POST /rooms/{room}/recording/play": {
    beneficiary?: PersonId | null;
    item?: ItemId | null;
    media?: MediaId | null;
    position_ms?: BoundedMillis | null;
  };
  "POST /rooms/{room}/recording/seek": {
    position_ms: BoundedMillis;
  };
  "POST /rooms/{room}/recording/stop": Record<string, never>;
  "POST /rooms/{room}/speech/slower": Record<string, never>;
  "POST /rooms/{room}/talks/{talk}/close": Record<string, never>;
}
