import { type IdKind, idKinds, idOf } from "@dais/contracts/kit/ids";

/** The public id of what an entry speaks of, by the name of its kind; null where that kind has none. */
export function publicIdOf(type: string, uuid: string | null): string | null {
  const kind = kinds.get(type);
  return kind && uuid ? idOf(kind, uuid) : null;
}

/** `job` -> `job`, `api_key` -> `key`; and those whose ids are called otherwise than they are. */
const kinds = new Map<string, IdKind>([
  ...Object.entries(idKinds).map(
    ([kind, about]) =>
      [about.replace(/^an? /, "").replaceAll(" ", "_").toLowerCase(), kind as IdKind] as [string, IdKind],
  ),
  ["posture", "pos"],
  ["signal_alert", "alr"],
  ["signal_feed", "fed"],
  ["signal_group", "sgr"],
  ["signal_view", "viw"],
  ["audit", "aud"],
]);
