import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { events } from "@dais/contracts";
import { CommandMessage } from "@dais/contracts/kit/command-message";
import { Envelope } from "@dais/contracts/kit/envelope";
import { asyncApiDocument } from "@dais/documents/asyncapi";
import { type AsyncApi, compareEvents } from "@dais/documents/breaking/events";
import { openApiDocument } from "@dais/documents/openapi";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { docs } from "../apps/api/docs.ts";

// biome-ignore lint/suspicious/noExplicitAny: read as a client would, by path.
const document = asyncApiDocument() as any;
const committed = readFileSync(join(import.meta.dirname, "../contracts/asyncapi.json"), "utf8");
const told = [...events.values()].filter(({ permission }) => permission !== "nobody");
const url = "https://dais.example:8443";
const pages = docs({ openapi: JSON.stringify(openApiDocument()), url, demo: null });
const get = async (path: string) => pages.request(path);
const ajv = new Ajv2020({ strict: false, formats: { "date-time": true, uri: true, int32: true, date: true } });

/** 3.1 adds a binding for robots to 3.0, and nothing that is used here; more tools read 3.0. */
const notOurs = ["asyncapi-latest-version"];

describe("contracts/asyncapi.json", () => {
  test("is valid AsyncAPI 3: its own parser finds nothing, hints included", async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(committed);
    expect(diagnostics.filter(({ code }) => !notOurs.includes(String(code)))).toEqual([]);
    expect(parsed?.version()).toBe("3.0.0");
    expect(
      parsed
        ?.messages()
        .all()
        .map((message) => message.name())
        .sort(),
    ).toEqual([...told.map(({ name }) => name), "command", "reply"].sort());
  });

  test("by the broker: every event, and the queues of commands, with what makes an AMQP client find them", () => {
    const { channels, operations } = document;
    expect(Object.keys(channels.events.messages)).toEqual(told.map(({ name }) => name));
    expect(channels.events.bindings.amqp).toMatchObject({
      is: "routingKey",
      exchange: { name: "dais.events", type: "topic", durable: true },
    });
    expect(channels.commands.bindings.amqp).toMatchObject({ is: "queue", queue: { durable: true } });
    const [{ payload }] = channels.commands.messages.command.examples;
    expect(CommandMessage.parse(payload)).toEqual(payload);
    expect([operations.publishEvents.action, operations.takeCommands.action]).toEqual(["send", "receive"]);
  });

  test("the parser would say what is wrong", async () => {
    const broken = structuredClone(document);
    broken.components.messages["signal.ingested"].examples[0].payload.data.severity = "bad";
    broken.operations["signal.ingested"].action = "publish";
    const { diagnostics } = await new Parser().parse(JSON.stringify(broken));
    expect(diagnostics.filter(({ severity }) => severity === 0).length).toBeGreaterThan(0);
  });

  test("sends every event that leaves the server, on the stream, with who may hear it", () => {
    const { operations, channels, components } = document;
    const names = told.map(({ name }) => name);
    const { publishEvents: _, takeCommands: __, ...streamed } = operations;
    for (const part of [streamed, channels.stream.messages, components.messages])
      expect(Object.keys(part)).toEqual(names);
    for (const { name, permission, capability } of told) {
      expect(operations[name]).toMatchObject({
        action: "send",
        "x-permission": permission,
        tags: [{ name: capability }],
      });
      expect(components.messages[name]["x-permission"]).toBe(permission);
    }
  });

  test("refers to nothing that isn't there, and shares nothing that isn't used", () => {
    const refs = new Set([...committed.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, ref]) => ref as string));
    const at = (ref: string) => ref.split("/").reduce((value, key) => value?.[key], document);
    for (const ref of refs) expect(at(ref), ref).toBeDefined();
    for (const name of Object.keys(document.components.schemas)) expect(refs).toContain(`components/schemas/${name}`);
  });

  test.each(told)("$name: its example is an event that fits the envelope and the payload", ({ name, payload }) => {
    const [{ payload: example }] = document.components.messages[name].examples;
    expect(Envelope.parse(example)).toEqual(example);
    expect(payload.strict().parse(example.data)).toEqual(example.data);
    const { allOf } = document.components.messages[name].payload;
    const check = ajv.compile({ components: document.components, allOf });
    expect(check(example), JSON.stringify(check.errors)).toBe(true);
    expect(check({ ...example, type: "signal.other" })).toBe(false);
    expect(check({ ...example, data: {} })).toBe(false);
    expect(check({ ...example, data: { ...example.data, later: 1 } }), "fields may be added").toBe(true);
  });
});

