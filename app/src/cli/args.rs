//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::CutLine;
use lithoscope_engine::layout::Layer;
use lithoscope_engine::resist::calibrate::Prints;

use super::examples::{
    BENCH_EXAMPLES, CALIBRATE_EXAMPLES, CONVERT_EXAMPLES, EXAMPLES, INFO_EXAMPLES, OPC_EXAMPLES,
    SIMULATE_EXAMPLES, WINDOW_EXAMPLES,
};
use super::values::{Values, values};
use crate::headless::Backend;
use crate::headless::bench::Suite;

/// Look at photomasks and correct them.
#[derive(Debug, Parser)]
#[command(name = "lithoscope", version, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Layout to open in the window (.gds, .oas or .glp).
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    #[command(flatten)]
    pub process: ProcessArguments,

    /// What to do without a window.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Threads to compute with; all cores unless given.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// The commands that need no window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Image a clip as it is drawn.
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(Box<SimulateArguments>),
    /// Measure widths over focus and dose, and the process window they leave.
    #[command(after_help = WINDOW_EXAMPLES)]
    ProcessWindow(Box<ProcessWindowArguments>),
    /// Fit a resist to what was measured.
    #[command(after_help = CALIBRATE_EXAMPLES)]
    Calibrate(Box<CalibrateArguments>),
    /// Correct a clip and write its mask.
    #[command(after_help = OPC_EXAMPLES)]
    Opc(OpcArguments),
    /// Correct every clip of a folder with several recipes, and compare them with what is published.
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArguments),
    /// List the recipes that come with the program, or print one.
    Recipes(RecipesArguments),
    /// List the devices that can compute, with their limits, and check each against the processor.
    Devices(DevicesArguments),
    /// Write a layout in another format.
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(ConvertArguments),
    /// Say what a layout file holds.
    #[command(after_help = INFO_EXAMPLES)]
    Info(InfoArguments),
}

/// Recipe and kernels.
#[derive(Debug, Args)]
pub struct ProcessArguments {
    /// A recipe by name (see `lithoscope recipes`) or a .toml file [default: contest-like].
    #[arg(long, value_name = "NAME|R.toml")]
    pub recipe: Option<String>,

    /// Folder of the contest kernels, for recipes that import them.
    #[arg(long, value_name = "DIR")]
    pub kernels: Option<PathBuf>,
}

/// Which part of a layout.
#[derive(Debug, Args)]
pub struct ClipArguments {
    /// Layout file (.gds, .oas or .glp).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    #[command(flatten)]
    pub part: PartArguments,
}

/// Which part of the layout's shapes.
#[derive(Debug, Args)]
pub struct PartArguments {
    /// Cell to cut from; the first top cell unless given.
    #[arg(long, value_name = "NAME")]
    pub cell: Option<String>,

    /// Layer and datatype; the one with most shapes unless given.
    #[arg(long, value_name = "L/D")]
    pub layer: Option<Layer>,

    /// Window to cut, nm; the whole layer (at most about 2 µm of its densest part) unless given.
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = window, allow_hyphen_values = true)]
    pub window: Option<Rect>,
}

/// `lithoscope simulate`.
#[derive(Debug, Args)]
pub struct SimulateArguments {
    #[command(flatten)]
    pub clip: ClipArguments,

    #[command(flatten)]
    pub process: ProcessArguments,

    /// Change a value of the recipe; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub changes: Vec<(String, String)>,

    /// Pixel of the pictures, nm; 1 nm or the least that keeps them within 2048 pixels unless given.
    #[arg(long, value_name = "NM", value_parser = pixel)]
    pub pixel: Option<f64>,

    /// Defocus of the images, nm: a list or FIRST:LAST:STEP; pictures show the first.
    #[arg(long, value_name = "NM,…", value_parser = values, allow_hyphen_values = true)]
    pub focus: Option<Values>,

    /// Exposure dose relative to nominal; scales the intensity.
    #[arg(long, value_name = "DOSE", default_value_t = 1.0, value_parser = dose)]
    pub dose: f64,

