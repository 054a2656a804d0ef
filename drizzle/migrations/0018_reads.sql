CREATE TABLE "erasure_entries" (
	"tenant_id" uuid NOT NULL,
	"erasure_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	CONSTRAINT "erasure_entries_tenant_id_erasure_id_entry_id_pk" PRIMARY KEY("tenant_id","erasure_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"person_id" text,
	"from_at" timestamp (3) with time zone,
	"to_at" timestamp (3) with time zone,
	"entries" integer NOT NULL,
	"entries_sha256" text NOT NULL,
	"reason" text NOT NULL,
	"requested_by" text NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"classification" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "erasures_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "content_salt" text;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "erasure_id" uuid;--> statement-breakpoint
ALTER TABLE "erasure_entries" ADD CONSTRAINT "erasure_entries_erasure" FOREIGN KEY ("tenant_id","erasure_id") REFERENCES "public"."erasures"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_tenant_id_organisations_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasures_newest" ON "erasures" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("tenant_id","at","seq");--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit" USING btree ("tenant_id","actor_id","at","seq");--> statement-breakpoint
CREATE INDEX "audit_operation" ON "audit" USING btree ("tenant_id","operation","at","seq");--> statement-breakpoint
CREATE INDEX "audit_not_done" ON "audit" USING btree ("tenant_id","outcome","at","seq") WHERE "audit"."outcome" <> 'done';--> statement-breakpoint
ALTER TABLE "audit" ADD CONSTRAINT "audit_tenant_id" UNIQUE("tenant_id","id");