//! The registry of a recipe's numbers.
//!
//! One table of name, unit, range and help, from which the checks, the recipe panel, the command
//! line and `docs/recipes.md` are made.

use super::{Recipe, Stage};

/// A number of a recipe (or, with `T = Stage`, of one stage of its schedule).
#[derive(Debug)]
pub struct Parameter<T: 'static = Recipe> {
    /// Where it stands in the TOML file, `fragments.run_nm`; stage parameters leave out the
    /// `optimiser.stages.N.` before them.
    pub path: &'static str,
    /// Title of the group it is shown under.
    pub group: &'static str,
    /// Label for a person.
    pub label: &'static str,
    /// Unit, empty for a pure number.
    pub unit: &'static str,
    /// Least allowed value.
    pub min: f64,
    /// Largest allowed value.
    pub max: f64,
    /// Whether only whole numbers are allowed.
    pub integer: bool,
    /// One sentence for tooltips and documentation.
    pub help: &'static str,
    /// Reads the value.
    pub get: fn(&T) -> f64,
    /// Writes the value, which the caller has checked.
    pub set: fn(&mut T, f64),
}

impl<T> Parameter<T> {
    /// Whether a value is allowed: a number within the range, whole where it must be.
    pub fn allows(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value) && !(self.integer && value.fract() != 0.0)
    }

    /// The allowed values in words: `5 to 1000 nm`.
    pub fn range(&self) -> String {
        let number = if self.integer { "a whole number, " } else { "" };
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{number}{} to {}{space}{}", self.min, self.max, self.unit)
    }
}

/// One entry of [`PARAMETERS`] for the field `section.field`.
macro_rules! number {
    ($group:literal, $label:literal, $section:ident . $field:ident, $unit:literal,
     $min:literal ..= $max:literal, $help:literal) => {
        Parameter {
            path: concat!(stringify!($section), ".", stringify!($field)),
            group: $group,
            label: $label,
            unit: $unit,
            min: $min,
            max: $max,
            integer: false,
            help: $help,
            get: |recipe| recipe.$section.$field,
            set: |recipe, value| recipe.$section.$field = value,
        }
    };
}

/// One entry of [`PARAMETERS`] for the whole number `section.field`.
macro_rules! count {
    ($group:literal, $label:literal, $section:ident . $field:ident, $unit:literal,
     $min:literal ..= $max:literal, $help:literal) => {
        Parameter {
            path: concat!(stringify!($section), ".", stringify!($field)),
            group: $group,
            label: $label,
            unit: $unit,
            min: $min,
            max: $max,
            integer: true,
            help: $help,
            get: |recipe| f64::from(recipe.$section.$field),
            set: |recipe, value| recipe.$section.$field = value as u32,
        }
    };
}

/// One entry of [`PARAMETERS`] for a number of one part of the mask.
macro_rules! mask_number {
    ($label:literal, $part:ident . $field:ident, $unit:literal,
     $min:literal ..= $max:literal, $help:literal) => {
        Parameter {
            path: concat!("mask.", stringify!($part), ".", stringify!($field)),
            group: "Mask",
            label: $label,
            unit: $unit,
            min: $min,
            max: $max,
            integer: false,
            help: $help,
            get: |recipe| recipe.mask.$part.$field,
            set: |recipe, value| recipe.mask.$part.$field = value,
        }
    };
}

/// One entry of [`STAGE_PARAMETERS`] for one end of the pair `field`.
macro_rules! stage_end {
    ($label:literal, $field:ident [ $end:literal ], $unit:literal,
     $min:literal ..= $max:literal, $help:literal) => {
        Parameter {
            path: concat!(stringify!($field), ".", $end),
            group: "Schedule",
            label: $label,
            unit: $unit,
            min: $min,
            max: $max,
            integer: false,
            help: $help,
            get: |stage| stage.$field[$end],
            set: |stage, value| stage.$field[$end] = value,
        }
    };
}

