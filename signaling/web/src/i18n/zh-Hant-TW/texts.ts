import { agenda } from "./agenda";
import { app } from "./app";
import { console } from "./console";
import { decisions } from "./decisions";
import { floor } from "./floor";
import { health } from "./health";
import { record } from "./record";
import { refusals } from "./refusals";
import { room } from "./room";
import { seat } from "./seat";
import { sound } from "./sound";

export const texts = { ...agenda, ...app, ...console, ...decisions, ...floor, ...health, ...record, ...refusals, ...room, ...seat, ...sound };
