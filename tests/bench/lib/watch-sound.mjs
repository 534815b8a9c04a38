/** Runs in the page: records the time of the last hello, and when the first sound came after it. */
export function watchSound() {
  const now = () => performance.timeOrigin + performance.now();
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    if (typeof data === "string" && data.includes('"hello"')) {
      window.__helloAt = now();
      window.__soundAt = undefined;
    }
    return send.call(this, data);
  };
  setInterval(() => {
    const receivers = (window.__peers ?? []).flatMap((peer) => peer.getReceivers());
    const sounds = receivers
      .filter(({ track }) => track.kind === "audio")
      .flatMap((it) => it.getSynchronizationSources());
    if (sounds.length > 0) window.__soundAt ??= now();
  }, 5);
}
