-- create_lesson --
-- What each target refused, and in which form it keeps what was written, by fingerprints of the values. The attribute is empty for a whole operation.
CREATE TABLE IF NOT EXISTS store.lesson (
    target VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    entitlement VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    wanted VARCHAR NOT NULL,
    shown VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    rules VARCHAR NOT NULL,
    since VARCHAR NOT NULL,
    PRIMARY KEY (target, verb, subject, entitlement, attribute)
);

-- create_snapshot --
-- One row each time a system was read and its rows were taken over. `entry`: the number of the journal's last entry by then.
CREATE TABLE IF NOT EXISTS store.snapshot (
    system VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    taken_at VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    columns VARCHAR[] NOT NULL,
    open_ended BOOLEAN NOT NULL,
    entry BIGINT,
    PRIMARY KEY (system, number)
);

-- create_scope_read --
-- What each snapshot read, and whether it can prove absence.
CREATE TABLE IF NOT EXISTS store.scope_read (
    system VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    complete BOOLEAN NOT NULL,
    partial BOOLEAN DEFAULT false,
    reason VARCHAR NOT NULL,
    pages BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    distinct_ids BIGINT NOT NULL,
    declared_total BIGINT,
    watermark VARCHAR NOT NULL,
    seconds DOUBLE NOT NULL,
    delta BOOLEAN NOT NULL,
    fingerprint VARCHAR NOT NULL
);

-- create_record_version --
-- The rows of every system as intervals in time: one version per change, valid_to NULL while it holds.
CREATE TABLE IF NOT EXISTS store.record_version (
    system VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attributes VARCHAR NOT NULL,
    updated VARCHAR NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT
);

-- create_entitlement_version --
-- The groups, applications and roles of every system as intervals in time.
CREATE TABLE IF NOT EXISTS store.entitlement_version (
    system VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    attributes VARCHAR NOT NULL,
    read_only VARCHAR NOT NULL,
    privileged BOOLEAN NOT NULL,
    updated VARCHAR NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    type VARCHAR DEFAULT ''
);

-- create_membership_version --
-- Who held what, as intervals in time.
CREATE TABLE IF NOT EXISTS store.membership_version (
    system VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    entitlement_id VARCHAR NOT NULL,
    via VARCHAR NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT
);

-- create_quarantined --
-- Records of a snapshot that were read and cannot be used.
CREATE TABLE IF NOT EXISTS store.quarantined (
    system VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    position VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    raw VARCHAR NOT NULL
);

-- create_bound_system --
-- Which system each connector's rows, links and granted memberships belong to. Reads up to the number `since` were of another one; `known_accounts`: whether the next read must still show the accounts of the last.
CREATE TABLE IF NOT EXISTS store.bound_system (
    system VARCHAR NOT NULL PRIMARY KEY,
    id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    since BIGINT NOT NULL,
    known_accounts BOOLEAN NOT NULL
);

-- create_unsupported --
-- What each target stated in its latest read that it does not support, by capability.
CREATE TABLE IF NOT EXISTS store.unsupported (
    system VARCHAR NOT NULL,
    capability VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);

-- create_declared_attribute --
-- What each target declared in its latest read that its attributes take, one JSON object an attribute.
CREATE TABLE IF NOT EXISTS store.declared_attribute (
    system VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    declaration VARCHAR NOT NULL
);

-- create_unseen --
-- The rows of the latest snapshot of a system that were kept although its read, a partial one, did not show them.
CREATE TABLE IF NOT EXISTS store.unseen (
    system VARCHAR NOT NULL,
    id VARCHAR NOT NULL
);

-- create_link --
-- The remembered pairs of identity and account.
CREATE TABLE IF NOT EXISTS store.link (
    target VARCHAR NOT NULL,
    anchor VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    because VARCHAR NOT NULL,
    PRIMARY KEY (target, anchor)
);

-- create_granted --
-- The ownership ledger: the memberships that this job gave, and may therefore take.
CREATE TABLE IF NOT EXISTS store.granted (
    target VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    entitlement_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    rules VARCHAR DEFAULT '',
    PRIMARY KEY (target, account_id, entitlement_id)
);

-- create_entitlement_name --
-- Which group or app each name in the mappings means, by its id: it stays so where it is renamed in its system.
CREATE TABLE IF NOT EXISTS store.entitlement_name (
    target VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    entitlement_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    PRIMARY KEY (target, kind, name)
);

