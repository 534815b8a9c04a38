// Attacks on a server, each a function that goes on until `signal` aborts and counts in `tally` what it did.
//
// Strangers have an address and nothing else; participants have a valid link.

import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import WebSocket from "ws";

/** Waits; returns early when the attacks end. */
const pause = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      done();
    }
  });

const count = (tally, what) => (tally[what] = (tally[what] ?? 0) + 1);

const hostPort = (url) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};

/** Opens a connection that sends `open` and then nothing, and that reads only if `read` is true. */
function holdConnection({ server, localAddress, open, read, signal, tally, name }) {
  const socket = connect({ ...hostPort(server.url), localAddress });
  socket.on("connect", () => (count(tally, `${name}: opened`), socket.write(open)));
  socket.on("error", () => count(tally, `${name}: refused`));
  socket.on("close", () => signal.aborted || count(tally, `${name}: closed by the server`));
  if (!read) socket.pause();
  return socket;
}

/** Keeps up to `most` connections open, replaces those that the server ends, and ends them all with the signal. */
async function holdMany({ server, signal, tally, name, most, open, read = true }) {
  const held = new Set();
  while (!signal.aborted) {
    while (held.size < most && !signal.aborted) {
      // Loopback has 2^24 addresses: each tenth connection comes from another one.
      const localAddress = `127.0.${randomInt(1, 30)}.${randomInt(1, 250)}`;
      const socket = holdConnection({ server, localAddress, open: open(), read, signal, tally, name });
      held.add(socket);
      socket.once("close", () => held.delete(socket));
      if (held.size % 10 === 0) await pause(20, signal);
    }
    await pause(200, signal);
  }
  for (const socket of held) socket.destroy();
}

const crlf = (...lines) => `${lines.join("\r\n")}\r\n\r\n`;

// --- Strangers -------------------------------------------------------------------------------------------------------

/** Requests whose body never comes. */
export const stalledBodies = (context) =>
  holdMany({
    ...context,
    name: "body that never comes",
    most: 150,
    open: () =>
      crlf(
        "POST /api/v1/invitations/redeem HTTP/1.1",
        "host: x",
        "content-type: application/json",
        "content-length: 5000",
      ) + "{",
  });

/** Request heads that never end. */
export const stalledHeads = (context) =>
  holdMany({
    ...context,
    name: "head that never ends",
    most: 100,
    open: () => "GET /api/v1/conference HTTP/1.1\r\nhost: x\r\nx-a: ",
  });

/** Many requests in a row whose responses are never read. */
export const unreadResponses = (context) =>
  holdMany({
    ...context,
    name: "response that is never read",
    most: 100,
    read: false,
    open: () => crlf("GET /api/v1/openapi.json HTTP/1.1", "host: x").repeat(20),
  });

/** WebSockets that never say hello. */
export const silentWebSockets = (context) =>
  holdMany({
    ...context,
    name: "WebSocket without a hello",
    most: 50,
    open: () =>
      crlf(
        "GET /api/v1/ws HTTP/1.1",
        "host: x",
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
        "sec-websocket-protocol: plenary.v1",
      ),
  });

/** Wrong invitations, some of them nearly right. */
export async function wrongInvitations({ server, invitations, signal, tally }) {
  const real = Object.values(invitations)[0].invitation;
  while (!signal.aborted) {
    const wrong = Math.random() < 0.5 ? randomBytes(90).toString("base64url") : `${real.slice(0, -4)}AAAA`;
    await server.post("/invitations/redeem", { invitation: wrong }).then(
      () => count(tally, "wrong invitation: ACCEPTED"),
      ({ problem }) => count(tally, `wrong invitation: ${problem?.status ?? "no answer"}`),
    );
    await pause(20, signal);
  }
}

