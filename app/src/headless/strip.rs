//! Light on a strip about a cut line: for resists whose print depends on what lies beside it.

use lithoscope_engine::imaging::{CutLine, ImagingError};
use lithoscope_engine::resist::{ResistError, ResistModel};
use ndarray::Array2;

/// Pixels along a strip, at most about so many.
const MOST_COLUMNS: f64 = 480.0;
/// Room beside the line and beyond its ends, at most, nm.
const MOST_ROOM_NM: f64 = 200.0;

/// How a strip is laid about a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Pixel, nm: a whole number of them lies on the line.
    pub pixel_nm: f64,
    /// Pixels on the line.
    pub along: usize,
    /// Pixels beside it on either side, and beyond either end.
    pub room: usize,
}

impl Frame {
    /// A strip with pixels of about a size and room for what reaches so far, nm.
    pub fn new(line: &CutLine, pixel_nm: f64, reach_nm: f64) -> Self {
        let length = line.length_nm().max(1e-3);
        let pixel = pixel_nm.max(length / MOST_COLUMNS).min(length);
        let along = (length / pixel).round().max(1.0);
        let pixel_nm = length / along;
        let room = (reach_nm.min(MOST_ROOM_NM) / pixel_nm).ceil();
        Self { pixel_nm, along: along as usize, room: room as usize }
    }

    /// Rows and columns; the line runs through the middle of the middle row.
    pub fn shape(&self) -> (usize, usize) {
        (2 * self.room + 1, self.along + 2 * self.room)
    }

    /// Distance of a column's middle along the line, nm; below 0 before its beginning.
    pub fn distance_nm(&self, column: usize) -> f64 {
        (column as f64 - self.room as f64 + 0.5) * self.pixel_nm
    }

    /// Light on the strip, rows to the left of the line last; `read` gives the intensity at points
    /// (x, y), clip nm.
    ///
    /// # Errors
    /// As `read`.
    pub fn light(
        &self,
        read: impl Fn(&[[f64; 2]]) -> Result<Vec<f32>, ImagingError>,
        line: &CutLine,
    ) -> Result<Array2<f32>, ImagingError> {
        let length = line.length_nm().max(1e-9);
        let along = [0, 1].map(|i| (line.to_nm[i] - line.from_nm[i]) / length);
        let (rows, columns) = self.shape();
        let mut values = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let aside = (row as f64 - self.room as f64) * self.pixel_nm;
            let points: Vec<[f64; 2]> = (0..columns)
                .map(|column| {
                    let [x, y] = line.point(self.distance_nm(column));
                    [x - aside * along[1], y + aside * along[0]]
                })
                .collect();
            values.extend(read(&points)?);
        }
        // Every row has as many values as there are columns.
        Ok(Array2::from_shape_vec((rows, columns), values).unwrap_or_default())
    }
}

/// How far what lies beside a place matters to whether it prints, nm; 0 for a constant level.
pub fn reach_nm(model: &ResistModel) -> f64 {
    match model {
        ResistModel::VariableThreshold(threshold) => threshold.radius_nm,
        ResistModel::Vertical(resist) => 3.5 * resist.diffusion_nm,
        _ => 0.0,
    }
}

/// Along the line, at the middles of the frame's pixels: how far light lies above what prints, in
/// intensity.
///
/// # Errors
/// A resist that prints at no level.
pub fn margin(
    model: &ResistModel,
    frame: &Frame,
    light: &Array2<f32>,
) -> Result<Vec<f32>, ResistError> {
    let margin = model.margin(light.view(), frame.pixel_nm)?;
    let row = margin.row(frame.room.min(margin.nrows().saturating_sub(1)));
    Ok(row.iter().skip(frame.room).take(frame.along).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_has_whole_pixels_on_its_line_and_room_about_it() {
        let line = CutLine::new([10.0, 20.0], [310.0, 420.0]);
        let frame = Frame::new(&line, 4.0, 30.0);
        assert_eq!((frame.along, frame.pixel_nm, frame.room), (125, 4.0, 8));
        assert_eq!(frame.shape(), (17, 141));
        assert_eq!([frame.distance_nm(8), frame.distance_nm(132)], [2.0, 498.0]);
    }

    #[test]
    fn strips_are_bounded_whatever_line_and_reach() {
        let line = CutLine::new([0.0, 0.0], [9000.0, 0.0]);
        let (rows, columns) = Frame::new(&line, 1.0, 1e6).shape();
        assert!(rows * columns < 20_000, "{rows} × {columns}");
        let short = Frame::new(&CutLine::new([0.0, 0.0], [1.0, 0.0]), 4.0, 200.0);
        assert_eq!(short.along, 1);
        assert!(short.shape().0 < 500);
    }
}
