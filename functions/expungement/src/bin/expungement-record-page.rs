fn main() -> std::process::ExitCode {
    runtime::main(&expungement::RECORD_PAGE)
}