/// Every number of a recipe outside its stages, in the order of the file.
pub const PARAMETERS: &[Parameter] = &[
    mask_number!(
        "Feature transmission",
        feature.transmission,
        "",
        0.0..=1.0,
        "Share of the light that the drawn features let through: 1 for clear features."
    ),
    mask_number!(
        "Feature phase",
        feature.phase_deg,
        "°",
        -360.0..=360.0,
        "Phase of the light through the drawn features."
    ),
    mask_number!(
        "Background transmission",
        background.transmission,
        "",
        0.0..=1.0,
        "Share of the light that the rest of the mask lets through: 0 for chrome, 0.06 for the usual attenuated phase shifter."
    ),
    mask_number!(
        "Background phase",
        background.phase_deg,
        "°",
        -360.0..=360.0,
        "Phase of the light through the rest of the mask: 180 for an attenuated phase shifter."
    ),
    number!(
        "Process corners",
        "Defocus",
        corners.defocus_nm,
        "nm",
        0.0..=500.0,
        "Defocus of the inner corner. Imported kernels bring their own and ignore it."
    ),
    number!(
        "Process corners",
        "Outer dose",
        corners.outer_dose,
        "",
        1.0..=1.5,
        "Dose of the outer corner at best focus; it scales the mask amplitude, so intensity goes with its square."
    ),
    number!(
        "Process corners",
        "Inner dose",
        corners.inner_dose,
        "",
        0.5..=1.0,
        "Dose of the inner corner at defocus; it scales the mask amplitude."
    ),
    number!(
        "Resist",
        "Threshold",
        resist.threshold,
        "",
        0.01..=0.99,
        "A point prints where the intensity reaches this share of the clear field."
    ),
    number!(
        "Fragments",
        "Corner length",
        fragments.corner_nm,
        "nm",
        5.0..=500.0,
        "Length of a fragment next to a corner."
    ),
    number!(
        "Fragments",
        "Run length",
        fragments.run_nm,
        "nm",
        5.0..=1000.0,
        "Aimed length of the fragments between corner fragments: longer means fewer shots, shorter a closer fit."
    ),
    number!(
        "Fragments",
        "Whole below",
        fragments.whole_below_nm,
        "nm",
        10.0..=2000.0,
        "Edges shorter than this stay one fragment; at least twice the corner length."
    ),
    number!(
        "Fragments",
        "Projection reach",
        fragments.projection_nm,
        "nm",
        0.0..=500.0,
        "Longer edges are cut where something that faces them within this distance has a corner, such as both corners of a line end; 0: nowhere."
    ),
    number!(
        "Fragments",
        "Least length",
        fragments.least_nm,
        "nm",
        0.0..=500.0,
        "Boundaries that would leave a shorter fragment of a cut edge are not made; 0: any length."
    ),
    number!(
        "Objective",
        "PV band weight",
        objective.pv_band_weight,
        "",
        0.0..=100.0,
        "Weight of the PV band in the linear loss: larger trades L2 for a narrower band."
    ),
    number!(
        "Objective",
        "EPE weight",
        objective.epe_weight,
        "nm²",
        0.0..=1_000_000.0,
        "Weight of the smooth EPE count, in nm² a gauge."
    ),
    number!(
        "Objective",
        "Guard weight",
        objective.guard_weight,
        "nm²",
        0.0..=1_000_000.0,
        "Weight of the guards that stand in narrow gaps and shapes: against bridges at the outer corner and breaks at the inner one."
    ),
    number!(
        "Objective",
        "Loss grid",
        objective.grid_nm,
        "nm",
        1.0..=32.0,
        "Pixel of the grid the loss is summed on; metrics are always judged at 1 nm."
    ),
    number!(
        "Objective",
        "Loss margin",
        objective.margin_nm,
        "nm",
        0.0..=1000.0,
        "Margin of the loss grid around the target's bounding box."
    ),
    number!(
        "Optimiser",
        "Initial offset",
        optimiser.initial_offset_nm,
        "nm",
        -200.0..=200.0,
        "Offset every fragment (or the outline of a free-form mask) starts from, outward positive; not beyond the largest offset."
    ),
    number!(
        "Optimiser",
        "Largest offset",
        optimiser.max_offset_nm,
        "nm",
        1.0..=200.0,
        "A fragment moves no farther than this from the target, either way."
    ),
    number!(
        "Optimiser",
        "Adam β1",
        optimiser.beta1,
        "",
        0.0..=0.9999,
        "Decay of Adam's mean gradient."
    ),
    number!(
        "Optimiser",
        "Adam β2",
        optimiser.beta2,
        "",
        0.0..=0.99999,
        "Decay of Adam's mean squared gradient."
    ),
    number!(
        "EPE feedback",
        "Gain",
        feedback.gain,
        "",
        0.01..=2.0,
        "Share of the EPE a fragment makes good in one iteration."
    ),
    number!(
        "EPE feedback",
        "Corner gain",
        feedback.corner_gain,
        "",
        0.0..=2.0,
        "The same for fragments next to a corner, whose EPE cannot vanish."
    ),
    number!(
        "EPE feedback",
        "Least MEEF",
        feedback.min_meef,
        "",
        0.01..=10.0,
        "A fragment's own MEEF is taken as at least this, so that a weak answer makes no long move."
    ),
    number!(
        "EPE feedback",
        "Damping",
        feedback.damping,
        "",
        0.0..=10.0,
        "Above 0, all fragments move together by the whole matrix of MEEFs, damped least squares: more makes shorter moves. At 0 each moves by its own MEEF."
    ),
    number!(
        "Bias by rule",
        "Dense bias",
        bias.dense_nm,
        "nm",
        -100.0..=100.0,
        "Offset of an edge whose nearest neighbour outward is near."
    ),
    number!(
        "Bias by rule",
        "Middle bias",
        bias.middle_nm,
        "nm",
        -100.0..=100.0,
        "Offset of an edge whose nearest neighbour is neither near nor far."
    ),
    number!(
        "Bias by rule",
        "Isolated bias",
        bias.isolated_nm,
        "nm",
        -100.0..=100.0,
        "Offset of an edge without a neighbour near it."
    ),
    number!(
        "Bias by rule",
        "Dense below",
        bias.dense_below_nm,
        "nm",
        1.0..=2000.0,
        "A space below this is dense; not above the isolated one."
    ),
    number!(
        "Bias by rule",
        "Isolated above",
        bias.isolated_above_nm,
        "nm",
        1.0..=2000.0,
        "A space of at least this is isolated."
    ),
    number!(
        "Bias by rule",
        "Narrow below",
        bias.narrow_below_nm,
        "nm",
        0.0..=2000.0,
        "A shape narrower than this behind the edge is narrow."
    ),
    number!(
        "Bias by rule",
        "Narrow extra",
        bias.narrow_extra_nm,
        "nm",
        -100.0..=100.0,
        "Added to the offset of an edge of a narrow shape."
    ),
    number!(
        "Bias by rule",
        "Line-end extension",
        bias.line_end_nm,
        "nm",
        -100.0..=100.0,
        "Offset of a line end."
    ),
    number!(
        "Bias by rule",
        "Convex corner extra",
        bias.convex_nm,
        "nm",
        -100.0..=100.0,
        "Added next to a convex corner: above 0 a serif, or a hammer head at a line end."
    ),
    number!(
        "Bias by rule",
        "Concave corner extra",
        bias.concave_nm,
        "nm",
        -100.0..=100.0,
        "Added next to a concave corner: below 0 a notch."
    ),
    number!(
        "Free-form field",
        "Cell",
        pixels.cell_nm,
        "nm",
        2.0..=64.0,
        "Cell of the finest field."
    ),
    count!(
        "Free-form field",
        "Levels",
        pixels.levels,
        "",
        1.0..=4.0,
        "Grids from coarse to fine: the first stage has the coarsest, each next one cells half as large."
    ),
    number!(
        "Free-form field",
        "Smoothing",
        pixels.smooth_nm,
        "nm",
        0.0..=200.0,
        "Standard deviation of the Gaussian between the parameters and the field: wider means smoother shapes."
    ),
    number!(
        "Free-form field",
        "Softness, first",
        pixels.first_softness_nm,
        "nm",
        1.0..=200.0,
        "Depth of the field over which a cell opens, at the start."
    ),
    number!(
        "Free-form field",
        "Softness, last",
        pixels.last_softness_nm,
        "nm",
        1.0..=200.0,
        "The same at the end; small against the cell the mask is nearly black and white."
    ),
    number!(
        "Free-form field",
        "Depth",
        pixels.depth_nm,
        "nm",
        1.0..=500.0,
        "The field starts as the distance to the target's edge, cut at this depth either way."
    ),
    count!(
        "Free-form field",
        "Hard steps",
        pixels.hard_steps,
        "",
        0.0..=5000.0,
        "Last iterations whose loss is that of the cleaned polygons in place of the soft mask."
    ),
    number!(
        "Free-form field",
        "Snap",
        pixels.snap_nm,
        "nm",
        1.0..=64.0,
        "Cell of the cleaned polygons: their edges lie on its lines."
    ),
    number!(
        "Free-form field",
        "Least island",
        pixels.least_area_nm2,
        "nm²",
        0.0..=1_000_000.0,
        "Islands of the cleaned mask smaller than this are left out."
    ),
    number!(
        "Level set",
        "Curvature",
        level_set.curvature,
        "nm²",
        0.0..=10_000.0,
        "Speed of the flow by curvature that smooths the outline, nm² an iteration."
    ),
    number!(
        "Level set",
        "Smoothing",
        level_set.smooth_nm,
        "nm",
        0.0..=200.0,
        "Standard deviation of the Gaussian over the speed of the outline."
    ),
    number!(
        "Level set",
        "Momentum",
        level_set.momentum,
        "",
        0.0..=0.99,
        "Share of the last speed that is kept."
    ),
    count!(
        "Level set",
        "Re-distance every",
        level_set.redistance_every,
        "",
        1.0..=1000.0,
        "Every how many iterations the field is made the signed distance again."
    ),
    number!(
        "SRAFs",
        "Width",
        assists.width_nm,
        "nm",
        1.0..=500.0,
        "Width of a new SRAF; it may grow or shrink as it is optimised."
    ),
    number!(
        "SRAFs",
        "Least length",
        assists.min_length_nm,
        "nm",
        1.0..=2000.0,
        "Least length of a new SRAF."
    ),
    number!(
        "SRAFs",
        "Largest length",
        assists.max_length_nm,
        "nm",
        1.0..=5000.0,
        "Largest length of a new SRAF: longer means fewer shots, shorter a closer fit."
    ),
    number!(
        "SRAFs",
        "Keep-out",
        assists.keep_out_nm,
        "nm",
        0.0..=1000.0,
        "A new SRAF keeps this distance from main features as they stand."
    ),
    number!(
        "SRAFs",
        "Apart",
        assists.apart_nm,
        "nm",
        0.0..=1000.0,
        "A new SRAF keeps this distance from other SRAFs."
    ),
    number!(
        "SRAFs",
        "Largest move",
        assists.max_offset_nm,
        "nm",
        0.0..=200.0,
        "An SRAF's edge moves no farther than this from where it was placed."
    ),
    number!(
        "SRAFs",
        "Seed grid",
        assists.grid_nm,
        "nm",
        1.0..=50.0,
        "Cell of the seed map, the gradient of the loss with respect to the mask."
    ),
    number!(
        "SRAFs",
        "Least gain",
        assists.gain_nm2,
        "nm²",
        0.0..=100_000.0,
        "Loss that a new SRAF must promise to take away: more means fewer SRAFs."
    ),
    number!(
        "SRAFs",
        "Least worth",
        assists.drop_nm2,
        "nm²",
        -100_000.0..=100_000.0,
        "SRAFs whose removal adds less loss than this are taken away."
    ),
    count!("SRAFs", "Most", assists.most, "", 0.0..=10_000.0, "Most SRAFs of a clip."),
    number!(
        "SRAFs",
        "Distance by rule",
        assists.distance_nm,
        "nm",
        1.0..=1000.0,
        "With the method `rules`: distance of the first bar from the target's edge."
    ),
    number!(
        "SRAFs",
        "Pitch by rule",
        assists.pitch_nm,
        "nm",
        1.0..=1000.0,
        "With the method `rules`: from one bar to the next outward."
    ),
    count!(
        "SRAFs",
        "Bars by rule",
        assists.bars,
        "",
        0.0..=20.0,
        "With the method `rules`: bars side by side."
    ),
    count!(
        "Last descent",
        "Passes",
        descent.passes,
        "",
        0.0..=100.0,
        "Most passes of whole-nm moves on the true metrics, an iteration each; 0 leaves them out."
    ),
    count!(
        "Last descent",
        "Radius",
        descent.radius_nm,
        "nm",
        1.0..=20.0,
        "Largest move of a fragment in one pass."
    ),
    count!(
        "Last descent",
        "Rounds",
        descent.rounds,
        "",
        1.0..=1000.0,
        "Most rounds over all fragments in one pass."
    ),
    count!(
        "Last descent",
        "Starts",
        descent.starts,
        "",
        0.0..=100.0,
        "Judged iterations, the best first, that are each followed down before the passes from the best of all; 0 leaves this out."
    ),
    count!(
        "Last descent",
        "Wishes",
        descent.wishes,
        "",
        0.0..=100.0,
        "Most rounds over all gauges where nothing else helps, each made to count for much, or for nothing, in turn; 0 leaves them out."
    ),
    count!(
        "Last descent",
        "Trials",
        descent.trials,
        "",
        0.0..=100000.0,
        "Most moves of one or two fragments that are judged one by one in a pass where nothing else helps; 0 leaves them out."
    ),
    number!(
        "Mask rules",
        "Least width",
        rules.min_width_nm,
        "nm",
        1.0..=500.0,
        "Least width of a mask shape, jogs included."
    ),
    number!(
        "Mask rules",
        "Least space",
        rules.min_space_nm,
        "nm",
        1.0..=500.0,
        "Least space between mask shapes."
    ),
    number!(
        "Mask rules",
        "Least SRAF width",
        rules.min_sraf_width_nm,
        "nm",
        1.0..=500.0,
        "Least width and length of an SRAF."
    ),
    number!(
        "Mask rules",
        "Least SRAF space",
        rules.min_sraf_space_nm,
        "nm",
        1.0..=500.0,
        "Least space between SRAFs."
    ),
    number!(
        "Mask rules",
        "Least SRAF to main space",
        rules.min_sraf_to_main_nm,
        "nm",
        1.0..=500.0,
        "Least space between an SRAF and a main feature."
    ),
    number!(
        "Mask rules",
        "Least notch",
        rules.min_notch_nm,
        "nm",
        0.0..=500.0,
        "Least space within one main feature; 0: the least space. Checked, not kept while moving."
    ),
    number!(
        "Mask rules",
        "Least area",
        rules.min_area_nm2,
        "nm²",
        0.0..=1_000_000.0,
        "Least area of a mask shape; 0: none. Checked, not kept while moving."
    ),
    number!(
        "Mask rules",
        "Line end",
        rules.line_end_nm,
        "nm",
        0.0..=1000.0,
        "Longest edge that counts as a line end: between two convex corners, no longer than its neighbours."
    ),
    number!(
        "Mask rules",
        "Least space before a line end",
        rules.min_end_space_nm,
        "nm",
        0.0..=500.0,
        "Least space before the line end of a main feature; 0: as elsewhere. Checked, not kept while moving."
    ),
    number!(
        "Mask rules",
        "Least corner distance",
        rules.min_corner_nm,
        "nm",
        0.0..=500.0,
        "Least straight distance of corners that do not face, through the outside; 0: none."
    ),
    Parameter {
        path: "scoring.epe_tolerance_nm",
        group: "Scoring",
        label: "EPE tolerance",
        unit: "nm",
        min: 1.0,
        max: 100.0,
        integer: true,
        help: "A gauge is violated where the contour is farther than this from the target's edge.",
        get: |recipe| f64::from(recipe.scoring.epe_tolerance_nm),
        set: |recipe, value| recipe.scoring.epe_tolerance_nm = value as u32,
    },
    number!(
        "Scoring",
        "PV band weight",
        scoring.pv_band_weight,
        "",
        0.0..=100.0,
        "Weight of the PV band beside L2 where masks are compared: for the best iteration and the last descent."
    ),
    number!(
        "Scoring",
        "EPE weight",
        scoring.epe_weight,
        "nm²",
        0.0..=1_000_000.0,
        "Weight of an EPE violation where masks are compared."
    ),
    number!(
        "Scoring",
        "Fault weight",
        scoring.fault_weight,
        "nm²",
        0.0..=10_000_000.0,
        "Weight of a printed shape that is missing, broken, bridged or extra where masks are compared."
    ),
    number!(
        "Scoring",
        "Shot weight",
        scoring.shot_weight,
        "nm²",
        0.0..=100_000.0,
        "Weight of a shot where masks are compared; above 0 the last descent also merges neighbours."
    ),
    count!(
        "Scoring",
        "Judge every",
        scoring.judge_every,
        "",
        1.0..=1000.0,
        "Every how many iterations the mask is judged; only judged iterations can be the best."
    ),
];

