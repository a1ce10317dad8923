//! A copy of the database file while the service writes into it.

use super::Store;
use super::database::Database;
use super::error::StoreError;
use std::path::Path;

impl Store {
    /// Writes the whole database into a new file that its owner alone can read. `false`: it is no file but a server, which
    /// has tools of its own.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used, or the file is there already or cannot be written.
    pub async fn back_up(&self, to: &Path) -> Result<bool, StoreError> {
        let database = self.database().await?;
        let Database::Sqlite { pool, .. } = &*database else { return Ok(false) };
        // Absolute, so that SQLite never takes the name for an address (`file:…`).
        let place =
            std::path::absolute(to).map_err(|_| StoreError::unavailable("the copy cannot be made there"))?;
        let text = place.to_str().ok_or(StoreError::unavailable("the name of the copy is no text"))?;
        let mut file = std::fs::OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(&place)
            .map_err(|_| StoreError::unavailable("the copy is there already or cannot be made"))?;
        let copied = sqlx::query("VACUUM INTO $1").bind(text).execute(pool).await;
        if copied.is_err() {
            // What is there is no copy; another try must not find it.
            drop(std::fs::remove_file(&place));
        }
        copied?;
        Ok(true)
    }
}
