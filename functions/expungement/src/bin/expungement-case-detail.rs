fn main() -> std::process::ExitCode {
    runtime::main(&expungement::CASE_DETAIL)
}
