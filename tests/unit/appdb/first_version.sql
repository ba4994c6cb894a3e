-- The app database of the first version, as sqlite3 dumps it; never edited: the newest code must bring it forward.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	objects TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	snapshot TEXT, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'2026-11-22T12:00:00.000000Z','os:root','user.added','','["user:5f0c1d2e3a4b5c6d7e8f"]','{}',NULL,'25c6a72d2b67a00179ac5be7c1ede5a78d19549f5c9f742f9182f4b5db4a5740');
INSERT INTO "audit" VALUES(2,'2026-11-22T12:00:00.000000Z','os:root','user.added','','["user:00112233445566778899"]','{}',NULL,'24f0ae4e4c3763c8bbb791b16f68c1d4c3b40554b9a223aea67791a635b09d04');
INSERT INTO "audit" VALUES(3,'2026-11-22T12:00:00.000000Z','os:root','grant.given','','["user:5f0c1d2e3a4b5c6d7e8f","grant:a1b2c3d4e5f6","role:analyst"]','{"territories":1}',NULL,'9e1396155168ed4723f2ad85fafa80dbabab8c399a561513aaf5d51ea5fad3b3');
INSERT INTO "audit" VALUES(4,'2026-11-22T12:00:00.000000Z','os:root','user.ended','','["user:00112233445566778899"]','{}',NULL,'de3e4e1c1e4d194182ee9f27bf07e97d089065d0675f6ca226ded2f4d2b495a1');
CREATE TABLE job (
	job_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	arguments TEXT NOT NULL, 
	"key" TEXT, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	run_after TEXT NOT NULL, 
	worker TEXT, 
	lease_until TEXT, 
	beat_at TEXT, 
	progress TEXT, 
	error TEXT, 
	result TEXT, 
	made_at TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	ended_at TEXT, 
	CONSTRAINT state_of_job CHECK (state in ('queued', 'running', 'done', 'failed')), 
	UNIQUE ("key")
);
INSERT INTO "job" VALUES(1,'mail','{"n":1}','mail','queued',0,3,'2026-11-22T12:00:00.000000Z',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-22T12:00:00.000000Z','os:root',NULL);
INSERT INTO "job" VALUES(2,'report','{"n":1}','report','running',1,3,'2026-11-22T12:00:00.000000Z','w1','2026-11-22T12:01:00.000000Z','2026-11-22T12:00:00.000000Z',NULL,NULL,NULL,'2026-11-22T12:00:00.000000Z','os:root',NULL);
CREATE TABLE membership (
	user_id TEXT NOT NULL, 
	unit_id TEXT NOT NULL, 
	valid_from TEXT NOT NULL, 
	valid_to TEXT, 
	PRIMARY KEY (user_id, unit_id, valid_from), 
	FOREIGN KEY(user_id) REFERENCES user (user_id), 
	FOREIGN KEY(unit_id) REFERENCES unit (unit_id)
);
INSERT INTO "membership" VALUES('5f0c1d2e3a4b5c6d7e8f','team-1','2026-11-22T12:00:00.000000Z',NULL);
CREATE TABLE migration (
	revision TEXT NOT NULL, 
	at TEXT NOT NULL, 
	version TEXT NOT NULL, 
	PRIMARY KEY (revision)
);
INSERT INTO "migration" VALUES('0001','2026-11-22T12:00:00.000000Z','0.1.0');
CREATE TABLE objective (
	objective_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	user_id TEXT, 
	unit_id TEXT, 
	campaign_id TEXT, 
	measure TEXT, 
	territory_id TEXT, 
	valid_from TEXT NOT NULL, 
	valid_to TEXT, 
	PRIMARY KEY (objective_id), 
	CONSTRAINT of_a_person_or_of_a_unit CHECK ((user_id is null) <> (unit_id is null)), 
	CONSTRAINT a_campaign_or_a_target CHECK (campaign_id is not null or measure is not null), 
	FOREIGN KEY(user_id) REFERENCES user (user_id), 
	FOREIGN KEY(unit_id) REFERENCES unit (unit_id)
);
INSERT INTO "objective" VALUES('0a0b0c0d0e0f','Win them back',NULL,'north','c-1',NULL,NULL,'2026-11-22T12:00:00.000000Z',NULL);
CREATE TABLE policy_version (
	version INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	text TEXT NOT NULL, 
	made_at TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "policy_version" VALUES(1,'d526630bbf569d88e9d14a875580552645be67be0915e01331e4138729754a7f','[role]
','2026-11-22T12:00:00.000000Z','os:root');
CREATE TABLE responsibility (
	user_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	object_id TEXT NOT NULL, 
	valid_from TEXT NOT NULL, 
	valid_to TEXT, 
	PRIMARY KEY (user_id, kind, object_id, valid_from), 
	CONSTRAINT kind_of_responsibility CHECK (kind in ('territory', 'account', 'product_line')), 
	FOREIGN KEY(user_id) REFERENCES user (user_id)
);
INSERT INTO "responsibility" VALUES('5f0c1d2e3a4b5c6d7e8f','territory','t-7','2026-11-22T12:00:00.000000Z',NULL);
CREATE TABLE role_grant (
	grant_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	role TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	valid_from TEXT NOT NULL, 
	valid_to TEXT, 
	made_at TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	ended_at TEXT, 
	ended_by TEXT, 
	PRIMARY KEY (grant_id), 
	FOREIGN KEY(user_id) REFERENCES user (user_id)
);
INSERT INTO "role_grant" VALUES('a1b2c3d4e5f6','5f0c1d2e3a4b5c6d7e8f','analyst','{"territories":["t-7"]}','2026-11-22T12:00:00.000000Z',NULL,'2026-11-22T12:00:00.000000Z','os:root',NULL,NULL);
CREATE TABLE token (
	token_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	permissions TEXT NOT NULL, 
	made_at TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	last_used_at TEXT, 
	ended_at TEXT, 
	PRIMARY KEY (token_id), 
	CONSTRAINT kind_of_token CHECK (kind in ('session', 'api')), 
	FOREIGN KEY(user_id) REFERENCES user (user_id), 
	UNIQUE (token_hash)
);
INSERT INTO "token" VALUES('b1b2b3b4b5b6','api','5f0c1d2e3a4b5c6d7e8f','script','5c42e10c76db0ef3961e72c7bc7a6e6bd9d9836c05856f987a0b01919405a599','["query"]','2026-11-22T12:00:00.000000Z','2027-11-22T12:00:00.000000Z',NULL,NULL);
CREATE TABLE unit (
	unit_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	parent_id TEXT, 
	PRIMARY KEY (unit_id), 
	FOREIGN KEY(parent_id) REFERENCES unit (unit_id)
);
INSERT INTO "unit" VALUES('co','The company',NULL);
INSERT INTO "unit" VALUES('north','North','co');
INSERT INTO "unit" VALUES('team-1','First team','north');
CREATE TABLE user (
	user_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	email TEXT, 
	language TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	made_at TEXT NOT NULL, 
	ended_at TEXT, 
	PRIMARY KEY (user_id), 
	CONSTRAINT who_has_ended_is_not_active CHECK (ended_at is null or active = 0), 
	UNIQUE (name_key)
);
INSERT INTO "user" VALUES('5f0c1d2e3a4b5c6d7e8f','Ana','ana','ana@example.com','es',1,'2026-11-22T12:00:00.000000Z',NULL);
INSERT INTO "user" VALUES('00112233445566778899','Bob B','bob b',NULL,'en',0,'2026-11-22T12:00:00.000000Z','2026-11-22T13:00:00.000000Z');
CREATE INDEX ix_unit_parent_id ON unit (parent_id);
CREATE INDEX ix_membership_unit_id ON membership (unit_id);
CREATE INDEX ix_objective_user_id ON objective (user_id);
CREATE INDEX ix_objective_unit_id ON objective (unit_id);
CREATE INDEX ix_role_grant_user_id ON role_grant (user_id);
CREATE INDEX ix_token_user_id ON token (user_id);
CREATE INDEX ix_job_waiting ON job (state, run_after, job_id);
CREATE TRIGGER audit_keeps before update on audit begin select raise(abort, 'the audit log is only ever added to'); end;
CREATE TRIGGER audit_stays before delete on audit begin select raise(abort, 'the audit log is only ever added to'); end;
CREATE TRIGGER audit_follows before insert on audit when new.seq is not (select coalesce(max(seq), 0) + 1 from audit) begin select raise(abort, 'the audit log is only ever added to'); end;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('job',2);
COMMIT;
