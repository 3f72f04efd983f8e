//! Light at any focus: the imager's own two, and one more that is computed when it is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{
    CutLine, CutProfile, Focus, FocusStack, Grid, Imager, ImagingError, Process,
};
use lithoscope_engine::opc::Recipe;
use lithoscope_engine::optics::{OpticalModel, SocsKernels};
use ndarray::Array2;

use super::conditions::{self, Focuses};
use super::{Failure, Folders, stages};

/// Kernel sets that are kept; beyond that all are dropped and computed or read again.
const KEPT: usize = 24;

/// The optics of a recipe at one focus beside the imager's two.
pub struct Lens {
    /// `None` where kernels are imported.
    model: Option<OpticalModel>,
    focuses: Focuses,
    /// Of the imager's second kernel set, nm.
    corner_nm: f64,
    kernels: BTreeMap<i64, Arc<SocsKernels>>,
    plane: Option<(f64, FocusStack)>,
}

/// Light of the current mask at one focus.
pub enum Light<'a> {
    /// At one of the imager's own focuses.
    Imager(&'a Imager, Focus),
    /// At another.
    Plane(&'a FocusStack),
}

impl Lens {
    /// The optics of a recipe.
    pub fn new(recipe: &Recipe) -> Self {
        Self {
            model: conditions::model(recipe),
            focuses: Focuses::of(recipe),
            corner_nm: recipe.corners.defocus_nm,
            kernels: BTreeMap::new(),
            plane: None,
        }
    }

    /// What can be asked for.
    pub fn focuses(&self) -> Focuses {
        self.focuses
    }

    /// Whether a focus is ready.
    pub fn has(&self, defocus_nm: f64) -> bool {
        defocus_nm == 0.0
            || defocus_nm == self.corner_nm
            || self.plane.as_ref().is_some_and(|(at, _)| *at == defocus_nm)
    }

    /// Makes a focus ready; its mask is not set yet.
    ///
    /// # Errors
    /// The kernels are imported, or cannot be computed.
    pub fn focus(
        &mut self,
        defocus_nm: f64,
        process: &Process,
        window: Rect,
        folders: &Folders,
    ) -> Result<(), Failure> {
        let what = || format!("Could not show {defocus_nm} nm of defocus");
        let kernels = self.kernels(defocus_nm, process.focus.period_nm, folders)?;
        let planes = vec![(defocus_nm, kernels)];
        let stack = FocusStack::new(planes, process.form, process.tone, window)
            .map_err(|e| stages::failure(what(), &e))?;
        self.plane = Some((defocus_nm, stack));
        Ok(())
    }

    /// The kernels of a focus, computed once.
    fn kernels(
        &mut self,
        defocus_nm: f64,
        period_nm: f64,
        folders: &Folders,
    ) -> Result<Arc<SocsKernels>, Failure> {
        let key = (defocus_nm * 1e3).round() as i64;
        if let Some(kernels) = self.kernels.get(&key) {
            return Ok(Arc::clone(kernels));
        }
        let what = || format!("Could not show {defocus_nm} nm of defocus");
        let model = self.model.as_ref().ok_or_else(|| Failure {
            what: what(),
            why: "the kernels of this recipe are imported, for two focuses; choose a recipe with computed optics for others".to_owned(),
            remedy: None,
        })?;
        let kernels = model
            .kernels_cached(period_nm, defocus_nm, folders.cache.as_deref())
            .map_err(|e| stages::failure(what(), &e))?;
        if self.kernels.len() >= KEPT {
            self.kernels.clear();
        }
        let kernels = Arc::new(kernels);
        self.kernels.insert(key, Arc::clone(&kernels));
        Ok(kernels)
    }

    /// Images a mask (which the imager has already) at this focus.
    pub fn set_mask(&mut self, defocus_nm: f64, mask: &[Polygon]) {
        if let Some((_, stack)) = self.plane.as_mut().filter(|(at, _)| *at == defocus_nm) {
            stack.set_mask(mask);
        }
    }

    /// Light at a focus that is ready; best focus otherwise.
    pub fn light<'a>(&'a self, imager: &'a Imager, defocus_nm: f64) -> Light<'a> {
        match &self.plane {
            _ if defocus_nm == 0.0 => Light::Imager(imager, Focus::Nominal),
            _ if defocus_nm == self.corner_nm => Light::Imager(imager, Focus::Defocus),
            Some((at, stack)) if *at == defocus_nm => Light::Plane(stack),
            _ => Light::Imager(imager, Focus::Nominal),
        }
    }
}

impl Light<'_> {
    /// Intensity on a grid, clear field = 1, dose 1.
    ///
    /// # Errors
    /// A grid beyond all bounds.
    pub fn intensity(&self, grid: &Grid) -> Result<Array2<f32>, ImagingError> {
        match self {
            Self::Imager(imager, focus) => Ok(imager.intensity(*focus, grid)),
            Self::Plane(stack) => stack.intensity(0, grid),
        }
    }

    /// Intensity at points (x, y), clip nm.
    ///
    /// # Errors
    /// A focus that is not there.
    pub fn read(&self, points: &[[f64; 2]]) -> Result<Vec<f32>, ImagingError> {
        match self {
            Self::Imager(imager, focus) => {
                let mut values = vec![0.0; points.len()];
                imager.points(points).read(imager.exact(*focus), &mut values);
                Ok(values)
            }
            Self::Plane(stack) => stack.read(0, points),
        }
    }

    /// Intensity and its slope along a line.
    ///
    /// # Errors
    /// A line that is no line on the optics' field.
    pub fn cut(&self, line: &CutLine, step_nm: f64) -> Result<CutProfile, ImagingError> {
        match self {
            Self::Imager(imager, focus) => imager.cut(*focus, line, step_nm),
            Self::Plane(stack) => stack.cut(0, line, step_nm),
        }
    }
}
