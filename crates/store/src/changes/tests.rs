//! The log on a disk that dies: after every write, and in the middle of every write, it holds what it held before or
//! what it was to hold.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::*;

/// A disk that remembers how it came to be.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    steps: Arc<Mutex<Vec<Step>>>,
}

#[derive(Debug, Clone)]
enum Step {
    Length(usize),
    Write(usize, Vec<u8>),
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(Mutex::new(bytes)), steps: Arc::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn take(&self, step: Step) {
        let mut bytes = self.bytes.lock().unwrap();
        match &step {
            Step::Length(length) => bytes.resize(*length, 0),
            Step::Write(at, data) => bytes[*at..at + data.len()].copy_from_slice(data),
        }
        self.steps.lock().unwrap().push(step);
    }

    fn log(&self) -> ChangeLog {
        let database = builder().create_with_backend(self.clone()).unwrap();
        ChangeLog { database, path: "on a disk that dies".into() }
    }

    /// The disk as it would be had it died at each moment since it was `before`.
    fn deaths(&self, before: &[u8]) -> Vec<Vec<u8>> {
        let disk = Self::of(before.to_vec());
        let mut deaths = vec![disk.bytes()];
        for step in self.steps.lock().unwrap().iter() {
            if let Step::Write(at, data) = step {
                let torn = Self::of(disk.bytes());
                torn.take(Step::Write(*at, data[..data.len() / 2].to_vec()));
                deaths.push(torn.bytes());
            }
            disk.take(step.clone());
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
        self.take(Step::Length(length as usize));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take(Step::Write(offset as usize, data.to_vec()));
        Ok(())
    }
}

fn fact(text: &str) -> Names {
    let parts: Vec<Box<str>> = text.split(' ').map(Box::from).collect();
    parts.try_into().unwrap()
}

/// The bytes of a log that `make` has written to.
fn written(make: impl FnOnce(&Database)) -> Vec<u8> {
    let disk = Disk::default();
    make(&disk.log().database);
    disk.bytes()
}

/// Does something to a log, and looks at every moment at which the disk may have died meanwhile.
fn check(before: Vec<u8>, act: impl FnOnce(&ChangeLog), expected: [&str; 2]) {
    let disk = Disk::of(before.clone());
    act(&disk.log());
    let mut seen: Vec<String> = Vec::new();
    for death in disk.deaths(&before) {
        let log = Disk::of(death).log();
        let Changes { removed, added } = log.changes().unwrap();
        let now = format!("format {}: -{:?} +{:?}", log.format().unwrap(), removed, added).replace('"', "");
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, expected);
}

#[test]
fn killed_change_leaves_old_state_or_new() {
    let before = written(|database| {
        let transaction = database.begin_write().unwrap();
        make_tables(&transaction).unwrap();
        note_added(&transaction, &[fact("a p b")]).unwrap();
        transaction.commit().unwrap();
    });
    let change =
        |log: &ChangeLog| log.note(KbVersion(2), &[fact("a p b")], &[fact("c p d"), fact("e p f")]).unwrap();
    check(before, change, ["format 1: -[] +[[a, p, b]]", "format 1: -[[a, p, b]] +[[c, p, d], [e, p, f]]"]);
}

#[test]
fn killed_migration_leaves_old_format_or_new_and_the_same_facts() {
    let before = written(|database| {
        let transaction = database.begin_write().unwrap();
        format0::write(&transaction, &[fact("a p b")], &[fact("x p y"), fact("c p d")]);
        transaction.commit().unwrap();
    });
    let migrate = |log: &ChangeLog| log.migrate().unwrap();
    let facts = "-[[a, p, b]] +[[x, p, y], [c, p, d]]";
    check(before, migrate, [&format!("format 0: {facts}"), &format!("format 1: {facts}")]);
}

#[test]
fn an_old_format_is_read_as_it_is_and_rewritten_with_the_next_change() {
    let before = written(|database| {
        let transaction = database.begin_write().unwrap();
        format0::write(&transaction, &[fact("a p b")], &[fact("x p y")]);
        transaction.commit().unwrap();
    });
    let change = |log: &ChangeLog| {
        assert_eq!(log.serve(&[7; 32]).unwrap(), KbVersion(1));
        log.note(KbVersion(2), &[fact("x p y")], &[]).unwrap();
    };
    check(before, change, ["format 0: -[[a, p, b]] +[[x, p, y]]", "format 1: -[[a, p, b], [x, p, y]] +[]"]);
}

#[test]
fn a_log_of_a_later_program_is_refused() {
    let disk = Disk::default();
    let log = disk.log();
    let later = |transaction: &WriteTransaction| {
        transaction.open_table(META)?.insert(FORMAT_KEY, 9)?;
        Ok(())
    };
    log.write(later).unwrap();
    let error = log.changes().unwrap_err().to_string();
    assert_eq!(error, "`on a disk that dies` has format 9, this program knows formats up to 1");
}
