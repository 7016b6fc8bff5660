fn main() -> std::process::ExitCode {
    runtime::main(&expungement::BULK_PEOPLE)
}
