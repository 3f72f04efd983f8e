use super::*;

fn text() -> &'static str {
    Recipe::built_in_text("iccad13-no-sraf").unwrap()
}

/// The refusal of the contest recipe with one line replaced.
fn refusal(from: &str, to: &str) -> String {
    assert!(text().contains(from), "{from} is not in the recipe");
    Recipe::parse("r.toml", &text().replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn every_built_in_recipe_parses_and_carries_its_name() {
    for name in Recipe::names() {
        assert_eq!(Recipe::named(name).unwrap().name, name);
    }
    assert!(Recipe::names().any(|name| name == Recipe::DEFAULT));
}

#[test]
fn a_recipe_survives_writing_and_reading() {
    for name in Recipe::names() {
        let recipe = Recipe::named(name).unwrap();
        let written = toml::to_string(&recipe).unwrap();
        assert_eq!(Recipe::parse(name, &written).unwrap(), recipe);
    }
}

#[test]
fn every_number_out_of_range_is_refused_by_name_value_and_range() {
    for parameter in PARAMETERS {
        for bad in [parameter.min - 1.0, parameter.max * 2.0, f64::NAN, f64::INFINITY] {
            let mut recipe = Recipe::named("iccad13-no-sraf").unwrap();
            (parameter.set)(&mut recipe, bad);
            let value = (parameter.get)(&recipe);
            if parameter.allows(value) {
                assert!(parameter.integer, "{}: {bad} was taken", parameter.path);
                continue;
            }
            let message = recipe.validate().unwrap_err().to_string();
            for part in [parameter.path, &value.to_string(), &parameter.range()] {
                assert!(message.contains(part), "'{message}' does not say {part}");
            }
        }
    }
}

#[test]
fn every_stage_number_out_of_range_is_refused_with_its_stage() {
    for parameter in STAGE_PARAMETERS {
        let mut recipe = Recipe::named("iccad13-no-sraf").unwrap();
        (parameter.set)(&mut recipe.optimiser.stages[1], parameter.max * 2.0);
        let message = recipe.validate().unwrap_err().to_string();
        assert!(message.contains(&format!("optimiser.stages.1.{}", parameter.path)), "{message}");
    }
}

#[test]
fn registry_paths_are_the_paths_of_the_file() {
    let recipe = Recipe::named("iccad13-no-sraf").unwrap();
    for parameter in PARAMETERS {
        let value = (parameter.get)(&recipe);
        assert!(parameter.allows(value), "{} = {value}", parameter.path);
        let changed = if value == parameter.max { parameter.min } else { parameter.max };
        let mut by_function = recipe.clone();
        (parameter.set)(&mut by_function, changed);
        let text = changed.to_string();
        if let Ok(by_path) = recipe.with([(parameter.path, text.as_str())]) {
            assert_eq!(by_path, by_function, "{}", parameter.path);
        } else {
            assert!(by_function.validate().is_err(), "{}", parameter.path);
        }
    }
    for parameter in STAGE_PARAMETERS {
        let mut by_function = recipe.clone();
        (parameter.set)(&mut by_function.optimiser.stages[0], parameter.min);
        let path = format!("optimiser.stages.0.{}", parameter.path);
        let by_path = recipe.with([(path.as_str(), parameter.min.to_string().as_str())]).unwrap();
        assert_eq!(by_path, by_function, "{path}");
    }
}

#[test]
fn unknown_keys_are_refused_in_every_table() {
    for table in ["optics", "corners", "resist", "fragments", "objective", "optimiser", "rules"] {
        let message = refusal(&format!("[{table}]\n"), &format!("[{table}]\nspeed = 1\n"));
        assert!(message.contains("speed"), "{table}: {message}");
        assert!(!message.contains('\n'), "{table}: {message}");
    }
}

#[test]
fn optics_keys_must_go_with_their_source() {
    let missing = refusal("period_nm = 2048.0\n", "");
    assert!(missing.contains("optics.period_nm"), "{missing}");
    let foreign = refusal("period_nm = 2048.0\n", "preset = \"contest-like\"\n");
    assert!(foreign.contains("optics.preset goes with"), "{foreign}");
    let unknown = refusal(
        "source = \"imported\"\nperiod_nm = 2048.0\n",
        "source = \"preset\"\npreset = \"pinhole\"\n",
    );
    assert!(unknown.contains("pinhole") && unknown.contains("contest-like"), "{unknown}");
    let fraction = refusal("period_nm = 2048.0", "period_nm = 2048.5");
    assert!(fraction.contains("pixel-sums"), "{fraction}");
}

#[test]
fn values_that_contradict_each_other_are_refused() {
    let offset = refusal("initial_offset_nm = 10.0", "initial_offset_nm = -61.0");
    assert!(offset.contains("initial_offset_nm = -61"), "{offset}");
    let corner = refusal("whole_below_nm = 100.0", "whole_below_nm = 79.0");
    assert!(corner.contains("whole_below_nm = 79"), "{corner}");
    let mut recipe = Recipe::named("iccad13-no-sraf").unwrap();
    recipe.optimiser.stages = vec![Stage { steps: 5000, ..recipe.optimiser.stages[0].clone() }; 5];
    assert!(recipe.validate().unwrap_err().to_string().contains("25000 steps"));
    recipe.optimiser.stages.clear();
    assert!(recipe.validate().unwrap_err().to_string().contains("at least one stage"));
}

#[test]
fn syntax_errors_name_the_line() {
    let message = refusal("threshold = 0.225", "threshold = = 0.225");
    assert!(message.contains("line ") && message.contains("threshold = = 0.225"), "{message}");
    let kind = refusal("steps = 80", "steps = -80");
    assert!(kind.contains("steps = -80"), "{kind}");
}

#[test]
fn changes_by_path_take_numbers_words_and_layers() {
    let recipe = Recipe::named("iccad13-no-sraf").unwrap();
    let changed = recipe
        .with([
            ("fragments.run_nm", "80"),
            ("scoring.target_rule", "half-open"),
            ("output.main", "17/2"),
            ("optimiser.stages.1.steepness", "[50, 90]"),
        ])
        .unwrap();
    assert_eq!(changed.fragments.run_nm, 80.0);
    assert_eq!(changed.scoring.target_rule, crate::verify::TargetRule::HalfOpen);
    assert_eq!(changed.output.main, crate::layout::Layer::new(17, 2));
    assert_eq!(changed.optimiser.stages[1].steepness, [50.0, 90.0]);
}

#[test]
fn changes_by_a_wrong_path_or_value_are_refused() {
    let recipe = Recipe::named("iccad13-no-sraf").unwrap();
    for (path, value) in [
        ("fragments.lenght_nm", "80"),
        ("fragment.run_nm", "80"),
        ("optimiser.stages.7.steps", "80"),
        ("fragments.run_nm.x", "80"),
        ("fragments.run_nm", "long"),
        ("fragments.run_nm", "0"),
        ("", "1"),
    ] {
        assert!(recipe.with([(path, value)]).is_err(), "{path} = {value} was taken");
    }
}

#[test]
fn a_missing_recipe_file_and_an_unknown_name_say_so() {
    let file = Recipe::open("no/such/recipe.toml").unwrap_err().to_string();
    assert!(file.contains("recipe.toml"), "{file}");
    let name = Recipe::open("contest").unwrap_err().to_string();
    assert!(name.contains("'contest'") && name.contains("contest-like"), "{name}");
}
