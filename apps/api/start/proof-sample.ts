/** `key`: of somebody who may read the log. `entryId`: `aud_…`. `vkey`: of a key in `audit.keys`. */
export type Provable = { key: string; entryId: string; vkey: string };

/** For the greeting's samples: fetches the proof of an audit entry (`aud_…`), and checks it with nothing of the server's but its public key. */
export function proofSample({ url, key, entryId, vkey }: Provable & { url: string }): [title: string, line: string] {
  const fetched = `curl -s -H 'Authorization: Bearer ${key}' '${url}/v1/audit/${entryId}/proof' > proof.json`;
  return ["Prove an audit entry, offline", `${fetched} && npm run verify -- proof.json --key '${vkey}'`];
}
