fn main() -> std::process::ExitCode {
    runtime::main(&expungement::RULES_PAGE)
}
