/**
 * The wire's types under the names that the page uses, and the few that the page adds. Every shape comes from the
 * server's published documents.
 */
import type { PersonFacts } from "../wire/generated/http";
import type { RoomSnapshot } from "../wire/generated/socket";

export type {
  ConferenceFacts as Conference,
  DelegationFacts as Delegation,
  PersonFacts as Person,
  PlannedItem,
  RecordingHealth,
  RoomListed,
  RoomTitle,
  SittingRecorded,
  SpeechRecorded,
  TakeListed,
} from "../wire/generated/http";
export type {
  Agenda,
  AgendaItem,
  Cause,
  Channel,
  ChatLine,
  Choice,
  Class,
  Colour,
  Decision,
  FloorRequest,
  FloorView as Floor,
  FormerState,
  ItemKind,
  Kind,
  ListState,
  ListView as SpeakersList,
  Mode,
  Participant,
  Policy,
  Problem,
  Quorum,
  RecordFault,
  Role,
  Settings,
  SlotShows,
  Speech,
  Spoken,
  Talk,
  TalkEnded,
  You,
} from "../wire/generated/socket";
export type { RoomEvent } from "../wire/messages";

/** A room's snapshot with the events since folded into it. */
export interface Room extends RoomSnapshot {
  /** Everybody of the conference: a participant who was never seated has a name too. */
  people?: PersonFacts[];
}
