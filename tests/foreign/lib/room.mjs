// A room with a foreign stack on one side and the headless participant on the other.

import { Participant } from "../../e2e/lib/participant.mjs";
import { conferenceFile, Server } from "../../e2e/lib/server.mjs";
import { Headless, Stack } from "./stack.mjs";

/** A server whose room grants the floor to whoever asks first. */
export const startServer = () => Server.start({ conference: conferenceFile({ floor: 'mode = "queue"' }) });

/** Seats a stack as `person`; resolves once its media are connected. */
export async function seat(server, person, name, flags) {
  const stack = new Stack(name, flags);
  try {
    const offer = await stack.offer();
    const participant = await Participant.join(server, person, "climate", { offer });
    stack.say({ answer: participant.messages.find(({ type }) => type === "welcome").answer });
    await stack.until("connected", ({ state }) => state === "connected");
    return { stack, participant };
  } catch (error) {
    stack.close();
    throw error;
  }
}

/** Runs `body` with a server, the headless participant as Seoul, and what `body` wants closed afterwards. */
export async function inRoom(body) {
  const server = await startServer();
  const open = [];
  try {
    const headless = await Headless.join(server, "seoul-1");
    open.push(headless);
    await body({ server, headless, opened: (closable) => (open.push(closable), closable) });
  } finally {
    for (const closable of open) closable.close();
    await server.close();
  }
}
