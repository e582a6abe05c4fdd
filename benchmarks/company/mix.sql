-- Lays the rows of the history in an order of their own (the variable `number`), and drops the copies that were made of them.
CREATE TEMP TABLE mixed_record_version AS SELECT * FROM store.record_version ORDER BY hash(getvariable('number'), rowid);
DELETE FROM store.record_version;
INSERT INTO store.record_version FROM mixed_record_version;
CREATE TEMP TABLE mixed_membership_version AS SELECT * FROM store.membership_version ORDER BY hash(getvariable('number'), rowid);
DELETE FROM store.membership_version;
INSERT INTO store.membership_version FROM mixed_membership_version;
CREATE TEMP TABLE mixed_entitlement_version AS SELECT * FROM store.entitlement_version ORDER BY hash(getvariable('number'), rowid);
DELETE FROM store.entitlement_version;
INSERT INTO store.entitlement_version FROM mixed_entitlement_version;
CREATE TEMP TABLE mixed_granted AS SELECT * FROM store.granted ORDER BY hash(getvariable('number'), rowid);
DELETE FROM store.granted;
INSERT INTO store.granted FROM mixed_granted;
CREATE TEMP TABLE mixed_link AS SELECT * FROM store.link ORDER BY hash(getvariable('number'), rowid);
DELETE FROM store.link;
INSERT INTO store.link FROM mixed_link;
DROP SCHEMA IF EXISTS store.wide CASCADE;
DELETE FROM store.wide_copy;
