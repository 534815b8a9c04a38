import { agenda } from "./en/agenda";
import { app } from "./en/app";
import { console } from "./en/console";
import { decisions } from "./en/decisions";
import { floor } from "./en/floor";
import { health } from "./en/health";
import { record } from "./en/record";
import { refusals } from "./en/refusals";
import { room } from "./en/room";
import { seat } from "./en/seat";
import { sound } from "./en/sound";

/** Everything the page says, in English: the catalogue the others are measured against. */
export const en = { ...app, ...seat, ...room, ...floor, ...console, ...decisions, ...agenda, ...health, ...record, ...refusals, ...sound } as const;

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
