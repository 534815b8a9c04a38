// Participants who all give commands at once and record every event and reply, for tests that end the server or break its
// disk. Each is a WebSocket that reconnects and resumes by itself, as the page does.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import WebSocket from "ws";
import { pause, until } from "./until.mjs";

/** Mulberry32: the same seed gives the same choices, but not the same timing. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const rooms = ["climate", "covid", "resilience"];
const delegates = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Three rooms with nine delegates and a moderator each, and a fourth room for participants with media. */
export const crowdConference = () => `
[conference]
id = "crowd"
name = "A crowd"
time_zone = "Asia/Taipei"
starts = 2021-10-12
ends = 2021-10-14
languages = ["en"]
${[...rooms, "stage"]
  .map(
    (room) => `
[[room]]
id = "${room}"
title = "${room}"
[room.floor]
limit = "8h"
[[person]]
id = "${room}-chair"
name = "Chair of ${room}"
role = "moderator"
rooms = ["${room}"]
${delegates
  .map(
    (number) => `
[[delegation]]
id = "${room}-${number}"
name = "${room} ${number}"
country = "JP"
[[person]]
id = "${room}-${number}-1"
name = "${room} ${number}"
delegation = "${room}-${number}"
role = "delegate"
rooms = ["${room}"]`,
  )
  .join("\n")}`,
  )
  .join("\n")}`;

class Member {
  events = [];
  /** Commands by id, each with its reply once that has come. */
  commands = new Map();
  /** The close code of the last connection. */
  closeCode;
  #waiting = new Map();
  #count = 0;
  #socket;
  #session;
  #leaving = false;

  constructor(server, room, person, invitation) {
    Object.assign(this, { server, room, person, invitation });
  }

  get seq() {
    return this.#seq;
  }
  #seq = 0;

  /** Joins, and retries until it has joined. */
  async connect() {
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (this.#leaving) return undefined;
        if (error.final) throw error;
        await pause(40);
      }
    }
  }

  async #connect() {
    const { token } = await this.server.post("/invitations/redeem", { invitation: this.invitation });
    const resume = this.#session ? { resume: { session: this.#session, seq: this.#seq } } : {};
    const socket = new WebSocket(`${this.server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
    return new Promise((done, fail) => {
      socket.on("error", fail);
      socket.on("open", () => socket.send(JSON.stringify({ type: "hello", token, room: this.room, ...resume })));
      socket.on("message", (data) => {
        const message = JSON.parse(data);
        if (message.type === "welcome") {
          this.#welcome(message, resume.resume, fail);
          this.#socket = socket;
          done();
        } else if (message.type === "reply") {
          this.commands.get(message.command_id).reply = message;
          this.#waiting.get(message.command_id)?.(message);
        } else if (message.seq !== undefined) this.#see(message);
      });
      socket.on("close", (code) => {
        this.closeCode = code;
        this.#socket = undefined;
        for (const give of this.#waiting.values()) give(undefined);
        this.#waiting.clear();
        fail(new Error("closed"));
      });
    });
  }

  #welcome(welcome, resume, fail) {
    this.resumed = welcome.resumed === true;
    if (resume && !this.resumed) {
      fail(Object.assign(new Error(`${this.person} was at ${resume.seq} and was not resumed`), { final: true }));
    }
    for (const event of welcome.events ?? []) this.#see(event);
    if (!resume) this.#seq = welcome.seq;
    assert.equal(this.#seq, welcome.seq, `${this.person} knows all up to the welcome`);
    this.#session = welcome.session;
  }

  /** No event comes twice, and none is missing. */
  #see(event) {
    assert.equal(event.seq, this.#seq + 1, `${this.person} sees the events in order`);
    this.#seq = event.seq;
    this.events.push(event);
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Gives a command; returns the reply, or undefined if the connection ended before it. */
  async command(type, fields = {}, command_id = `${this.person}/${++this.#count}`) {
    if (!this.connected) return undefined;
    if (!this.commands.has(command_id)) this.commands.set(command_id, { type, fields });
    return new Promise((done) => {
      this.#waiting.set(command_id, done);
      this.#socket.send(JSON.stringify({ type, command_id, ...fields }));
    });
  }

  /** Gives one command after the other until the connection ends or `enough` says so. */
  async sendCommands(random, enough) {
    let mine;
    while (this.connected && !enough()) {
      const dice = random();
      const text = `${this.person} says ${this.#count}`;
      if (this.person.endsWith("chair")) {
        const request = `r${1 + Math.floor(random() * 60)}`;
        if (dice < 0.35) await this.command("floor.accept", { request });
        else if (dice < 0.6) await this.command("floor.next");
        else if (dice < 0.7) await this.command("floor.move", { request, position: 1, override: true });
        else await this.command("chat.post", { text });
      } else if (dice < 0.4) await this.command("chat.post", { text });
      else if (mine === undefined || dice < 0.7) mine = (await this.command("floor.request"))?.result?.id ?? mine;
      else {
        await this.command(dice < 0.85 ? "floor.cancel" : "floor.release", { request: mine });
        mine = undefined;
      }
      await pause(random() * 30);
    }
  }

  async repeatCommands(random) {
    const all = [...this.commands];
    const unanswered = ({ reply }) => reply === undefined || reply.problem?.code === "unavailable";
    const done = all.filter(([, command]) => !unanswered(command));
    for (const [name, { type, fields }] of all.filter(([, command]) => unanswered(command)))
      await this.command(type, fields, name);
    assert.ok(!all.some(([, command]) => unanswered(command)), `${this.person} has every reply`);
    if (done.length === 0) return;
    const [name, { type, fields, reply }] = done[Math.floor(random() * done.length)];
    assert.deepEqual(await this.command(type, fields, name), reply, `${name} gets the same reply`);
  }

  leave() {
    this.#leaving = true;
    this.#socket?.close();
  }
}

