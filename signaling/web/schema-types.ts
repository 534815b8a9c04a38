/** The parts of JSON Schema 2020-12 that the published documents use. */
export interface Schema {
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  type?: string | string[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  items?: Schema | boolean;
  properties?: Record<string, Schema | boolean>;
  patternProperties?: Record<string, Schema | boolean>;
  additionalProperties?: Schema | boolean;
  required?: string[];
}

interface Message {
  payload: Schema;
}

interface Operation {
  requestBody?: Body;
  responses: Record<string, Body>;
}

interface Body {
  content?: Record<string, { schema?: Schema }>;
}

export interface AsyncApi {
  channels: { room: { messages: Record<string, Message> } };
  operations: Record<string, { action: "send" | "receive"; messages: { $ref: string }[] }>;
  components: { schemas: Record<string, Schema> };
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const HEAD = (document: string) =>
  `// Generated from docs/${document} by \`npm run generate\`. Do not edit: a test compares it with the document.\n\n`;

/** TypeScript for the WebSocket protocol: every schema, and the messages of each direction by their `type`. */
export function socketTypes(document: AsyncApi): string {
  const { messages } = document.channels.room;
  const sent = (action: string) => {
    const operation = Object.values(document.operations).find((each) => each.action === action);
    const names = (operation?.messages ?? []).map(({ $ref }) => nameOf($ref));
    return names.flatMap((name) =>
      typesOf(messages[name]?.payload).map((type): [string, string] => [
        type,
        typeText(messages[name]?.payload ?? true),
      ]),
    );
  };
  const fromServer = sent("send");
  return [
    HEAD("asyncapi.json"),
    declarations(document.components.schemas),
    table("ServerMessages", "Every message that the server sends, by its type.", fromServer),
    "export type ServerMessage = ServerMessages[keyof ServerMessages];\n\n",
    `export const SERVER_MESSAGE_TYPES: ReadonlySet<string> = new Set<keyof ServerMessages>([\n${fromServer.map(([type]) => `  ${JSON.stringify(type)},\n`).join("")}]);\n\n`,
    table("ClientMessages", "Every message that the server accepts, by its type.", sent("receive")),
    "export type ClientMessage = ClientMessages[keyof ClientMessages];\n",
  ].join("");
}

/** TypeScript for the HTTP API: every schema, and the JSON that each route takes and gives. */
export function httpTypes(document: OpenApi): string {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );
  const answers = routes.flatMap(({ route, operation }) => {
    const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"))?.[1];
    const schema = success?.content?.["application/json"]?.schema;
    return schema ? [[route, typeText(schema)] as const] : [];
  });
  const bodies = routes.flatMap(({ route, operation }) => {
    const schema = operation.requestBody?.content?.["application/json"]?.schema;
    return schema ? [[route, typeText(schema)] as const] : [];
  });
  return [
    HEAD("openapi.json"),
    declarations(document.components.schemas),
    table("Answers", "The JSON that each route gives.", answers),
    table("Bodies", "The JSON that each route takes.", bodies).trimEnd(),
    "\n",
  ].join("");
}

function declarations(schemas: Record<string, Schema>): string {
  return Object.entries(schemas)
    .map(([name, schema]) => declaration(name, schema))
    .join("");
}

/** A type; of an enumeration also its values, under the same name. */
function declaration(name: string, schema: Schema): string {
  const values = valuesOf(schema);
  if (values.length === 0) return `export type ${name} = ${typeText(schema)};\n\n`;
  return `export const ${name} = [${values.map((value) => JSON.stringify(value)).join(", ")}] as const;\nexport type ${name} = (typeof ${name})[number];\n\n`;
}

/** The values of an enumeration of strings; none of any other schema. */
function valuesOf(schema: Schema): string[] {
  const values = schema.enum ?? schema.oneOf?.map((each) => each.const) ?? [];
  return values.every((value) => typeof value === "string") ? values : [];
}

function table(name: string, doc: string, rows: (readonly [string, string])[]): string {
  return `/** ${doc} */\nexport interface ${name} {\n${rows.map(([key, text]) => `  ${JSON.stringify(key)}: ${indent(text)};\n`).join("")}}\n\n`;
}

/** The values that a message's `type` may have. */
function typesOf(payload: Schema | undefined): string[] {
  const type = payload?.properties?.type;
  if (typeof type !== "object") return [];
  return typeof type.const === "string" ? [type.const] : valuesOf(type);
}

/** The type of a schema. Keywords beside each other all hold, so their types are intersected. */
function typeText(schema: Schema | boolean): string {
  if (typeof schema === "boolean") return "unknown";
  const parts = [
    schema.$ref && nameOf(schema.$ref),
    schema.oneOf && union(schema.oneOf.map(typeText)),
    schema.anyOf && union(schema.anyOf.map(typeText)),
    ownType(schema),
  ].filter((part) => typeof part === "string");
  if (parts.length === 0) return "unknown";
  return parts.length === 1 ? (parts[0] ?? "") : parts.map(bracketed).join(" & ");
}

function ownType(schema: Schema): string | undefined {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.properties || schema.patternProperties || typeof schema.additionalProperties === "object")
    return orNull(schema, objectText(schema));
  if (schema.$ref || schema.oneOf || schema.anyOf) return undefined;
  return schema.type === undefined ? undefined : union([schema.type].flat().map((type) => plainText(type, schema)));
}

function orNull(schema: Schema, text: string): string {
  return Array.isArray(schema.type) && schema.type.includes("null") ? union([text, "null"]) : text;
}

function plainText(type: string, schema: Schema): string {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `${bracketed(typeText(schema.items ?? true))}[]`;
    case "object":
      return "Record<string, unknown>";
    default:
      return type;
  }
}

function objectText(schema: Schema): string {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, of]) => `  ${keyText(name)}${required.has(name) ? "" : "?"}: ${indent(typeText(of))};\n`,
  );
  const others = [...Object.values(schema.patternProperties ?? {}), schema.additionalProperties].filter(
    (of) => typeof of === "object",
  );
  const map = others.length > 0 ? `Record<string, ${union(others.map(typeText))}>` : undefined;
  if (fields.length === 0) return map ?? "Record<string, never>";
  const text = `{\n${fields.join("")}}`;
  return map ? `${text} & ${map}` : text;
}

function union(texts: string[]): string {
  return [...new Set(texts)].map((text) => (hasOperator(text, "&") ? `(${text})` : text)).join(" | ");
}

function bracketed(text: string): string {
  return hasOperator(text, "|") || hasOperator(text, "&") ? `(${text})` : text;
}

/** Whether an operator joins types outside all brackets. */
function hasOperator(text: string, operator: "|" | "&"): boolean {
  const outside = text.replace(/"[^"]*"/g, "");
  let depth = 0;
  for (const character of outside) {
    if ("{(<".includes(character)) depth += 1;
    else if ("})>".includes(character)) depth -= 1;
    else if (character === operator && depth === 0) return true;
  }
  return false;
}

function keyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}
