-- What readiness writes to see that writing is possible; it holds nothing. One text for SQLite and PostgreSQL.

CREATE TABLE probe (
    name TEXT NOT NULL PRIMARY KEY,
    filler TEXT NOT NULL
);
