-- Counts of a week, by what is counted: calls, charts read, cards by row, facts on record, codes that nobody knows. The week is
-- that of its Monday, as days since 1970 in UTC; `shadow` is 1 where no card was shown. Names are words of the program. And the
-- cards of shadow mode that are to be judged: outlines without ids, dates and texts of a record (services/outline.rs); `place`
-- is where the seed puts an outline, and the least places of a week are its sample. One text for SQLite and PostgreSQL.

CREATE TABLE weekly (
    week BIGINT NOT NULL,
    client TEXT NOT NULL,
    service BIGINT NOT NULL,
    shadow BIGINT NOT NULL,
    guideline_version TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (week, client, service, shadow, guideline_version, kind, name)
);

CREATE TABLE shadow_case (
    week BIGINT NOT NULL,
    place BIGINT NOT NULL,
    content TEXT NOT NULL,
    times BIGINT NOT NULL,
    verdict TEXT,
    PRIMARY KEY (week, place)
);
