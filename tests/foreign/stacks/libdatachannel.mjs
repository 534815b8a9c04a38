// libdatachannel, through node-datachannel. `--data-channel-only` offers no media.

import nodeDataChannel from "node-datachannel";
import { counter, listen, print } from "../lib/lines.mjs";
import { isRtp, send } from "../lib/media.mjs";

const { Audio, PeerConnection, Video } = nodeDataChannel;
const OPUS = 111;
const VP8 = 96;
const VOICE_SSRC = 1001;
const CAMERA_SSRC = 2001;

const peer = new PeerConnection("plenary", { iceServers: [], disableAutoNegotiation: true });
const count = counter();
peer.onGatheringStateChange((state) => state === "complete" && print({ offer: peer.localDescription().sdp }));

if (process.argv.includes("--data-channel-only")) {
  peer.createDataChannel("chat");
} else {
  const line = (mid, direction, ssrc) => {
    const media = mid.startsWith("audio") ? new Audio(mid, direction) : new Video(mid, direction);
    if (mid.startsWith("audio")) media.addOpusCodec(OPUS);
    else media.addVP8Codec(VP8);
    if (ssrc) media.addSSRC(ssrc, "plenary");
    return peer.addTrack(media);
  };
  const [voice, camera] = [line("audio-out", "SendOnly", VOICE_SSRC), line("video-out", "SendOnly", CAMERA_SSRC)];
  // Kept, because a track ends when nothing refers to it any more.
  globalThis.receiving = [
    ["audio-in", "sound"],
    ["video-in", "pictures"],
  ].map(([mid, what]) => {
    const track = line(mid, "RecvOnly");
    track.onMessage((datagram) => isRtp(datagram) && count(what));
    return track;
  });
  peer.onStateChange((state) => {
    print({ state });
    if (state !== "connected") return;
    const give = (track) => (packet) => track.isOpen() && track.sendMessageBinary(packet);
    send({
      audio: { payloadType: OPUS, ssrc: VOICE_SSRC },
      video: { payloadType: VP8, ssrc: CAMERA_SSRC },
      sound: give(voice),
      picture: give(camera),
    });
  });
}

peer.setLocalDescription("offer");
listen(({ answer }) => peer.setRemoteDescription(answer, "answer"));
