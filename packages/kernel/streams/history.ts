import type { FedEvent, Feed } from "../relay/feed.ts";

/** Why what was missed can't be told. */
export type Reload = "not_kept" | "too_many";

type Missed = {
  /** After which position. */
  from: string;
  since(position: string, limit: number): ReturnType<Feed["since"]>;
  /** Begins to keep what is new, anew. */
  hold(): void;
  /** Whether all that is new has been kept since. */
  held(): boolean;
  /** From here on what is new is told: what was kept, without what was before the position. */
  live(position: string | null): void;
};

const pageSize = 200;
/** Who has missed more reads anew what they show: that is less than all of this. */
const most = 10_000;

/**
 * What was told after a position, a page at a time as the reader takes it, without a gap to what is told live and without doubles: what
 * is new meanwhile is kept, and where that gets too much it is forgotten and read as history, too.
 */
export async function* history({ from, since, hold, held, live }: Missed): AsyncGenerator<FedEvent | Reload, void> {
  let position = from;
  for (let told = 0; told <= most; ) {
    hold();
    const page = await since(position, pageSize);
    if (!page) {
      live(null);
      return yield "not_kept";
    }
    yield* page.events;
    told += page.events.length;
    position = page.position;
    if (!page.more && held()) return live(position);
  }
  live(null);
  yield "too_many";
}
