import { expect, it } from "vitest";
import asyncapi from "../../../docs/asyncapi.json?raw";
import openapi from "../../../docs/openapi.json?raw";
import { httpTypes, socketTypes } from "../schema-types";

/** `npm run generate` is this file with `--update`. */
it("the types of the WebSocket protocol are those of its published document", async () => {
  await expect(socketTypes(JSON.parse(asyncapi))).toMatchFileSnapshot("../src/wire/generated/socket.ts");
});

it("the types of the HTTP API are those of its published document", async () => {
  await expect(httpTypes(JSON.parse(openapi))).toMatchFileSnapshot("../src/wire/generated/http.ts");
});
