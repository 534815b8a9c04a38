// Ports for programs that have to be told theirs.

import net from "node:net";

/** A port that was free a moment ago. */
export async function freePort() {
  const listening = net.createServer().listen(0, "127.0.0.1");
  await new Promise((done) => listening.once("listening", done));
  const { port } = listening.address();
  await new Promise((done) => listening.close(done));
  return port;
}
