//! Pairs of aerial and printed images from files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use lithoscope_engine::optics::read_npy;
use lithoscope_engine::resist::calibrate::Pair;
use ndarray::{Array2, Ix2};

/// Most pairs of a folder.
const MOST_PAIRS: usize = 1000;
/// Ends of the names of aerial images.
const AERIAL: &str = ".aerial.npy";
/// Ends of the names of printed images, tried in this order.
const PRINTED: [&str; 2] = [".printed.npy", ".printed.png"];

/// Every pair of a folder: `NAME.aerial.npy` (float `[y, x]`, y up, clear field = 1) with
/// `NAME.printed.npy` (numbers 0…1 or truth values) or `NAME.printed.png` (white prints), in order
/// of their names.
///
/// # Errors
/// A folder without pairs, an image without partner, files that are no images of one shape.
pub fn read_pairs(folder: &Path, pixel_nm: f64) -> anyhow::Result<Vec<Pair>> {
    let refused = || format!("cannot read the folder {}", folder.display());
    let entries = std::fs::read_dir(folder).with_context(refused)?;
    let mut images: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.to_string_lossy().ends_with(AERIAL))
        .collect();
    images.sort();
    ensure!(
        !images.is_empty(),
        "{}: no pairs; expected NAME{AERIAL} with NAME{} or NAME{}",
        folder.display(),
        PRINTED[0],
        PRINTED[1]
    );
    ensure!(
        images.len() <= MOST_PAIRS,
        "{}: {} pairs, more than {MOST_PAIRS}; take fewer",
        folder.display(),
        images.len()
    );
    images.iter().map(|aerial| read_pair(aerial, &partner(aerial)?, pixel_nm)).collect()
}

/// One pair from its two files.
///
/// # Errors
/// Files that are no images, or not of one shape.
pub fn read_pair(aerial: &Path, printed: &Path, pixel_nm: f64) -> anyhow::Result<Pair> {
    let intensity = aerial_image(aerial)?;
    let printed_share = printed_image(printed)?;
    Pair::new(intensity, printed_share, pixel_nm)
        .with_context(|| format!("{} and {}", aerial.display(), printed.display()))
}

fn partner(aerial: &Path) -> anyhow::Result<PathBuf> {
    let text = aerial.to_string_lossy();
    let stem = text.strip_suffix(AERIAL).unwrap_or(&text);
    let there =
        PRINTED.iter().map(|end| PathBuf::from(format!("{stem}{end}"))).find(|p| p.is_file());
    there.with_context(|| {
        format!(
            "{}: its printed image {stem}{} or {stem}{} is missing",
            aerial.display(),
            PRINTED[0],
            PRINTED[1]
        )
    })
}

/// An aerial image, single or double precision.
///
/// # Errors
/// A file that is no plane of floating-point numbers.
pub fn aerial_image(path: &Path) -> anyhow::Result<Array2<f32>> {
    let expected = "float32 or float64 [y, x]";
    match read_npy::<f32, Ix2>(path, expected) {
        Ok(image) => Ok(image),
        Err(single) => match read_npy::<f64, Ix2>(path, expected) {
            Ok(image) => Ok(image.mapv(|v| v as f32)),
            // What is wrong for one precision is told best by it.
            Err(_) => Err(single.into()),
        },
    }
}

/// A printed image as shares 0…1.
fn printed_image(path: &Path) -> anyhow::Result<Array2<f32>> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) {
        return grey_image(path);
    }
    let expected = "bool, uint8 or float [y, x]";
    if let Ok(image) = read_npy::<bool, Ix2>(path, expected) {
        return Ok(image.mapv(|p| f32::from(u8::from(p))));
    }
    if let Ok(image) = read_npy::<u8, Ix2>(path, expected) {
        // Masks are written with 1 or with 255.
        let most = image.iter().copied().max().unwrap_or(1).max(1);
        let scale = if most > 1 { 255.0 } else { 1.0 };
        return Ok(image.mapv(|p| f32::from(p) / scale));
    }
    aerial_image(path)
}

/// A picture as shares 0…1 of white, y up.
///
/// # Errors
/// A file that is no picture.
pub fn grey_image(path: &Path) -> anyhow::Result<Array2<f32>> {
    let refused = || format!("cannot read the picture {}", path.display());
    let picture = image::ImageReader::open(path)
        .with_context(refused)?
        .with_guessed_format()
        .with_context(refused)?
        .decode()
        .with_context(refused)?
        .into_luma8();
    let (nx, ny) = (picture.width() as usize, picture.height() as usize);
    if nx == 0 || ny == 0 {
        bail!("{}: an empty picture", path.display());
    }
    // The picture's first row is the top, the array's last.
    Ok(Array2::from_shape_fn((ny, nx), |(y, x)| {
        f32::from(picture.get_pixel(x as u32, (ny - 1 - y) as u32).0[0]) / 255.0
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray_npy::write_npy;

    #[test]
    fn a_folder_gives_its_pairs_whatever_the_prints_are_written_as() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let image = Array2::from_shape_fn((4, 6), |(y, x)| 0.05 * (x + y) as f32);
        for name in ["a", "b", "c"] {
            write_npy(at(&format!("{name}.aerial.npy")), &image).unwrap();
        }
        let prints = image.mapv(|i| i > 0.2);
        write_npy(at("a.printed.npy"), &prints).unwrap();
        write_npy(at("b.printed.npy"), &prints.mapv(|p| u8::from(p) * 255)).unwrap();
        let picture = super::super::printed(&prints);
        std::fs::write(at("c.printed.png"), super::super::png(&picture).unwrap()).unwrap();
        let pairs = read_pairs(folder.path(), 2.0).unwrap();
        assert_eq!(pairs.len(), 3);
        let expected = prints.mapv(|p| f32::from(u8::from(p)));
        for pair in &pairs {
            assert_eq!((pair.printed(), pair.pixel_nm()), (&expected, 2.0));
        }
    }

    #[test]
    fn a_missing_partner_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let none = read_pairs(folder.path(), 1.0).unwrap_err().to_string();
        assert!(none.contains("no pairs"), "{none}");
        write_npy(folder.path().join("x.aerial.npy"), &Array2::<f32>::zeros((2, 2))).unwrap();
        let alone = read_pairs(folder.path(), 1.0).unwrap_err().to_string();
        assert!(alone.contains("x.printed.npy"), "{alone}");
    }
}
