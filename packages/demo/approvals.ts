import type { Approval, ApprovalInput } from "@dais/contracts/approvals";
import type { z } from "zod";
import type { Caller } from "./calls.ts";
import { demoId } from "./fixed.ts";
import type { SignedIn } from "./signed-in.ts";

const person = {
  chiefExecutive: demoId("per", "p1"),
  chiefOfStaff: demoId("per", "p2"),
  security: demoId("per", "p5"),
};
const aed = (amount: string) => ({ amount, currency: "AED" });

/** What lies before the leadership on a Tuesday. */
const asked: z.input<typeof ApprovalInput>[] = [
  {
    title: "Pay for the cooling of data hall 2",
    details: "Three units, delivered in December. The invoice is due on Thursday.",
    subject: { type: "payment", id: "INV-2025-0884" },
    entityId: demoId("ent", "9b"),
    classification: "internal",
    amount: aed("1250000.00"),
    approvers: [person.chiefOfStaff, person.chiefExecutive],
    inOrder: true,
  },
  {
    title: "Who guards the sites from February on",
    details: "Both offers are for two years, and fit the budget.",
    subject: { type: "tender", id: "RFP-2025-17" },
    classification: "confidential",
    options: [
      { key: "falcon", label: { en: "Falcon Guarding", ar: "الصقر للحراسة" }, amount: aed("4180000.00") },
      { key: "oryx", label: { en: "Oryx Security", ar: "المها للأمن" }, amount: aed("3965000.00") },
      { key: "again", label: { en: "Neither: ask again", ar: "إعادة الطرح" } },
    ],
    approvers: [person.chiefExecutive, person.chiefOfStaff, person.security],
    needed: 2,
  },
];

/**
 * Asks the leadership for what the day wants of them; the security officer has chosen already who guards the sites. Once: whatever became of
 * it, it is not asked again.
 */
export async function askApprovals({ call }: Caller, as: SignedIn): Promise<void> {
  const { items } = await call<{ items: Approval[] }>("approvals.list", { limit: 100 });
  const known = new Set(items.map(({ title }) => title));
  for (const one of asked.filter(({ title }) => !known.has(title))) {
    const { id, version } = await call<Approval>("approvals.request", one);
    const chosen = { id, version, option: "oryx", comment: "They know our sites, and cost less." };
    if (one.options) await as("security-officer", "approvals.approve", chosen);
  }
}
