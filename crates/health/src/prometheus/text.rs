//! Writes the text format 0.0.4. A family is opened once with its help and type, and its samples follow directly.

use std::fmt::Write;

/// The kinds of family there are here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A text in the making.
#[derive(Default)]
pub(crate) struct Text {
    text: String,
}

impl Text {
    /// Opens a family, whose samples are to follow.
    pub(crate) fn family<'a>(&'a mut self, kind: Kind, name: &'a str, help: &str) -> Family<'a> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
        Family { text: self, name }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// A family that is being written.
pub(crate) struct Family<'a> {
    text: &'a mut Text,
    name: &'a str,
}

impl Family<'_> {
    /// A sample; a figure that is no opinion is none.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Option<f64>>) -> &mut Self {
        self.suffixed("", labels, value)
    }

    /// A sample of one of a histogram's series: `_bucket`, `_sum` or `_count`.
    pub(crate) fn suffixed(
        &mut self,
        suffix: &str,
        labels: &[(&str, &str)],
        value: impl Into<Option<f64>>,
    ) -> &mut Self {
        if let Some(value) = value.into() {
            self.text.line(format_args!("{}{suffix}{} {value}", self.name, braced(labels)));
        }
        self
    }
}

fn braced(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> =
        labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escape(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_are_escaped_and_no_opinion_is_no_sample() {
        let mut text = Text::default();
        text.family(Kind::Gauge, "a", "Help.").sample(&[("k", "x\"\\\n"), ("l", "")], 0.5).sample(&[], None);
        assert_eq!(text.finish(), "# HELP a Help.\n# TYPE a gauge\na{k=\"x\\\"\\\\\\n\",l=\"\"} 0.5\n");
    }
}
