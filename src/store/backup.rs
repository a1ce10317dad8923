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
        let mut file = std::fs::OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(to).map_err(|_| StoreError::unavailable("the copy is there already or cannot be made"))?;
        let text = to.to_str().ok_or(StoreError::unavailable("the name of the copy is no text"))?;
        sqlx::query("VACUUM INTO $1").bind(text).execute(pool).await?;
        Ok(true)
    }
}
