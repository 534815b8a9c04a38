// Brings clients that know UDP alone to a server by ICE-TCP, or by its relay over TCP or TLS. It stands at the server's public
// address: what each client sends there goes on by a connection of its own, and what comes back goes to that client.
//
//   node bridge.mjs '{"at":"127.0.0.2","media":8081,"path":"tcp"}'
//   node bridge.mjs '{"at":"127.0.0.2","media":8081,"path":"relay-tls","https":443,"credentials":[{"username":…,"credential":…}]}'
//
// Prints `ready`, and ends when it is killed.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

const { at, media, path, https, credentials = [] } = JSON.parse(process.argv[2]);
const SERVER = "127.0.0.1";
const COOKIE = 0x2112a442;
const CHANNEL = 0x4000;
/** Methods and attributes of STUN and TURN (RFC 8489, RFC 8656). */
const [ALLOCATE, CHANNEL_BIND] = [0x0003, 0x0009];
const [USERNAME, INTEGRITY, REALM, NONCE] = [0x0006, 0x0008, 0x0014, 0x0015];
const [CHANNEL_NUMBER, PEER_ADDRESS, TRANSPORT] = [0x000c, 0x0012, 0x0019];

const attribute = (type, value) => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
};

/** A request, with its integrity where there is a key. */
function request(method, attributes, key) {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(method, 0);
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  head.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(head, 8);
  const message = Buffer.concat([head, body]);
  if (!key) return message;
  return Buffer.concat([message, attribute(INTEGRITY, createHmac("sha1", key).update(message).digest())]);
}

function attributesOf(message) {
  const found = new Map();
  for (let from = 20; from + 4 <= message.length;) {
    const length = message.readUInt16BE(from + 2);
    found.set(message.readUInt16BE(from), message.subarray(from + 4, from + 4 + length));
    from += 4 + length + (-length & 3);
  }
  return found;
}

/** The server's media address, as the relay's peer. */
function peer() {
  const value = Buffer.alloc(8);
  value[1] = 1;
  value.writeUInt16BE(media ^ (COOKIE >>> 16), 2);
  const address = at.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  value.writeUInt32BE((address ^ COOKIE) >>> 0, 4);
  return value;
}

/** Datagrams with their length before them (RFC 4571). */
class Framed {
  constructor(deliver) {
    this.stream = connect({ host: SERVER, port: media, noDelay: true });
    this.stream.on("data", (bytes) => this.#read(bytes, deliver));
  }

  #rest = Buffer.alloc(0);

  #read(bytes, deliver) {
    let all = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
    while (all.length >= 2 && all.length >= 2 + all.readUInt16BE(0)) {
      const end = 2 + all.readUInt16BE(0);
      deliver(all.subarray(2, end));
      all = all.subarray(end);
    }
    this.#rest = all;
  }

  send(datagram) {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(datagram.length);
    this.stream.write(Buffer.concat([head, datagram]));
  }
}

/** Datagrams as the data of one channel of the relay. */
class Relayed {
  #rest = Buffer.alloc(0);
  #waiting = [];
  #open = false;

  constructor(deliver, { username, credential }) {
    const secure = path === "relay-tls";
    this.stream = secure
      ? connectTls({ host: SERVER, port: https, rejectUnauthorized: false })
      : connect({ host: SERVER, port: media });
    this.stream.setNoDelay(true);
    const transport = attribute(TRANSPORT, Buffer.from([17, 0, 0, 0]));
    const authorized = (method, attributes, { realm, nonce }) => {
      const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest();
      const own = [attribute(USERNAME, Buffer.from(username)), attribute(REALM, realm), attribute(NONCE, nonce)];
      return request(method, [...attributes, ...own], key);
    };
    let challenge;
    const answers = {
      // 401: the realm and the nonce that the next request has to name.
      [ALLOCATE | 0x0110]: (message) => {
        const all = attributesOf(message);
        challenge = { realm: all.get(REALM), nonce: all.get(NONCE) };
        this.stream.write(authorized(ALLOCATE, [transport], challenge));
      },
      [ALLOCATE | 0x0100]: () => {
        const number = attribute(CHANNEL_NUMBER, Buffer.from([CHANNEL >> 8, CHANNEL & 255, 0, 0]));
        this.stream.write(authorized(CHANNEL_BIND, [number, attribute(PEER_ADDRESS, peer())], challenge));
      },
      [CHANNEL_BIND | 0x0100]: () => {
        this.#open = true;
        for (const datagram of this.#waiting.splice(0)) this.send(datagram);
      },
    };
    this.stream.on(secure ? "secureConnect" : "connect", () => this.stream.write(request(ALLOCATE, [transport])));
    this.stream.on("data", (bytes) => this.#read(bytes, deliver, answers));
  }

  #read(bytes, deliver, answers) {
    let all = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
    while (all.length >= 4) {
      const isData = all[0] >> 6 === 1;
      const length = all.readUInt16BE(2);
      const end = isData ? 4 + length + (-length & 3) : 20 + length;
      if (all.length < end) break;
      if (isData) deliver(all.subarray(4, 4 + length));
      else answers[all.readUInt16BE(0)]?.(all.subarray(0, end));
      all = all.subarray(end);
    }
    this.#rest = all;
  }

  send(datagram) {
    if (!this.#open) {
      this.#waiting.push(datagram);
      return;
    }
    const head = Buffer.alloc(4);
    head.writeUInt16BE(CHANNEL, 0);
    head.writeUInt16BE(datagram.length, 2);
    this.stream.write(Buffer.concat([head, datagram, Buffer.alloc(-datagram.length & 3)]));
  }
}

const here = createSocket({ type: "udp4", recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
const clients = new Map();
here.on("message", (datagram, { port }) => {
  let client = clients.get(port);
  if (!client) {
    const deliver = (bytes) => here.send(bytes, port, SERVER);
    client = path === "tcp" ? new Framed(deliver) : new Relayed(deliver, credentials.shift());
    client.stream.on("error", (error) => process.stderr.write(`${error}\n`));
    clients.set(port, client);
  }
  client.send(datagram);
});
here.bind(media, at, () => console.log("ready"));
