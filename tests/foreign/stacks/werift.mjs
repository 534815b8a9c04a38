// werift: WebRTC in TypeScript.

import { MediaStreamTrack, RTCPeerConnection, useOPUS, useVP8 } from "werift";
import { counter, listen, print } from "../lib/lines.mjs";
import { send } from "../lib/media.mjs";

const peer = new RTCPeerConnection({
  iceServers: [],
  bundlePolicy: "max-bundle",
  codecs: { audio: [useOPUS()], video: [useVP8()] },
});
const count = counter();
const tracks = ["audio", "video"].map((kind) => {
  const track = new MediaStreamTrack({ kind });
  peer.addTransceiver(track, { direction: "sendonly" });
  return track;
});
for (const [kind, what] of [
  ["audio", "sound"],
  ["video", "pictures"],
]) {
  const line = peer.addTransceiver(kind, { direction: "recvonly" });
  line.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => count(what)));
}
peer.connectionStateChange.subscribe((state) => {
  print({ state });
  if (state !== "connected") return;
  // The stack puts its own payload types and SSRCs into what it is given.
  send({
    audio: { payloadType: 0, ssrc: 0 },
    video: { payloadType: 0, ssrc: 0 },
    sound: (packet) => tracks[0].writeRtp(packet),
    picture: (packet) => tracks[1].writeRtp(packet),
  });
});

await peer.setLocalDescription(await peer.createOffer());
print({ offer: peer.localDescription.sdp });
listen(({ answer }) => peer.setRemoteDescription({ type: "answer", sdp: answer }));
