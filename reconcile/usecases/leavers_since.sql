-- states_of_people --
-- What the sources state of some people by now; who is not in it, no source has.
SELECT anchor, state FROM identity WHERE anchor IN (SELECT unnest($anchors::VARCHAR[]));
