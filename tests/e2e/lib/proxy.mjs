// A reverse proxy in front of a server, which serves it below a path of its own, for HTTP and WebSocket.

import http from "node:http";
import net from "node:net";

export class Proxy {
  #http;
  /** The port of the server behind it, once that runs. */
  target;

  /** `passesPath` says whether the server behind gets the path as it is, or without the proxy's own part. */
  static async start(path, { passesPath }) {
    const proxy = new Proxy();
    const inner = (url) => (passesPath ? url : url.slice(path.length) || "/");
    proxy.#http = http.createServer((request, response) => {
      if (!request.url.startsWith(path)) return void response.writeHead(404).end();
      const { method, headers } = request;
      const forwarded = http.request(
        { port: proxy.target, host: "127.0.0.1", method, headers, path: inner(request.url) },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      forwarded.on("error", () => response.destroy());
      request.pipe(forwarded);
    });
    proxy.#http.on("upgrade", (request, socket, head) => {
      if (!request.url.startsWith(path)) return void socket.destroy();
      const lines = [`${request.method} ${inner(request.url)} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2)
        lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
      const behind = net.connect(proxy.target, "127.0.0.1", () => {
        behind.write(`${lines.join("\r\n")}\r\n\r\n`);
        behind.write(head);
        behind.pipe(socket).pipe(behind);
      });
      for (const end of [behind, socket]) end.on("error", () => (behind.destroy(), socket.destroy()));
    });
    await new Promise((done) => proxy.#http.listen(0, "127.0.0.1", done));
    proxy.url = `http://127.0.0.1:${proxy.#http.address().port}${path}`;
    return proxy;
  }

  async close() {
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }
}
