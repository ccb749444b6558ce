CREATE TABLE "findings" (
	"id" text PRIMARY KEY NOT NULL,
	"paper" text NOT NULL,
	"claim" text NOT NULL,
	"budget" text NOT NULL,
	"seed" double precision NOT NULL,
	"state" text DEFAULT 'measuring' NOT NULL,
	"share" double precision DEFAULT 0 NOT NULL,
	"finding" jsonb,
	"verdict" text,
	"reason" text,
	"by" text NOT NULL,
	"trained" boolean NOT NULL,
	"experiment_id" text,
	"author_id" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_experiment_id_experiments_id_fk" FOREIGN KEY ("experiment_id") REFERENCES "public"."experiments"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "findings_paper" ON "findings" USING btree ("paper","started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "findings_state" ON "findings" USING btree ("state","beat_at");