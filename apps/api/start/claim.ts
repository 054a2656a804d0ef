import { setTimeout as sleep } from "node:timers/promises";
import { dataHome } from "@dais/local/home";
import { type Claim, claim, type Instance } from "@dais/local/instance";

const patienceMs = 90_000;

/**
 * Makes this process the one that runs on the checkout's own data, or says in `by` who is. One that is only just starting is
 * waited for, so that it can be told where it answers.
 */
export async function claimed(say: (text: string) => void): Promise<Claim | { by: string }> {
  const end = performance.now() + patienceMs;
  for (let told = false; ; told = true) {
    const attempt = claim(dataHome());
    if (attempt.claimed) return attempt;
    const { pid, url } = attempt.by;
    if (url) return { by: `Dais is running already: ${url} (${facts(attempt.by)}). Stop it with: kill ${pid}` };
    if (performance.now() > end) return { by: `Another process has this checkout's data: ${facts(attempt.by)}.` };
    if (!told) say(`Waiting for process ${pid}, which is starting here just now…`);
    await sleep(50);
  }
}

const facts = ({ pid, since }: Instance) => `process ${pid}, since ${since}`;
