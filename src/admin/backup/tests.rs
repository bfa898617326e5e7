//! A backup is whole or not there, nobody else reads it, and the newest fourteen stay.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use shared::store::id::StoreIdentity;

use super::bundle::{Manifest, Packing};
use super::opened::{Opened, OpenedError};
use super::*;

fn manifest() -> Manifest {
    let identity = "{\"store\":\"67e55044-10b1-426f-9247-bb680e5fe0c8\",\"epoch\":1}";
    let store: StoreIdentity = serde_json::from_str(identity).expect("an identity");
    Manifest {
        format: bundle::FORMAT,
        program: "0".to_owned(),
        made_at: "2026-01-01T000000Z".to_owned(),
        kind: "small".to_owned(),
        store,
        migration: 1,
        database_bytes: 0,
        is_told: false,
        members: Default::default(),
    }
}

/// Long enough for several blocks, and not to be compressed away.
fn words() -> Vec<u8> {
    (0..40_000_u32).flat_map(|number| blake3::hash(&number.to_le_bytes()).as_bytes()[..4].to_vec()).collect()
}

fn write(target: &Path) -> u64 {
    let mut bundle = Bundle::create(target).expect("a file");
    bundle.add("state/server/key.pem", b"secret").expect("a member");
    for (name, packing) in [("plain", Packing::Plain), ("packed", Packing::Zstd)] {
        let mut entry = bundle.begin(name, packing).expect("a member");
        words().chunks(1_000).for_each(|piece| entry.write_all(piece).expect("room"));
        entry.end().expect("a whole member");
    }
    bundle.finish(manifest()).expect("a whole file")
}

fn read(opened: &Opened, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    opened
        .read(name)
        .expect("it can be read")
        .expect("it is there")
        .read_to_end(&mut bytes)
        .expect("all of it");
    bytes
}

#[test]
fn what_was_written_is_read_again_by_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("sextant-x.tar");
    let bytes = write(&target);
    let about = fs::metadata(&target).expect("it is there");
    assert_eq!((about.len(), about.permissions().mode() & 0o777), (bytes, 0o600));
    let opened = Opened::open(&target).expect("it is whole");
    assert_eq!(read(&opened, "plain"), words());
    assert_eq!(read(&opened, "packed"), words());
    assert_eq!(opened.bytes("state/server/key.pem").expect("read").as_deref(), Some(&b"secret"[..]));
    assert_eq!(opened.names("state/"), ["server/key.pem"]);
    // Any other tar reads it, too.
    let listed = std::process::Command::new("tar").arg("-tf").arg(&target).output().expect("tar runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert_eq!(listed, "state/server/key.pem\nplain\npacked.zst\nmanifest.json\n");
}

#[test]
fn an_interrupted_backup_leaves_no_half_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("sextant-x.tar");
    let mut bundle = Bundle::create(&target).expect("a file");
    bundle.add("state/server/key.pem", b"secret").expect("a member");
    assert!(!target.exists(), "it has no name before it is whole");
    drop(bundle);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("sextant-x.tar");
    let bytes = write(&target);
    let whole = fs::read(&target).expect("it is there");
    let refused = |bytes: &[u8]| {
        fs::write(&target, bytes).expect("a file");
        match Opened::open(&target) {
            Err(OpenedError::Broken(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    for length in [0, 511, 4_000, bytes / 2, bytes - 3_000] {
        let length = usize::try_from(length).expect("short");
        assert!(!refused(&whole[..length]).is_empty(), "cut at {length}");
    }
    let mut changed = whole.clone();
    changed[2_000] ^= 1;
    assert_eq!(refused(&changed), "plain is not what was written");
    assert!(!refused(&words()).is_empty());
}

#[test]
fn the_newest_fourteen_stay_and_nothing_else_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let touch = |name: &str| fs::write(folder.path().join(name), "").expect("a file");
    for day in 1..=20 {
        touch(&format!("sextant-2026-01-{day:02}T030000Z.tar"));
    }
    touch("sextant-2020-01-01T030000Z-whole.tar");
    touch("notes.tar");
    thin_out(folder.path());
    let left = all(folder.path());
    assert_eq!(left.len(), KEPT);
    assert!(left[0].ends_with("sextant-2026-01-07T030000Z.tar"), "{left:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), KEPT + 2);
}

#[test]
fn too_little_room_is_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    has_room(folder.path(), 0).expect("64 MiB are free");
    let error = has_room(folder.path(), 1 << 60).expect_err("nobody has so much");
    let said = error.to_string();
    assert!(said.starts_with("a whole backup may take 1099511627840 MiB, and "), "{said}");
    assert!(!said.contains('\n') && said.contains("sextant admin backup --full FOLDER"), "{said}");
}
