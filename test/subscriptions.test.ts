import { contract, operations, permissions, subscriptions } from "@dais/contracts";
import { problemsOf } from "@dais/contracts/kit/possible";
import { generatedFiles } from "@dais/documents/files";
import { openApiDocument } from "@dais/documents/openapi";
import { toolName, tools } from "@dais/documents/tools";
import { modules } from "@dais/modules";
import { beforeAll, describe, expect, test } from "vitest";
import { mock } from "./support/mock.ts";
import { type Place, place } from "./support/place.ts";
import { startServer } from "./support/server.ts";
import { listen, until } from "./support/streams.ts";

const every = [...subscriptions.values()].map((one) => [one.path, one] as const);
type Subscription = (typeof every)[number][1];

let url: string;
let here: Place;
let key: string;
beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  key = await here.key();
});

const at = ({ meta }: Subscription, query = "") => `${url}/v1${meta.openapi.path}${query}`;
/** What a stream that isn't opened answers; held to the contract. */
async function refused(
  one: Subscription,
  credential: string | null,
  { query = "", ...more }: Parameters<typeof listen>[2] & { query?: string } = {},
) {
  const stream = await listen(at(one, query), credential, more);
  await until(stream.over);
  const body = JSON.parse(stream.text());
  expect(stream.headers["content-type"]).toBe("application/problem+json");
  expect(body.status).toBe(stream.status);
  if (body.code !== "method_not_allowed") expect(problemsOf(one)).toContain(body.code);
  return { status: stream.status, headers: stream.headers, body };
}

describe("every subscription", () => {
  test.each(every)("%s: 401 without a credential, and with one that is none", async (_, one) => {
    for (const credential of [null, "nonsense", `dais_${here.slug}_${"A".repeat(49)}`, `${key.slice(0, -1)}!`]) {
      const { status, headers, body } = await refused(one, credential);
      expect([status, body.code]).toEqual([401, "unauthenticated"]);
      expect(headers["www-authenticate"]).toMatch(/^Bearer realm="dais"/);
      const rpc = await listen(`${url}/trpc/${one.path}?input=%7B%7D`, credential);
      await until(rpc.over);
      expect(rpc.sent[1]?.data.data).toMatchObject({ code: "UNAUTHORIZED", problem: { code: "unauthenticated" } });
    }
  });

  test.each(every)("%s: 403 with every permission but its own, where it has one", async (_, one) => {
    const { permission } = one.meta;
    const others = Object.keys(permissions).filter((other) => other !== permission);
    const credential = await here.key({ permissions: others });
    if (permission === null) expect((await listen(at(one), credential)).status).toBe(200);
    else expect((await refused(one, credential)).body).toMatchObject({ code: "forbidden", permission });
  });

  test.each(every)("%s: its agent policy holds", async (_, one) => {
    const { status } = await listen(at(one), await here.key({ kind: "agent" }));
    expect(status).toBe(one.meta.agent === "allow" ? 200 : 403);
  });

  test.each(every)("%s: 406 for who takes no stream", async (_, one) => {
    for (const accept of ["application/json", "text/html, application/xml", "text/event-stream;q=0"]) {
      const { status, body } = await refused(one, key, { headers: { accept } });
      expect([status, body.code], accept).toEqual([406, "not_acceptable"]);
    }
    for (const accept of ["text/event-stream", "*/*", "text/*", "application/json, text/event-stream"])
      expect((await listen(at(one), key, { headers: { accept } })).status, accept).toBe(200);
  });

  test.each(every)("%s: 400 for a field that it doesn't have, and for one that is given twice", async (_, one) => {
    const { body } = await refused(one, key, { query: "?surprise=x" });
    expect(body).toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: "/query/surprise", code: "unknown_field" }],
    });
    const twice = (await refused(one, key, { query: "?entityId=a&entityId=b" })).body;
    expect(twice).toMatchObject({ code: "invalid_input", errors: [{ pointer: "/query/entityId" }] });
  });

  test.each(every)("%s: 405 by another method, with those that there are", async (_, one) => {
    const { status, headers } = await refused(one, key, { method: "POST" });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, OPTIONS"]);
    const options = await fetch(at(one), { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    const rpc = await fetch(`${url}/trpc/${one.path}`, { method: "OPTIONS" });
    expect([rpc.status, rpc.headers.get("allow")]).toEqual([204, "GET, OPTIONS"]);
  });

  test.each(every)("%s: 400 in a batch: a stream goes alone", async (_, one) => {
    const answer = await fetch(`${url}/trpc/${one.path},${one.path}?batch=1&input=%7B%7D`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(400);
    for (const { error } of (await answer.json()) as { error: { data: { problem: { status: number } } } }[])
      expect(error.data.problem.status).toBe(400);
  });

  test.each(every)("%s: its examples fit, and open a stream", async (_, one) => {
    expect(one.meta.examples).not.toHaveLength(0);
    for (const { input, output } of one.meta.examples) {
      expect(one.input.safeParse(input).error).toBeUndefined();
      expect(one.output.parse(output)).toEqual(output);
      const search = Object.entries(input).flatMap(([name, value]) =>
        [value].flat().map((text): [string, string] => [name, String(text)]),
      );
      expect((await listen(at(one, `?${new URLSearchParams(search)}`), key)).status).toBe(200);
    }
  });

  test.each(every)("%s: is no operation, no tool and nobody's work, and in the documents", (path, one) => {
    expect(operations.has(path)).toBe(false);
    expect(tools().map(({ name }) => name)).not.toContain(toolName(path));
    const [capability, name] = path.split(".") as [keyof typeof modules, string];
    expect(Object.keys(modules[capability])).not.toContain(name);
    // biome-ignore lint/suspicious/noExplicitAny: the document as JSON.
    const shown = (openApiDocument() as any).paths[one.meta.openapi.path].get;
    expect(shown.operationId).toBe(path);
    expect(Object.keys(shown.responses["200"].content)).toEqual(["text/event-stream"]);
    const lines = generatedFiles()["contracts/operations.txt"]?.split("\n") ?? [];
    expect(lines.filter((line) => line.startsWith(`${path} `))).toHaveLength(1);
  });

  test.each(every)("%s: the mock tells its examples, on both faces", async (path, one) => {
    const mocked = await mock();
    const examples = one.meta.examples.map(({ output }) => output);
    const rest = await listen(`${mocked}/v1${one.meta.openapi.path}`, "demo");
    const rpc = await listen(`${mocked}/trpc/${path}?input=%7B%7D`, "demo");
    await until(() => [rest, rpc].every(({ sent }) => sent.some(({ event }) => event === "message")));
    expect(rest.sent.map(({ data }) => data)).toEqual(examples);
    expect(rpc.sent.slice(1).map(({ data }) => data)).toEqual(examples);
    expect((await listen(`${mocked}/v1${one.meta.openapi.path}`, null)).status).toBe(401);
  });

  test("a resolver is given getRawInput and the signal, and hands on what came in, unread and unparsed", async () => {
    const seen: unknown[] = [];
    const subscribe = async (path: string, readInput: () => Promise<unknown>, signal: AbortSignal | undefined) => {
      seen.push(path, await readInput(), signal);
      return (async function* () {
        yield "a message";
      })();
    };
    const { signal } = new AbortController();
    const caller = contract.createCaller(
      { subscribe, dispatch: async () => {}, problemOf: () => ({}) as never },
      { signal },
    );
    for await (const message of await caller.events.stream({ and: "more" } as never)) seen.push(message);
    expect(seen).toEqual(["events.stream", { and: "more" }, signal, "a message"]);
  });
});
