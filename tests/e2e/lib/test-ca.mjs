// An authority of the test's own: a certificate for localhost and its key, made by openssl.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Makes a certificate for these names and addresses: `ca.pem`, `cert.pem`, `key.pem` and `both.pem` in a folder; returns their paths, and the authority's PEM. */
export async function testCertificate(folder, names = ["localhost"]) {
  const path = (name) => join(folder, name);
  const openssl = (...words) => run("openssl", words);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl(
    ...["req", "-x509", ...key, "-days", "3", "-subj", "/CN=Test authority"],
    ...["-keyout", path("ca-key.pem"), "-out", path("ca.pem")],
  );
  await openssl("req", ...key, "-subj", "/CN=localhost", "-keyout", path("key.pem"), "-out", path("request.pem"));
  await writeFile(
    path("names"),
    `subjectAltName=${names.map((name) => `${isIP(name) ? "IP" : "DNS"}:${name}`).join(",")}\n`,
  );
  await openssl(
    ...["x509", "-req", "-in", path("request.pem"), "-days", "2", "-extfile", path("names"), "-CAcreateserial"],
    ...["-CA", path("ca.pem"), "-CAkey", path("ca-key.pem"), "-out", path("cert.pem")],
  );
  await writeFile(path("both.pem"), (await readFile(path("cert.pem"))) + (await readFile(path("key.pem"))));
  return {
    ca: await readFile(path("ca.pem"), "utf8"),
    authority: path("ca.pem"),
    certificate: path("cert.pem"),
    key: path("key.pem"),
    both: path("both.pem"),
  };
}
