SET search_path = zoo, public;
CREATE STATISTICS indexed_mcv (mcv) ON a, b FROM indexed;
ALTER STATISTICS indexed_mcv SET STATISTICS 250;
CREATE STATISTICS indexed_expressions ON (a + 1), lower(b) FROM indexed;
CREATE INDEX indexed_bloom ON indexed USING brin (b text_bloom_ops (n_distinct_per_range = 30), a int4_minmax_multi_ops);
CREATE INDEX indexed_dedup ON indexed (a) WITH (deduplicate_items = off);
CREATE INDEX indexed_gist_include ON indexed USING gist (p) INCLUDE (a);
