/**
 * Calls with the same key wait for the first of them instead of each taking a connection: 1000 of them would otherwise keep
 * every other tenant from the database. Followers get what the first got, its problem included: it was the same call.
 */
export function coalescer<T>() {
  const running = new Map<string, Promise<T>>();
  return async (key: string, work: () => Promise<T>): Promise<{ value: T; first: boolean }> => {
    const first = running.get(key);
    if (first) return { value: await first, first: false };
    const promise = work();
    running.set(key, promise);
    try {
      return { value: await promise, first: true };
    } finally {
      running.delete(key);
    }
  };
}
