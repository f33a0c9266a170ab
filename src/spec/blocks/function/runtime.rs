//! The runtimes of Lambda, and until when AWS takes them.

use time::Date;
use time::macros::date;

use crate::spec::check::Checks;
use crate::spec::nearest::nearest;

/// A runtime, and its end as AWS has announced it.
struct Runtime {
    name: &'static str,
    /// From this day on it is not mended any more.
    retired: Date,
    /// From this day on no function can be made with it.
    refused: Date,
    /// What AWS names in its place; empty for the newest.
    successor: &'static str,
}

const fn runtime(name: &'static str, retired: Date, refused: Date, successor: &'static str) -> Runtime {
    Runtime { name, retired, refused, successor }
}

/// As of November 2026, from AWS's table of runtimes as cfn-lint 1.58.0 has it; a test compares the two. AWS postpones such days
/// now and then.
const RUNTIMES: [Runtime; 46] = [
    runtime("dotnet10", date!(2028 - 11 - 14), date!(2028 - 12 - 14), ""),
    runtime("dotnet6", date!(2024 - 12 - 20), date!(2027 - 02 - 01), "dotnet10"),
    runtime("dotnet8", date!(2026 - 11 - 10), date!(2027 - 02 - 01), "dotnet10"),
    runtime("dotnetcore1.0", date!(2019 - 06 - 27), date!(2019 - 06 - 30), "dotnet10"),
    runtime("dotnetcore2.0", date!(2019 - 05 - 30), date!(2019 - 04 - 30), "dotnet10"),
    runtime("dotnetcore2.1", date!(2022 - 01 - 05), date!(2022 - 01 - 05), "dotnet10"),
    runtime("dotnetcore3.1", date!(2023 - 04 - 03), date!(2023 - 04 - 03), "dotnet10"),
    runtime("go1.x", date!(2024 - 01 - 08), date!(2024 - 02 - 08), "provided.al2023"),
    runtime("java11", date!(2027 - 06 - 30), date!(2027 - 07 - 31), "java25"),
    runtime("java17", date!(2027 - 06 - 30), date!(2027 - 07 - 31), "java25"),
    runtime("java21", date!(2029 - 06 - 30), date!(2029 - 07 - 31), "java25"),
    runtime("java25", date!(2029 - 06 - 30), date!(2029 - 07 - 31), ""),
    runtime("java8", date!(2024 - 01 - 08), date!(2024 - 02 - 08), "java25"),
    runtime("java8.al2", date!(2027 - 06 - 30), date!(2027 - 07 - 31), "java25"),
    runtime("nodejs", date!(2016 - 08 - 30), date!(2016 - 09 - 30), "nodejs24.x"),
    runtime("nodejs10.x", date!(2021 - 07 - 30), date!(2021 - 07 - 30), "nodejs24.x"),
    runtime("nodejs12.x", date!(2023 - 03 - 31), date!(2023 - 03 - 31), "nodejs24.x"),
    runtime("nodejs14.x", date!(2023 - 12 - 04), date!(2024 - 01 - 09), "nodejs24.x"),
    runtime("nodejs16.x", date!(2024 - 06 - 12), date!(2027 - 02 - 01), "nodejs24.x"),
    runtime("nodejs18.x", date!(2025 - 09 - 01), date!(2027 - 02 - 01), "nodejs24.x"),
    runtime("nodejs20.x", date!(2026 - 04 - 30), date!(2027 - 02 - 01), "nodejs24.x"),
    runtime("nodejs22.x", date!(2027 - 04 - 30), date!(2027 - 06 - 01), "nodejs24.x"),
    runtime("nodejs24.x", date!(2028 - 04 - 30), date!(2028 - 06 - 01), ""),
    runtime("nodejs4.3", date!(2020 - 03 - 05), date!(2020 - 02 - 03), "nodejs24.x"),
    runtime("nodejs4.3-edge", date!(2020 - 03 - 05), date!(2019 - 03 - 31), "nodejs24.x"),
    runtime("nodejs6.10", date!(2019 - 08 - 12), date!(2019 - 07 - 12), "nodejs24.x"),
    runtime("nodejs8.10", date!(2020 - 03 - 06), date!(2020 - 02 - 04), "nodejs24.x"),
    runtime("provided", date!(2024 - 01 - 08), date!(2024 - 02 - 08), "provided.al2023"),
    runtime("provided.al2", date!(2026 - 07 - 31), date!(2027 - 02 - 01), "provided.al2023"),
    runtime("provided.al2023", date!(2029 - 06 - 30), date!(2029 - 07 - 31), ""),
    runtime("python2.7", date!(2021 - 07 - 15), date!(2021 - 07 - 15), "python3.14"),
    runtime("python3.10", date!(2026 - 10 - 31), date!(2027 - 02 - 01), "python3.14"),
    runtime("python3.11", date!(2027 - 06 - 30), date!(2027 - 07 - 31), "python3.14"),
    runtime("python3.12", date!(2028 - 10 - 31), date!(2028 - 11 - 30), "python3.14"),
    runtime("python3.13", date!(2029 - 06 - 30), date!(2029 - 07 - 31), "python3.14"),
    runtime("python3.14", date!(2029 - 06 - 30), date!(2029 - 07 - 31), ""),
    runtime("python3.6", date!(2022 - 07 - 18), date!(2022 - 07 - 18), "python3.14"),
    runtime("python3.7", date!(2023 - 12 - 04), date!(2024 - 01 - 09), "python3.14"),
    runtime("python3.8", date!(2024 - 10 - 14), date!(2027 - 02 - 01), "python3.14"),
    runtime("python3.9", date!(2025 - 12 - 15), date!(2027 - 02 - 01), "python3.14"),
    runtime("ruby2.5", date!(2021 - 07 - 30), date!(2021 - 07 - 30), "ruby4.0"),
    runtime("ruby2.7", date!(2023 - 12 - 07), date!(2024 - 01 - 09), "ruby4.0"),
    runtime("ruby3.2", date!(2026 - 03 - 31), date!(2027 - 02 - 01), "ruby4.0"),
    runtime("ruby3.3", date!(2027 - 03 - 31), date!(2027 - 04 - 30), "ruby4.0"),
    runtime("ruby3.4", date!(2028 - 03 - 31), date!(2028 - 04 - 30), "ruby4.0"),
    runtime("ruby4.0", date!(2029 - 03 - 31), date!(2029 - 04 - 30), ""),
];

/// Checks that there is such a runtime, and that AWS still takes it on that day.
pub(super) fn check(name: &str, today: Date, checks: &mut Checks<'_>) {
    let Some(runtime) = RUNTIMES.iter().find(|known| known.name == name) else {
        let living = RUNTIMES.iter().filter(|known| today < known.retired).map(|known| known.name);
        let near = nearest(name, living.clone());
        let help = near.map_or_else(
            || format!("it has {}", living.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        checks.error("runtime", format!("Lambda has no runtime `{name}`")).help(help);
        return;
    };
    let Runtime { retired, refused, successor, .. } = runtime;
    let help = format!("write `{successor}`");
    if today >= *refused {
        checks.error("runtime", format!("since {refused} Lambda makes no function with `{name}` any more")).help(help);
    } else if today >= *retired {
        checks
            .warning("runtime", format!("AWS has retired `{name}` on {retired}, and takes it until {refused}"))
            .help(help);
    }
}
