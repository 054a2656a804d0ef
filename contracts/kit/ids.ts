import { z } from "zod";

/** Every kind of thing has a three-letter prefix, so that a wrong kind of id is a clear 400. A prefix is never reused. */
export const idKinds = {
  org: "an organisation",
  ent: "an entity",
  act: "an action",
  chk: "an item of a checklist",
  sig: "a signal",
  pos: "a posture change",
  key: "an API key",
  aud: "an audit entry",
  evt: "an event",
  per: "a person",
  grp: "a group",
  ses: "a session",
  sgr: "a group of signals",
  asm: "an assessment",
  nte: "a note",
  lnk: "a link",
  viw: "a saved view",
  fed: "a feed",
  alr: "an alert",
  job: "a job",
  dlt: "a dead letter",
  prg: "a program",
  agt: "an agent",
  prp: "a proposal",
  dlg: "a delegation",
  whk: "a webhook",
  whd: "a webhook delivery",
  apr: "an approval",
  ers: "an erasure",
  wit: "a witness",
  brf: "a briefing",
  brq: "a request for a briefing",
  cmt: "a comment",
  int: "an integration",
  dlc: "a dead command",
  mtp: "a message template",
  dsp: "a dispatch",
  dre: "a recipient of a dispatch",
  ntf: "a notification",
  opt: "an opt-out",
} as const;
export type IdKind = keyof typeof idKinds;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A TypeID: a UUIDv7 in 26 characters of Crockford's base 32 behind a prefix, for example `sig_01h455vb4pex5vsknk084sn02q`.
 * @see https://github.com/jetify-com/typeid/tree/main/spec
 */
export const typeId = (kind: IdKind) =>
  z
    .string()
    .regex(
      new RegExp(`^${kind}_[0-7][${alphabet}]{25}$`),
      `Must be the id of ${idKinds[kind]}: ${kind}_ and 26 characters.`,
    )
    .meta({ description: `Id of ${idKinds[kind]}.`, example: idOf(kind, exampleUuid) });

const exampleUuid = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The public id of a row's uuid. By hand: a list shows many, and whole numbers of 128 bits are slow. */
export function idOf(kind: IdKind, uuid: string): string {
  let text = "";
  let bits = 0;
  let held = 2; // 26 letters hold 130 bits: the first two are 0
  for (let at = 0; at < uuid.length; at += 1) {
    const code = uuid.charCodeAt(at);
    if (code === 45) continue; // a dash
    bits = (bits << 4) | (code < 58 ? code - 48 : (code | 32) - 87);
    held += 4;
    if (held < 5) continue;
    held -= 5;
    text += alphabet[bits >> held];
    bits &= (1 << held) - 1;
  }
  return `${kind}_${text}`;
}

/** The uuid in a public id, whose form the contract has checked already. */
export function uuidOf(id: string): string {
  let hex = "";
  let bits = 0;
  let held = -2;
  for (let at = id.indexOf("_") + 1; at < id.length; at += 1) {
    bits = (bits << 5) | alphabet.indexOf(id[at] as string);
    held += 5;
    for (; held >= 4; bits &= (1 << held) - 1) {
      held -= 4;
      hex += (bits >> held).toString(16);
    }
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
