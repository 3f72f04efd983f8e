//! Whether pictures can be drawn here.

use std::future::Future as _;

/// Whether there is a Vulkan driver; says so where there is none.
///
/// # Panics
/// There is none and `LITHOSCOPE_REQUIRE_GPU` is set.
pub fn has_vulkan() -> bool {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let mut adapters = std::pin::pin!(instance.enumerate_adapters(wgpu::Backends::VULKAN));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let found =
        matches!(adapters.as_mut().poll(&mut context), std::task::Poll::Ready(a) if !a.is_empty());
    if !found {
        assert!(
            std::env::var_os("LITHOSCOPE_REQUIRE_GPU").is_none(),
            "LITHOSCOPE_REQUIRE_GPU is set but there is no Vulkan adapter"
        );
        eprintln!("skipped: no Vulkan adapter; on Debian: apt install mesa-vulkan-drivers");
    }
    found
}