/** The participants of the three rooms. */
export class Crowd {
  #enough = false;
  #seen = new Map(rooms.map((room) => [room, []]));

  static async join(server) {
    const crowd = new Crowd();
    crowd.server = server;
    const invitations = await server.invitations();
    crowd.members = rooms.flatMap((room) =>
      [`${room}-chair`, ...delegates.map((number) => `${room}-${number}-1`)].map(
        (person) => new Member(server, room, person, invitations[person].invitation),
      ),
    );
    await crowd.connect();
    return crowd;
  }

  connect() {
    return Promise.all(this.members.map((member) => member.connect()));
  }

  /** All give commands until their connections end or `stop` is called. */
  sendCommands(random) {
    this.#enough = false;
    return Promise.all(this.members.map((member) => member.sendCommands(random, () => this.#enough)));
  }

  /** Stops the commands, and waits for the last replies. */
  stop(acting) {
    this.#enough = true;
    return acting;
  }

  leave() {
    for (const member of this.members) member.leave();
  }

  /** The log of a room, as its moderator reads it. */
  async #read(room) {
    const chair = this.members.find(({ person }) => person === `${room}-chair`);
    const { token } = await this.server.post("/invitations/redeem", { invitation: chair.invitation });
    const log = this.#seen.get(room);
    for (;;) {
      const page = await this.server.get(`/rooms/${room}/events?after=${log.length}`, token);
      for (const event of page) {
        assert.equal(event.seq, log.length + 1, `${room}: no gap in the log`);
        log.push(event);
      }
      if (page.length === 0) return { log, floor: await this.server.get(`/rooms/${room}/floor`, token) };
    }
  }

  /** Compares every event and reply with the log. */
  async compare() {
    for (const room of rooms) {
      const { log, floor } = await this.#read(room);
      const model = fold(log);
      for (const member of this.members.filter((each) => each.room === room)) {
        for (const event of member.events) {
          assert.ok(
            isDeepStrictEqual(event, log[event.seq - 1]),
            `${member.person} saw what the log does not have: ${JSON.stringify(event)}`,
          );
        }
        member.events.length = 0;
        for (const [name, { type, fields, reply }] of member.commands) {
          const times =
            type === "chat.post"
              ? (model.said.get(fields.text) ?? 0)
              : type === "floor.request" && reply?.result
                ? (model.asked.get(reply.result.id) ?? 0)
                : undefined;
          if (times === undefined) continue;
          if (reply?.result) assert.equal(times, 1, `${name} was acknowledged and is there ${times} times`);
          else assert.ok(times <= 1, `${name} is there ${times} times`);
          if (reply?.problem && reply.problem.code !== "unavailable")
            assert.equal(times, 0, `${name} was refused and is there`);
        }
      }
      assert.deepEqual(floor.granted.map(({ id }) => id).sort(), model.granted.sort(), `${room}: who holds the floor`);
      const listed = floor.requests.filter(({ position }) => position !== undefined).map(({ id }) => id);
      assert.deepEqual(listed, model.order, `${room}: the order`);
    }
  }

  /** After a restart all reconnect, find everything that was acknowledged, and repeat their unanswered commands. */
  async assertNothingLost(random) {
    await this.connect();
    await this.compare();
    await this.repeatCommands(random);
    await this.waitUntilSettled();
    await this.compare();
  }

  /** Repeats the unanswered commands and one answered command, each of which has to happen once. */
  repeatCommands(random) {
    return Promise.all(this.members.map((member) => member.repeatCommands(random)));
  }

  /** Waits until all members of a room have the same last event. */
  waitUntilSettled() {
    return until("all members have the same events", () =>
      rooms.every(
        (room) => new Set(this.members.filter((each) => each.room === room).map(({ seq }) => seq)).size === 1,
      ),
    );
  }
}

/** The state that the events of a room add up to: a simpler fold than the server's, and independent of it. */
function fold(log) {
  const said = new Map();
  const asked = new Map();
  const granted = new Set();
  let order = [];
  const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const event of log) {
    if (event.type === "chat.posted") count(said, event.text);
    if (event.type === "floor.requested") count(asked, event.request.id);
    if (event.type === "floor.order") order = event.order;
    if (event.request?.state === "granted") granted.add(event.request.id);
    else if (event.request) granted.delete(event.request.id);
  }
  return { said, asked, granted: [...granted], order };
}
