import { type Contract, createClient, type DaisProblem, isProblem, type Outputs, withKey } from "@dais/client";
import { operations } from "@dais/contracts";
import { CancelledError, InfiniteQueryObserver, MutationObserver, QueryClient } from "@tanstack/react-query";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { failure, faulty, report } from "./support/faults.ts";
import { place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
beforeAll(async () => {
  url = (await startServer()).url;
  key = await (await place()).key();
});

/** As a portal sets it up. The client retries by itself; TanStack's own retries would multiply that. */
function portal(options: Partial<Parameters<typeof createClient>[0]> = {}) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const client = createClient({ url, key, ...options });
  return { queryClient, client, dais: createTRPCOptionsProxy<Contract>({ client, queryClient }) };
}

describe("with TanStack Query", () => {
  test("a read is a query with its key and its type", async () => {
    const { queryClient, dais } = portal();
    const options = dais.entities.list.queryOptions({ limit: 1 });
    const page = await queryClient.fetchQuery(options);
    expectTypeOf(page).toEqualTypeOf<Outputs["entities"]["list"]>();
    expect(page.items).toHaveLength(1);
    expect(queryClient.getQueryData(dais.entities.list.queryKey({ limit: 1 }))).toEqual(page);
    // @ts-expect-error: a change is no query
    void dais.signals.ingest.queryOptions;
  });

  test("a list is read page by page", async () => {
    const { queryClient, client, dais } = portal();
    for (let n = 0; n < 3; n += 1) await client.signals.ingest.mutate(report());
    const options = dais.signals.list.infiniteQueryOptions(
      { limit: 2 },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    );
    const observer = new InfiniteQueryObserver(queryClient, options);
    await observer.refetch();
    const { data, hasNextPage } = await observer.fetchNextPage();
    expect(data?.pages.map(({ items }) => items.length)).toEqual([2, 1]);
    expect(hasNextPage).toBe(false);
    // What tRPC adds to such a read, the client takes away again: it must be nobody's field.
    expect(
      [...operations.values()].filter(({ kind, input }) => kind === "query" && "direction" in input.shape),
    ).toEqual([]);
  });

  test("a change is a mutation: over a lost answer it happens once, by its own key or the caller's", async () => {
    const { fetch, sent, sources } = faulty("lost", "well", "lost");
    const { queryClient, dais } = portal({ fetch, sources });
    const ingest = (options?: ReturnType<typeof withKey>) =>
      new MutationObserver(queryClient, dais.signals.ingest.mutationOptions(options && { trpc: options }));
    const { signal } = await ingest().mutate(report({ source: "mutation" }));
    expectTypeOf(signal).toEqualTypeOf<Outputs["signals"]["get"]>();
    await ingest(withKey("of-the-form")).mutate(report({ source: "mutation" }));
    const keys = sent.map((one) => one.key);
    expect(keys).toEqual([keys[0], keys[0], "of-the-form", "of-the-form"]);
    expect((await queryClient.fetchQuery(dais.signals.list.queryOptions({ source: "mutation" }))).items).toHaveLength(
      2,
    );
  });

  test("a refusal is the same typed problem", async () => {
    const { queryClient, dais } = portal();
    const error = await failure(
      queryClient.fetchQuery(dais.entities.get.queryOptions({ id: "ent_01h455vb4pex5vsknk084sn02q" })),
    );
    if (!isProblem(error, "entity_not_found")) throw error;
    expectTypeOf(error).toEqualTypeOf<DaisProblem<"entity_not_found">>();
    expectTypeOf(error.problem.code).toEqualTypeOf<"entity_not_found">();
    expect(error.status).toBe(404);
  });

  test("who looks away stops the read", async () => {
    const { fetch, sent } = faulty("hangs");
    const { queryClient, dais } = portal({ fetch });
    const options = dais.entities.list.queryOptions({}, { trpc: { abortOnUnmount: true } });
    const read = failure(queryClient.fetchQuery(options));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await queryClient.cancelQueries({ queryKey: options.queryKey });
    expect(await read).toBeInstanceOf(CancelledError);
    expect(sent).toHaveLength(1);
  });
});
