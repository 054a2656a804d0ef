import type { DocumentInput } from "./input.ts";

/** A briefing to look at, as `npm run samples` makes it. */
export function sample(languages: DocumentInput["languages"]): DocumentInput {
  return {
    title: {
      en: "Morning briefing: storm over the northern ports",
      ar: "الإحاطة الصباحية: عاصفة فوق الموانئ الشمالية",
    },
    organisation: { en: "Rimal Holding", ar: "شركة الرمال القابضة" },
    day: "2026-11-21",
    classification: { en: "CONFIDENTIAL", ar: "سري" },
    sections: [
      { heading: { en: "Situation", ar: "الموقف" }, body: { en: situationEn, ar: situationAr } },
      {
        heading: { en: "Options and recommendation", ar: "الخيارات والتوصية" },
        body: { en: optionsEn, ar: optionsAr },
      },
    ],
    sources: [
      {
        title: "Marine weather bulletin 47",
        source: "National Centre of Meteorology",
        confidence: "high",
        at: "2026-11-21T03:40:00Z",
      },
      {
        title: "حركة السفن في الموانئ الشمالية",
        source: "Harbour Master, Port of Rimal",
        confidence: "medium",
        at: "2026-11-21T04:05:00Z",
      },
      {
        title: "Suppliers' survey (12 of 15 answered)",
        source: "Procurement",
        confidence: "low",
        at: "2026-11-20T16:30:00Z",
      },
    ],
    approval: {
      submittedBy: "Layla Haddad",
      submittedAt: "2026-11-21T05:10:00Z",
      submitOperation: "7f1c0a52-9a53-4d53-8a0e-5b1f5b0f9d11",
      by: "Khalid Al Suwaidi",
      at: "2026-11-21T05:42:00Z",
      operation: "c2a8be60-0f0e-4c6e-9d0b-1f6ad9a7e0b4",
    },
    distributionId: "dst_01kac5y3mnf2ps0e8rbq1x7h4z",
    mark: "Mariam Al Falasi, 21 November 2026",
    proof: {
      bundleJson: `${JSON.stringify({ format: "dais-proof/1", origin: "dais.example.org/audit/rimal", index: 12345 })}\n`,
      checkpoint:
        "dais.example.org/audit/rimal\n12346\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— dais.example.org/audit/rimal 2kDZPgxkYyGlcxX8Uo2EfXr0v6yWxM9bW3oTtYyJcZ5sVQf0a2dKqkqQ0m3xw2l5f0Yb4rQdZQ0a8b1cV2n7hQ8pXwE=\n",
      url: "https://dais.example.org/v1/audit/entries/12345/proof",
    },
    languages,
    madeAt: "2026-11-21T05:45:00Z",
  };
}

const situationEn = `A depression over the Gulf deepened overnight to **992 hPa** and moves north-east at about 25 km/h. The [marine bulletin](https://www.ncm.ae/marine/47) expects gusts of up to 95 km/h (51 kn) at the northern ports between 14:00 and 20:00, and waves of 3.5 to 4 m outside of the breakwaters.

- Two of five berths at the Port of Rimal are closed; a third closes at noon.
- 14 vessels wait outside, three of them with food under refrigeration:
  - *Al Noor* and *Jebel Dana*, both due since Thursday
  - *Sea Lily*, with 1,850 t of frozen poultry
- Road access is open. Sand on the E11 slows lorries by 20–30%.

### What changed since yesterday

| Indicator | Yesterday | Today | Change |
| :-- | --: | --: | --: |
| Berths open | 5 | 3 | −2 |
| Vessels waiting | 6 | 14 | +8 |
| Containers moved (TEU) | 4,120 | 2,385 | −42% |
| Days of stock, fresh food | 9.5 | 8.1 | −1.4 |

> If the wind turns west before 18:00, the inner basin is sheltered and two berths can work through the night.
>
> *Harbour Master, 05:05*
`;
const optionsEn = `1. **Wait.** No cost today; 6 to 8 days until the queue is gone.
2. **Divert** the three refrigerated vessels to the east coast. About AED 1.9 million; they unload tomorrow.
3. **Divert all.** About AED 11.4 million; roads to the east coast can't carry it.

We recommend the second option. It protects the stock of fresh food at a sixth of the cost of the third, and can be taken back until 16:00. Two things would change our mind:

1. the bulletin of noon lowers the gusts below 75 km/h, or
2. the east coast reports less than two free berths.

---

The command of the day is kept as it was sent:

\`\`\`
POSTURE  heightened -> high
VALID    2026-11-21T08:00Z .. 2026-11-22T08:00Z
\`\`\`
`;
const situationAr = `تعمّق المنخفض الجوي فوق الخليج خلال الليل إلى **992 هيكتوباسكال**، ويتحرك نحو الشمال الشرقي بسرعة تقارب 25 كم/س. وتتوقع [النشرة البحرية](https://www.ncm.ae/marine/47) هبّات تصل إلى 95 كم/س (51 عقدة) في الموانئ الشمالية بين الساعة 14:00 والساعة 20:00، وأمواجًا بارتفاع 3.5 إلى 4 أمتار خارج كواسر الأمواج.

- أُغلق رصيفان من أصل خمسة في ميناء الرمال، ويُغلق الثالث عند الظهر.
- تنتظر 14 سفينة خارج الميناء، ثلاث منها تحمل أغذية مبرّدة:
  - *النور* و*جبل الظنة*، وموعدهما منذ يوم الخميس
  - *Sea Lily*، وعلى متنها 1,850 طنًا من الدواجن المجمّدة
- الطرق مفتوحة، لكن الرمال على طريق E11 تبطئ الشاحنات بنسبة 20–30%.

### ما الذي تغيّر منذ الأمس

| المؤشر | أمس | اليوم | التغيّر |
| :-- | --: | --: | --: |
| الأرصفة العاملة | 5 | 3 | −2 |
| السفن المنتظرة | 6 | 14 | +8 |
| الحاويات المناولة (TEU) | 4,120 | 2,385 | −42% |
| أيام المخزون من الأغذية الطازجة | 9.5 | 8.1 | −1.4 |

> إذا تحوّلت الريح إلى الغرب قبل الساعة 18:00 أصبح الحوض الداخلي محميًّا، وأمكن لرصيفين أن يعملا طوال الليل.
>
> *ربّان الميناء، 05:05*
`;
const optionsAr = `1. **الانتظار.** لا كلفة اليوم، لكن الطابور يحتاج إلى 6 حتى 8 أيام لينتهي.
2. **تحويل** السفن المبرّدة الثلاث إلى الساحل الشرقي. نحو 1.9 مليون درهم، وتُفرَّغ غدًا.
3. **تحويل الجميع.** نحو 11.4 مليون درهم، ولا تتحمّله طرق الساحل الشرقي.

نوصي بالخيار الثاني؛ فهو يحمي مخزون الأغذية الطازجة بسدس كلفة الخيار الثالث، ويمكن الرجوع عنه حتى الساعة 16:00. وأمران يغيّران رأينا:

1. أن تخفض نشرة الظهر الهبّات إلى ما دون 75 كم/س، أو
2. أن يبلّغ الساحل الشرقي عن أقل من رصيفين شاغرين.

---

يُحفظ أمر اليوم كما أُرسل:

\`\`\`
POSTURE  heightened -> high
VALID    2026-11-21T08:00Z .. 2026-11-22T08:00Z
\`\`\`
`;
