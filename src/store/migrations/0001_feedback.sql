-- What is kept about cards and what became of them. One text for SQLite and PostgreSQL. No patient data anywhere, but for
-- `feedback.comment`, which is only filled where the site configures it. Numbers: services/card_id.rs. Times: microseconds
-- since 1970 in UTC; days and hours since 1970.

CREATE TABLE feedback (
    card TEXT NOT NULL,
    outcome TEXT NOT NULL,
    outcome_at BIGINT NOT NULL,
    service BIGINT NOT NULL,
    recommendation BIGINT NOT NULL,
    guideline_version TEXT NOT NULL,
    issued_hour BIGINT NOT NULL,
    reason TEXT,
    comment TEXT,
    suggestions TEXT NOT NULL,
    client TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (card, outcome, outcome_at)
);

CREATE INDEX feedback_issued_hour ON feedback (issued_hour);
CREATE INDEX feedback_received_at ON feedback (received_at);

CREATE TABLE shown (
    day BIGINT NOT NULL,
    client TEXT NOT NULL,
    service BIGINT NOT NULL,
    recommendation BIGINT NOT NULL,
    guideline_version TEXT NOT NULL,
    cards BIGINT NOT NULL,
    PRIMARY KEY (day, client, service, recommendation, guideline_version)
);

CREATE TABLE unknown_card (
    day BIGINT NOT NULL,
    client TEXT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (day, client)
);

CREATE TABLE token_id (
    digest TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX token_id_expires_at ON token_id (expires_at);

CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
