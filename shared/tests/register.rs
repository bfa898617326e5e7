//! The files of the register of removals miss nothing that the table has.

#[path = "support/waiting.rs"]
mod waiting;

use std::time::Duration;

use shared::store::cluster::scratch;
use shared::store::known::removal::{self, Origin};
use shared::store::register::{Keeper, Register};
use sqlx::{Connection as _, PgConnection};
use waiting::{SOMEBODY_WAITS, until_one_is_so};

/// A number is taken before its row can be seen: another row with a higher number may be seen before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_is_committed_late_is_in_the_file_too() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    let folder = tempfile::tempdir().expect("a folder");
    let register = Register::within(folder.path());
    let mut keeper = Keeper::new(register.clone());
    let [slow, quick] = ["slow.example", "quick.example"].map(|host| host.parse().expect("a pattern"));

    let [mut writer, mut watcher] = [
        PgConnection::connect_with(&scratch.options()).await,
        PgConnection::connect_with(&scratch.options()).await,
    ]
    .map(|connection| connection.expect("a connection"));
    let mut transaction = writer.begin().await.expect("a transaction");
    removal::record(&mut transaction, &slow, Origin::Takedown).await.expect("it is written");
    let other = async { store.write(async |c| removal::record(c, &quick, Origin::Takedown).await).await };
    let meanwhile = async {
        until_one_is_so(&mut watcher, &["select exists (select from removal)", SOMEBODY_WAITS]).await;
        keeper.keep(&store, &store).await.expect("the file is kept");
        transaction.commit().await.expect("it is committed");
    };
    let both = async { tokio::join!(other, meanwhile) };
    let (made, ()) =
        tokio::time::timeout(Duration::from_secs(60), both).await.expect("nobody waits for ever");
    made.expect("it is written");

    keeper.keep(&store, &store).await.expect("the file is kept");
    let kept = register.entries().await.expect("a file");
    let mut kept: Vec<String> = kept.iter().map(removal::Entry::target).collect();
    kept.sort();
    assert_eq!(kept, ["quick.example", "slow.example"]);
}
