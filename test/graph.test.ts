import { groupsOf } from "@dais/adapters/graph";
import { afterEach, describe, expect, test } from "vitest";
import { type Call, closeStandins, httpStandin, type Reply } from "./support/oidc-standin.ts";

afterEach(closeStandins);

const path = "/v1.0/me/transitiveMemberOf/microsoft.graph.group";
const groups = (from: number, size: number) => Array.from({ length: size }, (_, at) => ({ id: `group-${from + at}` }));
const page = (value: unknown, next?: unknown): Reply => ({
  body: { value, ...(next === undefined ? {} : { "@odata.nextLink": next }) },
});

/** A directory whose owner of `access-1` is in so many groups, in pages of 999. */
function directory(size: number) {
  return httpStandin(({ path: asked, url, headers }: Call) => {
    if (headers.authorization !== "Bearer access-1") return { status: 401, body: { error: {} } };
    if (asked !== path) return { status: 404, body: {} };
    const from = Number(url.searchParams.get("$skiptoken") ?? 0);
    const next = from + 999 < size ? `${url.origin}${path}?$skiptoken=${from + 999}` : undefined;
    return page(groups(from, Math.min(999, size - from)), next);
  });
}

describe("graph.groupsOf", () => {
  test.each([
    [0, 1],
    [250, 1],
    [999, 1],
    [2500, 3],
  ])("brings all of %i groups, in as many questions as there are pages: %i", async (size, pages) => {
    const graph = await directory(size);
    expect(await groupsOf(graph.url, "access-1")).toEqual(groups(0, size).map(({ id }) => id));
    expect(graph.calls).toHaveLength(pages);
  });

  test("asks as Graph wants to be asked for groups alone", async () => {
    const graph = await directory(1);
    await groupsOf(`${graph.url}/`, "access-1");
    const [call] = graph.calls;
    expect(call).toMatchObject({ method: "GET", path, headers: { consistencylevel: "eventual" } });
    expect(Object.fromEntries(call?.url.searchParams ?? [])).toEqual({ $select: "id", $top: "999", $count: "true" });
  });

  test.each<[string, Reply]>([
    ["it doesn't know the token", { status: 401, body: { error: { code: "InvalidAuthenticationToken" } } }],
    ["the application may not ask", { status: 403, body: { error: { code: "Authorization_RequestDenied" } } }],
    ["it is busy", { status: 429, headers: { "retry-after": "1" }, body: {} }],
    ["it is broken", { status: 500, body: "<html>" }],
    ["it says no JSON", { body: "<html>" }],
    ["it says nothing", { body: {} }],
    ["it never ends", page("x".repeat(300_000))],
    ["it never begins", { hang: true }],
    ["its list is none", page({ 0: { id: "g" } })],
    ["an id is none", page([{ id: "g" }, { id: 7 }])],
    ["an id is endless", page([{ id: "x".repeat(65) }])],
    ["an id breaks the line", page([{ id: "a\nb" }])],
    ["an entry is null", page([null])],
    ["its link is none", page([{ id: "g" }], 7)],
    ["its link is no address", page([{ id: "g" }], "/v1.0/next")],
  ])("is null where %s", async (_, reply) => {
    const graph = await httpStandin(() => reply);
    expect(await groupsOf(graph.url, "access-1", { timeoutMs: 300, bytes: 256 * 1024 })).toBeNull();
    expect(graph.calls).toHaveLength(1);
  });

  test("is null where a later page fails: a part of the groups is no answer", async () => {
    const graph = await httpStandin(({ url }) =>
      url.searchParams.has("more") ? { status: 500 } : page(groups(0, 3), `${graph.url}${path}?more=1`),
    );
    expect(await groupsOf(graph.url, "access-1")).toBeNull();
    expect(graph.calls).toHaveLength(2);
  });

  test("is null where nobody answers", async () => {
    const graph = await directory(1);
    await graph.close();
    expect(await groupsOf(graph.url, "access-1")).toBeNull();
  });

  test("stops after 50 pages of an endless list", async () => {
    const graph = await httpStandin(() => page(groups(0, 1), `${graph.url}${path}?again`));
    expect(await groupsOf(graph.url, "access-1")).toBeNull();
    expect(graph.calls).toHaveLength(50);
  });

  test("carries the token to nobody else, by link or by redirect", async () => {
    const elsewhere = await httpStandin(() => page([{ id: "stolen" }]));
    const linking = await httpStandin(() => page(groups(0, 1), `${elsewhere.url}${path}`));
    const redirecting = await httpStandin(() => ({ status: 302, headers: { location: `${elsewhere.url}${path}` } }));
    for (const graph of [linking, redirecting]) expect(await groupsOf(graph.url, "access-1")).toBeNull();
    expect(elsewhere.calls).toEqual([]);
  });

  test.each(["http://graph.example", "https://user:word@graph.example", "graph.example", ""])(
    "asks nobody where others could listen: %s",
    async (url) => {
      expect(await groupsOf(url, "access-1")).toBeNull();
    },
  );
});
