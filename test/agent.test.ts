import { readFileSync } from "node:fs";
import { join } from "node:path";
import { docs } from "@dais/api/docs";
import { type AgentTool, type OpenApi, requestOf, toolsFromOpenApi } from "@dais/documents/agent-tools";
import { withBounds } from "@dais/documents/openapi/bounds";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

const committed = (file: string) => readFileSync(join(import.meta.dirname, "../contracts", file), "utf8");
const all = toolsFromOpenApi(JSON.parse(committed("openapi.json")));

describe("an agent that knows only the address of openapi.json", () => {
  let url: string;
  let key: string;
  let tools: AgentTool[];
  beforeAll(async () => {
    const pages = (own: string) => docs({ openapi: committed("openapi.json"), url: own, demo: null });
    url = (await startServer({ pages })).url;
    key = await (await place()).key({ kind: "agent" });
    tools = toolsFromOpenApi((await (await fetch(`${url}/openapi.json`)).json()) as OpenApi);
  });

  /** What a loop around a model does: it has a tool's name and arguments from the model, and gives it back what the server says. */
  async function call(name: string, args: Record<string, unknown>, idempotencyKey?: string) {
    const tool = tools.find((one) => one.name === name) ?? expect.fail(`no tool ${name}`);
    const answer = await fetch(requestOf(tool, args, { url, key, idempotencyKey }));
    return {
      status: answer.status,
      body: (await answer.json()) as { [field: string]: never } & { signal: { id: string } },
    };
  }
  const report = {
    source: "agent",
    title: "Flood Watch",
    severity: "severe",
    category: "met",
    classification: "internal",
    occurredAt: "2026-01-06T04:00:00.000Z",
    reportedAt: "2026-01-06T03:58:00.000Z",
  };

  test("reports a signal, once, and lists it", async () => {
    const made = await call("signals_ingest", report, "an-agent-1");
    const again = await call("signals_ingest", report, "an-agent-1");
    expect(made).toMatchObject({ status: 201, body: { changed: true } });
    expect(again.body).toEqual(made.body);
    const listed = await call("signals_list", { source: "agent", state: ["new", "dismissed"], limit: 5 });
    expect(listed).toMatchObject({ status: 200, body: { items: [made.body.signal] } });
    expect((await call("signals_get", { id: made.body.signal.id })).body).toEqual(made.body.signal);
  });

  test("is told what it may not do, and what it did wrong, in words for it", async () => {
    const { body } = await call("signals_ingest", report);
    const refused = await call("signals_acknowledge", { id: body.signal.id, version: 1 });
    expect(refused).toMatchObject({ status: 403, body: { code: "proposal_required" } });
    const wrong = await call("signals_ingest", { ...report, severity: "bad" });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: "/body/severity" }] } });
  });
});

describe("its tools", () => {
  test.each(all)("$name: are what model APIs take", ({ name, description, parameters }) => {
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(description.length).toBeGreaterThan(20);
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(description).not.toMatch(/<br>|\*\*/);
    expect(parameters.type).toBe("object");
    for (const keyword of ["anyOf", "oneOf", "allOf", "not", "enum"]) expect(parameters).not.toHaveProperty(keyword);
    for (const field of Object.keys(parameters.properties ?? {})) expect(field).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
    expect(JSON.stringify(parameters)).not.toMatch(/"\$(ref|defs)"/);
    expect(() => z.fromJSONSchema(parameters as never)).not.toThrow();
  });

  test("have a name each", () => expect(new Set(all.map(({ name }) => name)).size).toBe(all.length));

  test("and those offered over MCP are the same ones: names, inputs, and how to call them", () => {
    const { tools } = JSON.parse(committed("tools.json")) as { tools: (AgentTool & { inputSchema: object })[] };
    for (const { name, inputSchema, http } of tools) {
      const same = all.find((one) => one.name === name);
      const document = same?.http.document?.name;
      expect(plain(withText(same?.parameters, document)), name).toEqual(
        plain(withText(withBounds(inputSchema), document)),
      );
      expect(same?.http, name).toEqual(http);
    }
  });

  test("can't be made of what contains itself", () => {
    const schemas = { Tree: { properties: { below: { $ref: "#/components/schemas/Tree" } } } };
    const schema = { $ref: "#/components/schemas/Tree" };
    const paths = { "/trees": { post: { requestBody: { content: { "application/json": { schema } } } } } };
    expect(() => toolsFromOpenApi({ paths, components: { schemas } })).toThrow("contains itself");
  });
});

/** With the document of an upload as any text: over REST it is the body, and may be longer. */
function withText(schema: object = {}, name?: string): object {
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  return name && name in properties ? { ...schema, properties: { ...properties, [name]: { type: "string" } } } : schema;
}

/** Without examples, which the document keeps beside the schema, and with what is required in one order. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== "object" || schema === null) return schema;
  const { examples: _, required, ...rest } = schema as Record<string, unknown>;
  // Each of its ways says so itself.
  if ("oneOf" in rest) delete rest.type;
  const others = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plain(value)]));
  return Array.isArray(required) ? { ...others, required: required.toSorted() } : others;
}
