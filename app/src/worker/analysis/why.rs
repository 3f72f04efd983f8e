//! Why a fragment or gauge of the shown mask is as it is.

use lithoscope_engine::opc::{FragmentExplanation, GaugeInfluence, OpcRun};

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A fragment, by index among those of the shown iteration.
    Fragment(usize),
    /// A gauge, by index.
    Gauge(usize),
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Why {
    /// What moves and holds a fragment.
    Fragment(FragmentExplanation),
    /// What moves a gauge.
    Gauge(GaugeInfluence),
}

/// An answer with its question.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What was asked about.
    pub ask: Ask,
    /// The iteration.
    pub iteration: usize,
    /// The answer; `None` where the iteration has no such fragment or gauge.
    pub why: Option<Why>,
}

/// Answers.
pub fn make(run: &mut OpcRun, iteration: usize, ask: Ask) -> Explanation {
    let why = match ask {
        Ask::Fragment(i) => run.explain_fragment(iteration, i).map(Why::Fragment),
        Ask::Gauge(i) => run.influence(iteration, i).map(Why::Gauge),
    };
    Explanation { ask, iteration, why }
}
