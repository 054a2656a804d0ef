import { atMost, type Bench } from "../bench.ts";
import { creations } from "../calls.ts";
import { compare } from "../compare.ts";
import type { Side } from "../load.ts";
import { withPostgres } from "../postgres-cpu.ts";
import { subject } from "../subject.ts";

export const audit: Bench = {
  name: "audit",
  title: "An audit entry",
  about:
    "`POST /v1/entities` with an Idempotency-Key: CPU per request of the server as it is delivered, against the same server without its audit entry (neither made nor written; changes, digests and salts are part of an entry). Then the same with all of Postgres' CPU, which keeps the entry in all of its indexes, added on both sides.",
  async run(stage) {
    const place = await stage();
    const [dais, without] = [await subject("dais", place), await subject("unaudited", place)];
    const next = creations(place);
    const side = (of: Side["subject"]): Side => ({ subject: of, next, status: 201 });
    const cost = await compare(side(dais), side(without), 600);
    const [whole, less] = [withPostgres(dais, place), withPostgres(without, place)];
    const costOfBoth = await compare(side(whole), side(less), 600);
    const [{ written } = {}] = await place.owner`select count(*)::int as written from audit`;
    for (const one of [dais, without]) await one.stop();
    if (!written) throw new Error("Nothing was written into the audit log.");
    return [
      atMost("Adding an entity, with its entry", 1.15, cost),
      atMost("The same, with Postgres", 1.15, costOfBoth),
    ];
  },
};
