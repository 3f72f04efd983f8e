//! Whether a window can be opened here at all, and what to install where it cannot.

use std::process::Command;

/// Libraries an X11 window loads at run time, with the Debian package of each. Without
/// libxkbcommon-x11 the window library ends the whole program, so this is asked first.
const X11_LIBRARIES: [(&str, &str); 5] = [
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libXcursor.so.1", "libxcursor1"),
    ("libXi.so.6", "libxi6"),
    ("libXrandr.so.2", "libxrandr2"),
];

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|v| !v.is_empty())
}

fn wayland() -> bool {
    is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET")
}

/// Whether a window can be opened: on Linux and its kin, a Wayland or X11 display is named.
pub fn display_available() -> bool {
    cfg!(not(all(unix, not(target_os = "macos")))) || wayland() || is_set("DISPLAY")
}

/// Checks what the window needs.
///
/// # Errors
/// No display, or a missing library; the message says what to do.
pub fn check() -> anyhow::Result<()> {
    anyhow::ensure!(
        display_available(),
        "no display: neither WAYLAND_DISPLAY nor DISPLAY is set; start from a desktop session, or use `lithoscope opc FILE -o mask.gds`"
    );
    if cfg!(target_os = "linux") && !wayland() {
        // Where there is no loader cache to ask, the check is left out rather than guessed.
        if let Some(cache) = loader_cache() {
            let missing =
                missing_packages(&cache, &std::env::var("LD_LIBRARY_PATH").unwrap_or_default());
            anyhow::ensure!(
                missing.is_empty(),
                "the window needs system libraries that are not installed; on Debian or Ubuntu: apt install {}",
                missing.join(" ")
            );
        }
    }
    Ok(())
}

/// What the loader knows, as `ldconfig -p` prints it.
fn loader_cache() -> Option<String> {
    ["ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"].iter().find_map(|program| {
        let output = Command::new(program).arg("-p").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success() && text.contains("libc.so")).then_some(text)
    })
}

fn missing_packages(cache: &str, library_path: &str) -> Vec<&'static str> {
    let on_path =
        |name: &str| std::env::split_paths(library_path).any(|folder| folder.join(name).exists());
    X11_LIBRARIES
        .iter()
        .filter(|(library, _)| !cache.contains(library) && !on_path(library))
        .map(|(_, package)| *package)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_libraries_are_named_by_package() {
        let cache = "libX11-xcb.so.1 (libc6)\nlibXcursor.so.1\nlibXi.so.6\nlibXrandr.so.2\n";
        assert_eq!(missing_packages(cache, ""), ["libxkbcommon-x11-0"]);
    }
}
