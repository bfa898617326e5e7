//! A log that cannot fill a disk: each kind of line comes so often in a minute, and all of them together have so many
//! bytes a day. What is left out is counted, and the count is told.
//!
//! Four processes write at most 12 MB a day each, so a day's log is under 50 MB whatever happens. Levels below `info`
//! are without limit: whoever turns them on wants them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::process::figures;
use tokio::time::Instant;
use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Filter};

/// Lines of one kind in a minute.
const LINES: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);
/// Bytes a second, over a day: 12 MB.
const BYTES_A_SECOND: f64 = 12_000_000.0 / 86_400.0;
/// Bytes that may come at once, after quiet hours.
const BURST: f64 = 500_000.0;

/// What has been written lately. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Thrift(Arc<Mutex<Spent>>);

#[derive(Debug)]
struct Spent {
    kinds: HashMap<Identifier, (Instant, u32)>,
    bytes_left: f64,
    refilled: Instant,
    left_out: u64,
}

impl Thrift {
    pub(super) fn new(now: Instant) -> Self {
        let spent = Spent { kinds: HashMap::new(), bytes_left: BURST, refilled: now, left_out: 0 };
        Self(Arc::new(Mutex::new(spent)))
    }

    /// Lines that were left out since the last time.
    pub(crate) fn left_out(&self) -> u64 {
        std::mem::take(&mut self.spent().left_out)
    }

    /// Whether one more line of this kind is written.
    fn may_write(&self, kind: Identifier, now: Instant) -> bool {
        let mut spent = self.spent();
        let passed = now.saturating_duration_since(spent.refilled).as_secs_f64();
        spent.refilled = now;
        spent.bytes_left = (spent.bytes_left + passed * BYTES_A_SECOND).min(BURST);
        let is_affordable = spent.bytes_left > 0.0;
        let (since, lines) = spent.kinds.entry(kind).or_insert((now, 0));
        if MINUTE <= now.saturating_duration_since(*since) {
            (*since, *lines) = (now, 0);
        }
        let may = is_affordable && *lines < LINES;
        *lines = lines.saturating_add(1);
        if !may {
            spent.left_out += 1;
            figures::LOG_LEFT_OUT.add([], 1);
        }
        may
    }

    fn wrote(&self, bytes: usize) {
        self.spent().bytes_left -= bytes as f64;
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells now and then how much was left out.
pub(crate) async fn tell(thrift: Thrift) {
    loop {
        tokio::time::sleep(MINUTE).await;
        let lines = thrift.left_out();
        if 0 < lines {
            tracing::info!(lines, "lines like others were left out, to keep the log short");
        }
    }
}

impl<S> Filter<S> for Thrift {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        Level::INFO < *metadata.level() || self.may_write(metadata.callsite(), Instant::now())
    }
}

/// Counts what is written.
pub(super) struct Counting<W> {
    pub(super) inner: W,
    pub(super) thrift: Thrift,
}

/// One line on its way.
pub(super) struct Line<W> {
    inner: W,
    thrift: Option<Thrift>,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Counting<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { inner: self.inner.make_writer(), thrift: Some(self.thrift.clone()) }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        let thrift = (*metadata.level() <= Level::INFO).then(|| self.thrift.clone());
        Line { inner: self.inner.make_writer_for(metadata), thrift }
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        if let Some(thrift) = &self.thrift {
            thrift.wrote(written);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use tracing::callsite::DefaultCallsite;
    use tracing::field::FieldSet;
    use tracing::metadata::Kind;

    use super::*;

    macro_rules! kind {
        () => {{
            static CALLSITE: DefaultCallsite = {
                static META: Metadata<'static> = Metadata::new(
                    "line",
                    "test",
                    Level::INFO,
                    None,
                    None,
                    None,
                    FieldSet::new(&[], Identifier(&CALLSITE)),
                    Kind::EVENT,
                );
                DefaultCallsite::new(&META)
            };
            Identifier(&CALLSITE)
        }};
    }

    #[test]
    fn a_line_that_repeats_itself_leaves_room_for_others() {
        let begun = Instant::now();
        let thrift = Thrift::new(begun);
        let (often, seldom) = (kind!(), kind!());
        let written = (0..1_000).filter(|_| thrift.may_write(often.clone(), begun)).count();
        assert_eq!(written, LINES as usize);
        assert!(thrift.may_write(seldom, begun));
        assert_eq!((thrift.left_out(), thrift.left_out()), (1_000 - u64::from(LINES), 0));
        assert!(thrift.may_write(often, begun + MINUTE));
    }

    #[test]
    fn a_day_has_so_many_bytes_whatever_is_said() {
        let begun = Instant::now();
        let thrift = Thrift::new(begun);
        let kinds = [kind!(), kind!(), kind!(), kind!(), kind!(), kind!(), kind!(), kind!()];
        let mut bytes = 0;
        for second in 0..86_400 {
            for kind in kinds.iter().cycle().take(64) {
                if thrift.may_write(kind.clone(), begun + Duration::from_secs(second)) {
                    thrift.wrote(300);
                    bytes += 300;
                }
            }
        }
        assert!(bytes < 12_600_000, "{bytes}");
        assert!(12_000_000 < bytes, "what may be written is: {bytes}");
    }
}
