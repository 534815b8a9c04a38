import { agenda } from "./agenda";
import { app } from "./app";
import { band } from "./band";
import { console } from "./console";
import { decisions } from "./decisions";
import { devices } from "./devices";
import { floor } from "./floor";
import { hall } from "./hall";
import { health } from "./health";
import { layout } from "./layout";
import { live } from "./live";
import { messages } from "./messages";
import { player } from "./player";
import { record } from "./record";
import { recorded } from "./recorded";
import { recording } from "./recording";
import { refusals } from "./refusals";
import { room } from "./room";
import { seat } from "./seat";
import { shell } from "./shell";
import { sound } from "./sound";
import { talks } from "./talks";

export const texts = {
  ...agenda,
  ...app,
  ...band,
  ...console,
  ...decisions,
  ...devices,
  ...floor,
  ...hall,
  ...health,
  ...layout,
  ...live,
  ...messages,
  ...player,
  ...record,
  ...recorded,
  ...recording,
  ...refusals,
  ...room,
  ...seat,
  ...shell,
  ...sound,
  ...talks,
};
