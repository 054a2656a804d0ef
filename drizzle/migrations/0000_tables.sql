CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"permissions" text[] NOT NULL,
	"clearance" text NOT NULL,
	"created_by" text NOT NULL,
	"on_behalf_of" text,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "api_keys_hash" UNIQUE("tenant_id","hash")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"xid" "xid8" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"on_behalf_of" text,
	"agent_model" text,
	"agent_version" text,
	"session_id" text,
	"address" text,
	"operation" text NOT NULL,
	"action" text NOT NULL,
	"resource_type" text NOT NULL,
	"resource_id" uuid,
	"resource_version" integer,
	"classification" text,
	"event" text,
	"from_state" text,
	"to_state" text,
	"changed" boolean NOT NULL,
	"before_digest" text,
	"after_digest" text,
	"changes" jsonb,
	"reason" text,
	"problem" text,
	"decision" jsonb,
	"request_id" text NOT NULL,
	"trace_id" text,
	"idempotency_key" text,
	"salt" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"name_en" text NOT NULL,
	"name_ar" text,
	"kind" text NOT NULL,
	"parent_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "entities_tenant_id" UNIQUE("tenant_id","id"),
	CONSTRAINT "entities_tenant_key" UNIQUE("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"tenant_id" uuid NOT NULL,
	"actor_id" text NOT NULL,
	"operation" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"answer" json,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_key" PRIMARY KEY("tenant_id","actor_id","operation","key")
);
--> statement-breakpoint
CREATE TABLE "organisations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name_en" text NOT NULL,
	"name_ar" text,
	"time_zone" text NOT NULL,
	"settings" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "organisations_slug" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"xid" "xid8" NOT NULL,
	"name" text NOT NULL,
	"event_version" integer NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"resource_type" text NOT NULL,
	"resource_id" uuid NOT NULL,
	"resource_version" integer,
	"entity_id" uuid,
	"classification" text,
	"payload" jsonb NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"on_behalf_of" text,
	"request_id" text NOT NULL,
	"traceparent" text,
	"published_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "posture" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"entity_id" uuid,
	"level" text NOT NULL,
	"rank" integer NOT NULL,
	"reason" text NOT NULL,
	"source" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "security_events" (
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"request_id" text NOT NULL,
	CONSTRAINT "security_events_kind_address_minute_pk" PRIMARY KEY("kind","address","minute")
);
--> statement-breakpoint
CREATE TABLE "signals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"source" text NOT NULL,
	"external_id" text,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"severity" text NOT NULL,
	"category" text NOT NULL,
	"classification" text NOT NULL,
	"confidence" double precision,
	"entity_id" uuid,
	"area" text,
	"language" text NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"reported_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "workflow_moves" (
	"machine" text NOT NULL,
	"from_state" text NOT NULL,
	"event" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "workflow_moves_machine_from_state_event_to_state_pk" PRIMARY KEY("machine","from_state","event","to_state")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entities" ADD CONSTRAINT "entities_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entities" ADD CONSTRAINT "entities_parent" FOREIGN KEY ("tenant_id","parent_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posture" ADD CONSTRAINT "posture_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_entity" FOREIGN KEY ("tenant_id","entity_id") REFERENCES "public"."entities"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_newest" ON "api_keys" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "audit_resource" ON "audit" USING btree ("tenant_id","resource_id","seq");--> statement-breakpoint
CREATE INDEX "audit_newest" ON "audit" USING btree ("tenant_id","seq");--> statement-breakpoint
CREATE INDEX "entities_tenant_parent" ON "entities" USING btree ("tenant_id","parent_id");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "outbox" USING btree ("seq") WHERE "outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "posture_newest" ON "posture" USING btree ("tenant_id","entity_id","since","id");--> statement-breakpoint
CREATE UNIQUE INDEX "signals_source_external" ON "signals" USING btree ("tenant_id","source","external_id") WHERE "signals"."external_id" is not null;--> statement-breakpoint
CREATE INDEX "signals_newest" ON "signals" USING btree ("tenant_id","occurred_at","id");