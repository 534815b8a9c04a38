// A server with as many viewers as a load test needs, and their invitations in a file for `plenary-load`.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Server, conferenceFile } from "../../e2e/lib/server.mjs";

/** Starts it; `asked` are the options of `plenary-load` that lead to it and put its report into the file `report`. */
export async function startCrowdedServer(viewers) {
  const people = Array.from(
    { length: viewers },
    (_, at) => `\n[[person]]\nid = "viewer-${at}"\nname = "Viewer ${at}"\nrole = "viewer"\n`,
  );
  const server = await Server.start({ conference: conferenceFile() + people.join("") });
  const [invitations, report] = ["invitations.json", "report.json"].map((name) => join(server.folder, name));
  await writeFile(invitations, JSON.stringify(await server.invite()));
  const here = ["--server", server.url, "--invitations", invitations, "--metrics", `${server.ops}/metrics`];
  return { server, report, asked: [...here, "--json", report] };
}