/// Every number of one stage of the schedule, under `optimiser.stages.N.`; `.0` is the value at
/// the stage's start, `.1` at its end.
pub const STAGE_PARAMETERS: &[Parameter<Stage>] = &[
    Parameter {
        path: "steps",
        group: "Schedule",
        label: "Iterations",
        unit: "",
        min: 1.0,
        max: 5000.0,
        integer: true,
        help: "Iterations of this stage.",
        get: |stage| stage.steps as f64,
        set: |stage, value| stage.steps = value as usize,
    },
    stage_end!("Step, first", step_nm[0], "nm", 0.01..=20.0, "Adam's step at the start."),
    stage_end!("Step, last", step_nm[1], "nm", 0.01..=20.0, "Adam's step at the end."),
    stage_end!(
        "Steepness, first",
        steepness[0],
        "",
        1.0..=1000.0,
        "Steepness a of the resist sigmoid σ(a·(I − threshold)) at the start."
    ),
    stage_end!(
        "Steepness, last",
        steepness[1],
        "",
        1.0..=1000.0,
        "Steepness of the resist sigmoid at the end; 80 to 100 is nearly a hard edge."
    ),
    Parameter {
        path: "quadratic",
        group: "Schedule",
        label: "Quadratic share",
        unit: "",
        min: 0.0,
        max: 1.0,
        integer: false,
        help: "Share of the quadratic three-corner loss; the rest is the linear L2 + PV band loss.",
        get: |stage| stage.quadratic,
        set: |stage, value| stage.quadratic = value,
    },
];

