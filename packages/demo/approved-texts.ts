/** For saying that there is something to read, where the text is above the channel's ceiling. */
export const approvedForWithheld = {
  en: "HX00000000000000000000000000000003",
  ar: "HX00000000000000000000000000000004",
};

/**
 * What WhatsApp has approved beforehand for the demo's organisation, by its content sids: its stand-in knows these, and templates of the demo may
 * name them.
 */
export const approvedTexts: Readonly<Record<string, string>> = {
  HX00000000000000000000000000000001: "{{name}}, the briefing of {{day}} is ready to be read. Please confirm: {{link}}",
  HX00000000000000000000000000000002: "{{name}}، إحاطة {{day}} جاهزة للقراءة. يُرجى تأكيد الاستلام: {{link}}",
  [approvedForWithheld.en]: "{{organisation}} has a message for you. Sign in to read it: {{link}}",
  [approvedForWithheld.ar]: "لديك رسالة من {{organisation}}. سجّل الدخول لقراءتها: {{link}}",
};
