fn main() -> std::process::ExitCode {
    runtime::main(&expungement::DEMO_PAGE)
}
