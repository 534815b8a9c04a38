"""GStreamer's webrtcbin.

`--without-ssrc` has the caps of its sound name no SSRC, which leaves `a=ssrc` out of its offer.
`--opus-without-channels` leaves out what is always the same (RFC 7587, section 7).
`--only-send` and `--only-receive` leave the lines of the other direction out, as WHIP and WHEP want it.
`--draft-vp8` sends pictures under the name of a draft, so that the server has to refuse the line.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from lines import Counter, listen, say  # noqa: E402

Gst.init(None)

channels = "" if "--opus-without-channels" in sys.argv else ",encoding-params=(string)2"
# The caps below in place of the payloader's own, or in addition to them.
replace = "--without-ssrc" in sys.argv or not channels
SOUND = "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111"
DRAFT = "VP8-DRAFT-IETF-01"
PICTURES = "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96"

sent = PICTURES.replace("VP8", DRAFT) if "--draft-vp8" in sys.argv else PICTURES

sends, receives = "--only-receive" not in sys.argv, "--only-send" not in sys.argv
sources = f"""
    audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=111 ! capssetter replace={replace} caps="{SOUND}{channels}" ! peer.
    videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=10/1
      ! vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay pt=96 ! capssetter caps="{sent}" ! peer.
"""
pipeline = Gst.parse_launch(f"pipeline.( webrtcbin name=peer bundle-policy=max-bundle {sources if sends else str()} )")
peer = pipeline.get_by_name("peer")
counter = Counter()

DECODERS = {
    "OPUS": ("sound", "rtpopusdepay ! opusdec"),
    "VP8": ("pictures", "rtpvp8depay ! vp8dec"),
}


def decode(_, pad):
    """Decodes a line on which the peer receives, and counts what comes out."""
    if pad.direction != Gst.PadDirection.SRC:
        return
    kind, decoder = DECODERS[pad.get_current_caps().get_structure(0).get_string("encoding-name")]
    chain = Gst.parse_bin_from_description(f"queue ! {decoder} ! fakesink name=end sync=false async=false", True)

    def count(*_):
        counter.count(kind)
        return Gst.PadProbeReturn.OK

    chain.get_by_name("end").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, count)
    pipeline.add(chain)
    chain.sync_state_with_parent()
    pad.link(chain.get_static_pad("sink"))


def offer(*_):
    """Offers once: webrtcbin 1.22 aborts when it offers again after an answer that refused a line."""
    peer.disconnect(negotiation)

    def made(promise, _):
        # The description lives as long as the reply that holds it.
        reply = promise.get_reply()
        description = reply.get_value("offer")
        peer.emit("set-local-description", description, Gst.Promise.new())
        say(offer=description.sdp.as_text())

    peer.emit("create-offer", None, Gst.Promise.new_with_change_func(made, None))


def answered(message):
    def apply():
        _, sdp = GstSdp.SDPMessage.new_from_text(message["answer"])
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        peer.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    GLib.idle_add(apply)


def state(*_):
    say(state=peer.get_property("connection-state").value_nick)


peer.connect("pad-added", decode)
peer.connect("notify::connection-state", state)
sending = 0
while (line := peer.emit("get-transceiver", sending)) is not None:
    line.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    sending += 1
for caps in (f"{SOUND},encoding-params=(string)2", PICTURES) if receives else ():
    receive = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
    peer.emit("add-transceiver", receive, Gst.Caps.from_string(caps))
negotiation = peer.connect("on-negotiation-needed", offer)
listen(answered)
pipeline.set_state(Gst.State.PLAYING)
GLib.MainLoop().run()
