-- knows_compatible_forms --
-- Whether this connection knows the compatibility forms of letters already.
SELECT getvariable('compatible_class') IS NOT NULL;

-- set_compatible_letters --
-- The letters that have a usual form, one after the other.
SET VARIABLE compatible_letters = $letters::VARCHAR;

-- set_usual_letters --
-- Their usual forms in the same order.
SET VARIABLE usual_letters = $letters::VARCHAR;

-- set_compatible_class --
-- The same letters as a class of a regular expression.
SET VARIABLE compatible_class = $letters::VARCHAR;

-- make_odd --
-- Whether a text holds anything but printable ASCII: the cheap question that most texts answer with no. Bytes as text are longer where one is escaped, which takes a third of the time of a pattern.
CREATE OR REPLACE MACRO odd(val) AS CASE WHEN strlen(CAST(encode(val) AS VARCHAR)) = strlen(val) THEN false ELSE regexp_matches(val, '[^ -~]') END;

-- make_trimmed --
-- A text without outer white space. Most texts are ASCII without a space, which is seen in a tenth of the time of trimming.
CREATE OR REPLACE MACRO trimmed(val) AS CASE WHEN contains(val, ' ') OR strlen(val) <> length(val) THEN trim(val) ELSE val END;

-- make_seen --
-- A text without invisible characters, every white space a space.
CREATE OR REPLACE MACRO seen(val) AS regexp_replace(
    regexp_replace(val, '[\x{AD}\x{34F}\x{61C}\x{115F}-\x{1160}\x{17B4}-\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFB}\x{1BCA0}-\x{1BCA3}\x{1D173}-\x{1D17A}\x{E0000}-\x{E0FFF}\x{00}-\x{08}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}]', '', 'g'), '[\t\n\x{0B}\f\r\x{85}\x{2028}\x{2029}]', ' ', 'g'
);

-- make_plain_of_odd --
-- A text that is not all printable ASCII: in the usual width, composed, and without what nobody sees; outer white space stays. A macro expands its argument wherever it is named, so it is named seldom.
CREATE OR REPLACE MACRO plain_of_odd(val) AS CASE
    WHEN regexp_matches(val, getvariable('compatible_class'))
        THEN nfc_normalize(translate(seen(val), getvariable('compatible_letters'), getvariable('usual_letters')))
    ELSE nfc_normalize(seen(val))
END;

-- make_plain --
-- A text in the usual width, composed, and without what nobody sees; outer white space stays.
CREATE OR REPLACE MACRO plain(val) AS CASE WHEN NOT odd(val) THEN val ELSE plain_of_odd(val) END;

-- make_lower_letters --
-- A text without the differences in case that do not count. Letters are folded one by one: a sharp s is no double s.
CREATE OR REPLACE MACRO lower_letters(val) AS replace(replace(lower(val), 'i' || chr(775), 'i'), 'ς', 'σ');

-- make_one_case --
-- The same; a text of ASCII takes the short way.
CREATE OR REPLACE MACRO one_case(val) AS CASE WHEN strlen(val) = length(val) THEN lower(val) ELSE lower_letters(val) END;

-- make_comparable --
-- What two texts are compared by where they must not be told apart by case, width, composition, invisible characters or outer white space.
CREATE OR REPLACE MACRO comparable(val) AS CASE WHEN odd(val) THEN lower_letters(trim(plain_of_odd(val))) ELSE lower(trimmed(val)) END;

-- make_blank --
-- Whether a text shows nothing: it is empty, or white space and characters that nobody sees alone.
CREATE OR REPLACE MACRO blank(val) AS CASE WHEN val >= '!' AND val < chr(127) THEN false ELSE regexp_full_match(coalesce(CASE WHEN odd(val) THEN plain_of_odd(val) ELSE val END, ''), '[\pZ\s]*') END;