-- create_rest --
-- The accounts that this job suspended or deactivated: when, and after which snapshot of their system.
CREATE TABLE IF NOT EXISTS store.rest (
    target VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    anchor VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    since VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    PRIMARY KEY (target, account_id)
);

-- create_night --
-- How many operations each live run intended by target and verb, to know the usual number. One row a run has no target: the run itself.
CREATE TABLE IF NOT EXISTS store.night (
    sequence BIGINT NOT NULL PRIMARY KEY,
    run VARCHAR NOT NULL,
    run_date VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    operations BIGINT NOT NULL
);

-- create_wide_copy --
-- What each wide copy (a table of the schema `wide`) was made for, at which snapshot, and up to which one it is current. A copy can be dropped: the history has all it holds.
CREATE TABLE IF NOT EXISTS store.wide_copy (
    system VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    copy BIGINT NOT NULL,
    names VARCHAR[] NOT NULL,
    hashed BIGINT NOT NULL,
    engine VARCHAR NOT NULL,
    base BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (system, role)
);

-- alter_scope_read --
-- Reads of before are complete, or wholly in doubt.
ALTER TABLE store.scope_read ADD COLUMN IF NOT EXISTS partial BOOLEAN DEFAULT false;

-- alter_snapshot_entry --
-- Snapshots of before do not say how many entries the journal had.
ALTER TABLE store.snapshot ADD COLUMN IF NOT EXISTS entry BIGINT;

-- alter_granted --
-- Ledgers of before do not know the rules.
ALTER TABLE store.granted ADD COLUMN IF NOT EXISTS rules VARCHAR DEFAULT '';

-- alter_entitlement_version --
-- Groups of before do not say of which kind they are.
ALTER TABLE store.entitlement_version ADD COLUMN IF NOT EXISTS type VARCHAR DEFAULT '';

-- create_settled --
-- How far which journal has been taken over into links and ledger. `mark` tells that entry from another of the same number.
CREATE TABLE IF NOT EXISTS store.settled (sequence BIGINT NOT NULL, journal VARCHAR DEFAULT '', mark VARCHAR DEFAULT '');

-- alter_settled_journal --
-- Stores of before do not know their journal.
ALTER TABLE store.settled ADD COLUMN IF NOT EXISTS journal VARCHAR DEFAULT '';

-- alter_settled_mark --
-- Nor its entries.
ALTER TABLE store.settled ADD COLUMN IF NOT EXISTS mark VARCHAR DEFAULT '';

-- create_unlisted --
-- Known accounts that the latest list of a system did not show, with the last answer by their id: shown, hidden, gone, or unasked.
CREATE TABLE IF NOT EXISTS store.unlisted (
    system VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    answer VARCHAR NOT NULL
);

-- create_forgotten --
-- The snapshot of each target before which closed rows were removed: what it held earlier cannot be told any more.
CREATE TABLE IF NOT EXISTS store.forgotten (system VARCHAR NOT NULL PRIMARY KEY, number BIGINT NOT NULL);

-- create_account_note --
-- What runs learnt of accounts that no list shows: found in the way of a creation, or gone.
CREATE TABLE IF NOT EXISTS store.account_note (
    target VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (target, account_id)
);

-- create_log_event --
-- What the own logs of systems say of who changed accounts and what they hold, where their settings ask for that.
CREATE TABLE IF NOT EXISTS store.log_event (
    system VARCHAR NOT NULL,
    uuid VARCHAR NOT NULL,
    published VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    actor_name VARCHAR NOT NULL,
    targets VARCHAR[] NOT NULL,
    changed VARCHAR[] NOT NULL,
    request_id VARCHAR NOT NULL
);

-- create_log_place --
-- Up to where each log is kept: the cursor of the system, and the time.
CREATE TABLE IF NOT EXISTS store.log_place (
    system VARCHAR NOT NULL PRIMARY KEY,
    cursor VARCHAR NOT NULL,
    read_to VARCHAR NOT NULL
);

-- create_schema_version --
-- The versions of this schema that the store has had; the largest is that of today. A version whose number is unknown to a program is newer than it.
CREATE TABLE IF NOT EXISTS store.schema_version (number BIGINT NOT NULL);
