-- journal_is_read_while_written --
-- Lets others read the journal while a run writes it.
PRAGMA journal_mode = WAL;

-- journal_is_durable --
-- Has each entry on disk before the request that it is about goes out.
PRAGMA synchronous = FULL;

-- journal_table_of_runs --
-- Live runs; `ended` is empty while one is under way or was interrupted.
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, plan TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_entries --
-- Intents, outcomes, and the links, memberships and account states that came of them (`journal.EntryKind`). Never removed, and changed only where a person who is gone is forgotten.
CREATE TABLE IF NOT EXISTS entry (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    kind TEXT NOT NULL,
    operation TEXT NOT NULL DEFAULT '',
    target TEXT NOT NULL,
    anchor TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',
    entitlement TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL
) STRICT;

-- journal_table_of_answers --
-- Answers of systems that kept operations from succeeding, each of the outcome with the number `entry`.
CREATE TABLE IF NOT EXISTS answer (
    entry INTEGER PRIMARY KEY REFERENCES entry (sequence),
    status INTEGER NOT NULL,
    code TEXT NOT NULL,
    request TEXT NOT NULL,
    repetition TEXT NOT NULL
) STRICT;

-- journal_table_of_run_sizes --
-- How many operations each run intends by target and verb; a row without a target says that there was a run.
CREATE TABLE IF NOT EXISTS intended (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    run_date TEXT NOT NULL,
    target TEXT NOT NULL,
    verb TEXT NOT NULL,
    operations INTEGER NOT NULL
) STRICT;

-- journal_table_of_run_plans --
-- What the plan of each run was made for (`plan_register.PlanPurpose`), and whether something was not read completely for it (`Plan.untrusted`). Runs of before have no row.
CREATE TABLE IF NOT EXISTS run_plan (
    run TEXT PRIMARY KEY REFERENCES run (id), purpose TEXT NOT NULL, untrusted INTEGER NOT NULL
) STRICT;

-- journal_table_of_overrides --
-- Guard overrides; `run` is the one that consumed it, empty before.
CREATE TABLE IF NOT EXISTS override (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    guard TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    until TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_holds --
-- People (in every target), or accounts, that no run changes through the day `until`; `released` is when one was ended before.
CREATE TABLE IF NOT EXISTS hold (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    anchor TEXT NOT NULL,
    target TEXT NOT NULL,
    account TEXT NOT NULL,
    until TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    released TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_approvals --
-- Approvals of plans; `run` is the one that used an approval up, empty before.
CREATE TABLE IF NOT EXISTS approval (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    until TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_approval_rows --
-- The operations that an approval holds or rejects.
CREATE TABLE IF NOT EXISTS approval_row (
    approval INTEGER NOT NULL REFERENCES approval (sequence),
    operation TEXT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (approval, operation)
) STRICT;

-- journal_table_of_rejections --
-- Rejected rows that later plans leave out while they say the same; `withdrawn` is when one was taken back.
CREATE TABLE IF NOT EXISTS rejection (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    operation TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    target TEXT NOT NULL,
    verb TEXT NOT NULL,
    anchor TEXT NOT NULL,
    account TEXT NOT NULL,
    subject TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    withdrawn TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_configurations --
-- Who planned first with each configuration, and the first live run of one of its plans, empty before.
CREATE TABLE IF NOT EXISTS configuration (
    digest TEXT PRIMARY KEY,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT ''
) STRICT;

-- journal_table_of_its_id --
-- One row: the id that tells this journal from one that took its place, and its project.
CREATE TABLE IF NOT EXISTS journal (id TEXT NOT NULL, project TEXT NOT NULL DEFAULT '') STRICT;

-- journal_table_of_plans --
-- Plans in the order in which they were made; `runs` is how many runs there were before.
CREATE TABLE IF NOT EXISTS plan (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL,
    purpose TEXT NOT NULL,
    runs INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;

-- journal_table_of_bindings --
-- The system that each connector reaches, the newest row of each; entries up to `forgets` belong to one that is gone.
CREATE TABLE IF NOT EXISTS binding (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    forgets INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL
) STRICT;

-- journal_table_of_reads --
-- The number and the moment of the newest snapshot of each system: a store whose newest is an earlier one is an older copy.
CREATE TABLE IF NOT EXISTS latest_read (system TEXT PRIMARY KEY, number INTEGER NOT NULL, taken_at TEXT NOT NULL) STRICT;

-- journal_index_of_entries --
-- Finds the entries of a run.
CREATE INDEX IF NOT EXISTS entry_of_run ON entry (run, kind);

-- journal_table_of_audit --
-- Who planned, allowed and did what (`audit.AuditEvent`); `hash` covers the row and the hash of the row before it.
CREATE TABLE IF NOT EXISTS audit (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    event TEXT NOT NULL,
    who TEXT NOT NULL,
    plan TEXT NOT NULL,
    run TEXT NOT NULL,
    facts TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- journal_audit_is_not_changed --
-- Refuses an accidental change; whoever means it can drop the trigger, and is found by the hashes.
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit_changed'); END;

-- journal_audit_is_not_removed --
-- Refuses an accidental removal.
CREATE TRIGGER IF NOT EXISTS audit_is_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit_removed'); END;
