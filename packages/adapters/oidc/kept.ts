/** Keeps what `work` brings for `ms`. Who asks while it runs waits for the same run; a failure is not kept. */
export function kept<T>(work: () => Promise<T>, ms: number, now: () => Date): () => Promise<T> {
  let known: { value: T; at: number } | null = null;
  let running: Promise<T> | null = null;

  async function run(): Promise<T> {
    try {
      const value = await work();
      known = { value, at: now().getTime() };
      return value;
    } finally {
      running = null;
    }
  }

  return async () => {
    if (known && now().getTime() - known.at < ms) return known.value;
    running ??= run();
    return running;
  };
}
