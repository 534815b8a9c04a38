/** An address of the API. Relative to the page, because a proxy may serve both below a path of its own. */
export function apiUrl(path: string): URL {
  return new URL(`api/v1${path}`, document.baseURI);
}

/** The WebSocket's address. */
export function socketUrl(): URL {
  const url = apiUrl("/ws");
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}
