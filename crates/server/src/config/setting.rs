//! One setting: its key, its variable, its default, and what is accepted. A value that is not accepted never becomes the default.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use find_facts_core::{Percent, Segment};

/// How a value is written in TOML. In the environment everything is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Number,
    Text,
    List,
}

/// A type that settings have.
pub(crate) trait Value: Clone + 'static {
    const SHAPE: Shape;

    /// From the text of the environment, or of a TOML scalar; lists are comma-separated.
    fn parse(text: &str) -> Option<Self>;

    /// As it is written in TOML.
    fn show(&self) -> String;
}

/// A setting of one type.
pub(crate) struct Setting<T: Value> {
    /// Dotted, as in the file.
    pub(crate) key: &'static str,
    /// The environment's name for it.
    pub(crate) env: Option<&'static str>,
    pub(crate) default: fn() -> T,
    /// For people, after "accepted:".
    pub(crate) accepted: &'static str,
    pub(crate) valid: fn(&T) -> bool,
}

impl<T: Value> Setting<T> {
    /// A value out of text that this setting accepts.
    pub(crate) fn accept(&self, text: &str) -> Option<T> {
        T::parse(text).filter(self.valid)
    }
}

/// For settings of which every value of the type is right.
pub(crate) fn any<T>(_: &T) -> bool {
    true
}

impl Value for bool {
    const SHAPE: Shape = Shape::Bool;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Value for $type {
            const SHAPE: Shape = Shape::Number;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
number!(u64, usize, f64, Percent);

/// A length of time, written in seconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Value for Seconds {
    const SHAPE: Shape = Shape::Number;

    fn parse(text: &str) -> Option<Self> {
        let seconds: f64 = text.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok().map(Seconds)
    }

    fn show(&self) -> String {
        self.0.as_secs_f64().to_string()
    }
}

impl Seconds {
    pub(crate) fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Whether it lies between two numbers of seconds.
    pub(crate) fn within(self, least: f64, most: f64) -> bool {
        (least..=most).contains(&self.0.as_secs_f64())
    }
}

/// A length of time, written in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Millis(pub(crate) Duration);

impl Value for Millis {
    const SHAPE: Shape = Shape::Number;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Millis::from_millis)
    }

    fn show(&self) -> String {
        self.0.as_millis().to_string()
    }
}

impl Millis {
    pub(crate) fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// Whether it lies between two numbers of milliseconds.
    pub(crate) fn within(self, least: u64, most: u64) -> bool {
        (Duration::from_millis(least)..=Duration::from_millis(most)).contains(&self.0)
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Value for String {
    const SHAPE: Shape = Shape::Text;

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn show(&self) -> String {
        quoted(self)
    }
}

impl Value for SocketAddr {
    const SHAPE: Shape = Shape::Text;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

/// A path that need not be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MaybePath(pub(crate) Option<PathBuf>);

impl Value for MaybePath {
    const SHAPE: Shape = Shape::Text;

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Some(PathBuf::from(text))))
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(|| "(none)".to_owned(), |path| quoted(&path.to_string_lossy()))
    }
}

fn parse_list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect()
}

fn show_list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.map(|item| quoted(&item)).collect::<Vec<_>>().join(", "))
}

impl Value for Vec<Segment> {
    const SHAPE: Shape = Shape::List;

    fn parse(text: &str) -> Option<Self> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        parse_list(text, |item| item.chars().all(is_name).then(|| Segment(item.into())))
    }

    fn show(&self) -> String {
        show_list(self.iter().map(ToString::to_string))
    }
}

impl Value for Vec<IpAddr> {
    const SHAPE: Shape = Shape::List;

    fn parse(text: &str) -> Option<Self> {
        parse_list(text, |item| item.parse().ok())
    }

    fn show(&self) -> String {
        show_list(self.iter().map(ToString::to_string))
    }
}
