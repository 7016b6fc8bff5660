fn main() -> std::process::ExitCode {
    runtime::main(&voting::EVENT_TRACK)
}