    /// Resist that light is turned into print by: a preset or a .toml file; the recipe's threshold
    /// unless given.
    #[arg(long, value_name = "NAME|R.toml")]
    pub resist: Option<String>,

    /// What computes the resist.
    #[arg(long, value_enum, default_value_t)]
    pub backend: Backend,

    /// Brightness map of the source in place of the recipe's: a text map, .png or .npy over
    /// σ −1…1 both ways.
    #[arg(long, value_name = "FILE")]
    pub source: Option<PathBuf>,

    /// Folder to write the kernels of best focus and of the corner in, as .npy.
    #[arg(long, value_name = "DIR")]
    pub write_kernels: Option<PathBuf>,

    /// Line to read the image along, nm; may be repeated.
    #[arg(long = "cut", value_name = "X0,Y0,X1,Y1", value_parser = cut, allow_hyphen_values = true)]
    pub cuts: Vec<CutLine>,

    /// Folder for the pictures and the report; made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// Print the report as JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// `lithoscope process-window`.
#[derive(Debug, Args)]
pub struct ProcessWindowArguments {
    #[command(flatten)]
    pub clip: ClipArguments,

    #[command(flatten)]
    pub process: ProcessArguments,

    /// Change a value of the recipe; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub changes: Vec<(String, String)>,

    /// Where a width is measured: a line across it, nm, with a name before and the width wanted
    /// (else the drawn one) after; may be repeated.
    #[arg(long = "gauge", value_name = "[NAME=]X0,Y0,X1,Y1[@NM]", value_parser = gauge, allow_hyphen_values = true)]
    pub gauges: Vec<GaugeArgument>,

    /// Focus planes, nm: a list or FIRST:LAST:STEP.
    #[arg(long, value_name = "NM,…", value_parser = values, allow_hyphen_values = true)]
    pub focus: Option<Values>,

    /// Doses relative to nominal: a list or FIRST:LAST:STEP [default: 0.8:1.2:0.01].
    #[arg(long, value_name = "DOSE,…", value_parser = values)]
    pub doses: Option<Values>,

    /// Brightness map of the source in place of the recipe's: a text map, .png or .npy over
    /// σ −1…1 both ways.
    #[arg(long, value_name = "FILE")]
    pub source: Option<PathBuf>,

    /// Corner of a PV band: exposure dose and focus in nm; may be repeated.
    #[arg(long = "corner", value_name = "DOSE,NM", value_parser = corner, allow_hyphen_values = true)]
    pub corners: Vec<(f64, f64)>,

    /// How far a width may be from its target, %.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = percent)]
    pub tolerance: f64,

    /// Resist whose level prints: a preset or a .toml file; the recipe's threshold unless given.
    #[arg(long, value_name = "NAME|R.toml")]
    pub resist: Option<String>,

    /// Folder for tables, plots and the report; made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// Print the report as JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// `lithoscope calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArguments {
    /// Folder of pairs: NAME.aerial.npy with NAME.printed.npy or NAME.printed.png.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["layout", "cds", "gauges"])]
    pub pairs: Option<PathBuf>,

    /// Pixel of the pairs, nm.
    #[arg(long, value_name = "NM", default_value_t = 1.0, value_parser = pixel)]
    pub pixel: f64,

    /// Layout that widths were measured on.
    #[arg(long, value_name = "FILE")]
    pub layout: Option<PathBuf>,

    /// Cell to cut from; the first top cell unless given.
    #[arg(long, value_name = "NAME", requires = "layout")]
    pub cell: Option<String>,

    /// Layer and datatype; the one with most shapes unless given.
    #[arg(long, value_name = "L/D", requires = "layout")]
    pub layer: Option<Layer>,

