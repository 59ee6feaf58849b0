//! Finds each setting's value: argument, else environment, else file, else default. Collects every fault instead of stopping at the first.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::{File, look_up, nearest, text_of, unknown_keys};
use super::setting::{Setting, Value};

/// The process environment, read once at the edge.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// From pairs of name and value, such as `std::env::vars_os()`. An empty value counts as unset.
    pub fn new<N: Into<OsString>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let named = |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into()));
        Self(pairs.into_iter().filter_map(named).filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a variable that is set.
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name)
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The configuration file, at this line.
    File(usize),
    /// An environment variable.
    Environment(&'static str),
    /// A command-line argument.
    Argument(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(line) => write!(f, "file, line {line}"),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Argument(name) => write!(f, "argument {name}"),
        }
    }
}

/// A setting as `config show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The dotted key.
    pub key: String,
    /// As written in TOML; secrets are masked.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// An argument that stands above everything else.
#[derive(Debug, Clone)]
pub struct Argument {
    /// The setting's key.
    pub key: &'static str,
    /// The argument's name.
    pub name: &'static str,
    /// What was given.
    pub text: String,
}

/// One table of an array of tables.
pub(crate) struct Row<'a> {
    /// Such as `clients[0]`.
    pub(crate) path: String,
    at: usize,
    table: DeTable<'a>,
}

/// All sources together, and what was found wrong with them so far.
pub(crate) struct Reader<'a> {
    arguments: &'a [Argument],
    environment: &'a Environment,
    file: Option<&'a File>,
    table: DeTable<'a>,
    known: BTreeSet<String>,
    pub(crate) shown: Vec<Shown>,
    pub(crate) faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        arguments: &'a [Argument],
        environment: &'a Environment,
        file: Option<&'a File>,
    ) -> Self {
        let mut reader = Self {
            arguments,
            environment,
            file,
            table: DeTable::default(),
            known: BTreeSet::new(),
            shown: Vec::new(),
            faults: Vec::new(),
        };
        match file.map(|file| DeTable::parse(&file.text)) {
            Some(Ok(table)) => reader.table = table.into_inner(),
            Some(Err(error)) => {
                reader.fault_at(error.span().map_or(0, |span| span.start), error.message());
            }
            None => {}
        }
        reader
    }

    /// The value of one setting. After a fault it is the default, which nobody gets to see.
    pub(crate) fn get<T: Value>(&mut self, setting: &Setting<T>) -> T {
        self.known.insert(setting.key.to_owned());
        let (value, origin) = self.find(setting).unwrap_or_else(|| ((setting.default)(), Origin::Default));
        self.shown.push(Shown { key: setting.key.to_owned(), value: value.show(), origin });
        value
    }

    /// Where the value of a setting that was read came from.
    pub(crate) fn origin(&self, key: &str) -> Option<&Origin> {
        self.shown.iter().find(|shown| shown.key == key).map(|shown| &shown.origin)
    }

    /// The tables of an array of tables.
    pub(crate) fn rows(&mut self, key: &str) -> Vec<Row<'a>> {
        self.known.insert(key.to_owned());
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let row = |(index, row): (usize, &Spanned<DeValue<'a>>)| {
            let table = row.get_ref().as_table()?.clone();
            Some(Row { path: format!("{key}[{index}]"), at: row.span().start, table })
        };
        let rows = value.get_ref().as_array().and_then(|rows| rows.iter().enumerate().map(row).collect());
        let at = value.span().start;
        rows.unwrap_or_else(|| {
            self.fault_at(at, &format!("`{key}` is no list of tables; write `[[{key}]]`"));
            Vec::new()
        })
    }

    /// The value of a setting in a row, where it has to be given unless it has a default that is valid.
    pub(crate) fn get_in<T: Value>(&mut self, row: &Row<'a>, setting: &Setting<T>) -> Option<T> {
        let path = format!("{}.{}", row.path, setting.key);
        if let Some(value) = row.table.get(setting.key) {
            return self.accept_in_file(setting, &path, value).map(|(value, _)| value);
        }
        let default = Some((setting.default)()).filter(setting.valid);
        if default.is_none() {
            self.fault_at(row.at, &format!("`{path}` is missing; accepted: {}", setting.accepted));
        }
        default
    }

    /// Reports keys of a row that are none of those given.
    pub(crate) fn refuse_unknown_in(&mut self, row: &Row<'a>, known: &[&str]) {
        let known = known.iter().map(|key| (*key).to_owned()).collect();
        for (at, key) in unknown_keys(&row.table, &known) {
            self.fault_unknown(at, &format!("{}.{key}", row.path), nearest(&key, &known));
        }
    }

    /// The place of a row, for `config show`.
    pub(crate) fn origin_of(&self, row: &Row<'_>) -> Origin {
        Origin::File(self.file.map_or(0, |file| file.place(row.at).0))
    }

    /// Reports keys that no setting asked for, each with the nearest one that exists.
    pub(crate) fn refuse_unknown(&mut self) {
        for (at, key) in unknown_keys(&self.table, &self.known) {
            self.fault_unknown(at, &key, nearest(&key, &self.known));
        }
    }

    fn fault_unknown(&mut self, at: usize, key: &str, nearest: Option<String>) {
        let hint = nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"));
        self.fault_at(at, &format!("unknown key `{key}`{hint}"));
    }

    fn fault_at(&mut self, at: usize, what: &str) {
        let Some(file) = self.file else { return };
        let (line, column) = file.place(at);
        self.faults.push(format!("{}:{line}:{column}: {what}", file.name));
    }

    fn find<T: Value>(&mut self, setting: &Setting<T>) -> Option<(T, Origin)> {
        let (arguments, environment) = (self.arguments, self.environment);
        if let Some(argument) = arguments.iter().find(|argument| argument.key == setting.key) {
            let what = format!("argument `{}`", argument.name);
            return Some((self.accept(setting, &what, &argument.text)?, Origin::Argument(argument.name)));
        }
        if let Some((name, value)) = setting.env.and_then(|name| Some((name, environment.get(name)?))) {
            let what = format!("environment variable `{name}`");
            let Some(text) = value.to_str() else {
                self.faults.push(format!("{what} is not UTF-8; accepted: {}", setting.accepted));
                return None;
            };
            return Some((self.accept(setting, &what, text)?, Origin::Environment(name)));
        }
        let value = look_up(&self.table, setting.key)?.clone();
        self.accept_in_file(setting, setting.key, &value)
    }

    fn accept<T: Value>(&mut self, setting: &Setting<T>, what: &str, text: &str) -> Option<T> {
        let value = setting.accept(text);
        if value.is_none() {
            self.faults.push(format!("{what} is `{text}`; accepted: {}", setting.accepted));
        }
        value
    }

    fn accept_in_file<T: Value>(
        &mut self,
        setting: &Setting<T>,
        path: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<(T, Origin)> {
        let file = self.file?;
        let accepted = match text_of(value.get_ref()) {
            Some((shape, text)) if shape == T::SHAPE => setting.accept(&text),
            _ => None,
        };
        let at = value.span().start;
        if accepted.is_none() {
            let given = file.text.get(value.span()).unwrap_or_default();
            self.fault_at(at, &format!("`{path}` is `{given}`; accepted: {}", setting.accepted));
        }
        accepted.map(|value| (value, Origin::File(file.place(at).0)))
    }
}