describe("what the server says of events", () => {
  test("200 /asyncapi.json: the document, with its own address", async () => {
    const answer = await get("/asyncapi.json");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    const served = (await answer.json()) as typeof document;
    expect(served).toEqual(asyncApiDocument({ url }));
    expect(served.servers.stream).toMatchObject({ host: "dais.example:8443", protocol: "https", pathname: "/v1" });
    expect(await (await get("/")).text()).toContain('href="/asyncapi.json"');
  });

  test.each(told)("200: the dataschema of $name is where its events say, and takes its example", async (event) => {
    const served = asyncApiDocument({ url }) as typeof document;
    const [{ payload: example }] = served.components.messages[event.name].examples;
    const { origin, pathname } = new URL(example.dataschema);
    expect(origin).toBe(url);
    const answer = await get(pathname);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/schema+json"]);
    const schema = (await answer.json()) as { $id: string };
    expect(schema.$id).toBe(example.dataschema);
    expect(ajv.validate(schema, example.data), JSON.stringify(ajv.errors)).toBe(true);
    expect(ajv.validate(schema, {})).toBe(false);
  });

  test("404: a schema of no event, or of a version that isn't there", async () => {
    for (const path of ["/schemas/signal.lost/1", "/schemas/signal.ingested/99"])
      expect((await get(path)).status, path).toBe(404);
  });
});

describe("compareEvents", () => {
  const after = (change: (components: AsyncApi["components"]) => void) => {
    const copy = structuredClone(document);
    change(copy.components);
    return compareEvents(document, copy);
  };
  // biome-ignore lint/suspicious/noExplicitAny: the document as JSON.
  const data = (schemas: any) => schemas.SignalIngested;
  const operation = "signal.ingested";

  test("nothing, where nothing changed", () => expect(compareEvents(document, document)).toEqual([]));

  test("before the first release, every event is new", () => {
    const changes = compareEvents(null, document);
    expect(changes.map(({ operation }) => operation).sort()).toEqual(told.map(({ name }) => name).sort());
    expect(new Set(changes.map(({ what, impact }) => `${impact}: ${what}`))).toEqual(
      new Set(["adds: The event was added."]),
    );
  });

  test.each<[string, Parameters<typeof after>[0], string, string]>([
    ["an event removed", ({ messages }) => void delete messages["signal.ingested"], "breaks", "The event was removed."],
    [
      "a field of its data removed",
      ({ schemas }) => {
        delete data(schemas).properties.severity;
        data(schemas).required = ["id", "category"];
      },
      "breaks",
      "event: Property `severity` of `data` was removed.",
    ],
    [
      "a field that may be missing",
      ({ schemas }) => void data(schemas).required.pop(),
      "breaks",
      "event: Properties of `data` are no longer required: `category`.",
    ],
    [
      "another type",
      ({ schemas }) => void Object.assign(data(schemas).properties.id, { type: "integer" }),
      "breaks",
      "event: Type of `id` widened from 'string' to 'integer'.",
    ],
    [
      "another permission",
      ({ messages }) => void Object.assign(messages["signal.ingested"] ?? {}, { "x-permission": "a.b" }),
      "breaks",
      "`x-permission` changed from 'signal.read' to 'a.b'.",
    ],
    [
      "a version counted up",
      ({ messages }) => {
        const own = messages["signal.ingested"]?.payload.allOf[1]?.properties?.eventversion;
        (own as { const: number }).const = 2;
      },
      "breaks",
      "event: `const` of `eventversion` changed from '1' to '2'.",
    ],
    [
      "a field added",
      ({ schemas }) => {
        data(schemas).properties.more = { type: "string" };
        data(schemas).required.push("more");
      },
      "adds",
      "event: field `more` was added.",
    ],
  ])("%s", (_, change, impact, what) => expect(after(change)).toContainEqual({ operation, impact, what }));
});
