// A participant without a browser, who says hello, answers pings and gives commands.

import { randomUUID } from "node:crypto";
import WebSocket from "ws";

export class Participant {
  #socket;
  #replies = new Map();
  #answered;
  /** Every message of the server, in order. */
  messages = [];
  /** The close code of the connection, once it is closed. */
  closeCode;

  /** A person joins a room; `hello` is what the hello says besides. The error of a refusal has its `problem`. */
  static async join(server, person, room = "climate", hello = {}) {
    const participant = new Participant();
    const token = await server.token(person);
    participant.#socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
    await new Promise((done, fail) => {
      participant.#socket.on("error", fail);
      participant.#socket.on("open", () =>
        participant.#socket.send(JSON.stringify({ type: "hello", token, room, ...hello })),
      );
      participant.#socket.on("message", (data) => {
        const message = JSON.parse(data);
        participant.messages.push(message);
        if (message.type === "welcome") done();
        if (message.type === "signal" && message.from === "room") participant.#answered?.(message.answer);
        if (message.type === "reply") participant.#replies.get(message.command_id)?.(message);
      });
      participant.#socket.on("close", (code) => {
        participant.closeCode = code;
        const { problem } = participant.messages.find(({ type }) => type === "problem") ?? {};
        fail(Object.assign(new Error(`${person} did not join: ${code} ${problem?.detail ?? ""}`), { problem }));
      });
    });
    return participant;
  }

  /** Gives a command; throws the problem of a refusal. */
  async command(type, fields = {}) {
    const command_id = randomUUID();
    const reply = await new Promise((done) => {
      this.#replies.set(command_id, done);
      this.#socket.send(JSON.stringify({ type, command_id, ...fields }));
    });
    this.#replies.delete(command_id);
    if (reply.problem) throw Object.assign(new Error(reply.problem.detail), { problem: reply.problem });
    return reply.result;
  }

  /** Sends another offer to the room; returns its answer. */
  async negotiate(offer) {
    const answered = new Promise((done) => (this.#answered = done));
    this.#socket.send(JSON.stringify({ type: "signal", to: "room", offer }));
    return answered;
  }

  requestFloor(fields = {}) {
    return this.command("floor.request", fields);
  }

  /** Closes the connection; the server waits for a return. */
  close() {
    this.#socket.close();
  }
}