/// A value of a recipe that is a word, not a number.
#[derive(Debug)]
pub struct Choice {
    /// Where it stands in the TOML file.
    pub path: &'static str,
    /// What may stand there.
    pub values: &'static str,
    /// One sentence for documentation.
    pub help: &'static str,
}

/// Every value of a recipe that is not in [`PARAMETERS`] or [`STAGE_PARAMETERS`].
pub const CHOICES: &[Choice] = &[
    Choice { path: "name", values: "text", help: "The recipe's name, as reports show it." },
    Choice { path: "summary", values: "text", help: "One sentence for lists and tooltips." },
    Choice {
        path: "method",
        values: "`edge-gradient`, `feedback`, `rules`, `pixel-ilt`, `level-set`",
        help: "How the mask is found: fragments by exact gradients, by EPE over MEEF, or by a table of biases; or a field on square cells, whose outline is the mask.",
    },
    Choice {
        path: "optimiser.start",
        values: "`even`, `bias`",
        help: "What fragments start from: `optimiser.initial_offset_nm` everywhere, or the biases of `[bias]`.",
    },
    Choice {
        path: "optics.source",
        values: "`imported`, `preset`, `model`",
        help: "Kernels from the files in `--kernels DIR`, from a preset by name, or from a model written out here.",
    },
    Choice {
        path: "optics.period_nm",
        values: "1 to 16384 nm",
        help: "With `imported`: period of the field the kernels were made for.",
    },
    Choice {
        path: "optics.preset",
        values: "a preset's name",
        help: "With `preset`: which of `assets/optics`.",
    },
    Choice {
        path: "optics.model",
        values: "a table",
        help: "With `model`: `wavelength_nm`, `na`, `immersion_index`, `energy` and the table `source` (`shape` = `circular`, `annular`, `dipole` or `quadrupole`, with its radii and angles).",
    },
    Choice {
        path: "optics.spectrum",
        values: "`continuous`, `pixel-sums`",
        help: "The mask's exact Fourier integral, or the sum over 1 nm pixels that the contest's evaluation takes.",
    },
    Choice {
        path: "assists.method",
        values: "`none`, `gradient`, `rules`",
        help: "No SRAFs, SRAFs where the loss's gradient with respect to the mask gains most, or bars along the target's edges.",
    },
    Choice {
        path: "optimiser.stages.N.assists",
        values: "`keep`, `seed`, `prune`",
        help: "What happens to the SRAFs before the stage: nothing, new ones are added, or those that print or do not pay are taken away.",
    },
    Choice {
        path: "scoring.target_rule",
        values: "`half-open`, `inclusive`",
        help: "Whether an 80 nm line covers 80 pixels, or 81 as in the public ICCAD-2013 code.",
    },
    Choice {
        path: "output.target",
        values: "NUMBER/DATATYPE",
        help: "Layer of the target in the written file.",
    },
    Choice {
        path: "output.main",
        values: "NUMBER/DATATYPE",
        help: "Layer of the corrected main features.",
    },
    Choice { path: "output.sraf", values: "NUMBER/DATATYPE", help: "Layer of the SRAFs." },
];
