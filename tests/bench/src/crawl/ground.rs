//! A Postgres of our own as the product makes it, commits that survive a power cut included, and what the bench
//! asks of it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::feed::identity;
use shared::store::{Store, StoreOptions};
use sqlx::{ConnectOptions as _, PgConnection};
use tempfile::TempDir;
use tokio::time::Instant;

use super::world::World;
use crate::process;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// The database.
pub(super) struct Ground {
    cluster: Cluster,
    store: Store,
    _folder: TempDir,
}

impl Ground {
    pub(super) async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        // Postgres becomes another user where we are root, and has to pass.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let cluster = Cluster::open(&ClusterOptions::new(folder.path().join("postgres"))).await?;
        let store = Store::open(StoreOptions::new(cluster.options())).await?;
        Ok(Self { cluster, store, _folder: folder })
    }

    pub(super) fn url(&self) -> String {
        self.cluster.options().to_url_lossy().to_string()
    }

    pub(super) async fn plant(&self, world: &World) -> anyhow::Result<()> {
        let seeds: BTreeSet<_> = world.fronts()?.into_iter().collect();
        crawler::plant(&self.store, &seeds).await?;
        Ok(())
    }

    /// Enters so many more URLs of the planted capsules, none of them due.
    pub(super) async fn know(&self, urls: u64) -> anyhow::Result<()> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "insert into page (capsule, path, folder)
             select c.id, '/known/' || n || '.gmi', '/'
             from generate_series(1, $1 / (select count(*) from capsule)) as n, capsule c",
        )
        .bind(urls.cast_signed())
        .execute(&mut connection)
        .await?;
        sqlx::query("analyze page").execute(&mut connection).await?;
        Ok(())
    }

    /// Makes every page due, as if its time had come.
    pub(super) async fn make_all_due(&self) -> anyhow::Result<()> {
        let mut connection = self.connection().await?;
        sqlx::query("update page set due_at = clock() where due_at is not null")
            .execute(&mut connection)
            .await?;
        sqlx::query("update capsule set due_at = clock(), next_at = '-infinity'")
            .execute(&mut connection)
            .await?;
        for table in ["page", "capsule", "content", "link"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("vacuum analyze {table}")))
                .execute(&mut connection)
                .await?;
        }
        Ok(())
    }

    /// Waits until so many changes are numbered.
    pub(super) async fn until_numbered(&self, pages: usize, limit: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let highest = self.store.read(identity::current).await?.highest;
            if pages as i64 <= highest.0 {
                return Ok(());
            }
            ensure!(began.elapsed() < limit, "only {highest} pages were crawled in {limit:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until no page is due.
    pub(super) async fn until_nothing_is_due(&self, limit: Duration) -> anyhow::Result<()> {
        let mut connection = self.connection().await?;
        let began = Instant::now();
        loop {
            let (is_due,): (bool,) = sqlx::query_as(
                "select exists (select from capsule c where exists (
                         select from page p where p.capsule = c.id and p.due_at <= clock()))",
            )
            .fetch_one(&mut connection)
            .await?;
            if !is_due {
                return Ok(());
            }
            ensure!(began.elapsed() < limit, "pages are due after {limit:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Pages whose last visit found them as they were.
    pub(super) async fn unchanged(&self) -> anyhow::Result<u64> {
        let (count,): (i64,) = sqlx::query_as("select count(*) from page where outcome = 'unchanged'")
            .fetch_one(&mut self.connection().await?)
            .await?;
        Ok(count.unsigned_abs())
    }

    /// CPU seconds of all its processes so far.
    pub(super) fn postgres_seconds(&self) -> anyhow::Result<f64> {
        process::family_cpu_seconds(self.cluster.pid().unsigned_abs())
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.store.close().await;
        self.cluster.stop().await?;
        Ok(())
    }

    async fn connection(&self) -> anyhow::Result<PgConnection> {
        Ok(self.cluster.options().connect().await?)
    }
}
