//! `lithoscope recipes`: what there is, or one to copy.

use std::fmt::Write as _;

use lithoscope_engine::opc::Recipe;

use super::args::RecipesArguments;

pub fn run(arguments: &RecipesArguments) -> anyhow::Result<()> {
    match &arguments.name {
        Some(name) => {
            // The lookup's error lists the names there are.
            Recipe::named(name)?;
            super::print(Recipe::built_in_text(name).unwrap_or_default())
        }
        None => super::print(&list()?),
    }
}

/// Name and summary of every recipe, aligned.
fn list() -> anyhow::Result<String> {
    let width = Recipe::names().map(str::len).max().unwrap_or(0);
    let mut text = String::new();
    for name in Recipe::names() {
        let mark = if name == Recipe::DEFAULT { " (default)" } else { "" };
        let _ = writeln!(text, "{name:width$}  {}{mark}", Recipe::named(name)?.summary);
    }
    Ok(text)
}
