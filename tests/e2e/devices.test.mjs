// Devices in the room: a menu for them, what is plugged in and unplugged, words into a microphone that is off, and the keys.
// Nothing of it negotiates anew or costs the floor.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { audiblePeople, offersOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { chooseLanguage, closeMenus, openMenu } from "./lib/room-page.mjs";
import { checkLargeText, checkScreen, checkView } from "./lib/screen-checks.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile()}
[[person]]
id = "viewer-1"
name = "Viewer"
role = "viewer"
`;

let server, browser, chair, tokyo, seoul, request;

/**
 * Runs in the page first: devices that can be plugged in and unplugged. Their sound and picture are those of the person;
 * a device whose id is in `refusing` is in use by another program.
 */
function plugDevices() {
  const device = (kind, deviceId, groupId, label) => ({ kind, deviceId, groupId, label, toJSON() {} });
  const own = navigator.mediaDevices.getUserMedia;
  const here = {
    list: [
      device("audioinput", "built-in", "laptop", "Built-in Microphone"),
      device("audioinput", "desk", "desk", "Desk Microphone (046d:0ab1)"),
      device("videoinput", "lid", "laptop", "Built-in Camera"),
      device("videoinput", "document", "document", "Document Camera"),
      device("audiooutput", "loudspeaker", "laptop", "Built-in Speaker"),
    ],
    refusing: [],
    opened: [],
    tracks: [],
    clones: [],
    changed() {
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    },
    plug(...devices) {
      here.list.push(...devices.map((each) => device(...each)));
      here.changed();
    },
    unplug(group) {
      const gone = here.list.filter(({ groupId }) => groupId === group).map(({ deviceId }) => deviceId);
      here.list = here.list.filter(({ groupId }) => groupId !== group);
      for (const track of here.tracks) {
        if (!gone.includes(track.getSettings().deviceId) || track.readyState === "ended") continue;
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
      here.changed();
    },
  };
  window.__devices = here;
  const enumerateDevices = async () => [...here.list];
  const getUserMedia = async (wanted) => {
    const kind = wanted.audio ? "audioinput" : "videoinput";
    const asked = (wanted.audio || wanted.video).deviceId;
    const all = here.list.filter((each) => each.kind === kind);
    const chosen = asked?.exact
      ? all.find(({ deviceId }) => deviceId === asked.exact)
      : (all.find(({ deviceId }) => deviceId === asked) ?? all[0]);
    if (!chosen) throw new DOMException("gone", asked?.exact ? "OverconstrainedError" : "NotFoundError");
    if (here.refusing.includes(chosen.deviceId)) throw new DOMException("in use", "NotReadableError");
    here.opened.push(wanted.audio || wanted.video);
    const stream = await own.call(navigator.mediaDevices, wanted);
    const [track] = stream.getTracks();
    // As in Chromium, a device that is open already keeps its settings.
    const open = [...here.tracks, ...here.clones].find(
      (each) => each.readyState === "live" && each.getSettings().deviceId === chosen.deviceId,
    );
    const { noiseSuppression, echoCancellation } = open?.getSettings() ?? wanted.audio ?? {};
    const settings = {
      deviceId: chosen.deviceId,
      ...(wanted.audio
        ? { noiseSuppression, echoCancellation }
        : { backgroundBlur: wanted.video.backgroundBlur === true }),
    };
    track.getSettings = () => ({ ...settings });
    const { clone } = track;
    track.clone = () => {
      const made = Object.assign(clone.call(track), { getSettings: track.getSettings });
      here.clones.push(made);
      return made;
    };
    if (wanted.video) {
      track.getCapabilities = () => ({ backgroundBlur: [true, false] });
      track.applyConstraints = async ({ backgroundBlur }) => {
        if (window.__blurRefused) throw new OverconstrainedError("backgroundBlur");
        settings.backgroundBlur = backgroundBlur.exact;
      };
    }
    here.tracks.push(track);
    return stream;
  };
  Object.defineProperty(navigator.mediaDevices, "enumerateDevices", { value: enumerateDevices, configurable: true });
  Object.defineProperty(navigator.mediaDevices, "getUserMedia", { value: getUserMedia, configurable: true });
  HTMLMediaElement.prototype.setSinkId = async function (id) {
    if (id !== "" && !here.list.some(({ deviceId }) => deviceId === id))
      throw new DOMException("gone", "NotFoundError");
    Object.defineProperty(this, "sinkId", { value: id, configurable: true });
  };
}

const HEADSET = [
  ["audioinput", "jabra-in", "jabra", "Jabra 510 (0b0e:0422)"],
  ["audiooutput", "jabra-out", "jabra", "Jabra 510 (0b0e:0422)"],
];
const plug = (page, ...devices) => page.evaluate((all) => window.__devices.plug(...all), devices);
const unplug = (page, group) => page.evaluate((which) => window.__devices.unplug(which), group);
/** The devices that are sent from. */
const sentFrom = (page) =>
  page.evaluate(() =>
    window.__peers
      .at(-1)
      .getSenders()
      .map(({ track }) => track?.getSettings().deviceId)
      .filter(Boolean),
  );
const sinkOf = (page) => page.evaluate(() => document.querySelector('[data-testid="voice-0"]').sinkId ?? "");
const sends = (page, id) => until(`${id} is sent`, async () => (await sentFrom(page)).includes(id));
const microphoneSays = (page, words) =>
  until(`the microphone says ${words}`, async () =>
    words.test(await page.getByTestId("dock-microphone").getAttribute("aria-label")),
  );
const announced = (page, urgency, words) =>
  until(`"${words}" is announced`, async () => words.test(await page.getByTestId(`live-${urgency}`).innerText()));
const hearsTokyo = () => until("Seoul hears Tokyo", async () => (await audiblePeople(seoul)).includes("tokyo-1"));
const speaks = async () => (await server.get("/rooms/climate", chair)).floor.granted[0]?.beneficiary;
/** Nothing has the focus, as after a click beside every control. */
const blur = (page) => page.evaluate(() => document.activeElement?.blur());
const options = (page, kind) =>
  page.getByTestId(`choose-${kind}`).evaluate((select) => [...select.options].map(({ label }) => label));

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  seoul = await takeSeat(browser, server, "seoul-1");
  tokyo = await takeSeat(browser, server, "tokyo-1", plugDevices);
  request = (await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"))).id;
  await server.post(`/rooms/climate/floor/requests/${request}/grant`, {}, chair);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("the menu names microphone, speaker and camera, shows the level, and takes another device without an offer or the floor's loss", async () => {
  await hearsTokyo();
  const offers = await offersOf(tokyo);
  await tokyo.bringToFront();
  await openMenu(tokyo, "devices");
  await tokyo.getByTestId("devices-menu").waitFor();
  assert.deepEqual(await options(tokyo, "audioinput"), ["Built-in Microphone", "Desk Microphone (046d:0ab1)"]);
  assert.deepEqual(await options(tokyo, "audiooutput"), ["Built-in Speaker"]);
  await until(
    "the level is shown",
    async () =>
      (await tokyo
        .getByTestId("devices-menu")
        .locator("meter")
        .evaluate(({ value }) => value)) > 0.45,
  );
  await tokyo.getByTestId("choose-audioinput").selectOption("desk");
  await sends(tokyo, "desk");
  await tokyo.getByTestId("choose-videoinput").selectOption("document");
  await sends(tokyo, "document");
  await hearsTokyo();
  assert.deepEqual([await offersOf(tokyo), await speaks()], [offers, "tokyo-1"]);
  assert.equal(
    await tokyo.evaluate(() => window.__devices.tracks.filter(({ readyState }) => readyState === "live").length),
    2,
    "devices that were left are let go",
  );
});

test("a device that cannot be used is said in words, and the choice goes back", async () => {
  await tokyo.evaluate(() => (window.__devices.refusing = ["built-in"]));
  await tokyo.getByTestId("choose-audioinput").selectOption("built-in");
  await tokyo.getByTestId("device-refused").waitFor();
  assert.match(
    await tokyo.getByTestId("device-refused").innerText(),
    /That device cannot be used.*Nothing has changed/,
  );
  await until(
    "the choice goes back",
    async () => (await tokyo.getByTestId("choose-audioinput").inputValue()) === "desk",
  );
  await sends(tokyo, "desk");
  await hearsTokyo();
  await tokyo.evaluate(() => (window.__devices.refusing = []));
});

test("noise suppression, echo cancellation and the background are switched where the browser can, and remembered", async () => {
  const lastAsked = () => tokyo.evaluate(() => window.__devices.opened.at(-1));
  assert.equal(await tokyo.getByTestId("noiseSuppression").isChecked(), true);
  await tokyo.getByTestId("noiseSuppression").uncheck();
  await until("the microphone is opened without it", async () => (await lastAsked()).noiseSuppression === false);
  await tokyo.getByTestId("echoCancellation").uncheck();
  await until("the microphone is opened without both", async () => {
    const { noiseSuppression, echoCancellation, deviceId } = await lastAsked();
    return !noiseSuppression && !echoCancellation && deviceId.exact === "desk";
  });
  await hearsTokyo();
  await tokyo.getByTestId("background-blur").check();
  await until("the camera blurs", () =>
    tokyo.evaluate(() => window.__devices.tracks.some((track) => track.getSettings().backgroundBlur)),
  );
  await tokyo.evaluate(() => (window.__blurRefused = true));
  await tokyo.getByTestId("background-blur").click();
  await tokyo.getByText("The camera cannot change that now. Nothing has changed.").first().waitFor();
  assert.equal(await tokyo.getByTestId("background-blur").isChecked(), true);
  const kept = await tokyo.evaluate(() => JSON.parse(localStorage.getItem("plenary.devices")));
  assert.deepEqual(
    [kept.microphone, kept.camera, kept.noiseSuppression, kept.echoCancellation, kept.backgroundBlur],
    ["desk", "document", false, false, true],
  );
});

test("the floor is turned down by itself", async () => {
  await tokyo.getByTestId("volume-floor").fill("0.25");
  await until("the floor is quieter", () =>
    tokyo.evaluate(
      () =>
        document.querySelector('[data-testid="voice-0"]').volume === 0.25 &&
        document.querySelector('[data-testid="voice-language"]').volume === 1,
    ),
  );
  await closeMenus(tokyo);
});

test("the menu passes the checks of every screen, wide and narrow, in both languages and at twice the text", async () => {
  await openMenu(tokyo, "devices");
  await tokyo.getByTestId("devices-menu").waitFor();
  await checkView(tokyo, "devices-wide-light");
  await closeMenus(tokyo);
  await chooseLanguage(tokyo, "zh-Hant-TW");
  await tokyo.setViewportSize({ width: 390, height: 844 });
  await openMenu(tokyo, "more");
  await tokyo.getByTestId("more-devices").locator("summary").click();
  await tokyo.getByTestId("choose-videoinput").waitFor();
  await tokyo.emulateMedia({ colorScheme: "dark" });
  await checkView(tokyo, "devices-narrow-dark-zh");
  await checkLargeText(tokyo, "devices, narrow", ".menu:popover-open");
  await closeMenus(tokyo);
  await tokyo.emulateMedia({ colorScheme: "light" });
  await tokyo.setViewportSize({ width: 1280, height: 800 });
  await chooseLanguage(tokyo, "en");
});

test("a headset that is plugged in is offered for what it is, and used at one press; without it, the page says what is used", async () => {
  const offers = await offersOf(tokyo);
  await plug(tokyo, ...HEADSET);
  const offer = tokyo.getByTestId("device-offer");
  await offer.waitFor();
  assert.match(await offer.innerText(), /^Jabra 510 was connected\. Use it as microphone and speaker\?/);
  await announced(tokyo, "polite", /Jabra 510 was connected/);
  await offer.getByRole("button", { name: "Use it" }).click();
  await sends(tokyo, "jabra-in");
  await until("it is heard through the headset", async () => (await sinkOf(tokyo)) === "jabra-out");
  await offer.waitFor({ state: "hidden" });

  await unplug(tokyo, "jabra");
  await tokyo
    .getByText(/Your microphone is gone\. You are now heard through Built-in Microphone/)
    .first()
    .waitFor();
  await tokyo
    .getByText(/Your speaker is gone\. You now hear the meeting through Built-in Speaker/)
    .first()
    .waitFor();
  assert.equal(await sinkOf(tokyo), "");

  await plug(tokyo, ...HEADSET);
  await offer.waitFor();
  assert.match(await offer.innerText(), /^Jabra 510 is back\. Use it again as microphone and speaker\?/);
  assert.ok(!(await sentFrom(tokyo)).includes("jabra-in"), "nothing is used without a press");
  await offer.getByRole("button", { name: "Use it" }).click();
  await sends(tokyo, "jabra-in");
  await hearsTokyo();
  assert.deepEqual([await offersOf(tokyo), await speaks()], [offers, "tokyo-1"]);
});

test("an offer can be dismissed, and goes with its device", async () => {
  const offer = tokyo.getByTestId("device-offer");
  const webcam = ["videoinput", "webcam", "webcam", "Webcam"];
  await plug(tokyo, webcam);
  await offer.waitFor();
  await offer.getByRole("button", { name: "Dismiss" }).click();
  await offer.waitFor({ state: "hidden" });
  await unplug(tokyo, "webcam");
  await plug(tokyo, webcam);
  await offer.waitFor();
  await unplug(tokyo, "webcam");
  await offer.waitFor({ state: "hidden" });
});

test("a speaker who is muted and speaks is told so once until they stop, and turned on at one press", async () => {
  const note = tokyo.getByTestId("muted-speech");
  await tokyo.getByTestId("dock-microphone").click();
  await note.waitFor();
  await announced(tokyo, "assertive", /You are muted and speaking/);
  await note.getByRole("button", { name: "Dismiss" }).click();
  await note.waitFor({ state: "hidden" });
  assert.ok(!(await audiblePeople(seoul)).includes("tokyo-1"), "what is measured is not sent");
  await tokyo.getByTestId("dock-microphone").click();
  await hearsTokyo();
  await tokyo.getByTestId("dock-microphone").click();
  await note.waitFor();
  await note.getByRole("button", { name: "Turn on" }).click();
  await note.waitFor({ state: "hidden" });
  await hearsTokyo();
});

test("M, V and the space bar turn on and off what they say, and nothing while a menu, a dialog or a field has the keys", async () => {
  await blur(tokyo);
  await tokyo.keyboard.press("m");
  await microphoneSays(tokyo, /Your microphone is off/);
  await announced(tokyo, "polite", /Microphone off/);
  await until("Seoul hears nobody", async () => (await audiblePeople(seoul)).length === 0);
  await tokyo.keyboard.down(" ");
  await hearsTokyo();
  await tokyo.keyboard.down(" ");
  await tokyo.keyboard.up(" ");
  await microphoneSays(tokyo, /Your microphone is off/);
  await until("Seoul hears nobody", async () => (await audiblePeople(seoul)).length === 0);

  // On a button the space bar presses it; in a field it writes.
  await tokyo.locator("#tab-chat").click();
  await tokyo.getByTestId("dock-help").focus();
  await tokyo.keyboard.press(" ");
  await tokyo.keyboard.press("m");
  await microphoneSays(tokyo, /Your microphone is off/);
  await closeMenus(tokyo);
  const field = tokyo.locator("#tab-panel").getByRole("textbox").first();
  await field.fill("");
  await field.pressSequentially("m v 1");
  assert.equal(await field.inputValue(), "m v 1");
  await field.fill("");
  await microphoneSays(tokyo, /Your microphone is off/);

  await blur(tokyo);
  await tokyo.keyboard.press("Control+m");
  await tokyo.keyboard.press("Shift+m");
  await microphoneSays(tokyo, /Your microphone is off/);
  await tokyo.keyboard.press("m");
  await hearsTokyo();
  await tokyo.keyboard.press("v");
  await until(
    "the camera is off",
    async () => (await tokyo.getByTestId("dock-camera").getAttribute("aria-pressed")) === "false",
  );
  await tokyo.keyboard.press("v");
  await until(
    "the camera is on",
    async () => (await tokyo.getByTestId("dock-camera").getAttribute("aria-pressed")) === "true",
  );
  await tokyo.keyboard.press("f");
  assert.equal(await speaks(), "tokyo-1", "F ends no speech");
});

test("digits go to the tabs, F asks for the floor and takes nothing back", async () => {
  await seoul.bringToFront();
  await blur(seoul);
  await seoul.keyboard.press("2");
  await until("the agenda has the focus", () =>
    seoul.evaluate(
      () =>
        document.activeElement?.id === "tab-agenda" && document.activeElement.getAttribute("aria-selected") === "true",
    ),
  );
  await seoul.keyboard.press("f");
  await until("Seoul has asked", async () => /^Withdraw/.test(await seoul.getByTestId("main-button").innerText()));
  await seoul.keyboard.press("f");
  await seoul.keyboard.press("1");
  await until("the order has the focus", () => seoul.evaluate(() => document.activeElement?.id === "tab-order"));
  assert.equal(
    (await server.get("/rooms/climate", chair)).floor.requests.filter(({ beneficiary }) => beneficiary === "seoul-1")
      .length,
    1,
  );
});

test("the list of keys opens by ? and from Help, turns the keys off for good, and gives the focus back", async () => {
  await seoul.keyboard.press("?");
  const list = seoul.getByTestId("key-list");
  await list.waitFor();
  await checkScreen(seoul, "keys");
  await seoul.getByTestId("shortcuts-on").uncheck();
  await seoul.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  await blur(seoul);
  await seoul.keyboard.press("m");
  await seoul.keyboard.press("?");
  await microphoneSays(seoul, /Your microphone is on|You are live|The server hears/);
  assert.equal(await list.count(), 0);
  await seoul.reload();
  await seoul.getByTestId("main-button").waitFor();
  await openMenu(seoul, "help");
  await seoul.getByTestId("show-keys").click();
  await list.waitFor();
  assert.equal(await seoul.getByTestId("shortcuts-on").isChecked(), false);
  await seoul.getByTestId("shortcuts-on").check();
  await list.getByRole("button", { name: "Close" }).click();
  await list.waitFor({ state: "detached" });
});

test("a viewer is offered the keys that apply and the speaker, and no microphone or camera", async () => {
  const viewer = await browser.context.newPage();
  await viewer.goto(await server.link("viewer-1"));
  await viewer.getByTestId("room-climate").click();
  await viewer.getByTestId("take-seat").click();
  await viewer.getByTestId("shell").waitFor();
  await openMenu(viewer, "devices");
  assert.deepEqual(await viewer.getByTestId("devices-menu").locator("h2").allInnerTexts(), ["Speaker"]);
  await closeMenus(viewer);
  await blur(viewer);
  await viewer.keyboard.press("?");
  await viewer.getByTestId("key-list").waitFor();
  assert.deepEqual(await viewer.getByTestId("key-list").locator("kbd").allInnerTexts(), ["1–5", "?"]);
  await viewer.close();
});

test("no page had an error", () => {
  for (const page of [tokyo, seoul]) assert.deepEqual(page.problems, []);
});
