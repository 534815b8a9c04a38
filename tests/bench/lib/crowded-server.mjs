// A server with as many viewers as a load test needs, and their invitations in a file for `plenary-load`.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Server, conferenceFile } from "../../e2e/lib/server.mjs";

/** The delegations of every conference under test. */
const CITIES = ["taipei", "tokyo", "seoul", "delhi"];

/**
 * Starts it; `asked` are the options of `plenary-load` that lead to it and put its report into the file `report`. `delegates`
 * come beside those that every conference under test has, and `floor` is TOML for the rules of its room.
 */
export async function startCrowdedServer(viewers, { delegates = 0, floor = "" } = {}) {
  const people = Array.from(
    { length: viewers },
    (_, at) => `\n[[person]]\nid = "viewer-${at}"\nname = "Viewer ${at}"\nrole = "viewer"\n`,
  );
  const more = Array.from(
    { length: delegates },
    (_, at) =>
      `\n[[person]]\nid = "delegate-${at}"\nname = "Delegate ${at}"\ndelegation = "${CITIES[at % CITIES.length]}"\nrole = "delegate"\n`,
  );
  const server = await Server.start({ conference: conferenceFile({ floor }) + [...people, ...more].join("") });
  const [invitations, report] = ["invitations.json", "report.json"].map((name) => join(server.folder, name));
  await writeFile(invitations, JSON.stringify(await server.invite()));
  const here = ["--server", server.url, "--invitations", invitations, "--metrics", `${server.ops}/metrics`];
  return { server, report, asked: [...here, "--json", report] };
}
