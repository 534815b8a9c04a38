// The media library from outside: an upload that goes on after a cut, a restart and a new start of the page; a preview that
// nobody else hears; hostile requests; a disk that is full; and files as phones, OBS and conference programs write them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { audiblePeople, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { watchPolicy } from "./lib/screen-checks.mjs";
import { binary, Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const run = promisify(execFile);
const root = (...words) => (process.getuid() === 0 ? run(words[0], words.slice(1)) : run("sudo", ["-n", ...words]));
const ffmpeg = (...words) => run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...words]);
const TUS = { "tus-resumable": "1.0.0" };
const PART = { ...TUS, "content-type": "application/offset+octet-stream" };
/** The film has the tone of an interpreter, of whom nobody is here. */
const VOICE = "interpreter-1";
const base64 = (text) => Buffer.from(text).toString("base64");

let server, browser, chair, moderator, seoul, film, bytes;

const form = () => moderator.getByTestId("add-recording");
const media = () => server.get("/media", chair);
const says = (testId, words) =>
  until(`${testId} says ${words}`, async () => {
    const text = await moderator
      .getByTestId(testId)
      .first()
      .innerText({ timeout: 1_000 })
      .catch(() => "");
    return words.test(text);
  });

/** Pictures of noise, so that the file is large enough to be cut in the middle, and a tone. */
async function makeFilm(path, { seconds = 20, bitrate = "6M", video = "libvpx", audio = "libopus", more = [] } = {}) {
  await ffmpeg(
    ...["-f", "lavfi", "-i", `testsrc2=s=640x360:r=15:d=${seconds},noise=alls=40:allf=t`],
    ...["-f", "lavfi", "-i", `sine=frequency=${people[VOICE].tone}:duration=${seconds}`],
    ...["-c:v", video, "-b:v", bitrate, "-g", "30", "-c:a", audio, "-ac", "2", "-pix_fmt", "yuv420p"],
    ...more,
    path,
  );
}

const realtime = ["-deadline", "realtime", "-cpu-used", "8"];

/** Sends a request of tus; gives the response. */
function tus(method, path, { headers = {}, body, token = chair, of = server } = {}) {
  return fetch(`${of.url}/api/v1/media/uploads${path}`, {
    method,
    headers: { ...TUS, authorization: `Bearer ${token}`, ...headers },
    body,
  });
}

async function begin(length, name = "sent", of = server, token = chair) {
  const headers = { "upload-length": `${length}`, "upload-metadata": `name ${base64(name)}` };
  const response = await tus("POST", "", { headers, of, token });
  assert.equal(response.status, 201, await response.clone().text());
  return `/${(await response.json()).id}`;
}

