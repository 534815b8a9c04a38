// Somebody seated without a browser: says hello, answers pings, gives commands. For those whose page nobody looks at.

import { randomUUID } from "node:crypto";
import WebSocket from "ws";

export class Seat {
  #socket;
  #replies = new Map();
  /** Everything that it was told, in order. */
  messages = [];
  /** The code that its connection was closed with, once it was. */
  closedWith;

  /** Takes that person's seat in a room. */
  static async take(server, person, room = "climate") {
    const seat = new Seat();
    const token = await server.token(person);
    seat.#socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
    await new Promise((done, fail) => {
      seat.#socket.on("error", fail);
      seat.#socket.on("open", () => seat.#socket.send(JSON.stringify({ type: "hello", token, room })));
      seat.#socket.on("message", (data) => {
        const message = JSON.parse(data);
        seat.messages.push(message);
        if (message.type === "welcome") done();
        if (message.type === "reply") seat.#replies.get(message.command_id)?.(message);
      });
      seat.#socket.on("close", (code) => {
        seat.closedWith = code;
        fail(new Error(`${person} was not seated: ${code}`));
      });
    });
    return seat;
  }

  /** Gives a command; throws with the problem if it is refused. */
  async say(type, fields = {}) {
    const command_id = randomUUID();
    const reply = await new Promise((done) => {
      this.#replies.set(command_id, done);
      this.#socket.send(JSON.stringify({ type, command_id, ...fields }));
    });
    this.#replies.delete(command_id);
    if (reply.problem) throw Object.assign(new Error(reply.problem.detail), { problem: reply.problem });
    return reply.result;
  }

  /** Asks for the floor. */
  ask(fields = {}) {
    return this.say("floor.request", fields);
  }

  /** The connection ends; the seat is kept for a while. */
  close() {
    this.#socket.close();
  }
}