    /// Window to cut, nm.
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = window, allow_hyphen_values = true, requires = "layout")]
    pub window: Option<Rect>,

    #[command(flatten)]
    pub process: ProcessArguments,

    /// Change a value of the recipe; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub changes: Vec<(String, String)>,

    /// Widths of one feature: a table with the columns dose, focus, cd and perhaps weight.
    #[arg(long, value_name = "TABLE.csv", requires = "layout", conflicts_with = "gauges")]
    pub cds: Option<PathBuf>,

    /// Where the widths of --cds were measured; across the shape nearest the middle unless given.
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = cut, allow_hyphen_values = true, requires = "cds")]
    pub cut: Option<CutLine>,

    /// Whether the widths of --cds are those of printed (bright) or of dark features.
    #[arg(long, value_enum, default_value_t = Measured::Bright)]
    pub prints: Measured,

    /// Widths of many features: a table with the columns x, y, tangent, target, measured and
    /// perhaps weight.
    #[arg(long, value_name = "GAUGES.csv", requires = "layout")]
    pub gauges: Option<PathBuf>,

    /// Vertical resist to start from: a preset or a .toml file.
    #[arg(long, value_name = "NAME|R.toml", default_value = "torchresist-iccad13")]
    pub start: String,

    /// Parameters to fit.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', default_value = "dose,diffusion_nm")]
    pub free: Vec<String>,

    /// Steps, at most.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = steps)]
    pub steps: usize,

    /// File to save the state of a calibration from pairs in, as it goes on.
    #[arg(long, value_name = "STATE.json", requires = "pairs")]
    pub state: Option<PathBuf>,

    /// Go on from the state file where there is one.
    #[arg(long, requires = "state")]
    pub resume: bool,

    /// Resist to write, for --resist.
    #[arg(short, long, value_name = "RESIST.toml")]
    pub output: Option<PathBuf>,

    /// Report to write.
    #[arg(long, value_name = "REPORT.json")]
    pub report: Option<PathBuf>,

    /// Table to write, one row a step.
    #[arg(long, value_name = "STEPS.csv")]
    pub csv: Option<PathBuf>,

    /// Plot of the steps to write.
    #[arg(long, value_name = "PLOT.png")]
    pub plot: Option<PathBuf>,

    /// Print the report as JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// What a width is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Measured {
    /// A printed feature.
    Bright,
    /// What lies between.
    Dark,
}

impl From<Measured> for Prints {
    fn from(measured: Measured) -> Self {
        match measured {
            Measured::Bright => Self::Bright,
            Measured::Dark => Self::Dark,
        }
    }
}

/// A place where a width is measured, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeArgument {
    /// Name, where one is given.
    pub name: Option<String>,
    /// The line across.
    pub cut: CutLine,
    /// Width wanted, nm, where it is given.
    pub target_nm: Option<f64>,
    /// All of it.
    pub text: String,
}

/// `lithoscope opc`.
#[derive(Debug, Args)]
pub struct OpcArguments {
    /// Layout file (.gds, .oas or .glp).
    #[arg(value_name = "FILE", required_unless_present = "resume")]
    pub file: Option<PathBuf>,

    #[command(flatten)]
    pub part: PartArguments,

    #[command(flatten)]
    pub process: ProcessArguments,

    /// Change a value of the recipe; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub changes: Vec<(String, String)>,

    /// Mask to write, GDSII: that of the run's best iteration.
    #[arg(short, long, value_name = "MASK.gds")]
    pub output: PathBuf,

    /// Go on with a run that `--save` wrote, to the same end as if it had never stopped; it brings
    /// its clip and its recipe.
    #[arg(
        long,
        value_name = "RUN",
        conflicts_with_all = ["file", "cell", "layer", "window", "recipe", "changes"]
    )]
    pub resume: Option<PathBuf>,

    /// Run to write as it ends or stops, for `--resume`; Ctrl-C stops it after its iteration.
    #[arg(long, value_name = "RUN")]
    pub save: Option<PathBuf>,

    /// What computes the iterations.
    #[arg(long, value_enum, default_value_t)]
    pub backend: Backend,

    /// Stop after this many iterations of this call.
    #[arg(long, value_name = "N")]
    pub stop_after: Option<usize>,

    /// Report to write, JSON: recipe, kernels, metrics, history, times and memory.
    #[arg(long, value_name = "REPORT.json")]
    pub report: Option<PathBuf>,

    /// Table to write, one row an iteration.
    #[arg(long, value_name = "METRICS.csv")]
    pub csv: Option<PathBuf>,

    /// Print the report as JSON in place of the table.
    #[arg(long)]
    pub json: bool,

    /// Print nothing but errors.
    #[arg(short, long, conflicts_with = "json")]
    pub quiet: bool,
}