before(async () => {
  server = await Server.start();
  film = join(server.folder, "from_the_camera.webm");
  await makeFilm(film, { more: realtime });
  bytes = (await stat(film)).size;
  browser = await startChromium();
  chair = await server.token("moderator-1");
  moderator = await takeSeat(browser, server, "moderator-1", watchPolicy);
  seoul = await takeSeat(browser, server, "seoul-1", watchPolicy);
  await moderator.getByRole("tab", { name: "Agenda" }).click();
  await moderator.getByTestId("recordings").locator("summary").click();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Lets the page send so many bytes a second. */
async function slowDown(page, uploadThroughput) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
  return session;
}

const received = async () => (await server.get("/media/uploads", chair)).find(({ state }) => state === "receiving");

test("an upload goes on by itself after the server was killed in the middle of it", async () => {
  assert.ok(bytes > 6_000_000, `${bytes} bytes are too few to be cut`);
  const network = await slowDown(moderator, 3_000_000);
  await form().getByLabel("File").setInputFiles(film);
  await form().getByLabel("Name of the recording").fill("Mayor address");
  await form().getByRole("button", { name: "Add a recording" }).click();
  await says("upload-state", /Sending Mayor address: [\d.]+ MB of [\d.]+ MB/);
  const { received: before } = await until("a part is there", async () => {
    const upload = await received();
    return upload?.received > 0 && upload;
  });
  await server.restart("SIGKILL");
  chair = await server.token("moderator-1");
  const upload = (await server.get("/media/uploads", chair))[0];
  assert.ok(upload.received >= before, `${upload.received} bytes after the restart, ${before} before`);
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await says("recording-mayor-address", /0:20 · [\d.]+ MB · 360p · VP8/);
  assert.equal((await media()).length, 1);
  assert.equal((await stat(join(server.folder, "data/media/mayor-address.mkv"))).size, bytes);
});

test("an upload that is cancelled leaves nothing, and one of a closed page goes on with the same file", async () => {
  const network = await slowDown(moderator, 500_000);
  await form().getByLabel("File").setInputFiles(film);
  await form().getByLabel("Name of the recording").fill("Second");
  await form().getByRole("button", { name: "Add a recording" }).click();
  await until("it is begun", received);
  await form().getByRole("button", { name: "Cancel" }).click();
  await until("it is gone", async () => !(await received()));
  await network.detach();
  // As a page that was closed leaves it: the first half is there, and the file's own facts are noted with it.
  const { mtimeMs } = await stat(film);
  const facts = {
    name: "Second",
    filename: "from_the_camera.webm",
    size: `${bytes}`,
    modified: `${Math.floor(mtimeMs)}`,
  };
  const metadata = Object.entries(facts).map(([key, value]) => `${key} ${base64(value)}`);
  const headers = { "upload-length": `${bytes}`, "upload-metadata": metadata.join(",") };
  const { id } = await (await tus("POST", "", { headers })).json();
  const half = (await readFile(film)).subarray(0, Math.floor(bytes / 2));
  const sent = await tus("PATCH", `/${id}`, { headers: { ...PART, "upload-offset": "0" }, body: half });
  assert.equal(sent.status, 204);
  await moderator.reload();
  await moderator.getByRole("tab", { name: "Agenda" }).click();
  await moderator.getByTestId("recordings").locator("summary").click();
  await says("unfinished-upload", /“Second” is not finished: [\d.]+ MB of [\d.]+ MB/);
  await form().getByLabel("File").setInputFiles(film);
  await form().getByRole("button", { name: "Add a recording" }).click();
  await says("recording-second", /0:20/);
  const uploads = await server.get("/media/uploads", chair);
  assert.equal(uploads.find((upload) => upload.id === id)?.media, "second", JSON.stringify(uploads));
});

test("a preview is seen and heard by the one who looks, and by nobody else", async () => {
  await moderator.getByRole("button", { name: "Preview: Mayor address" }).click();
  const preview = moderator.getByTestId("preview-mayor-address");
  await preview.getByRole("button", { name: "Play the beginning" }).click();
  const state = () =>
    preview.locator("video").evaluate(({ currentTime, duration, videoWidth }) => [currentTime, duration, videoWidth]);
  await until("it plays", async () => (await state())[0] > 0.3);
  const [, duration, width] = await state();
  assert.ok(Math.abs(duration - 20) < 0.5, `${duration} s`);
  assert.equal(width, 640);
  await preview.getByRole("button", { name: /^Play the end/ }).click();
  await until("the end plays", async () => (await state())[0] > 15.2);
  assert.ok(!(await audiblePeople(seoul)).includes(VOICE));
  await until("the loudness is measured", async () =>
    /Loudness: -\d+ LUFS/.test(await preview.getByTestId("sound-facts").innerText()),
  );
  const { granted, speeches } = await server.get("/rooms/climate/floor", chair);
  assert.deepEqual([granted, speeches], [[], []]);
  assert.deepEqual(moderator.problems, []);
});

test("a recording that cannot go on raises an alarm until it is stopped, and the tab of the order counts it", async () => {
  const operators = await server.token("operator-1");
  const alarms = async () => (await server.get("/health", operators)).rooms[0].alarms;
  await server.post("/rooms/climate/recording/play", { media: "second", beneficiary: "seoul-1" }, chair);
  await until("it plays", async () => (await server.get("/rooms/climate/floor", chair)).speeches[0]?.recorded.running);
  await truncate(join(server.folder, "data/media/second.mkv"), 100_000);
  await server.post("/rooms/climate/recording/seek", { position_ms: 15_000 }, chair);
  const [alarm] = await until("an alarm", async () => {
    const now = await alarms();
    return now.length > 0 && now;
  });
  assert.equal(alarm.kind, "recording_stalled");
  assert.deepEqual([alarm.media, alarm.speaker, alarm.name], ["second", "seoul-1", "Second"]);
  assert.match(alarm.detail, /the recording "Second" .* at 0:1\d/);
  await until("the tab counts it", async () => /1/.test(await moderator.locator("#tab-order").innerText()));
  const operator = await browser.context.newPage();
  await operator.goto(await server.link("operator-1"));
  await operator.getByTestId("alarm-recording_stalled").waitFor();
  await server.post("/rooms/climate/recording/stop", {}, chair);
  await until("the alarm is over", async () => (await alarms()).length === 0);
  await operator.getByTestId("alarm-recording_stalled").waitFor({ state: "detached" });
  await operator.close();
});

test("hostile lengths and bodies that break off are refused, and keep what had come", async () => {
  const upload = await begin(1_000);
  const raw = (head, body = "") =>
    new Promise((done, fail) => {
      const { hostname, port } = new URL(server.url);
      const socket = net.connect(Number(port), hostname, () => socket.write(`${head}\r\n\r\n${body}`));
      let said = "";
      socket.setTimeout(20_000, () => socket.destroy(new Error("no answer")));
      socket.on("data", (chunk) => ((said += chunk), /\r\n/.test(said) && socket.destroy()));
      socket.on("close", () => done(said));
      socket.on("error", fail);
    });
  const head = (length) =>
    [
      `PATCH /api/v1/media/uploads${upload} HTTP/1.1`,
      "host: x",
      `authorization: Bearer ${chair}`,
      "tus-resumable: 1.0.0",
      "content-type: application/offset+octet-stream",
      "upload-offset: 0",
      `content-length: ${length}`,
    ].join("\r\n");
  for (const length of ["9223372036854775807", "999999999999"]) assert.match(await raw(head(length)), /^HTTP\/1.1 413/);
  for (const length of ["-1", "1e3", "5, 6"]) assert.match(await raw(head(length)), /^HTTP\/1.1 400/);
  for (const length of ["18446744073709551615", "99999999999999999999999"])
    assert.match(await raw(head(length)), /^HTTP\/1.1 4\d\d/);
  // Five of a thousand bytes, and then nothing for ever: the server ends it and keeps them.
  assert.match(await raw(head(1_000), "some "), /^HTTP\/1.1 408/);
  const state = await tus("HEAD", upload);
  assert.equal(state.headers.get("upload-offset"), "5");
  assert.equal((await tus("DELETE", upload)).status, 204);
});

test("ten gigabytes are refused before they come, also as a file on the server", async () => {
  const headers = { "upload-length": "10000000000", "upload-metadata": `name ${base64("x")}` };
  assert.equal((await tus("POST", "", { headers })).status, 413);
  const sparse = join(server.folder, "sparse.webm");
  await (await open(sparse, "w")).close();
  await truncate(sparse, 10_000_000_000);
  const words = ["media", "add", sparse, "--data", join(server.folder, "data")];
  const ended = await run(binary, words).then(
    () => assert.fail("it was taken"),
    (error) => error,
  );
  assert.equal(ended.code, 1);
  await rm(sparse);
});

test("a disk that fills up in the middle of an upload refuses the part, and the upload goes on once there is room", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plenary-library-"));
  const data = join(folder, "data");
  await mkdir(data);
  const resize = (size) => root("mount", "-o", `remount,size=${size}`, data);
  await root("mount", "-t", "tmpfs", "-o", "size=900m,mode=0777", "plenary-test", data);
  let full;
  try {
    full = await Server.start({ folder });
    const token = await full.token("moderator-1");
    const file = await readFile(film);
    const upload = await begin(file.length, "Full", full, token);
    const append = (from, to) =>
      tus("PATCH", upload, {
        of: full,
        token,
        headers: { ...PART, "upload-offset": `${from}` },
        body: file.subarray(from, to),
      });
    assert.equal((await append(0, 1_000_000)).status, 204);
    const { stdout } = await run("df", ["-B1", "--output=used", data]);
    await resize(Number(stdout.split("\n")[1]) + 1_000_000);
    const refused = await append(1_000_000, file.length);
    assert.equal(refused.status, 507, await refused.text());
    await resize("900m");
    const { received: kept } = await (await tus("GET", upload, { of: full, token })).json();
    assert.ok(kept >= 1_000_000 && kept < file.length, `${kept} bytes are kept`);
    assert.equal((await append(kept, file.length)).status, 204);
    assert.equal((await full.get("/media", token))[0].id, "full");
  } finally {
    await full?.stop();
    await root("umount", data);
    await rm(folder, { recursive: true, force: true });
  }
});

