CREATE TABLE "amqp_cursor" (
	"one" boolean PRIMARY KEY NOT NULL,
	"position" text NOT NULL,
	"held_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "amqp_cursor_one" CHECK ("amqp_cursor"."one")
);
--> statement-breakpoint
CREATE TABLE "dead_commands" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"digest" text NOT NULL,
	"message_id" text,
	"operation" text,
	"idempotency_key" text,
	"traceparent" text,
	"body" text,
	"bytes" integer NOT NULL,
	"error_code" text NOT NULL,
	"attempts" integer NOT NULL,
	"failed_at" timestamp (3) with time zone NOT NULL,
	"replayed_at" timestamp (3) with time zone,
	"sent_at" timestamp (3) with time zone,
	"dropped_at" timestamp (3) with time zone,
	"done_at" timestamp (3) with time zone,
	CONSTRAINT "dead_commands_once" UNIQUE("integration_id","digest")
);
--> statement-breakpoint
CREATE TABLE "integrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"key_id" uuid NOT NULL,
	"problem" text,
	"closed_at" timestamp (3) with time zone,
	"created_by" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "integrations_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "dead_commands" ADD CONSTRAINT "dead_commands_integration" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integrations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_key" FOREIGN KEY ("key_id") REFERENCES "public"."api_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dead_commands_newest" ON "dead_commands" USING btree ("tenant_id","failed_at","id");--> statement-breakpoint
CREATE INDEX "dead_commands_of" ON "dead_commands" USING btree ("tenant_id","integration_id","failed_at","id");--> statement-breakpoint
CREATE INDEX "dead_commands_open" ON "dead_commands" USING btree ("integration_id") WHERE "dead_commands"."dropped_at" is null and "dead_commands"."done_at" is null;--> statement-breakpoint
CREATE INDEX "dead_commands_replayed" ON "dead_commands" USING btree ("replayed_at") WHERE "dead_commands"."replayed_at" is not null and "dead_commands"."sent_at" is null and "dead_commands"."dropped_at" is null and "dead_commands"."done_at" is null;--> statement-breakpoint
CREATE INDEX "integrations_newest" ON "integrations" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "integrations_open" ON "integrations" USING btree ("id") WHERE "integrations"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "integrations_of_key" ON "integrations" USING btree ("tenant_id","key_id");