/// `lithoscope bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// What the clips are: decides recipes and published figures.
    #[arg(value_enum, value_name = "SUITE")]
    pub suite: Suite,

    /// Folder of clips (.glp, .gds, .oas, also with .gz); gpu needs none.
    #[arg(
        value_name = "DIR",
        required_if_eq_any([("suite", "iccad13"), ("suite", "via"), ("suite", "clips")])
    )]
    pub folder: Option<PathBuf>,

    /// A recipe by name or a .toml file; may be repeated [default: all of the suite].
    #[arg(long = "recipe", value_name = "NAME|R.toml")]
    pub recipes: Vec<String>,

    /// Change a value of every recipe; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub changes: Vec<(String, String)>,

    /// Folder of the contest kernels; DIR unless given, if it holds them.
    #[arg(long, value_name = "DIR")]
    pub kernels: Option<PathBuf>,

    /// Folder to write every mask in, GDSII, with a text of how to judge them elsewhere.
    #[arg(long, value_name = "OUT_DIR")]
    pub judge: Option<PathBuf>,

    /// Tables to write, markdown.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Table to write, one row a run.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Report to write: machine, averages, published rows, runs and recipes.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// What computes the iterations.
    #[arg(long, value_enum, default_value_t)]
    pub backend: Backend,

    /// gpu: most edges in a layout; 1000, 100000 and 10000000 are timed up to this.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub edges: usize,

    /// gpu: most pixels a side; 1024, 4096 and 16384 are timed up to this.
    #[arg(long, value_name = "N", default_value_t = 16_384)]
    pub pixels: usize,

    /// Clips that a device corrects in lock-step [default: 1]; needs --backend. gpu: most clips in a
    /// batch; 1, 10, 100 and 1000 are timed up to this [default: 1000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000), conflicts_with = "jobs")]
    pub batch: Option<u16>,

    /// Clips at a time; with more than one, seconds tell little.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,

    /// Print nothing but errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// `lithoscope devices`.
#[derive(Debug, Args)]
pub struct DevicesArguments {
    /// Print JSON in place of the table.
    #[arg(long)]
    pub json: bool,
}

/// `lithoscope recipes`.
#[derive(Debug, Args)]
pub struct RecipesArguments {
    /// Print this recipe as TOML.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// `lithoscope convert`.
#[derive(Debug, Args)]
pub struct ConvertArguments {
    /// Layout to read: GDSII, OASIS or GLP, also compressed, told by its contents.
    #[arg(value_name = "IN")]
    pub input: PathBuf,

    /// Layout to write; its suffix names the format.
    #[arg(value_name = "OUT")]
    pub output: PathBuf,

    /// Pass over what is damaged in IN, and leave out what OUT cannot hold in any way.
    #[arg(long)]
    pub lenient: bool,

    /// Layers to keep; all unless given.
    #[arg(long, value_name = "L/D,L/D", value_delimiter = ',')]
    pub layers: Vec<Layer>,

    /// Leave properties out.
    #[arg(long)]
    pub no_properties: bool,
}

/// `lithoscope info`.
#[derive(Debug, Args)]
pub struct InfoArguments {
    /// Layout file: GDSII, OASIS or GLP, also compressed.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Print it as JSON in place of the tables.
    #[arg(long)]
    pub json: bool,

    /// Pass over what is damaged in the file, and list it.
    #[arg(long)]
    pub lenient: bool,
}

/// `x0,y0,x1,y1` in whole nm, with area.
fn window(text: &str) -> Result<Rect, String> {
    let numbers: Option<Vec<i32>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[x0, y0, x1, y1]) if x0 < x1 && y0 < y1 => Ok(Rect::new(x0, y0, x1, y1)),
        Some([_, _, _, _]) => Err("the window has no area; give x0 < x1 and y0 < y1".into()),
        _ => Err("expected four whole numbers of nm, like 0,0,2000,2000".into()),
    }
}

