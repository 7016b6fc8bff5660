fn main() -> std::process::ExitCode {
    runtime::main(&voting::STORAGE_RESET)
}
