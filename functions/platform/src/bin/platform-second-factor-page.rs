fn main() -> std::process::ExitCode {
    runtime::main(&platform::SECOND_FACTOR_PAGE)
}
