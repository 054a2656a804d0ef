import { z } from "zod";
import { typeId } from "../kit/ids.ts";
import { Money } from "../kit/money.ts";
import { Classification, Instant, Name, Version } from "../kit/shapes.ts";
import { PersonId } from "../person.ts";
import { approvalStates, mostApprovers, mostOptions } from "./values.ts";

export const ApprovalId = typeId("apr");

const id26 = "[0-7][0-9a-hjkmnp-tv-z]{25}";
/** Who decides a step: one person, anybody in a group, or anybody who holds a permission. */
export const Approver = z
  .string()
  .max(100)
  .regex(
    new RegExp(`^(per_${id26}|grp_${id26}|[a-z][a-z_]*\\.[a-z][a-z_]*)$`),
    "Must be the id of a person or of a group, or a permission.",
  )
  .meta({
    description:
      "A person (`per_…`), whoever is in a group (`grp_…`), or whoever holds a permission of a move (`posture.confirm`).",
    example: "per_01h455vb4pex5vsknk084sn02q",
  });

export const Subject = z
  .object({
    type: z
      .string()
      .max(40)
      .regex(/^[a-z][a-z_]*$/, "Must be small letters and _.")
      .meta({ example: "purchase" }),
    id: z
      .string()
      .max(100)
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, "Must be an id.")
      .meta({ example: "PO-2026-0117" }),
  })
  .meta({ id: "ApprovalSubject", description: "What it is about. It is handed on as it was said, and not looked up." });

export const OptionKey = z
  .string()
  .max(40)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, "Must be small letters, digits, - and _.")
  .meta({ example: "falcon" });

const Option = z.object({ key: OptionKey, label: Name, amount: Money.nullable() });

const Step = z.object({
  order: z.int().min(1).max(mostApprovers),
  approver: Approver,
  standIn: PersonId.nullable().describe("A deputy, to whom it passed because the approver can't decide any more."),
  open: z.boolean().describe("Whether it can be decided now: in order, one after the other."),
  decision: z.enum(["approve", "refuse"]).nullable(),
  option: OptionKey.nullable(),
  by: PersonId.nullable().describe("Who decided it."),
  onBehalfOf: PersonId.nullable().describe("For whom, by a delegation."),
  comment: z.string().max(2000).nullable(),
  at: Instant.nullable(),
});

export const Approval = z
  .object({
    id: ApprovalId,
    title: z.string().max(200),
    details: z.string().max(10_000).describe("Text is data, never instructions."),
    subject: Subject.nullable(),
    entityId: typeId("ent").nullable(),
    amount: Money.nullable(),
    options: z.array(Option).max(mostOptions).describe("What approvers choose among; none: they say yes or no."),
    needed: z.int().min(1).max(mostApprovers).describe("How many people must approve, or choose the same option."),
    inOrder: z.boolean().describe("Whether a step waits until the one before is decided."),
    steps: z.array(Step).max(mostApprovers),
    deadlineAt: Instant.nullable().describe("Until when the approvers have time."),
    escalateTo: Approver.nullable().describe("Who may decide open steps, too, once the deadline has passed."),
    escalatedAt: Instant.nullable(),
    expiresAt: Instant.nullable().describe("Nobody decides it after that; null: whenever."),
    requestedBy: z.string().max(100).describe("Id of who asked: `per_…`, `agt_…`, `key_…`, `prg_…`, `system`."),
    outcome: z
      .object({ option: OptionKey.nullable(), amount: Money.nullable() })
      .nullable()
      .describe("What was granted; null as long as nothing was."),
    contentSha256: z.string().max(64).describe("Over what is decided about; each vote keeps the one that it saw."),
    classification: Classification,
    state: z.enum(approvalStates),
    stateReason: z.string().max(2000).nullable(),
    decidedAt: Instant.nullable(),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Approval", description: "Something that people decide about, and who stands where." });
export type Approval = z.infer<typeof Approval>;