/** Datagrams of every kind that the media port knows, with nothing valid inside. */
export async function mediaJunk({ server, signal, tally }) {
  const port = Number(server.ready.media.split(":").at(-1));
  const stun = () => Buffer.concat([Buffer.from([0, 1, 0, 80, 0x21, 0x12, 0xa4, 0x42]), randomBytes(92)]);
  const hello = () => Buffer.concat([Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]), randomBytes(1024)]);
  const rtp = () => Buffer.concat([Buffer.from([0x90, 96]), randomBytes(900)]);
  const rtcp = () => Buffer.concat([Buffer.from([0x81, 201, 0, 7]), randomBytes(28)]);
  while (!signal.aborted) {
    const socket = createSocket("udp4");
    for (let round = 0; round < 50 && !signal.aborted; round++) {
      for (const junk of [stun(), hello(), rtp(), rtcp(), randomBytes(randomInt(1, 1400)), Buffer.alloc(0)]) {
        await new Promise((done) => socket.send(junk, port, "127.0.0.1", done));
        count(tally, "datagram of junk");
      }
      await pause(10, signal);
    }
    socket.close();
  }
}

// --- Participants with a valid link -----------------------------------------------------------------------------------

/** How old a token may be. It expires after fifteen minutes, the attacks go on for an hour. */
const MAX_TOKEN_AGE_MS = 300_000;

/** A function that gives a person's token, and redeems the invitation anew once the token is old. */
function tokens({ server, invitations }, person) {
  const { invitation } = invitations[person];
  let token;
  let redeemedAt = -Infinity;
  return async () => {
    if (performance.now() - redeemedAt > MAX_TOKEN_AGE_MS) {
      ({ token } = await server.post("/invitations/redeem", { invitation }));
      redeemedAt = performance.now();
    }
    return token;
  };
}

async function seat({ server, token, room, tally, name, extra }) {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
  return new Promise((done) => {
    socket.on("error", () => done(undefined));
    socket.on("close", (code) => (count(tally, `${name}: closed ${code}`), done(undefined)));
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", token, room, ...extra })));
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.type === "welcome") done(socket);
      if (message.problem) count(tally, `${name}: ${message.problem.code}`);
    });
  });
}

/** Joins with `seats` connections as one person and sends `message()` on each, as fast as the server reads. */
async function flood({ server, invitations, room, person, seats, message, interval, name, signal, tally }) {
  const currentToken = tokens({ server, invitations }, person);
  const sockets = new Set();
  while (!signal.aborted) {
    while (sockets.size < seats && !signal.aborted) {
      const socket = await seat({ server, token: await currentToken(), room, tally, name });
      if (!socket) {
        count(tally, `${name}: not seated`);
        await pause(500, signal);
        break;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    for (const socket of sockets) {
      if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 1_000_000) {
        socket.send(message());
        count(tally, `${name}: sent`);
      }
    }
    await pause(interval, signal);
  }
  for (const socket of sockets) socket.terminate();
}

/** A viewer relays signals to the speaker. */
export const signalFlood = (context) =>
  flood({
    ...context,
    name: "signals to the speaker",
    person: "viewer-1",
    seats: 3,
    interval: 2,
    message: () =>
      JSON.stringify({ type: "signal", to: "tokyo-1", candidate: { candidate: randomBytes(200).toString("hex") } }),
  });

/** A delegate signals to the speaker too: a role that may be in a bilateral call. */
export const delegateSignalFlood = (context) =>
  flood({
    ...context,
    name: "a delegate's signals to the speaker",
    person: "delhi-1",
    seats: 2,
    interval: 2,
    message: () =>
      JSON.stringify({ type: "signal", to: "tokyo-1", offer: `v=0\r\n${randomBytes(500).toString("hex")}` }),
  });

/** One delegate writes chat on twenty connections. */
export const chatFlood = (context) =>
  flood({
    ...context,
    name: "chat on twenty connections",
    person: "delhi-1",
    seats: 20,
    interval: 5,
    message: () =>
      JSON.stringify({
        type: "chat.post",
        command_id: randomUUID(),
        to: "room",
        text: randomBytes(1500).toString("hex"),
      }),
  });

/** Messages that break a rule of the protocol. */
export const malformedMessages = (context) =>
  flood({
    ...context,
    name: "malformed message",
    person: "delhi-1",
    seats: 2,
    interval: 20,
    message: () =>
      [
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"type":"nothing"}',
        `{"type":"${"x".repeat(9000)}"}`,
        JSON.stringify({ type: "floor.request", command_id: randomUUID(), priority: 1e300 }),
        JSON.stringify({ type: "floor.extend", command_id: randomUUID(), request: "r-1", by_ms: 2 ** 60 }),
        `${"[".repeat(5000)}${"]".repeat(5000)}`,
        JSON.stringify({ type: "signal", to: "room", offer: `v=0\r\n${randomBytes(3000).toString("base64")}` }),
      ][randomInt(11)],
  });

