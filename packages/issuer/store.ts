import type { Adapter, AdapterPayload } from "oidc-provider";

type Entry = { kind: string; id: string; payload: AdapterPayload; expiresAt: number };

/** What a directory's provider remembers, in memory. */
export type Store = {
  adapter(kind: string): Adapter;
  /** Sessions in which the person is signed in. */
  sessionsOf(oid: string): AdapterPayload[];
  /** Forgets sessions, codes and tokens of the person. */
  forget(oid: string): void;
};

/** Holds so many entries at most; the oldest give way. */
export function makeStore(limit = 10_000): Store {
  const entries = new Map<string, Entry>();

  const alive = (entry: Entry | undefined) => (entry && entry.expiresAt > Date.now() ? entry.payload : undefined);
  const search = (kind: string, fits: (payload: AdapterPayload) => boolean) =>
    [...entries.values()].filter((entry) => entry.kind === kind && fits(entry.payload) && alive(entry));

  function makeRoom(): void {
    if (entries.size < limit) return;
    for (const [key, entry] of entries) if (!alive(entry)) entries.delete(key);
    for (const key of entries.keys()) {
      if (entries.size < limit) return;
      entries.delete(key);
    }
  }

  function adapter(kind: string): Adapter {
    const keyOf = (id: string) => `${kind}:${id}`;
    return {
      async upsert(id, payload, expiresIn) {
        // Written anew, it is the youngest.
        entries.delete(keyOf(id));
        makeRoom();
        const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        entries.set(keyOf(id), { kind, id, payload, expiresAt });
      },
      find: async (id) => alive(entries.get(keyOf(id))),
      findByUid: async (uid) => search(kind, (payload) => payload.uid === uid)[0]?.payload,
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = alive(entries.get(keyOf(id)));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        entries.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      },
    };
  }

  return {
    adapter,
    sessionsOf: (oid) => search("Session", ({ accountId }) => accountId === oid).map(({ payload }) => payload),
    forget(oid) {
      for (const [key, { payload }] of entries) if (payload.accountId === oid) entries.delete(key);
    },
  };
}
