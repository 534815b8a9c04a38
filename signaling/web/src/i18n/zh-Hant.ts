import type { Catalogue } from "./en";
import { agenda } from "./zh-Hant/agenda";
import { app } from "./zh-Hant/app";
import { console } from "./zh-Hant/console";
import { decisions } from "./zh-Hant/decisions";
import { floor } from "./zh-Hant/floor";
import { health } from "./zh-Hant/health";
import { record } from "./zh-Hant/record";
import { refusals } from "./zh-Hant/refusals";
import { room } from "./zh-Hant/room";
import { seat } from "./zh-Hant/seat";
import { sound } from "./zh-Hant/sound";

/** Everything the page says, in Traditional Chinese as Taiwan’s congresses write it. */
export const zhHant: Catalogue = { ...app, ...seat, ...room, ...floor, ...console, ...decisions, ...agenda, ...health, ...record, ...refusals, ...sound };

