//! The pools' statistics while the load runs: a bar for the requests, a line for each pool.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::interval;

use crate::app::App;

pub(crate) struct Live {
    bars: MultiProgress,
    requests: ProgressBar,
    refresh: JoinHandle<()>,
}

impl Live {
    /// Shows them from now on. On a terminal, that is: elsewhere nothing is printed.
    pub(crate) fn start(app: &Arc<App>, requests: usize) -> Live {
        let bars = MultiProgress::new();
        let style = |template| {
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
        };
        let request_bar =
            bars.add(ProgressBar::new(requests as u64).with_style(style("{wide_bar} {pos}/{len} requests")));
        let pool = style("{prefix:>10} {msg}");
        let lines = app
            .stats()
            .map(|(name, _)| bars.add(ProgressBar::new_spinner().with_style(pool.clone()).with_prefix(name)));
        let app = Arc::clone(app);
        let refresh = tokio::spawn(async move {
            let mut ticks = interval(Duration::from_millis(100));
            loop {
                ticks.tick().await;
                for (line, (_, stats)) in lines.iter().zip(app.stats()) {
                    line.set_message(format!("{stats}; wait p99 {:.1?}", stats.waited().quantile(0.99)));
                }
            }
        });
        Live { bars, requests: request_bar, refresh }
    }

    pub(crate) fn requests(&self) -> &ProgressBar {
        &self.requests
    }

    pub(crate) fn end(self) {
        self.refresh.abort();
        // Nobody is left to tell when the terminal is gone.
        let _ = self.bars.clear();
    }
}
