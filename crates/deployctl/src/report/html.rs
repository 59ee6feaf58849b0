//! The report as one page: no script, nothing from outside, light or dark as the reader has it. Every text is escaped.

use std::fmt::Write;
use std::time::Duration;

use find_facts_rollout::end::End;
use find_facts_rollout::plan::duration_text;
use find_facts_rollout::suite::SuiteResult;

use super::Report;
use super::timeline::StepReport;
use crate::render;

const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn page(report: &Report) -> String {
    let title = escape(&format!("{} · {}", report.run, report.plan.title()));
    let parts = [
        head(report),
        end(report),
        criteria(report),
        timeline(report),
        windows(report),
        suites(report),
        events(report),
        format!(
            "<h2>Plan</h2><details><summary>{}</summary><pre>{}</pre></details>",
            escape(report.plan.name()),
            escape(&report.plan_text)
        ),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body>\n{}</body></html>\n",
        parts.concat()
    )
}

fn head(report: &Report) -> String {
    let mark = report
        .rehearsal
        .as_ref()
        .map(|mark| {
            format!(
                "<p><span class=\"mark\">{}</span> waiting times were divided by {}.</p>",
                escape(mark),
                f64::from(report.time_scale)
            )
        })
        .unwrap_or_default();
    let exposure: Vec<String> = report
        .exposure
        .iter()
        .map(|step| format!("{} % (at least {} attempts)", step.percentage, step.min_samples))
        .collect();
    let exposure =
        if exposure.is_empty() { String::new() } else { format!("<p>Exposure: {}</p>", exposure.join(", ")) };
    format!(
        "<h1>{}</h1><p class=\"soft\">{} · {} · {} to {} ({})</p>{mark}{exposure}\n",
        escape(report.plan.title()),
        escape(&report.run),
        escape(report.server.as_deref().unwrap_or("server not known")),
        render::moment(report.began_ms),
        render::moment(report.last_ms),
        between(report.began_ms, report.last_ms),
    )
}

fn end(report: &Report) -> String {
    let (class, text) = match &report.end {
        None => ("", "has no end yet".to_owned()),
        Some(end @ End::Completed) => ("good", end.to_string()),
        Some(end @ (End::RolledBack { .. } | End::Stopped { .. })) => ("bad", end.to_string()),
        Some(end) => ("", end.to_string()),
    };
    let exit = report
        .exit
        .map(|code| format!(" <span class=\"soft\">(exit code {code})</span>"))
        .unwrap_or_default();
    format!("<p class=\"end {class}\"><strong>{}</strong>{exit}</p>\n", escape(&text))
}

fn criteria(report: &Report) -> String {
    let rows = report.criteria.iter().map(|row| {
        let met = if row.met { "<td class=\"good\">met</td>" } else { "<td class=\"bad\">missed</td>" };
        format!("<tr>{}{}{}{met}</tr>\n", cell(&row.name), cell(&row.required), cell(&row.measured))
    });
    table("Criteria", &["criterion", "required", "measured", ""], rows.collect())
}

fn timeline(report: &Report) -> String {
    let whole = (report.last_ms.saturating_sub(report.began_ms)).max(1) as f64;
    let rows = report.steps.iter().map(|step| {
        let until = step.ended_ms.unwrap_or(report.last_ms);
        let left = 100.0 * step.began_ms.saturating_sub(report.began_ms) as f64 / whole;
        let width = 100.0 * until.saturating_sub(step.began_ms) as f64 / whole;
        format!(
            "<tr>{}{}<td><div class=\"track\"><i style=\"left:{left:.2}%;width:{width:.2}%\"></i></div></td>{}</tr>\n",
            cell(&step.step),
            cell(&between(step.began_ms, until)),
            cell(&found(step)),
        )
    });
    table("Timeline", &["step", "took", "", "found"], rows.collect())
}

fn found(step: &StepReport) -> String {
    let unfinished = step.ended_ms.is_none().then(|| "not finished".to_owned());
    step.outcomes.iter().cloned().chain(unfinished).collect::<Vec<_>>().join("; ")
}

fn windows(report: &Report) -> String {
    let rows = report.steps.iter().filter_map(|step| step.window.as_ref()).map(|window| {
        let [seen, of] = window.observed_seconds;
        format!(
            "<tr>{}{}{}{}{}{}</tr>\n",
            cell(&format!("{} %", window.percentage)),
            cell(&format!("{seen:.0} of {of:.0} s")),
            cell(&window.looks.to_string()),
            cell(&render::canary(&window.evidence)),
            cell(&render::control(&window.evidence).unwrap_or_else(|| "none".to_owned())),
            cell(&window.verdict.to_string()),
        )
    });
    table("Windows", &["callers", "observed", "looks", "canary", "control", "verdict"], rows.collect())
}

fn suites(report: &Report) -> String {
    let rows = report.findings.suites.iter().map(|(kind, result)| {
        format!(
            "<tr>{}{}{}{}</tr>\n",
            cell(&kind.to_string()),
            cell(&render::suite(result)),
            cell(&kinds(result)),
            cell(&misses(result)),
        )
    });
    table("Suites", &["suite", "result", "right, kind by kind", "the first that were wrong"], rows.collect())
}

fn kinds(result: &SuiteResult) -> String {
    let one = |(name, kind): (&String, &find_facts_rollout::suite::KindResult)| {
        format!("{name} {}/{}", kind.right, kind.rows)
    };
    result.kinds.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn misses(result: &SuiteResult) -> String {
    let one = |miss: &find_facts_rollout::suite::Miss| {
        format!("{}: {} instead of {}", miss.id, miss.got, miss.expected)
    };
    result.misses.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn events(report: &Report) -> String {
    let rows = report
        .events
        .iter()
        .map(|event| format!("<tr>{}{}</tr>\n", cell(&render::moment(event.time_ms)), cell(&event.what)));
    table("Events", &["when", "what"], rows.collect())
}

fn table(title: &str, header: &[&str], rows: Vec<String>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("<h2>{title}</h2><div class=\"wide\"><table><thead><tr>");
    header.iter().for_each(|name| {
        let _infallible = write!(text, "<th>{name}</th>");
    });
    format!("{text}</tr></thead><tbody>\n{}</tbody></table></div>\n", rows.concat())
}

fn cell(text: &str) -> String {
    format!("<td>{}</td>", escape(text))
}

fn between(from_ms: u64, to_ms: u64) -> String {
    // Tenths of a second are as fine as a reader wants it.
    duration_text(Duration::from_millis(to_ms.saturating_sub(from_ms) / 100 * 100))
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_become_markup() {
        assert_eq!(escape("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    }
}