/// `x0,y0,x1,y1` in nm, with length.
fn cut(text: &str) -> Result<CutLine, String> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|n| n.trim().parse::<f64>().ok().filter(|v| v.is_finite())).collect();
    match numbers.as_deref() {
        Some(&[x0, y0, x1, y1]) if x0 != x1 || y0 != y1 => Ok(CutLine::new([x0, y0], [x1, y1])),
        Some([_, _, _, _]) => Err("the line has no length".into()),
        _ => Err("expected four numbers of nm, like 100,400,500,400".into()),
    }
}

/// `[name=]x0,y0,x1,y1[@nm]`.
fn gauge(text: &str) -> Result<GaugeArgument, String> {
    let (name, rest) = match text.split_once('=') {
        Some((name, rest)) => (Some(name.trim().to_owned()), rest),
        None => (None, text),
    };
    let (line, target) = match rest.split_once('@') {
        Some((line, nm)) => (line, Some(nm)),
        None => (rest, None),
    };
    let width = |nm: &str| match nm.trim().parse::<f64>() {
        Ok(nm) if nm > 0.0 && nm <= 1e6 => Ok(nm),
        _ => Err(format!("'{nm}' is no width in nm")),
    };
    Ok(GaugeArgument {
        name,
        cut: cut(line)?,
        target_nm: target.map(width).transpose()?,
        text: text.to_owned(),
    })
}

/// `dose,focus`.
fn corner(text: &str) -> Result<(f64, f64), String> {
    let parts = text.split_once(',').ok_or("expected DOSE,NM like 1.05,40")?;
    let focus = parts.1.trim().parse::<f64>().ok().filter(|f| f.is_finite());
    Ok((dose(parts.0.trim())?, focus.ok_or("the focus is no number of nm")?))
}

/// A number of steps.
fn steps(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(steps) if (1..=100_000).contains(&steps) => Ok(steps),
        _ => Err("expected a whole number from 1 to 100000".into()),
    }
}

/// A relative dose.
fn dose(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(dose) if (0.01..=100.0).contains(&dose) => Ok(dose),
        _ => Err("expected 0.01 to 100 of the nominal dose".into()),
    }
}

/// A share in per cent.
fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim().parse::<f64>() {
        Ok(share) if share > 0.0 && share < 100.0 => Ok(share),
        _ => Err("expected a share above 0 and below 100 %".into()),
    }
}

/// `path=value`.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) =
        text.split_once('=').ok_or("expected PATH=VALUE, like fragments.run_nm=80")?;
    Ok((path.trim().to_owned(), value.trim().to_owned()))
}

/// A pixel size that makes sense.
fn pixel(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(nm) if (0.1..=1000.0).contains(&nm) => Ok(nm),
        _ => Err("expected 0.1 to 1000 nm".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_window_needs_four_numbers_and_an_area() {
        assert_eq!(window("-5, 0,10,20"), Ok(Rect::new(-5, 0, 10, 20)));
        for bad in ["", "1,2,3", "1,2,3,4,5", "0,0,0,5", "0,0,5,-5", "a,b,c,d", "1e3,0,2e3,5"] {
            assert!(window(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn gauges_carry_name_line_and_target() {
        let full = gauge("line=0,5,200,5@80").unwrap();
        assert_eq!(full.name.as_deref(), Some("line"));
        assert_eq!(
            (full.cut, full.target_nm),
            (CutLine::new([0.0, 5.0], [200.0, 5.0]), Some(80.0))
        );
        let bare = gauge("-10,0,10.5,0").unwrap();
        assert_eq!((bare.name, bare.target_nm), (None, None));
        for bad in ["", "a=", "1,2,3,4@", "1,2,3,4@-5", "1,2,1,2", "1,2,3,nan"] {
            assert!(gauge(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn file_and_commands_do_not_mix() {
        assert!(Arguments::try_parse_from(["lithoscope", "a.gds"]).unwrap().command.is_none());
        let opc = ["lithoscope", "opc", "a.gds", "-o", "m.gds", "--window", "-1,-1,5,5"];
        assert!(Arguments::try_parse_from(opc).unwrap().command.is_some());
        assert!(Arguments::try_parse_from(["lithoscope", "opc", "a.gds"]).is_err());
    }
}
