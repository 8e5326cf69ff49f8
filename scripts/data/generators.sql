-- Temporary tools of the loaders: they vanish with the session and leave nothing in the database.

-- A number in [0, below), the same for the same (row, salt) on every major: hash partitions depend on hashint8extended,
-- so it may never change. random() gives other numbers since PostgreSQL 15.
CREATE FUNCTION pg_temp.pick(entry bigint, salt integer, below integer) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT ((hashint8extended(entry, salt) & 9223372036854775807) % below)::integer $$;

-- Low numbers are picked far more often than high ones, as customers and films are in real shops.
CREATE FUNCTION pg_temp.pick_skewed(entry bigint, salt integer, below integer) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT (below * power(pg_temp.pick(entry, salt, 1000000) / 1000000.0::float8, 2))::integer $$;

CREATE FUNCTION pg_temp.uuid_of(entry bigint, salt integer) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT md5(salt || ':' || entry)::uuid $$;

CREATE TEMPORARY TABLE word AS
SELECT ordinality::integer - 1 AS id, word
  FROM regexp_split_to_table(
    'the a of and in with for not very quite almost never always often story film scene actor music ending beginning light '
    'shadow camera voice dialogue plot twist hero villain friend family village city harbour mountain river winter summer '
    'evening morning train letter promise secret memory journey mistake answer question silence laughter tear fight chase '
    'kitchen garden station bridge window door mirror table chair bottle coat hat shoe horse dog cat bird fish stone gold '
    'silver copper glass paper ink blue red green yellow black white grey bright dark slow fast gentle cruel honest clever '
    'foolish brave tired hungry lonely happy bitter sweet strange familiar ancient modern broken perfect hidden open closed '
    'watched liked loved hated missed remembered forgot followed carried opened crossed believed promised returned waited '
    'walked spoke listened wondered decided arrived left stayed found lost gave took made told heard felt saw knew thought '
    'café naïve façade déjà über Größe señor mañana Łódź Malmö because although while before after during without between '
    'beyond against toward itself himself herself everyone nobody something nothing anywhere perhaps indeed however instead '
    'recommend disappointing wonderful forgettable masterpiece soundtrack screenplay director producer audience cinema theatre '
    'performance atmosphere photography character development conversation relationship disappointment understanding', ' ')
    WITH ORDINALITY AS list (word, ordinality);

-- Sentences lie far apart, so a compressor sees words repeat but seldom whole sentences: gzip gets 3 to 4, as with prose.
CREATE TEMPORARY TABLE prose AS
SELECT paragraph.id, string_agg(upper(left(sentence.body, 1)) || substr(sentence.body, 2) || '.', ' ' ORDER BY sentence.id) AS body
  FROM generate_series(0, 8191) AS paragraph (id)
 CROSS JOIN LATERAL (
    SELECT number AS id, string_agg(word.word, ' ' ORDER BY place) AS body
      FROM generate_series(0, 1 + pg_temp.pick(paragraph.id, 1, 4)) AS number
     CROSS JOIN LATERAL generate_series(0, 6 + pg_temp.pick(paragraph.id * 8 + number, 2, 9)) AS place
      JOIN word ON word.id = pg_temp.pick_skewed((paragraph.id * 8 + number) * 32 + place, 3, (SELECT count(*)::integer FROM word))
     GROUP BY number
  ) AS sentence
 GROUP BY paragraph.id;

CREATE UNIQUE INDEX ON prose (id);
ANALYZE word;
ANALYZE prose;
