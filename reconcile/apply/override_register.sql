-- add_override --
-- Stores a guard override.
INSERT INTO override (plan, guard, "by", why, made, until) VALUES ($plan_digest, $guard, $by, $why, $made, $until);

-- overrides_of_plan --
-- The overrides of a plan, used, expired or not.
SELECT plan, guard, "by", why, made, until, run FROM override WHERE plan = $plan ORDER BY sequence;

-- use_override --
-- Uses up one override, whether or not it has expired.
UPDATE override SET run = $run WHERE plan = $plan AND guard = $guard AND made = $made AND run = '';

-- consume_overrides --
-- Uses up every override of a plan that has not expired.
UPDATE override SET run = $run WHERE plan = $plan AND run = '' AND until > $at;
