//! A connection for one transaction, which goes back to its pool only when all went well.
//!
//! After an error inside a transaction, or when nobody waited for its end, it cannot be told what state the connection is
//! in: SQLite ends a transaction by itself when the disk is full, and the library counts on. Whatever is written later
//! would then never be committed. Such a connection is closed.

use sqlx::pool::PoolConnection;

/// A connection that is closed when this is dropped, unless it was given back.
#[derive(Debug)]
pub(super) struct Lent<DB: sqlx::Database>(Option<PoolConnection<DB>>);

impl<DB: sqlx::Database> Lent<DB> {
    /// Takes one out of the pool.
    pub(super) async fn from(pool: &sqlx::Pool<DB>) -> Result<Self, sqlx::Error> {
        pool.acquire().await.map(|connection| Self(Some(connection)))
    }

    /// The connection, for the time of the transaction.
    pub(super) fn connection(&mut self) -> Result<&mut DB::Connection, sqlx::Error> {
        self.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// The transaction is committed: the connection may serve others.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl<DB: sqlx::Database> Drop for Lent<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}
