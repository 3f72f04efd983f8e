//! What `--help` shows below the arguments of each command.

/// The program.
pub const EXAMPLES: &str = "\
Examples:
  lithoscope                                   open the workbench
  lithoscope block.gds                         open it on a layout
  lithoscope simulate block.gds -o pictures    image a clip as it is drawn
  lithoscope opc block.gds -o mask.gds         correct a clip, no data files needed
  lithoscope opc M1_test1.glp --recipe iccad13-no-sraf --kernels iccad13 \\
             -o mask.gds --report report.json  the ICCAD-2013 contest
  lithoscope bench iccad13 iccad13 --markdown table.md
                                               recipes beside what is published
  lithoscope process-window block.gds -o window
                                               Bossung curves and process windows
  lithoscope recipes contest-like > my.toml    a recipe of your own to start from
  lithoscope info block.gds.gz                 what a layout holds
  lithoscope convert block.gds block.oas       the same layout in another format

Exit codes: 0 done, 1 failed (one line on standard error says what), 2 wrong usage,
130 ended by Ctrl-C. RUST_LOG=debug shows what the program does.";

/// `lithoscope opc`.
pub const OPC_EXAMPLES: &str = "\
Examples:
  lithoscope opc block.gds -o mask.gds
  lithoscope opc block.gds --layer 17/0 --window 0,0,1800,1800 -o mask.gds --csv steps.csv
  lithoscope opc block.gds --set fragments.run_nm=100 --set rules.min_space_nm=50 -o mask.gds
  lithoscope opc M1_test1.glp --recipe iccad13-no-sraf --kernels iccad13 -o mask.gds --json
  lithoscope opc block.gds -o mask.gds --stop-after 100 --save block.run
  lithoscope opc --resume block.run -o mask.gds

The file holds the target on 1/0, the corrected main features on 2/0 and SRAFs on 3/0, or the
layers the recipe's [output] names. docs/recipes.md lists every parameter.";

/// `lithoscope bench`.
pub const BENCH_EXAMPLES: &str = "\
Examples:
  lithoscope bench iccad13 iccad13
  lithoscope bench iccad13 iccad13 --recipe iccad13-no-sraf --recipe my.toml --markdown table.md
  lithoscope bench iccad13 iccad13 --judge masks --json report.json --csv runs.csv
  lithoscope bench clips blocks --recipe contest-like --set fragments.run_nm=80 --jobs 2
  lithoscope bench clips blocks --backend auto --batch 100
  lithoscope bench gpu --edges 100000 --pixels 4096 --batch 10 --markdown devices.md

A clip that cannot be read or corrected is a row that says why; the others go on, and the exit code
is 1. --threads is for one clip; all cores, shared among --jobs, unless given. With --batch a clip's
seconds are the wall time of its batch over the batch's clips; masks are those of clips alone.";

/// `lithoscope simulate`.
pub const SIMULATE_EXAMPLES: &str = "\
Examples:
  lithoscope simulate block.gds
  lithoscope simulate mask.gds --layer 2/0 --recipe immersion-annular --pixel 2 -o pictures
  lithoscope simulate M1_test1.glp --recipe iccad13-no-sraf --kernels iccad13 --json

  lithoscope simulate block.gds --cut 500,400,900,400 --focus=-100:100:50 -o cut
  lithoscope simulate block.gds --resist film-on-barc --cut 500,400,900,400 -o profile

Into the folder of -o go aerial.png, printed.png, aerial.npy (float32 [y, x], y up) and report.json;
of computed optics source.png and pupil.png; with --focus stack.npy ([focus, y, x]); of a resist
depth.npy and depth.png (nm); of each --cut K cut-K.csv and cut-K.png, and profile-K.csv and
profile-K.png where the resist is three-dimensional.";

/// `lithoscope calibrate`.
pub const CALIBRATE_EXAMPLES: &str = "\
Examples:
  lithoscope calibrate --pairs measured --pixel 7 --free dose,m_th,r_max,diffusion_nm -o mine.toml
  lithoscope calibrate --pairs measured --state run.json --resume --csv steps.csv -o mine.toml
  lithoscope calibrate --layout lines.gds --cds fem.csv --cut 400,500,600,500 -o mine.toml
  lithoscope calibrate --layout block.gds --gauges gauges.csv --free dose -o mine.toml
  lithoscope simulate block.gds --resist mine.toml

Parameters: a_per_um, b_per_um, c_per_dose, dose, develop_s, thickness_nm, threshold_nm,
diffusion_nm and those of the resist's rate law. Four fifths of the pixels train, one validates;
the result is compared with the best constant and variable threshold.";

/// `lithoscope process-window`.
pub const WINDOW_EXAMPLES: &str = "\
Examples:
  lithoscope process-window block.gds
  lithoscope process-window block.gds --gauge line=400,500,600,500@80 --tolerance 8 -o window
  lithoscope process-window block.gds --doses 0.9:1.1:0.005 --focus=-120:120:10 --json
  lithoscope process-window block.gds --corner 1,0 --corner 1.05,0 --corner 0.95,60

Without --gauge widths are measured across the shapes nearest the clip's middle. Doses scale the
intensity. Into the folder of -o go matrix.csv, latitude.csv, bossung-N.png, window.png,
latitude.png and report.json.";

/// `lithoscope convert`.
pub const CONVERT_EXAMPLES: &str = "\
Examples:
  lithoscope convert block.gds block.oas
  lithoscope convert block.oas block.gds.gz
  lithoscope convert block.oas metal.oas --layers 68/20,69/20 --no-properties
  lithoscope convert damaged.gds saved.oas --lenient
  lithoscope convert clip.gds clip.glp

The suffix of OUT names its format: .gds (.gds2, .gdsii), .oas (.oasis) or .glp, and .gz behind it
compresses. GLP holds one flat cell of polygons: the first top cell. What OUT cannot hold is listed
on standard output; what is lost of a damaged IN with --lenient on standard error.";

/// `lithoscope info`.
pub const INFO_EXAMPLES: &str = "\
Examples:
  lithoscope info block.oas
  lithoscope info block.gds.gz --json
  lithoscope info damaged.gds --lenient";
