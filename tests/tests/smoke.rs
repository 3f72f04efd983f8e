//! t
use egui_kittest as _;
