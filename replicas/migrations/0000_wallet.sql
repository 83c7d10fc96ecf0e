CREATE TABLE `changes` (
	`slot` integer PRIMARY KEY NOT NULL,
	`tick` integer NOT NULL,
	`refs` blob
) STRICT;
--> statement-breakpoint
CREATE TABLE `head` (
	`id` integer PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`feed` text NOT NULL,
	`seq` integer NOT NULL,
	`time` integer NOT NULL,
	`tick` integer NOT NULL,
	`root` blob NOT NULL,
	`edge` blob NOT NULL,
	`buckets` blob NOT NULL,
	CONSTRAINT "head_one_row" CHECK("head"."id" = 1)
) STRICT;
--> statement-breakpoint
CREATE TABLE `identities` (
	`operator_id` text NOT NULL,
	`key_id` text NOT NULL,
	`hash` blob NOT NULL,
	`player_ref` text NOT NULL,
	PRIMARY KEY(`operator_id`, `key_id`, `hash`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `wallets` (
	`operator_id` text NOT NULL,
	`player_ref` text NOT NULL,
	`currency` text NOT NULL,
	`available` integer NOT NULL,
	`bonus` integer NOT NULL,
	`held` integer NOT NULL,
	`status` integer NOT NULL,
	`version` integer NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`player_ref`, `currency`),
	CONSTRAINT "wallets_not_negative" CHECK(available >= 0 AND bonus >= 0 AND held >= 0)
) STRICT, WITHOUT ROWID;
