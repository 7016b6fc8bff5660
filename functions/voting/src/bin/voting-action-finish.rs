fn main() -> std::process::ExitCode {
    runtime::main(&voting::ACTION_FINISH)
}
