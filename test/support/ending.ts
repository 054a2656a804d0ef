const ends: (() => unknown)[] = [];

/** Has something ended after the test file, last come first served. Said from anywhere: `afterAll` isn't heard within a hook or a test. */
export function afterFile(end: () => unknown): void {
  ends.push(end);
}

/** Ends it all, also where one of them can't be. */
export async function endAll(): Promise<void> {
  const failed: unknown[] = [];
  for (const end of ends.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join("\n"));
}
