-- add_override --
-- Stores a guard override.
INSERT INTO override (plan, guard, "by", why, made, until) VALUES ($plan_digest, $guard, $by, $why, $made, $until);

-- overrides_of_plan --
-- The overrides of a plan, used, expired or not.
SELECT plan, guard, "by", why, made, until, run FROM override WHERE plan = $plan ORDER BY sequence;

-- consume_overrides --
-- Uses up every override of a plan that has not expired.
UPDATE override SET run = $run WHERE plan = $plan AND run = '' AND until > $at;
