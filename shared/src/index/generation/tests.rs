use super::*;

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn the_switch_keeps_one_generation_to_go_back_to() {
    let temp = tempfile::tempdir().unwrap();
    let folder = IndexFolder::create(&temp.path().join("index")).unwrap();
    assert_eq!(folder.current().unwrap(), None);
    let first = folder.begin(moment(0)).unwrap();
    let second = folder.begin(moment(0)).unwrap();
    let third = folder.begin(moment(1)).unwrap();
    assert_eq!(first.name(), format!("v{SCHEMA_VERSION}-19700101T000000-0"));
    assert_ne!(first, second);
    folder.publish(&first).unwrap();
    assert!(matches!(folder.roll_back(), Err(GenerationError::NothingKept)));
    folder.publish(&second).unwrap();
    folder.publish(&second).unwrap();
    assert_eq!(folder.kept().unwrap(), Some(first.clone()), "publishing twice forgets nothing");
    assert_eq!(folder.roll_back().unwrap(), first);
    assert_eq!(folder.current().unwrap(), Some(first.clone()));
    folder.publish(&third).unwrap();
    assert_eq!(folder.sweep(None).unwrap(), [second.name()]);
    assert!(third.path().is_dir() && first.path().is_dir());
    folder.drop_kept().unwrap();
    assert_eq!((folder.current().unwrap(), folder.kept().unwrap()), (Some(third), None));
    assert!(!first.path().is_dir());
}

#[test]
fn a_damaged_generation_is_moved_aside() {
    let temp = tempfile::tempdir().unwrap();
    let folder = IndexFolder::create(temp.path()).unwrap();
    let generation = folder.begin(moment(0)).unwrap();
    generation.create().unwrap();
    generation.open().unwrap();
    let aside = folder.quarantine(&generation).unwrap();
    assert!(aside.is_dir() && generation.open().is_err());
    assert_ne!(folder.begin(moment(0)).unwrap(), generation, "its name does not come again");
    assert_eq!(folder.sweep(None).unwrap().len(), 1);
    assert!(folder.sweep(None).unwrap().is_empty(), "the newest one stays for the admin");
}

#[test]
fn a_broken_current_is_an_error_and_can_be_published_over() {
    let temp = tempfile::tempdir().unwrap();
    let folder = IndexFolder::create(temp.path()).unwrap();
    fs::write(temp.path().join(CURRENT), "../../etc\n").unwrap();
    assert!(matches!(folder.current(), Err(GenerationError::BadName(_))));
    let generation = folder.begin(moment(0)).unwrap();
    folder.publish(&generation).unwrap();
    assert_eq!(folder.current().unwrap(), Some(generation));
}

#[test]
fn a_rebuild_says_how_far_it_is() {
    let temp = tempfile::tempdir().unwrap();
    let folder = IndexFolder::create(temp.path()).unwrap();
    assert_eq!(folder.rebuilding(), None);
    folder.set_rebuilding(Some(41)).unwrap();
    assert_eq!(folder.rebuilding(), Some(41));
    folder.set_rebuilding(None).unwrap();
    folder.set_rebuilding(None).unwrap();
    assert_eq!(folder.rebuilding(), None);
}
