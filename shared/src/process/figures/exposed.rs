//! A process's figures as Prometheus reads them.
//!
//! Nothing is recorded before this: tests and benches, which expose nothing, spend nothing.

use metrics::Recorder as _;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::kind::{Figure, Kind, Unit};

/// Why figures cannot be exposed.
#[derive(Debug, thiserror::Error)]
pub enum ExposeError {
    /// A histogram's bounds are wrong.
    #[error("the figures cannot be exposed")]
    Build(#[from] BuildError),
    /// The process exposes its figures already.
    #[error("the figures are exposed already")]
    Twice,
}

/// The figures of this process, from now on.
#[derive(Clone, Debug)]
pub struct Exposed(PrometheusHandle);

/// Begins to record `figures` in this process, each with the label `component`.
///
/// # Errors
///
/// When it was begun before.
pub fn expose(component: &'static str, figures: &[Figure]) -> Result<Exposed, ExposeError> {
    let mut builder = PrometheusBuilder::new().add_global_label("component", component);
    for figure in figures {
        if let Kind::Histogram(bounds) = figure.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(figure.name.to_owned()), bounds)?;
        }
    }
    let recorder = builder.build_recorder();
    for figure in figures {
        let unit = match figure.unit {
            Unit::Seconds => metrics::Unit::Seconds,
            Unit::Bytes => metrics::Unit::Bytes,
            Unit::Things | Unit::Share => metrics::Unit::Count,
        };
        let (name, help) = (figure.name.into(), figure.help.into());
        match figure.kind {
            Kind::Counter => recorder.describe_counter(name, Some(unit), help),
            Kind::Gauge => recorder.describe_gauge(name, Some(unit), help),
            Kind::Histogram(_) => recorder.describe_histogram(name, Some(unit), help),
        }
    }
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| ExposeError::Twice)?;
    Ok(Exposed(handle))
}

impl Exposed {
    /// All figures that were recorded so far, in Prometheus's text format.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// Sorts what histograms were told into their bounds. Where nobody reads the figures, this keeps what was told
    /// from piling up; once in a few seconds is enough.
    pub fn sort(&self) {
        self.0.run_upkeep();
    }
}
