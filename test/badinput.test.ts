import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { type Heard, speakers } from "./support/speakers.ts";

let url: string;
let here: Place;
let key: string;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  key = await here.key();
  api = restClient(url, key);
});

const faces = Object.entries(speakers);
/** Over every face, each answer and after it a good call: nobody is brought down. */
async function everywhere(sent: {
  body: string | Uint8Array;
  headers?: Record<string, string | number>;
}): Promise<Record<string, Heard>> {
  const all: Record<string, Heard> = {};
  for (const [name, speak] of faces) {
    all[name] = await speak(url, { key, ...sent });
    expect((await speak(url, { key, body: JSON.stringify(aSignal()) })).code).toBe("ok");
  }
  return all;
}
const codes = (heard: Record<string, Heard>) =>
  Object.fromEntries(Object.entries(heard).map(([name, { code }]) => [name, code]));
const onEach = (code: string) => Object.fromEntries(faces.map(([name]) => [name, code]));
const signal = (more: object) => JSON.stringify(aSignal(more as Record<string, unknown>));
const withRaw = (field: string, text: string) => signal({}).replace(/}$/, `,"${field}":${text}}`);
const levels = (n: number) => `{"x":${"[".repeat(n - 1)}${"]".repeat(n - 1)}}`;

describe("a body that is not acceptable JSON: malformed_json on every face", () => {
  const bodies: [string, string | Uint8Array][] = [
    ["cut off", signal({}).slice(0, -9)],
    ["no JSON", "title=x"],
    ["two values", "{}{}"],
    ["single quotes", "{'a':1}"],
    ["a comma too many", '{"a":1,}'],
    ["NaN", withRaw("confidence", "NaN")],
    ["deeper than 64 levels", levels(65)],
    ["very deep", `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["a key twice", withRaw("title", '"again"')],
    ["a key twice, once in disguise", withRaw("titl\\u0065", '"again"')],
    ["a key twice, far inside", '{"a":[{"b":{"c":1,"c":2}}]}'],
    ["__proto__", '{"__proto__":{"admin":true}}'],
    ["__proto__ in disguise", '{"\\u005f_proto__":{"admin":true}}'],
    ["nul", withRaw("body", '"a\\u0000b"')],
    ["half of a surrogate pair", withRaw("body", '"\\ud83d"')],
    ["half of a pair, as a key", '{"\\udc00":1}'],
    ["a raw control character", withRaw("body", '"a\u0001b"')],
    ["not UTF-8", Buffer.from(signal({ body: "\u00e9" }), "latin1")],
    ["overlong UTF-8", Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    [
      "a surrogate in UTF-8",
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ["UTF-16", Buffer.from(signal({}), "utf16le")],
  ];
  test.each(bodies)("%s", async (_, body) => {
    const all = await everywhere({ body });
    expect(codes(all)).toEqual(onEach("malformed_json"));
    expect(Object.values(all).map(({ status }) => status)).toEqual(faces.map(() => 400));
    expect(all.REST?.reply.headers.get("content-type")).toBe("application/problem+json");
  });

  test("64 levels are taken, and judged by the schema", async () => {
    for (const name of ["REST", "tRPC"])
      expect((await speakers[name]?.(url, { key, body: levels(64) }))?.code).toBe("invalid_input");
  });
});

describe("a body of another kind", () => {
  const headers: [string, Record<string, string>][] = [
    ["text/plain", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["no type", { "content-type": "" }],
    ["another charset", { "content-type": "application/json; charset=latin1" }],
    ["JSON as a part of the name", { "content-type": "application/jsonx" }],
    ["gzip", { "content-encoding": "gzip" }],
    ["several codings", { "content-encoding": "identity, br" }],
  ];
  test.each(headers)("415 unsupported_media_type: %s", async (_, given) => {
    const all = await everywhere({ body: signal({}), headers: given });
    expect(codes(all)).toEqual(onEach("unsupported_media_type"));
    for (const { status } of Object.values(all)) expect(status).toBe(415);
  });

  test("415: a gzip bomb is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 32));
    expect(codes(await everywhere({ body: bomb, headers: { "content-encoding": "gzip" } }))).toEqual(
      onEach("unsupported_media_type"),
    );
  });

  test("200: JSON by its longer names", async () => {
    for (const type of [
      "application/json; charset=UTF-8",
      'Application/JSON;charset="utf-8"',
      "application/vnd.dais+json",
    ])
      expect((await api.post("/signals", aSignal(), { "content-type": type })).status).toBe(201);
  });
});

describe("values that nothing can hold: invalid_input on every face", () => {
  const day = (occurredAt: string) => signal({ occurredAt });
  const bodies: [string, string][] = [
    ["1e400", withRaw("confidence", "1e400")],
    ["a number as text", signal({ confidence: "0.5" })],
    ["true for a number", signal({ confidence: true })],
    ...[
      "10000-01-01T00:00:00Z",
      "+010000-01-01T00:00:00Z",
      "0000-01-01T00:00:00Z",
      "-000001-01-01T00:00:00Z",
      "2026-02-30T00:00:00Z",
      "2026-01-06T24:00:00Z",
      "2026-01-06T23:59:60Z",
      "2026-01-06T04:00:00",
      "2026-01-06T04:00:00+04:00",
      "2026-01-06",
      "1767672000",
      `2026-01-06T04:00:00.${"0".repeat(50)}Z`,
    ].map((text): [string, string] => [text, day(text)]),
    ["an id of another kind", signal({ entityId: "sig_01kejc8ht0e6ssypg6m30swm9g" })],
    ["an id past the last uuid", signal({ entityId: "ent_81kejc8ht0e6ssypg6m30swm9g" })],
    ["an uuid", signal({ entityId: crypto.randomUUID() })],
    ["a field too many", signal({ state: "escalated" })],
    ["constructor", signal({ constructor: { prototype: {} } })],
    ["a title of two lines", signal({ title: "a\nb" })],
    ["a text too long", signal({ body: "x".repeat(50_001) })],
    ["an empty object", "{}"],
    ...["[]", '"text"', "5", "true"].map((text): [string, string] => [`${text} in place of an object`, text]),
  ];
  test.each(bodies)("%s", async (_, body) => {
    expect(codes(await everywhere({ body }))).toEqual(
      body.startsWith("{") ? onEach("invalid_input") : { ...onEach("invalid_input"), MCP: expect.anything() },
    );
  });

  test("the first and the last moment there are come back as they were sent", async () => {
    for (const occurredAt of ["0001-01-01T00:00:00.000Z", "0099-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]) {
      const { signal: made } = (await api.post("/signals", aSignal({ occurredAt }))).body;
      expect((await api.get(`/signals/${made.id}`)).body).toEqual({ ...made, occurredAt });
    }
  });
});
