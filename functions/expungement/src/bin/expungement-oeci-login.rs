fn main() -> std::process::ExitCode {
    runtime::main(&expungement::OECI_LOGIN)
}
