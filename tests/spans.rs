//! The feature `tracing`: what an offloaded closure traces belongs to the span that handed it over.

use guard_runtime::{Pool, offload};
use std::sync::{Arc, Mutex};
use tracing::{Event, Instrument, Subscriber, info, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Remembers each event's thread and innermost span.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Entered>>>);

type Entered = (std::thread::ThreadId, Option<&'static str>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let span = context.event_span(event).map(|span| span.name());
        self.0.lock().unwrap().push((std::thread::current().id(), span));
    }
}

#[test]
fn a_closure_runs_in_the_span_that_handed_it_over() {
    let seen = Seen::default();
    let subscriber = tracing_subscriber::registry().with(seen.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let pool = Pool::builder("spans").threads(1).build();
    runtime.block_on(async {
        pool.run(|| info!("without")).await.unwrap();
        async {
            pool.run(|| info!("pool")).await.unwrap();
            offload(|| info!("offload")).await;
        }
        .instrument(info_span!("request"))
        .await;
        // Handed over by the first poll, wherever it was made.
        let made = info_span!("made").in_scope(|| pool.run(|| info!("polled in another span")));
        made.instrument(info_span!("polled")).await.unwrap();
        pool.run(|| info!("without again")).await.unwrap();
    });
    let seen = seen.0.lock().unwrap();
    let spans: Vec<_> = seen.iter().map(|(_, span)| *span).collect();
    assert_eq!(spans, [None, Some("request"), Some("request"), Some("polled"), None]);
    let here = std::thread::current().id();
    assert!(seen.iter().all(|(thread, _)| *thread != here), "they run elsewhere");
}
