fn main() -> std::process::ExitCode {
    runtime::main(&expungement::ADMIN)
}
