//! The two boxes between window and engine thread.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{Event, Request};

/// Requests that may wait; far above what a person can ask for, since kinds are coalesced.
const CAPACITY: usize = 64;
/// Log lines that may wait in the outbox.
const LOG_CAPACITY: usize = 256;

/// What the engine finds when it looks for work.
pub enum Next {
    /// Something to do.
    Request(Box<Request>),
    /// Nothing now.
    Empty,
    /// The window is gone.
    Closed,
}

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Request>,
    closed: bool,
}

/// Requests from the window.
#[derive(Default)]
pub struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    cancel: AtomicBool,
}

impl Inbox {
    /// Adds a request; one of the same kind that still waits is replaced, except steps and exports,
    /// which count.
    pub fn push(&self, request: Request) {
        let mut waiting = lock(&self.waiting);
        if !matches!(request, Request::Step | Request::Export { .. }) {
            waiting.queue.retain(|r| !same_kind(r, &request));
        }
        if waiting.queue.len() < CAPACITY {
            waiting.queue.push_back(request);
        }
        self.arrived.notify_one();
    }

    /// Raises the cancel flag and forgets what waits.
    pub fn cancel(&self) {
        lock(&self.waiting).queue.clear();
        self.cancel.store(true, Ordering::Release);
        self.arrived.notify_one();
    }

    /// Whether a request waits.
    pub fn is_waiting(&self) -> bool {
        let waiting = lock(&self.waiting);
        waiting.closed || !waiting.queue.is_empty()
    }

    /// Whether cancel was asked for; it still is afterwards.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Acquire)
    }

    /// Whether cancel was asked for since the last call.
    pub fn take_cancel(&self) -> bool {
        self.cancel.swap(false, Ordering::AcqRel)
    }

    /// Whether the window is gone.
    pub fn is_closed(&self) -> bool {
        lock(&self.waiting).closed
    }

    /// Ends the engine thread after its stage.
    pub fn close(&self) {
        lock(&self.waiting).closed = true;
        self.cancel.store(true, Ordering::Release);
        self.arrived.notify_one();
    }

    /// The next request, waiting for one if `wait`.
    pub fn next(&self, wait: bool) -> Next {
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.closed {
                return Next::Closed;
            }
            if let Some(request) = waiting.queue.pop_front() {
                return Next::Request(Box::new(request));
            }
            if !wait {
                return Next::Empty;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Events for the window.
pub struct Outbox {
    events: Mutex<VecDeque<Event>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Outbox {
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { events: Mutex::new(VecDeque::new()), wake: Box::new(wake) }
    }

    /// Adds an event and wakes the window. Pictures, findings and progress nobody has looked at are
    /// replaced, and old log lines dropped; the rest is bounded by the recipe's schedule.
    pub fn push(&self, event: Event) {
        let mut events = lock(&self.events);
        match &event {
            Event::Picture(_) => events.retain(|e| !matches!(e, Event::Picture(_))),
            Event::Found { finding, .. } => {
                let kind = finding.kind();
                events.retain(
                    |e| !matches!(e, Event::Found { finding, .. } if finding.kind() == kind),
                );
            }
            Event::Progress(_) => events.retain(|e| !matches!(e, Event::Progress(_))),
            Event::Log(_) => drop_oldest_log(&mut events),
            _ => {}
        }
        events.push_back(event);
        drop(events);
        (self.wake)();
    }

    /// Everything that waits, oldest first.
    pub fn drain(&self) -> Vec<Event> {
        lock(&self.events).drain(..).collect()
    }
}

/// Whether a request takes the place of another.
fn same_kind(a: &Request, b: &Request) -> bool {
    match (a, b) {
        (Request::Analyse(a), Request::Analyse(b)) => a.kind() == b.kind(),
        _ => discriminant(a) == discriminant(b),
    }
}

fn drop_oldest_log(events: &mut VecDeque<Event>) {
    let is_log = |e: &Event| matches!(e, Event::Log(_));
    if events.iter().filter(|e| is_log(e)).count() >= LOG_CAPACITY
        && let Some(oldest) = events.iter().position(is_log)
    {
        events.remove(oldest);
    }
}

/// A lock that a panic elsewhere does not take away: the boxes hold no invariant between pushes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use lithoscope_engine::imaging::CutLine;

    use super::super::Analysis;
    use super::*;

    fn take(inbox: &Inbox) -> Option<Request> {
        match inbox.next(false) {
            Next::Request(r) => Some(*r),
            Next::Empty | Next::Closed => None,
        }
    }

    #[test]
    fn only_the_latest_iteration_asked_for_is_shown() {
        let inbox = Inbox::default();
        inbox.push(Request::Show(1));
        inbox.push(Request::Run);
        inbox.push(Request::Show(2));
        assert!(matches!(take(&inbox), Some(Request::Run)));
        assert!(matches!(take(&inbox), Some(Request::Show(2))));
        assert!(take(&inbox).is_none());
    }

    #[test]
    fn steps_count_but_never_pile_up_without_bound() {
        let inbox = Inbox::default();
        for _ in 0..10 * CAPACITY {
            inbox.push(Request::Step);
        }
        assert_eq!(std::iter::from_fn(|| take(&inbox)).count(), CAPACITY);
    }

    #[test]
    fn questions_of_one_kind_replace_each_other_and_no_others() {
        let inbox = Inbox::default();
        inbox.push(Request::Analyse(Analysis::Section(true)));
        for x in [1.0, 2.0] {
            let line = CutLine { from_nm: [0.0; 2], to_nm: [x, 0.0] };
            inbox.push(Request::Analyse(Analysis::CutLine(Some(line))));
        }
        let Some(Request::Analyse(first)) = take(&inbox) else { panic!("a question") };
        assert_eq!(first, Analysis::Section(true));
        let Some(Request::Analyse(Analysis::CutLine(Some(line)))) = take(&inbox) else {
            panic!("a line")
        };
        assert_eq!(line.length_nm(), 2.0);
        assert!(take(&inbox).is_none() && !inbox.is_waiting());
    }

    #[test]
    fn cancel_forgets_waiting_requests_and_is_seen_once() {
        let inbox = Inbox::default();
        inbox.push(Request::Run);
        inbox.cancel();
        assert!(take(&inbox).is_none());
        assert!(inbox.take_cancel());
        assert!(!inbox.take_cancel());
    }

    #[test]
    fn a_closed_inbox_ends_the_wait() {
        let inbox = Inbox::default();
        inbox.push(Request::Run);
        inbox.close();
        assert!(matches!(inbox.next(true), Next::Closed));
    }

    #[test]
    fn unread_progress_is_replaced_and_logs_are_bounded() {
        let outbox = Outbox::new(|| {});
        for i in 0..2 * LOG_CAPACITY {
            outbox.push(Event::Log(i.to_string()));
            outbox.push(Event::Progress(None));
        }
        let events = outbox.drain();
        assert_eq!(events.len(), LOG_CAPACITY + 1);
        assert!(matches!(&events[0], Event::Log(text) if text == &LOG_CAPACITY.to_string()));
    }
}