test("files as phones, OBS and conference programs write them are added, or converted", async () => {
  const h264 = ["-profile:v", "baseline", "-bf", "0", "-preset", "ultrafast"];
  const variants = [
    // A phone: MP4 with H.264 and AAC, turned by its metadata.
    [
      "phone.mp4",
      { video: "libx264", audio: "aac", more: ["-preset", "ultrafast", "-metadata:s:v", "rotate=90"] },
      "converted",
    ],
    // OBS: Matroska with H.264 high and AAC, a keyframe every ten seconds.
    [
      "obs.mkv",
      { video: "libx264", audio: "aac", more: ["-preset", "ultrafast", "-bf", "2", "-g", "300"] },
      "converted",
    ],
    // A conference program: MP4 with a moving header at the end and mono sound of 16 kHz.
    [
      "zoom.mp4",
      { video: "libx264", audio: "aac", more: ["-preset", "ultrafast", "-ar", "16000", "-ac", "1"] },
      "converted",
    ],
    // OBS with WebM: VP9 and Opus, as a live recording without an index.
    ["live.webm", { video: "libvpx-vp9", more: [...realtime, "-f", "webm", "-live", "1"] }, "as it is"],
    // Matroska that browsers play as it is.
    ["baseline.mkv", { video: "libx264", more: h264 }, "as it is"],
  ];
  for (const [name, how, becomes] of variants) {
    const path = join(server.folder, name);
    await makeFilm(path, { seconds: 3, bitrate: "500k", ...how });
    const file = await readFile(path);
    const sent = await begin(file.length, name);
    const answer = await tus("PATCH", sent, { headers: { ...PART, "upload-offset": "0" }, body: file });
    assert.equal(answer.status, becomes === "as it is" ? 204 : 415, `${name}: ${await answer.text()}`);
    const words = ["media", "add", path, "--name", `${name} again`, "--data", join(server.folder, "data")];
    const { stdout } = await run(binary, words);
    assert.match(stdout, becomes === "as it is" ? /360p; Opus/ : /VP8 360p/, name);
  }
  const cut = join(server.folder, "cut.webm");
  await writeFile(cut, (await readFile(film)).subarray(0, 1_000_000));
  const part = await readFile(cut);
  const sent = await begin(part.length, "cut");
  assert.equal((await tus("PATCH", sent, { headers: { ...PART, "upload-offset": "0" }, body: part })).status, 204);
  const item = (await media()).find(({ id }) => id === "cut");
  assert.match(item.warnings.join(" "), /ends in the middle/);
});
