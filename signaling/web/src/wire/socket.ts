import type { Problem } from "../model/types";
import type { FromServer, Hello, Reply } from "./messages";

/** A command that was refused, with the server's sentence. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? problem.code ?? "refused");
  }
}

/** The connection closed before the reply came: it is not known whether the command was done. */
export class Unanswered extends Error {}

interface Handlers {
  opened?(): void;
  message(message: FromServer): void;
  closed(code: number): void;
}

interface Waiting {
  resolve(result: Record<string, unknown>): void;
  reject(error: Error): void;
}

/** One WebSocket to one room: says hello first, matches replies with commands. It never reconnects: its owner does. */
export class Socket {
  private readonly ws: WebSocket;
  private readonly waiting = new Map<string, Waiting>();

  constructor(hello: Hello, private readonly handlers: Handlers) {
    const url = new URL("/api/v1/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.ws = new WebSocket(url, "plenary.v1");
    this.ws.onopen = () => {
      this.ws.send(JSON.stringify(hello));
      this.handlers.opened?.();
    };
    this.ws.onmessage = (event) => this.take(event.data);
    this.ws.onclose = (event) => this.ended(event.code);
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Sends a message that gets no reply. Lost when the connection is not open: its sender asks again after a welcome. */
  send(message: object): void {
    if (this.isOpen) this.ws.send(JSON.stringify(message));
  }

  /** Sends a command, and gives its result or throws `Refused`. */
  command(type: string, fields: object = {}): Promise<Record<string, unknown>> {
    if (!this.isOpen) return Promise.reject(new Unanswered());
    const command_id = uuid();
    return new Promise((resolve, reject) => {
      this.waiting.set(command_id, { resolve, reject });
      this.ws.send(JSON.stringify({ type, command_id, ...fields }));
    });
  }

  close(): void {
    this.ws.onopen = null;
    this.ws.onmessage = null;
    this.ws.onclose = null;
    this.ws.close(1000);
    this.abandon();
  }

  private take(data: unknown): void {
    if (typeof data !== "string") return;
    const message = JSON.parse(data) as FromServer;
    if (message.type !== "reply") return this.handlers.message(message);
    const reply = message as Reply;
    const command = this.waiting.get(reply.command_id);
    this.waiting.delete(reply.command_id);
    if (reply.problem) command?.reject(new Refused(reply.problem));
    else command?.resolve(reply.result ?? {});
  }

  private ended(code: number): void {
    this.abandon();
    this.handlers.closed(code);
  }

  private abandon(): void {
    for (const command of this.waiting.values()) command.reject(new Unanswered());
    this.waiting.clear();
  }
}

/** `crypto.randomUUID` exists in secure contexts only; a demo in a local network is served without TLS. */
function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
