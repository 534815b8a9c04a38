"""aiortc: WebRTC in Python. `--srtp AEAD_AES_256_GCM` has its DTLS offer that SRTP profile only.

`--only-send` and `--only-receive` leave the lines of the other direction out, as WHIP and WHEP want it.
"""

import asyncio
import fractions
import sys

import aiortc
from aiortc import rtcdtlstransport
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from av import VideoFrame

from lines import Counter, listen, say

FRAMES_PER_SECOND = 10


class Camera(VideoStreamTrack):
    """A still picture, small enough to cost nothing."""

    frames = 0

    async def recv(self):
        await asyncio.sleep(1 / FRAMES_PER_SECOND)
        frame = VideoFrame(width=160, height=120)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts = self.frames
        frame.time_base = fractions.Fraction(1, FRAMES_PER_SECOND)
        self.frames += 1
        return frame


async def consume(track, counter):
    kind = {"audio": "sound", "video": "pictures"}[track.kind]
    try:
        while True:
            await track.recv()
            counter.count(kind)
    except MediaStreamError:
        pass


async def main():
    if "--srtp" in sys.argv:
        wanted = "SRTP_" + sys.argv[sys.argv.index("--srtp") + 1]
        rtcdtlstransport.SRTP_PROFILES[:] = [getattr(rtcdtlstransport, wanted)]
    peer = aiortc.RTCPeerConnection(
        aiortc.RTCConfiguration(iceServers=[], bundlePolicy=aiortc.RTCBundlePolicy.MAX_BUNDLE)
    )
    counter = Counter()
    peer.on("track", lambda track: asyncio.ensure_future(consume(track, counter)))
    peer.on("connectionstatechange", lambda: say(state=peer.connectionState))
    if "--only-receive" not in sys.argv:
        peer.addTransceiver(AudioStreamTrack(), direction="sendonly")
        peer.addTransceiver(Camera(), direction="sendonly")
    if "--only-send" not in sys.argv:
        peer.addTransceiver("audio", direction="recvonly")
        peer.addTransceiver("video", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())

    loop = asyncio.get_running_loop()

    def read(message):
        answer = aiortc.RTCSessionDescription(sdp=message["answer"], type="answer")
        asyncio.run_coroutine_threadsafe(peer.setRemoteDescription(answer), loop)

    listen(read)
    say(offer=peer.localDescription.sdp)
    await asyncio.Event().wait()


asyncio.run(main())
