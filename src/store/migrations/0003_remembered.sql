-- Answers that keep a card away for a while (`[repeat]`). The digest is a keyed hash of the card, as its id carries it
-- (services/card_id.rs); nothing here names a patient. `silences` is 1 for an override with a reason, 0 for what was accepted
-- since. Times: microseconds since 1970 in UTC. One text for SQLite and PostgreSQL.

CREATE TABLE remembered (
    client TEXT NOT NULL,
    service BIGINT NOT NULL,
    recommendation BIGINT NOT NULL,
    guideline_version TEXT NOT NULL,
    digest BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    silences BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (client, digest, service, recommendation, guideline_version)
);

CREATE INDEX remembered_received_at ON remembered (received_at);
