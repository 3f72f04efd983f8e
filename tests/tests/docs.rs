//! Documentation that is made from the program: it must be what the program says today.
//!
//! `UPDATE_DOCS=1 cargo test -p lithoscope-tests --test docs` writes it anew.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use lithoscope_engine::opc::{CHOICES, PARAMETERS, Parameter, Recipe, STAGE_PARAMETERS};
use lithoscope_tests::workspace;

/// The last number about the outer and the inner corner, after which the list is described.
const LAST_CORNER: &str = "corners.inner_dose";

/// The one table of a recipe that is a list of any length, and so has no row above.
const CORNER_LIST: &str = "
Any list of corners may stand in place of the outer and the inner one, beside the nominal corner \
(dose 1, best focus), which is always there:

```toml
[[corners.list]]
dose = 1.03      # scales the mask amplitude, 0.5 to 2
focus_nm = 40.0  # defocus, -1000 to 1000 nm; 0 if left out
weight = 0.5     # in the quadratic loss, 0 to 100; the nominal corner weighs 1; 0.5 if left out
```

There may be 16 corners, at 6 focuses beside the best one. \
The PV band is then what prints at some of the corners and not at others. Corners of one focus share \
its kernels, so a further dose costs little and a further focus an image more. Imported kernels know \
the focuses 0 and `corners.defocus_nm` only. Explain splits gradients by the corners of the list.
";

/// `docs/recipes.md`.
fn recipes() -> String {
    let mut text = String::from(
        "# Recipes\n\n\
         <!-- Made by a test from the registry of parameters; rewrite it with\n     \
         UPDATE_DOCS=1 cargo test -p lithoscope-tests --test docs -->\n\n\
         A recipe is a TOML file that holds everything that decides a result. `lithoscope recipes` \
         lists those that come with the program, `lithoscope recipes NAME > my.toml` gives one to \
         start from, `--recipe my.toml` uses it, and `--set PATH=VALUE` changes a single value. \
         Unknown keys are refused.\n\n",
    );
    text += "| recipe | what it is |\n|---|---|\n";
    let all: Vec<Recipe> = Recipe::names().map(|name| Recipe::named(name).unwrap()).collect();
    for recipe in &all {
        let mark = if recipe.name == Recipe::DEFAULT { " (the default)" } else { "" };
        writeln!(text, "| `{}`{mark} | {} |", recipe.name, recipe.summary).unwrap();
    }
    let mut group = "";
    for parameter in PARAMETERS {
        if parameter.group != group {
            group = parameter.group;
            heading(&mut text, group, &all);
        }
        let values: Vec<f64> = all.iter().map(parameter.get).collect();
        row(&mut text, parameter, parameter.path, &values);
        if parameter.path == LAST_CORNER {
            text += CORNER_LIST;
        }
    }
    let names = all.iter().map(|r| format!("{} ({})", r.name, r.optimiser.stages.len()));
    writeln!(
        text,
        "\n## Schedule\n\nStages run one after the other; pairs are [start, end], interpolated over \
         the stage's steps. Paths below stand after `optimiser.stages.N.`, N counted from 0. Stages \
         by recipe: {}. The values below are those of the default recipe, stage by stage.\n",
        names.collect::<Vec<_>>().join(", ")
    )
    .unwrap();
    let stages = &Recipe::named(Recipe::DEFAULT).unwrap().optimiser.stages;
    let columns = cells((0..stages.len()).map(|n| format!("stage {n}")));
    writeln!(
        text,
        "| path | range | what |{columns}\n|---|---|---|{}",
        "---|".repeat(stages.len())
    )
    .unwrap();
    for parameter in STAGE_PARAMETERS {
        let values: Vec<f64> = stages.iter().map(parameter.get).collect();
        row(&mut text, parameter, parameter.path, &values);
    }
    text += "\n## Words\n\n| path | values | what |\n|---|---|---|\n";
    for choice in CHOICES {
        writeln!(text, "| `{}` | {} | {} |", choice.path, choice.values, choice.help).unwrap();
    }
    text
}

/// Cells of a table row, each with the bar that closes it.
fn cells(texts: impl Iterator<Item = String>) -> String {
    texts.fold(String::new(), |row, text| row + " " + &text + " |")
}

fn heading(text: &mut String, group: &str, all: &[Recipe]) {
    let columns = cells(all.iter().map(|r| r.name.clone()));
    let rule = "---|".repeat(all.len());
    writeln!(text, "\n## {group}\n\n| path | range | what |{columns}\n|---|---|---|{rule}")
        .unwrap();
}

fn row<T>(text: &mut String, parameter: &Parameter<T>, path: &str, values: &[f64]) {
    let values = cells(values.iter().map(f64::to_string));
    let (range, help) = (parameter.range(), parameter.help);
    writeln!(text, "| `{path}` | {range} | {help} |{values}").unwrap();
}

#[test]
fn recipe_documentation_is_what_the_registry_says() {
    let path = workspace().join("docs/recipes.md");
    let made = recipes();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == made,
        "docs/recipes.md is out of date; run UPDATE_DOCS=1 cargo test -p lithoscope-tests --test docs"
    );
}