/** Asks for the floor, withdraws, and asks again. */
export async function requestChurn({ server, invitations, room, signal, tally }) {
  const currentToken = tokens({ server, invitations }, "delhi-1");
  while (!signal.aborted) {
    const token = await currentToken();
    await server.post(`/rooms/${room}/floor/requests`, { info: "x".repeat(200) }, token).then(
      async ({ id }) => {
        count(tally, "request: made");
        await server.post(`/rooms/${room}/floor/requests/${id}/cancel`, {}, token).catch(() => {});
      },
      ({ problem }) => count(tally, `request: ${problem?.code ?? "no answer"}`),
    );
    await pause(15, signal);
  }
}

/** One person joins again and again. */
export async function joinChurn({ server, invitations, room, signal, tally }) {
  const currentToken = tokens({ server, invitations }, "viewer-1");
  while (!signal.aborted) {
    const socket = await seat({ server, token: await currentToken(), room, tally, name: "joining again" });
    if (socket) count(tally, "joining again: seated");
    socket?.terminate();
    await pause(10, signal);
  }
}

/** Many seats of one person. */
export const manySeats = (context) =>
  flood({
    ...context,
    name: "seats of one person",
    person: "viewer-1",
    seats: 60,
    interval: 500,
    message: () => JSON.stringify({ type: "signal", to: "room", candidate: { candidate: "x" } }),
  });

/** Offers damaged at random, in the hello and again as a signal to the room. */
export async function damagedOffers({ server, invitations, room, signal, tally }) {
  const currentToken = tokens({ server, invitations }, "delhi-1");
  while (!signal.aborted) {
    const socket = await seat({
      server,
      token: await currentToken(),
      room,
      tally,
      name: "damaged offer",
      extra: { offer: damaged(sampleOffer()) },
    });
    if (socket) {
      count(tally, "damaged offer: seated");
      for (let round = 0; round < 10 && socket.readyState === WebSocket.OPEN; round++) {
        socket.send(JSON.stringify({ type: "signal", to: "room", offer: damaged(sampleOffer()) }));
        await pause(20, signal);
      }
      socket.terminate();
    }
    await pause(30, signal);
  }
}

/** A browser's offer in small: a microphone, a camera and two slots. */
function sampleOffer() {
  const fingerprint = [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":");
  const line = (mid, kind, codecs, direction) =>
    [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codecs.map(([type]) => type).join(" ")}`,
      "c=IN IP4 0.0.0.0",
      `a=mid:${mid}`,
      `a=ice-ufrag:${randomBytes(3).toString("hex")}`,
      `a=ice-pwd:${randomBytes(12).toString("hex")}`,
      `a=fingerprint:sha-256 ${fingerprint}`,
      "a=setup:actpass",
      "a=rtcp-mux",
      `a=${direction}`,
      ...codecs.map(([type, name]) => `a=rtpmap:${type} ${name}`),
      "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
      `a=ssrc:${randomInt(1, 2 ** 32)} cname:soak`,
    ].join("\r\n");
  const opus = [[111, "opus/48000/2"]];
  const pictures = [
    [96, "VP8/90000"],
    [97, "rtx/90000"],
  ];
  return [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1 2 3",
    line(0, "audio", opus, "sendonly"),
    line(1, "video", pictures, "sendonly"),
    line(2, "audio", opus, "recvonly"),
    line(3, "video", pictures, "recvonly"),
    "",
  ].join("\r\n");
}

/** The text with up to five of its characters replaced, or cut off. */
function damaged(text) {
  const bytes = Buffer.from(text, "latin1");
  for (let damage = randomInt(6); damage > 0; damage--) bytes[randomInt(bytes.length)] = randomInt(32, 127);
  const end = Math.random() < 0.2 ? randomInt(bytes.length) : bytes.length;
  return bytes.subarray(0, end).toString("latin1");
}
