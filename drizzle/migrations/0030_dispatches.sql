CREATE TABLE "channel_opt_outs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"source" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "contact_preferences" (
	"tenant_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"channels" jsonb NOT NULL,
	"quiet_hours" jsonb,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "contact_preferences_key" PRIMARY KEY("tenant_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"recipient_id" uuid NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"language" text NOT NULL,
	"classification" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "courier_callbacks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"vendor" text NOT NULL,
	"digest" text NOT NULL,
	"told" jsonb NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"next_at" timestamp (3) with time zone,
	"tries" integer DEFAULT 0 NOT NULL,
	"outcome" text
);
--> statement-breakpoint
CREATE TABLE "dispatch_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"dispatch_id" uuid NOT NULL,
	"recipient_id" uuid NOT NULL,
	"step" integer NOT NULL,
	"channel" text NOT NULL,
	"vendor" text NOT NULL,
	"key" text NOT NULL,
	"address" text NOT NULL,
	"withheld" boolean NOT NULL,
	"overrode" text,
	"state" text NOT NULL,
	"status" text,
	"vendor_id" text,
	"code" text,
	"ask_at" timestamp (3) with time zone,
	"asks" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "dispatch_cap_requests" (
	"tenant_id" uuid NOT NULL,
	"approval_id" uuid PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"cap" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dispatch_days" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"cap" integer,
	"reserved" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "dispatch_days_key" PRIMARY KEY("tenant_id","day")
);
--> statement-breakpoint
CREATE TABLE "dispatch_recipients" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"dispatch_id" uuid NOT NULL,
	"person_id" uuid,
	"name" text,
	"addresses" jsonb,
	"language" text NOT NULL,
	"classification" text NOT NULL,
	"priority" text NOT NULL,
	"ladder" text[] NOT NULL,
	"step" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone,
	"escalate_at" timestamp (3) with time zone,
	"for_id" uuid,
	"acknowledged_via" text,
	"acknowledged_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "dispatch_recipients_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "dispatches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"template_id" uuid NOT NULL,
	"content" jsonb NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"attaches_paper" boolean NOT NULL,
	"entity_id" uuid,
	"classification" text NOT NULL,
	"audience" jsonb NOT NULL,
	"policy" jsonb NOT NULL,
	"priority" text NOT NULL,
	"drill" boolean NOT NULL,
	"recipients" integer NOT NULL,
	"estimate" jsonb NOT NULL,
	"day" date NOT NULL,
	"reserved" integer NOT NULL,
	"created_by" text NOT NULL,
	"addressed_at" timestamp (3) with time zone,
	"stopped_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "dispatches_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "message_templates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"name" jsonb NOT NULL,
	"category" text NOT NULL,
	"variables" jsonb NOT NULL,
	"languages" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"updated_by" text NOT NULL,
	"retired_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "message_templates_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "channel_opt_outs" ADD CONSTRAINT "channel_opt_outs_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_preferences" ADD CONSTRAINT "contact_preferences_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_recipient" FOREIGN KEY ("tenant_id","recipient_id") REFERENCES "public"."dispatch_recipients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch_attempts" ADD CONSTRAINT "dispatch_attempts_recipient" FOREIGN KEY ("tenant_id","recipient_id") REFERENCES "public"."dispatch_recipients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch_cap_requests" ADD CONSTRAINT "dispatch_cap_requests_approval" FOREIGN KEY ("tenant_id","approval_id") REFERENCES "public"."approvals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch_days" ADD CONSTRAINT "dispatch_days_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch_recipients" ADD CONSTRAINT "dispatch_recipients_dispatch" FOREIGN KEY ("tenant_id","dispatch_id") REFERENCES "public"."dispatches"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch_recipients" ADD CONSTRAINT "dispatch_recipients_who" FOREIGN KEY ("tenant_id","person_id") REFERENCES "public"."people"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatches" ADD CONSTRAINT "dispatches_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatches" ADD CONSTRAINT "dispatches_template" FOREIGN KEY ("tenant_id","template_id") REFERENCES "public"."message_templates"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatches" ADD CONSTRAINT "dispatches_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_templates" ADD CONSTRAINT "message_templates_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "channel_opt_outs_once" ON "channel_opt_outs" USING btree ("tenant_id","channel","address") WHERE "channel_opt_outs"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "channel_opt_outs_newest" ON "channel_opt_outs" USING btree ("tenant_id","at","id");--> statement-breakpoint
CREATE INDEX "notifications_newest" ON "notifications" USING btree ("tenant_id","person_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "notifications_once" ON "notifications" USING btree ("recipient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "courier_callbacks_once" ON "courier_callbacks" USING btree ("vendor","digest");--> statement-breakpoint
CREATE INDEX "courier_callbacks_due" ON "courier_callbacks" USING btree ("next_at","id") WHERE "courier_callbacks"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "courier_callbacks_age" ON "courier_callbacks" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "dispatch_attempts_key" ON "dispatch_attempts" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "dispatch_attempts_vendor" ON "dispatch_attempts" USING btree ("vendor","vendor_id") WHERE "dispatch_attempts"."vendor_id" is not null;--> statement-breakpoint
CREATE INDEX "dispatch_attempts_of" ON "dispatch_attempts" USING btree ("recipient_id","started_at","id");--> statement-breakpoint
CREATE INDEX "dispatch_attempts_ask" ON "dispatch_attempts" USING btree ("ask_at") WHERE "dispatch_attempts"."ask_at" is not null;--> statement-breakpoint
CREATE INDEX "dispatch_attempts_address" ON "dispatch_attempts" USING btree ("channel","address","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "dispatch_recipients_once" ON "dispatch_recipients" USING btree ("dispatch_id","person_id") WHERE "dispatch_recipients"."person_id" is not null;--> statement-breakpoint
CREATE INDEX "dispatch_recipients_of" ON "dispatch_recipients" USING btree ("dispatch_id","id");--> statement-breakpoint
CREATE INDEX "dispatch_recipients_states" ON "dispatch_recipients" USING btree ("dispatch_id","state","id");--> statement-breakpoint
CREATE INDEX "dispatch_recipients_due" ON "dispatch_recipients" USING btree ("priority","next_at","id") WHERE "dispatch_recipients"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "dispatch_recipients_late" ON "dispatch_recipients" USING btree ("escalate_at") WHERE "dispatch_recipients"."escalate_at" is not null;--> statement-breakpoint
CREATE INDEX "dispatch_recipients_person" ON "dispatch_recipients" USING btree ("tenant_id","person_id","created_at","id");--> statement-breakpoint
CREATE INDEX "dispatches_newest" ON "dispatches" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "dispatches_subject" ON "dispatches" USING btree ("tenant_id","subject_type","subject_id","created_at");--> statement-breakpoint
CREATE INDEX "dispatches_running" ON "dispatches" USING btree ("id") WHERE "dispatches"."state" = 'running';--> statement-breakpoint
CREATE INDEX "dispatches_stopped" ON "dispatches" USING btree ("stopped_at") WHERE "dispatches"."state" = 'stopped';--> statement-breakpoint
CREATE UNIQUE INDEX "message_templates_key" ON "message_templates" USING btree ("tenant_id","key") WHERE "message_templates"."retired_at" is null;--> statement-breakpoint
CREATE INDEX "message_templates_newest" ON "message_templates" USING btree ("tenant_id","created_at","id");