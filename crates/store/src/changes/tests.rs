//! The log on a disk that dies: after every write, and in the middle of every write, it holds what it held before or
//! what it was to hold.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use redb::{StorageBackend, TableDefinition, WriteTransaction};

use super::*;

/// A disk that remembers how it came to be.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    steps: Arc<Mutex<Vec<Step>>>,
    full: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
enum Step {
    Length(usize),
    Write(usize, Vec<u8>),
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(Mutex::new(bytes)), ..Self::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn take(&self, step: Step) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut bytes = self.bytes.lock().unwrap();
        match &step {
            Step::Length(length) => bytes.resize(*length, 0),
            Step::Write(at, data) => bytes[*at..at + data.len()].copy_from_slice(data),
        }
        self.steps.lock().unwrap().push(step);
        Ok(())
    }

    fn log(&self) -> ChangeLog {
        let disk = self.clone();
        let open = move || builder().create_with_backend(disk.clone());
        ChangeLog { database: Handle::new(Path::new("on a disk that dies"), open) }
    }

    /// The disk as it would be had it died at each moment since it was `before`.
    fn deaths(&self, before: &[u8]) -> Vec<Vec<u8>> {
        let disk = Self::of(before.to_vec());
        let mut deaths = vec![disk.bytes()];
        for step in self.steps.lock().unwrap().iter() {
            if let Step::Write(at, data) = step {
                let torn = Self::of(disk.bytes());
                torn.take(Step::Write(*at, data[..data.len() / 2].to_vec())).unwrap();
                deaths.push(torn.bytes());
            }
            disk.take(step.clone()).unwrap();
            deaths.push(disk.bytes());
        }
        deaths
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = offset as usize;
        let bytes = self.bytes.lock().unwrap();
        out.copy_from_slice(bytes.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.take(Step::Length(length as usize))
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take(Step::Write(offset as usize, data.to_vec()))
    }
}

fn fact(text: &str) -> Names {
    let parts: Vec<Box<str>> = text.split(' ').map(Box::from).collect();
    parts.try_into().unwrap()
}

fn changes(removed: &[&str], added: &[&str]) -> Changes {
    let facts = |texts: &[&str]| texts.iter().map(|text| fact(text)).collect();
    Changes { removed: facts(removed), added: facts(added) }
}

/// The bytes of a log that `make` has written to.
fn written(make: impl FnOnce(&WriteTransaction)) -> Vec<u8> {
    let disk = Disk::default();
    let make = |transaction: &WriteTransaction| {
        make(transaction);
        Ok(())
    };
    disk.log().database.write(make).unwrap();
    disk.bytes()
}

/// The bytes of a log of the current format.
fn log_of(changes: &Changes) -> Vec<u8> {
    written(|transaction| {
        format1::make(transaction).unwrap();
        format1::note(transaction, changes).unwrap();
    })
}

/// Does something to a log, and looks at every moment at which the disk may have died meanwhile.
fn check(before: Vec<u8>, act: impl FnOnce(&mut ChangeLog), expected: [&str; 2]) {
    let disk = Disk::of(before.clone());
    act(&mut disk.log());
    let mut seen: Vec<String> = Vec::new();
    for death in disk.deaths(&before) {
        let now = describe(&mut Disk::of(death).log());
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, expected);
}

fn describe(log: &mut ChangeLog) -> String {
    let Changes { removed, added } = log.changes().unwrap();
    format!("format {}: -{removed:?} +{added:?}", log.format().unwrap()).replace('"', "")
}

#[test]
fn killed_change_leaves_old_state_or_new() {
    let before = log_of(&changes(&[], &["a p b"]));
    let change =
        |log: &mut ChangeLog| log.note(KbVersion(2), &changes(&["a p b"], &["c p d", "e p f"])).unwrap();
    check(before, change, ["format 1: -[] +[[a, p, b]]", "format 1: -[[a, p, b]] +[[c, p, d], [e, p, f]]"]);
}

#[test]
fn killed_migration_leaves_old_format_or_new_and_the_same_facts() {
    let before =
        written(|transaction| format0::write(transaction, &changes(&["a p b"], &["x p y", "c p d"])));
    let migrate = |log: &mut ChangeLog| log.migrate().unwrap();
    let facts = "-[[a, p, b]] +[[x, p, y], [c, p, d]]";
    check(before, migrate, [&format!("format 0: {facts}"), &format!("format 1: {facts}")]);
}

#[test]
fn an_old_format_is_read_as_it_is_and_rewritten_with_the_next_change() {
    let before = written(|transaction| format0::write(transaction, &changes(&["a p b"], &["x p y"])));
    let change = |log: &mut ChangeLog| {
        assert_eq!(log.serve(&[7; 32]).unwrap(), KbVersion(1));
        log.note(KbVersion(2), &changes(&["x p y"], &[])).unwrap();
    };
    check(before, change, ["format 0: -[[a, p, b]] +[[x, p, y]]", "format 1: -[[a, p, b], [x, p, y]] +[]"]);
}

#[test]
fn a_full_disk_refuses_a_change_and_takes_the_next_when_there_is_room_again() {
    let disk = Disk::of(log_of(&changes(&[], &["a p b"])));
    let mut log = disk.log();
    let before = describe(&mut log);
    disk.full.store(true, Ordering::Relaxed);
    let error = log.note(KbVersion(2), &changes(&[], &["c p d"])).unwrap_err();
    assert_eq!(error.to_string(), "the database `on a disk that dies` failed");
    disk.full.store(false, Ordering::Relaxed);
    assert_eq!(describe(&mut log), before);
    log.note(KbVersion(2), &changes(&[], &["c p d"])).unwrap();
    assert_eq!(describe(&mut disk.log()), "format 1: -[] +[[a, p, b], [c, p, d]]");
}

#[test]
fn a_fact_noted_twice_is_gone_once_it_is_removed() {
    let mut log = Disk::of(log_of(&changes(&[], &["a p b"]))).log();
    log.note(KbVersion(2), &changes(&[], &["c p d", "a p b"])).unwrap();
    assert_eq!(describe(&mut log), "format 1: -[] +[[c, p, d], [a, p, b]]");
    log.note(KbVersion(3), &changes(&["a p b"], &[])).unwrap();
    assert_eq!(describe(&mut log), "format 1: -[[a, p, b]] +[[c, p, d]]");
}

#[test]
fn a_log_of_a_later_program_is_refused() {
    let later = written(|transaction| {
        let meta = TableDefinition::<&str, u64>::new("meta");
        transaction.open_table(meta).unwrap().insert("format", 9).unwrap();
    });
    let error = Disk::of(later).log().changes().unwrap_err().to_string();
    assert_eq!(error, "`on a disk that dies` has format 9, this program knows formats up to 1");
}
