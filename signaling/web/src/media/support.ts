/** Whether this browser can exchange audio and video. Some are built without WebRTC, as WebKitGTK is in Debian. */
export const hasWebRtc = typeof RTCPeerConnection === "function";
