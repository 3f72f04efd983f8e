//! Published figures, kept in one table.

use serde::Serialize;

use super::Suite;

/// A published row: averages over the suite's clips, or over its shapes where the suite counts so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// The clips.
    pub suite: Suite,
    /// The method's name.
    pub method: &'static str,
    /// What its masks are made of.
    pub kind: &'static str,
    /// L2, nm².
    pub l2_nm2: f64,
    /// PV band, nm².
    pub pvb_nm2: f64,
    /// EPE violations.
    pub epe_violations: f64,
    /// Least number of rectangles of the mask; not published for free curves.
    pub shots: Option<f64>,
    /// Time a clip, s.
    pub seconds: Option<f64>,
    /// Where it ran.
    pub machine: Option<&'static str>,
    /// Who published it.
    pub source: &'static str,
}

const DIFFOPC: &str =
    "Chen et al., DiffOPC: Differentiable Edge-based Optical Proximity Correction, ICCAD 2024";
const MULTI_ILT: &str =
    "Sun et al., Efficient ILT via Multi-level Lithography Simulation, DAC 2023";
const CURVY_ILT: &str = "Yang and Ren, GPU-Accelerated Inverse Lithography Towards High Quality Curvy Mask Generation, ISPD 2025";

/// Every published row that a bench is shown beside.
pub const PUBLISHED: &[Published] = &[
    Published {
        suite: Suite::Iccad13,
        method: "DiffOPC",
        kind: "edges with SRAF",
        l2_nm2: 28280.0,
        pvb_nm2: 48217.0,
        epe_violations: 2.2,
        shots: Some(106.0),
        seconds: Some(8.42),
        machine: Some("RTX 3090"),
        source: DIFFOPC,
    },
    Published {
        suite: Suite::Iccad13,
        method: "MultiILT",
        kind: "pixels",
        l2_nm2: 28705.0,
        pvb_nm2: 42132.0,
        epe_violations: 2.7,
        shots: Some(276.0),
        seconds: Some(3.48),
        machine: Some("RTX 3090"),
        source: MULTI_ILT,
    },
    Published {
        suite: Suite::Iccad13,
        method: "CurvyILT",
        kind: "free curves",
        l2_nm2: 25991.0,
        pvb_nm2: 38612.0,
        epe_violations: 1.8,
        shots: None,
        seconds: Some(2.11),
        machine: Some("A6000"),
        source: CURVY_ILT,
    },
    Published {
        suite: Suite::Iccad13,
        method: "DiffOPC without SRAF",
        kind: "edges",
        l2_nm2: 30580.0,
        pvb_nm2: 50962.0,
        epe_violations: 3.2,
        shots: Some(65.2),
        seconds: Some(4.74),
        machine: Some("RTX 3090"),
        source: DIFFOPC,
    },
    Published {
        suite: Suite::Via,
        method: "DiffOPC",
        kind: "edges with SRAF",
        l2_nm2: 920.0,
        pvb_nm2: 2530.0,
        epe_violations: 3.1,
        shots: Some(2.3),
        seconds: None,
        machine: None,
        source: DIFFOPC,
    },
];

impl Suite {
    /// What is published for its clips.
    pub fn published(self) -> impl Iterator<Item = &'static Published> {
        PUBLISHED.iter().filter(move |row| row.suite == self)
    }
}
