/** The page itself, links and connection trouble. */
export const app = {
  "app.name": "Plenary",
  "app.language": "Language",
  "app.skip": "Skip to the main action",
  "app.loading": "Opening your seat…",
  "app.retry_now": "Try now",
  "app.outdated": "The conference’s page has been updated. Load it when it suits you; your place is kept.",
  "app.load_new": "Load the new page",

  "link.none.title": "Open this page from your invitation",
  "link.none.body":
    "Please open the personal link in your invitation. If you cannot find it, ask the conference secretariat to send it again.",
  "link.bad.title": "This invitation cannot be used",
  "link.bad.body":
    "It has expired, has been withdrawn, or is for another conference. Ask the secretariat for a new link. {detail}",
  "link.network.title": "The conference cannot be reached",
  "link.network.body":
    "Check your network connection. This page goes on trying by itself, and your seat is kept for you.",

  "role.delegate": "Delegate",
  "role.moderator": "Moderator",
  "role.clerk": "Clerk",
  "role.interpreter": "Interpreter",
  "role.operator": "Operator",
  "role.viewer": "Viewer",

  "status.member": "Member",
  "status.observer": "Observer",
  "status.guest": "Guest",

  "link.state.connected": "Connected",
  "link.state.media": "Connecting audio and video…",
  "link.state.connecting": "Connecting…",
  "link.figures": "Round trip {rtt}, {path}",

  "trouble.reconnecting": "Reconnecting. Your place is kept.",
  "trouble.reconnecting_place": "Reconnecting. Your place is kept ({place}).",
  "trouble.reconnecting_floor": "Reconnecting; the floor is kept for you.",
  "trouble.replaced.title": "You are seated on another device",
  "trouble.replaced.body": "This page has stopped. To continue here, take your seat back.",
  "trouble.device_active": "This device now sends your audio and video.",
  "trouble.device_replaced": "Another of your devices now sends your audio and video. This one only receives.",
  "trouble.unauthorized.title": "Your invitation is no longer valid",
  "trouble.unauthorized.body": "It has been withdrawn or has expired. Ask the secretariat for a new link.",
  "trouble.forbidden.title": "You are not seated in this room",
  "trouble.forbidden.body":
    "The chair has removed you from this room, or your invitation is for another one. Go back to your seat and choose a room.",
  "trouble.moved.title": "The chair has moved you to another room",
  "trouble.moved.body": "Your seat is now in “{room}”.",
  "trouble.removed":
    "The chair has removed you from this room. If this was a mistake, ask the secretariat; you can be readmitted.",
  "trouble.here": "Use this device",
  "trouble.to_seat": "Back to your seat",
  "trouble.unanswered": "The connection was lost before the server answered. What the room shows is what counts.",
  "trouble.refused": "That was not possible.",
  "trouble.no_webrtc":
    "This browser cannot exchange audio and video. Open your link in Chrome, Edge, Firefox or Safari.",
  "trouble.media_lost": "Your audio and video are interrupted. Reconnecting them…",
};
