/**
 * What WhatsApp has approved beforehand for the demo's organisation, by its content sids: its stand-in knows these, and templates of the demo may
 * name them.
 */
export const approvedTexts: Readonly<Record<string, string>> = {
  HX00000000000000000000000000000001: "{{name}}, the briefing of {{day}} is ready to be read. Please confirm: {{link}}",
  HX00000000000000000000000000000002: "{{name}}، إحاطة {{day}} جاهزة للقراءة. يُرجى تأكيد الاستلام: {{link}}",
};
