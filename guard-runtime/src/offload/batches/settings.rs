//! What each kind of batch may be told before it is awaited: how many at a time, a deadline, a token.

/// The methods for that, on these types.
macro_rules! settings {
    ($($batch:ident<$($parameter:ident),*>),*) => {$(
        impl<I: Iterator, $($parameter),*> $batch<I, $($parameter),*> {
            /// How many items are on their way at a time; at least one.
            pub fn in_flight(mut self, items: usize) -> Self {
                self.items.limit = items.max(1);
                self
            }

            /// The time for each item, from when it is handed over: the error is
            /// [`DeadlineInQueue`](OffloadError::DeadlineInQueue) or
            /// [`DeadlineRunning`](OffloadError::DeadlineRunning), as in
            /// [`Pool::run_with_deadline`].
            ///
            /// It is looked at when the item's turn has come: one that took longer, but ended before that, gives its
            /// value. Items on their way keep what they had. For all items together there is
            /// [`timeout`](tokio::time::timeout).
            ///
            /// # Panics
            ///
            /// Polling does, if the runtime was built without time.
            pub fn with_deadline(mut self, within: std::time::Duration) -> Self {
                self.items.within = Some(within);
                self
            }

            /// A token for all items, of which the closure may keep a clone.
            ///
            /// When it is cancelled, what has not begun gives [`Cancelled`](OffloadError::Cancelled), and what has begun
            /// decides for itself. It is cancelled also when this is dropped or ends by an error with items on their
            /// way, and when the pool's shutdown runs out of time: give it a
            /// [`child_token`](tokio_util::sync::CancellationToken::child_token) of one that is others' as well. The deadline of one item
            /// does not cancel it. Items on their way stay without.
            pub fn with_token(mut self, token: tokio_util::sync::CancellationToken) -> Self {
                self.items.token = Some(token);
                self
            }
        }
    )*};
}

pub(super) use settings;
