import type { Language } from "./input.ts";

/** What a document says by itself. */
export const words = {
  en: {
    of: (page: number, pages: number) => `Page ${page} of ${pages}`,
    distribution: "Distribution",
    copy: "Copy of",
    sources: "Sources",
    source: { title: "Title", source: "Source", confidence: "Confidence", at: "As of" },
    noSources: "No sources are named.",
    approval: "Approval",
    step: { what: "Step", by: "By", at: "At", operation: "Operation" },
    submitted: "Submitted",
    approved: "Approved",
    approvedBy: (name: string, at: string) => `Approved by ${name} on ${at}`,
    proof: "Proof of the approval",
    proofTold:
      "The approval is an entry of the audit log. Its facts (who, what, when) and the proof of them are attached to this file (proof.json, checkpoint.txt): whoever holds the organisation's public key can check them without asking anybody. The whole entry is for those who may read the log, at the address below, which the code says as well.",
    code: "QR code of the proof's address",
  },
  ar: {
    of: (page: number, pages: number) => `صفحة ${page} من ${pages}`,
    distribution: "التوزيع",
    copy: "نسخة",
    sources: "المصادر",
    source: { title: "العنوان", source: "المصدر", confidence: "درجة الثقة", at: "بتاريخ" },
    noSources: "لم تُذكر مصادر.",
    approval: "الاعتماد",
    step: { what: "الخطوة", by: "بواسطة", at: "في", operation: "رقم العملية" },
    submitted: "الرفع",
    approved: "الاعتماد",
    approvedBy: (name: string, at: string) => `اعتمدها ${name} في ${at}`,
    proof: "إثبات الاعتماد",
    proofTold:
      "الاعتماد قيد في سجل التدقيق. حقائق القيد (من وماذا ومتى) مرفقة بهذا الملف مع إثباتها (proof.json وcheckpoint.txt)، ومن لديه المفتاح العام للجهة يستطيع التحقق منها من دون سؤال أحد. أما القيد كاملًا فلمن يحق له الاطلاع على السجل، على العنوان أدناه الذي يحمله الرمز أيضًا.",
    code: "رمز الاستجابة السريعة لعنوان الإثبات",
  },
} as const;

// Written out, because a runtime's own names of months change with its version, and a document must not.
const months: Record<Language, string[]> = {
  en: "January February March April May June July August September October November December".split(" "),
  ar: "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(" "),
};

/** A calendar day in words: 21 November 2026. */
export function dayInWords(day: string, language: Language): string {
  const [year, month, date] = day.slice(0, 10).split("-").map(Number);
  const name = months[language][(month ?? 0) - 1];
  return name ? `${date} ${name} ${year}` : day;
}

/** A moment in words, in UTC: 21 November 2026, 09:00 UTC. */
export function timeInWords(at: string, language: Language): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  const iso = moment.toISOString();
  const comma = language === "ar" ? "،" : ",";
  return `${dayInWords(iso, language)}${comma} ${iso.slice(11, 16)}\u00a0UTC`;
}
