import { socketUrl } from "./address";
import type { CommandOutput } from "./generated/socket";
import type { ClientMessage, Hello, Reply, ServerMessage } from "./messages";
import { problemOf, readServerMessage, type CommandType, type FieldArguments } from "./messages";
import { Refused, Unanswered } from "./refused";
import { uuid } from "./uuid";

interface Handlers {
  opened?(): void;
  message(message: Exclude<ServerMessage, Reply>): void;
  closed(code: number): void;
}

interface PendingReply {
  resolve(result: CommandOutput): void;
  reject(error: Error): void;
}

/** One WebSocket to one room. It says hello first and matches replies with commands; reconnecting is the seat's business. */
export class Socket {
  private readonly ws: WebSocket;
  private readonly pending = new Map<string, PendingReply>();

  constructor(
    hello: Hello,
    private readonly handlers: Handlers,
  ) {
    this.ws = new WebSocket(socketUrl(), "plenary.v1");
    this.ws.onopen = () => {
      this.ws.send(JSON.stringify(hello));
      this.handlers.opened?.();
    };
    this.ws.onmessage = (event) => this.receive(event.data);
    this.ws.onclose = (event) => this.ended(event.code);
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Sends a message that gets no reply. It is dropped while the connection is not open: every welcome starts afresh. */
  send(message: ClientMessage): void {
    if (this.isOpen) this.ws.send(JSON.stringify(message));
  }

  /** Sends a command. Resolves with its result once it was executed; rejects with `Refused` or `Unanswered`. */
  command<T extends CommandType>(
    type: T,
    if_match: number | undefined,
    ...[fields]: FieldArguments<T>
  ): Promise<CommandOutput> {
    if (!this.isOpen) return Promise.reject(new Unanswered());
    const command_id = uuid();
    return new Promise((resolve, reject) => {
      this.pending.set(command_id, { resolve, reject });
      this.ws.send(JSON.stringify({ type, command_id, ...fields, if_match }));
    });
  }

  close(): void {
    this.ws.onopen = null;
    this.ws.onmessage = null;
    this.ws.onclose = null;
    this.ws.close(1000);
    this.abandon();
  }

  private receive(data: unknown): void {
    const message = readServerMessage(data);
    if (message?.type === "reply") this.settle(message);
    else if (message) this.handlers.message(message);
  }

  private settle(reply: Reply): void {
    const command = this.pending.get(reply.command_id);
    this.pending.delete(reply.command_id);
    const problem = problemOf(reply);
    if (problem) command?.reject(new Refused(problem));
    else if ("result" in reply) command?.resolve(reply.result);
  }

  private ended(code: number): void {
    this.abandon();
    this.handlers.closed(code);
  }

  private abandon(): void {
    for (const command of this.pending.values()) command.reject(new Unanswered());
    this.pending.clear();
  }
}
