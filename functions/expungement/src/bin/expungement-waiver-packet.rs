fn main() -> std::process::ExitCode {
    runtime::main(&expungement::WAIVER_PACKET)
}
