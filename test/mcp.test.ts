import { operations } from "@dais/contracts";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let url: string;
let settle: () => Promise<void>;
let here: Place;
beforeAll(async () => {
  const started = await startServer();
  url = started.url;
  settle = started.kernel.settle;
  here = await place();
});

const opened: Client[] = [];
afterAll(() => Promise.all(opened.map((client) => client.close())));

type Sent = { name: string; arguments?: Record<string, unknown>; _meta?: Record<string, unknown> };
type Result = Record<"structuredContent" | "_meta", Record<string, any>> & {
  isError?: boolean;
  content: { text: string }[];
};

/** A stock client, as it comes: it initializes, or discovers, lists the tools and judges results by their output schemas. */
async function connect(key: string, revision: string) {
  const mode = revision === "2026-07-28" ? { pin: revision } : "legacy";
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  opened.push(client);
  return { client, call: async (params: Sent) => (await client.callTool(params)) as unknown as Result };
}
type Session = Awaited<ReturnType<typeof connect>>;

describe.each(["2025-11-25", "2026-07-28"])("a stock client of revision %s", (revision) => {
  let mine: Session;
  beforeAll(async () => {
    mine = await connect(await here.key(), revision);
    await mine.client.listTools();
  });

  test("gets the revision that it speaks, the server's name and its instructions", () => {
    expect(mine.client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(mine.client.getServerVersion()).toEqual({ name: "dais", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(mine.client.getInstructions()).toContain("idempotencyKey");
  });

  test("lists every operation that the contract offers to agents, and no other", async () => {
    const { tools, nextCursor } = await mine.client.listTools();
    const offered = [...operations.values()].filter(({ meta }) => meta.mcp).map(({ path }) => path.replace(".", "_"));
    expect(tools.map(({ name }) => name)).toEqual(offered);
    expect(nextCursor).toBeUndefined();
    expect(tools.find(({ name }) => name === "signals_get")).toMatchObject({
      inputSchema: { type: "object", required: ["id"], additionalProperties: false },
      outputSchema: { type: "object" },
      annotations: { readOnlyHint: true },
    });
  });

  test("200: a result is the same JSON as data and as text, and fits its output schema", async () => {
    const made = await mine.call({ name: "signals_ingest", arguments: aSignal() });
    expect(made.isError).toBeFalsy();
    expect(made.structuredContent).toMatchObject({ changed: true, signal: { title: "Flood Watch", version: 1 } });
    expect(JSON.parse(made.content[0]?.text ?? "")).toEqual(made.structuredContent);
    const { id } = made.structuredContent.signal;
    const got = await mine.call({ name: "signals_get", arguments: { id } });
    expect(got.structuredContent).toEqual(made.structuredContent.signal);
  });

  test("200: no arguments are empty arguments", async () => {
    expect((await mine.call({ name: "entities_list" })).structuredContent.items).toHaveLength(2);
  });

  test("400 invalid_input: an unknown field is refused by its pointer, as on every face", async () => {
    const refused = await mine.call({ name: "signals_list", arguments: { limit: 0, surprise: 1 } });
    expect(refused.isError).toBe(true);
    expect(refused.structuredContent).toMatchObject({
      type: "http://dais.test/problems/invalid_input",
      status: 400,
      code: "invalid_input",
      errors: [{ pointer: "/limit" }, { pointer: "/surprise", code: "unknown_field" }],
    });
    expect(JSON.parse(refused.content[0]?.text ?? "")).toEqual(refused.structuredContent);
  });

  test("404: a problem of the operation's own is a result", async () => {
    const missing = await mine.call({ name: "signals_get", arguments: { id: "sig_01h455vb4pex5vsknk084sn02q" } });
    expect(missing).toMatchObject({ isError: true, structuredContent: { status: 404, code: "signal_not_found" } });
  });

  test("428: a change without the version that was seen", async () => {
    const args = { id: "sig_01h455vb4pex5vsknk084sn02q" };
    const refused = await mine.call({ name: "signals_acknowledge", arguments: args });
    expect(refused).toMatchObject({ isError: true, structuredContent: { code: "version_required" } });
  });

  test("403 proposal_required: an agent may not do what a person has to decide", async () => {
    const agent = await connect(await here.key({ kind: "agent" }), revision);
    const { signal } = (await agent.call({ name: "signals_ingest", arguments: aSignal() })).structuredContent;
    const refused = await agent.call({ name: "signals_acknowledge", arguments: { id: signal.id, version: 1 } });
    expect(refused).toMatchObject({ isError: true, structuredContent: { status: 403, code: "proposal_required" } });
    await settle();
    const [last] = (await here.trail()).slice(-1);
    expect(last).toMatchObject({ operation: "signals.acknowledge", outcome: "refused", problem: "proposal_required" });
  });

  test("a key in _meta makes a change happen once, and its repetition says that it is one", async () => {
    const sent = {
      name: "signals_ingest",
      arguments: aSignal({ source: `once-${revision}` }),
      _meta: { idempotencyKey: `${revision} once`.replace(" ", "-") },
    };
    const [first, again] = [await mine.call(sent), await mine.call(sent)];
    expect(first._meta?.idempotencyReplayed).toBeUndefined();
    expect(again._meta).toMatchObject({ idempotencyReplayed: true });
    expect(again.structuredContent).toEqual(first.structuredContent);
    const [row] = await asOwner()`select count(*)::int as n from signals where source = ${`once-${revision}`}`;
    expect(row?.n).toBe(1);
    const other = await mine.call({ ...sent, arguments: aSignal({ title: "Another" }) });
    expect(other).toMatchObject({ isError: true, structuredContent: { status: 422, code: "idempotency_key_reused" } });
    const bad = await mine.call({ ...sent, _meta: { idempotencyKey: 7 } });
    expect(bad).toMatchObject({ isError: true, structuredContent: { code: "idempotency_key_invalid" } });
  });

  test("-32602: a tool that there isn't, and an operation that is none, look the same", async () => {
    for (const name of ["apiKeys_create", "signals.get", "constructor", "no_such_tool"])
      await expect(mine.call({ name })).rejects.toMatchObject({ code: -32602, message: `Unknown tool: ${name}` });
  });

  test("401: nobody gets as far as a handshake without a good credential", async () => {
    await expect(connect("nonsense", revision)).rejects.toThrow();
    await expect(connect(`dais_${here.slug}_${"A".repeat(49)}`, revision)).rejects.toThrow();
  });
});
